#include "feeds.h"

#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "feed.h"
#include "intake.h"
#include "log.h"
#include "positions.h"
#include "resolver.h"

static const double note_every_s = 0.1;
enum { NOTE_TURNS = 50 }; /* in so many of these each feed has been looked at once, and the file is written: every 5 s */

/* One configured server and where it resumes. */
typedef struct {
  connection *line; /* NULL: memory was short */
  protocol_resume *resume;
  char name[FEED_NAME_TEXT];
  int32_t number;
  uint64_t noted; /* packets, when its positions were */
} configured_feed;

struct feeds {
  feeds_setup setup;
  feed_round round;
  intake *intake;
  resolver *resolver;
  positions *positions; /* NULL: nothing is kept */
  configured_feed *configured;
  size_t count;
  int32_t last_number;
  ev_timer note;
  unsigned turn;
};

const char *const feed_state_words[FEED_STATES] = {"waiting", "resolving", "connecting", "securing", "connected"};

/* ---- configured servers ---- */

static void start_feed(feeds *f, configured_feed *c, const feed_settings *settings)
{
  if (c->resume)
    c->line = connection_create(&(connection_setup){.round = &f->round,
                                                    .resolver = f->resolver,
                                                    .settings = settings,
                                                    .resume = c->resume,
                                                    .number = c->number,
                                                    .retry_first_s = f->setup.retry_first_s,
                                                    .retry_longest_s = f->setup.retry_longest_s});
  if (!c->line)
    log_line(3, "feed %s: memory is short; it is not taken", settings->name);
}

static configured_feed new_feed(feeds *f, const feed_settings *settings)
{
  configured_feed c = {.resume = protocol_resume_create(), .number = ++f->last_number};
  memcpy(c.name, settings->name, sizeof c.name);
  if (c.resume && f->positions)
    positions_read(f->positions, c.name, c.resume);
  start_feed(f, &c, settings);
  return c;
}

static void end_feed(feeds *f, configured_feed *c)
{
  connection_destroy(c->line);
  protocol_resume_destroy(c->resume);
  if (f->positions)
    positions_forget(f->positions, c->name);
  if (f->setup.ended)
    f->setup.ended(f->setup.user, c->number);
}

/* Another server under the same name numbers its packets anew: nothing of the old one's is of use. */
static void restart_feed(feeds *f, configured_feed *c, const feed_settings *settings)
{
  const feed_settings *before = c->line ? connection_settings(c->line) : NULL;
  bool moved =
      !before || before->kind != settings->kind || strcmp(before->address, settings->address) != 0 || feed_port(before) != feed_port(settings);
  connection_destroy(c->line);
  c->line = NULL;
  c->noted = moved ? UINT64_MAX : 0; /* that nothing is known is to be noted, too */
  if (moved)
    protocol_resume_forget(c->resume);
  start_feed(f, c, settings);
}

static bool is_same(const configured_feed *c, const feed_settings *settings)
{
  return c->line && feed_is_same(connection_settings(c->line), settings);
}

static configured_feed *find(feeds *f, const char *name)
{
  for (size_t i = 0; i < f->count; i++)
    if (strcmp(f->configured[i].name, name) == 0)
      return &f->configured[i];
  return NULL;
}

/* Each feed of the new list in its place: the old one, restarted if it changed, or a new one. What is taken over is blank in the old list. */
static configured_feed adopt_one(feeds *f, const feed_settings *settings)
{
  configured_feed *old = find(f, settings->name);
  if (!old)
    return new_feed(f, settings);
  if (!is_same(old, settings))
    restart_feed(f, old, settings);
  configured_feed kept = *old;
  *old = (configured_feed){0};
  return kept;
}

void feeds_adopt(feeds *f, const feed_settings *configured, size_t count)
{
  configured_feed *list = calloc(count + 1, sizeof *list);
  if (!list) {
    log_line(3, "memory is short: the old feeds stay");
    return;
  }
  for (size_t i = 0; i < count; i++)
    list[i] = adopt_one(f, &configured[i]);
  for (size_t i = 0; i < f->count; i++)
    if (f->configured[i].name[0])
      end_feed(f, &f->configured[i]);
  free(f->configured);
  f->configured = list;
  f->count = count;
}

/* ---- where they resume ---- */

static void note_feed(feeds *f, configured_feed *c)
{
  uint64_t packets = c->line ? connection_packets(c->line) : 0;
  if (packets != c->noted && positions_note(f->positions, c->name, c->resume))
    c->noted = packets;
}

/* A few feeds at a time, so that no round of the loop writes thousands of stations. */
static void on_note(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  feeds *f = timer->data;
  for (size_t i = f->turn; i < f->count; i += NOTE_TURNS)
    note_feed(f, &f->configured[i]);
  f->turn = (f->turn + 1) % NOTE_TURNS;
  if (f->turn == 0)
    positions_write(f->positions);
}

static bool keep_positions(feeds *f)
{
  if (!f->setup.state || !*f->setup.state)
    return true;
  f->positions = positions_open(f->setup.state);
  if (f->positions)
    ev_timer_start(f->setup.loop, &f->note);
  return f->positions != NULL;
}

/* ---- all of them ---- */

static bool open_feeds(feeds *f)
{
  const feeds_setup *s = &f->setup;
  f->intake = intake_create(&(intake_setup){.round = &f->round,
                                            .address = s->address,
                                            .port = s->port,
                                            .standard_input = s->standard_input,
                                            .last_number = &f->last_number,
                                            .ended = s->ended,
                                            .user = s->user});
  f->resolver = f->intake ? resolver_create(s->loop) : NULL;
  if (!f->resolver || !keep_positions(f))
    return false;
  feeds_adopt(f, s->configured, s->configured_count);
  return true;
}

feeds *feeds_create(const feeds_setup *setup)
{
  feeds *f = calloc(1, sizeof *f);
  if (!f)
    return NULL;
  f->setup = *setup;
  feed_round_start(&f->round, setup->loop, setup->record, setup->user);
  ev_timer_init(&f->note, on_note, note_every_s, note_every_s);
  f->note.data = f;
  if (open_feeds(f))
    return f;
  feeds_destroy(f);
  return NULL;
}

void feeds_destroy(feeds *f)
{
  if (!f)
    return;
  ev_timer_stop(f->setup.loop, &f->note);
  for (size_t i = 0; i < f->count; i++) {
    if (f->positions)
      note_feed(f, &f->configured[i]);
    connection_destroy(f->configured[i].line);
    protocol_resume_destroy(f->configured[i].resume);
  }
  free(f->configured);
  positions_close(f->positions);
  intake_destroy(f->intake);
  resolver_destroy(f->resolver);
  feed_round_stop(&f->round);
  free(f);
}

int feeds_port(const feeds *f)
{
  return intake_port(f->intake);
}

/* ---- what is known ---- */

void feeds_count(const feeds *f, feeds_counters *counters)
{
  *counters = (feeds_counters){.open = intake_open(f->intake),
                               .accepted = intake_accepted(f->intake),
                               .bytes = f->round.bytes,
                               .records = f->round.records,
                               .skipped_bytes = f->round.skipped,
                               .configured = f->count};
  for (size_t i = 0; i < f->count; i++)
    counters->connected += f->configured[i].line && connection_is_up(f->configured[i].line);
  counters->open += counters->connected;
}

const char *feeds_in_hand(const feeds *f, int32_t number, uint64_t *offset)
{
  const feed *in_hand = f->round.in_hand;
  if (!in_hand || in_hand->number != number)
    return NULL;
  *offset = f->round.offset;
  return in_hand->label;
}

size_t feeds_known(const feeds *f)
{
  return f->count + intake_open(f->intake);
}

void feeds_describe(const feeds *f, size_t index, feed_status *status)
{
  if (index >= f->count) {
    intake_describe(f->intake, index - f->count, status);
  } else if (f->configured[index].line) {
    connection_describe(f->configured[index].line, status);
  } else {
    *status = (feed_status){.number = f->configured[index].number,
                            .name = f->configured[index].name,
                            .kind = "",
                            .address = "",
                            .link = "",
                            .provider = "",
                            .peer = "",
                            .error = "memory is short"};
  }
}
