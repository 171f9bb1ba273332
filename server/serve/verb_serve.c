/* verb_serve.c: `tocsin serve`: a SeedLink server that plays recordings as if they came in now. */
#include "verbs.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "playing.h"
#include "schedule.h"
#include "serve_clients.h"

static const char help[] =
    "usage: tocsin serve --port P [OPTION...] FILE...\n"
    "A SeedLink server (versions 3.1 and 4.0) that plays archived miniSEED as if it came in now: each packet is there when its last sample would\n"
    "have been. A FILE may be a folder: its *.mseed.\n"
    "\n"
    "  --port P           listens there (SeedLink's own is 18000); 0: any free port\n"
    "  --address A        an IP of this machine (default 127.0.0.1; 0.0.0.0 or :: for all)\n"
    "  --packet S         cuts records at multiples of S seconds of UTC (as live packets of S seconds would be)\n"
    "  --record 512|native  as records of 512 bytes, which clients of version 3 insist on (default), or of the length they have\n"
    "  --speed X|max      X times real speed (default 1), or as fast as the slowest client reads\n"
    "  --from WHEN        begins there: an ISO 8601 time, or +S seconds after the first packet\n"
    "  --until WHEN       ends there\n"
    "  --start WHEN       what the begin is moved to, by whole seconds: now (default), an ISO 8601 time, or archive: times as recorded\n"
    "  --wait N           begins when packets flow to N clients\n"
    "  --loop             begins anew at the end, later by whole seconds, until it is ended\n"
    "  --ring MB          keeps so many megabytes of packets for clients that come late (default 64)\n"
    "\n"
    "Bad lines, each option as often as wanted, * and ? as wildcards:\n"
    "  --delay NET.STA=S              what it sends arrives S seconds later\n"
    "  --loss NET.STA=P               each of its packets is lost with the probability P\n"
    "  --outage NET.STA=FROM,UNTIL[,late]  what would arrive between (ISO 8601 times of the recordings, or +S seconds after the begin) is lost, or\n"
    "                                 with `late` comes at once when it ends\n"
    "  --seed N           of the losses (default 1): the same seed loses the same packets\n"
    "  --help\n"
    "\n"
    "Prints on stdout {\"port\":N,\"packets\":N,\"lost\":N} once it listens, and {\"shift_s\":N,\"from\":\"...Z\"} when it begins. At the end it "
    "goes on serving what\n"
    "the ring holds; SIGINT and SIGTERM end it.\n"
    "Exit status: 0 ended by a signal, 1 it could not be done, 2 called wrongly.\n";

enum { RULES_MOST = 256, BATCH = 500 /* packets in one round of the loop */ };
static const char organization[] = "recordings played as if live";

typedef struct {
  const char *address, *start;
  int port, record_length;
  playing_options how; /* its speed 0: as fast as it is read */
  size_t ring_bytes, wait;
  bool loop;
  uint64_t seed;
  struct {
    schedule_kind kind;
    const char *text;
  } rules[RULES_MOST];
  size_t rules_count;
  char **files;
  size_t files_count;
} serve_options;

typedef struct {
  const serve_options *options;
  struct ev_loop *loop;
  ev_timer next;
  archive *archive;
  archive_span span;
  schedule schedule;
  protocol_ring *ring;
  protocol_server *server;
  serve_clients *clients;
  bool begun;
  int64_t began; /* monotonic instant of span.from */
  int64_t shift, lap_ns;
  size_t at;      /* the next entry of the schedule */
  int64_t played; /* the time of what was delivered last, as shifted; 0: nothing yet */
  bool ended;
} serving;

/* ---- options ---- */

enum { HELP = 1, PORT, ADDRESS, PLAYING, RECORD, START, WAIT, LOOP, RING, DELAY, LOSS, OUTAGE, SEED, CONFIG };

static const struct option known[] = {
    {"help", no_argument, NULL, HELP},
    {"port", required_argument, NULL, PORT},
    {"address", required_argument, NULL, ADDRESS},
    {"packet", required_argument, NULL, PLAYING},
    {"record", required_argument, NULL, RECORD},
    {"speed", required_argument, NULL, PLAYING},
    {"from", required_argument, NULL, PLAYING},
    {"until", required_argument, NULL, PLAYING},
    {"start", required_argument, NULL, START},
    {"wait", required_argument, NULL, WAIT},
    {"loop", no_argument, NULL, LOOP},
    {"ring", required_argument, NULL, RING},
    {"delay", required_argument, NULL, DELAY},
    {"loss", required_argument, NULL, LOSS},
    {"outage", required_argument, NULL, OUTAGE},
    {"seed", required_argument, NULL, SEED},
    {"config", required_argument, NULL, CONFIG},
    {0},
};

static bool wrong(const char *text)
{
  fprintf(stderr, "tocsin serve: %s; `tocsin serve --help` says all\n", text);
  return false;
}

static bool take_rule(serve_options *o, schedule_kind kind)
{
  schedule_rule rule;
  const char *fault = o->rules_count == RULES_MOST ? "more than 256 lines" : schedule_read(kind, optarg, 0, &rule);
  if (fault) {
    fprintf(stderr, "tocsin serve: `%s`: %s\n", optarg, fault);
    return false;
  }
  o->rules[o->rules_count].kind = kind;
  o->rules[o->rules_count++].text = optarg;
  return true;
}

static bool take_number(int option, serve_options *o)
{
  double number;
  switch (option) {
  case PORT:
    o->port = playing_number(optarg, 0, 65535, &number) ? (int)number : -1;
    return o->port >= 0 || wrong("--port takes a number from 0 to 65535");
  case WAIT:
    o->wait = playing_number(optarg, 0, 10000, &number) ? (size_t)number : SIZE_MAX;
    return o->wait < SIZE_MAX || wrong("--wait takes a number of clients");
  case RING:
    o->ring_bytes = playing_number(optarg, 0.1, 65536, &number) ? (size_t)(number * 1e6) : 0;
    return o->ring_bytes > 0 || wrong("--ring takes megabytes, 0.1 to 65536");
  default:
    o->seed = playing_number(optarg, 0, 9e15, &number) ? (uint64_t)number : UINT64_MAX;
    return o->seed < UINT64_MAX || wrong("--seed takes a whole number");
  }
}

static bool take_start(serve_options *o)
{
  int64_t time;
  o->start = optarg;
  return strcmp(optarg, "now") == 0 || strcmp(optarg, "archive") == 0 || ingest_time_parse(optarg, &time) ||
         wrong("--start takes now, archive, or an ISO 8601 time");
}

static bool take(serve_options *o, int option, const char *name)
{
  switch (option) {
  case ADDRESS:
    o->address = optarg;
    return true;
  case RECORD:
    o->record_length = strcmp(optarg, "512") == 0 ? 512 : 0;
    return o->record_length || strcmp(optarg, "native") == 0 || wrong("--record takes 512 or native");
  case PLAYING:
    return playing_take(&o->how, "serve", name, optarg);
  case START:
    return take_start(o);
  case LOOP:
    return o->loop = true;
  case DELAY:
    return take_rule(o, SCHEDULE_DELAY);
  case LOSS:
    return take_rule(o, SCHEDULE_LOSS);
  case OUTAGE:
    return take_rule(o, SCHEDULE_OUTAGE);
  case CONFIG:
    return true; /* nothing of the configuration matters here */
  case '?':
    return wrong("an option is not understood");
  default:
    return take_number(option, o);
  }
}

static bool read_options(serve_options *o, int argc, char **argv)
{
  *o = (serve_options){
      .address = "127.0.0.1", .start = "now", .port = -1, .record_length = 512, .how = {.speed = 1}, .ring_bytes = 64000000, .seed = 1};
  optind = 1;
  for (int option, index = 0; (option = getopt_long(argc, argv, "", known, &index)) != -1;)
    if (!take(o, option, known[index].name))
      return false;
  o->files = argv + optind;
  o->files_count = (size_t)(argc - optind);
  if (o->port < 0)
    return wrong("--port P is missing");
  return o->files_count > 0 || wrong("no FILE is named");
}

/* ---- playing ---- */

static void add_to_ring(void *user, const uint8_t *bytes, size_t length)
{
  const serving *s = user;
  const char *fault = protocol_ring_add(s->ring, bytes, length);
  if (fault)
    log_limited(4, "ring", "a packet is left out: %s", fault);
}

static void deliver(serving *s, const archive_packet *p)
{
  int length = p->record.version == 2 ? (int)p->length : 0;
  const char *fault = NULL;
  if (s->shift == 0)
    add_to_ring(s, p->bytes, p->length);
  else
    fault = protocol_repack(p->bytes, p->length, p->record.version, length, s->shift, add_to_ring, s);
  if (fault)
    log_limited(4, "packet", "a packet of %s.%s is left out: %s", p->record.codes.network, p->record.codes.station, fault);
}

static void begin(serving *s)
{
  int64_t now = clock_now(), start = now;
  char text[INGEST_TIME_TEXT];
  bool is_now = strcmp(s->options->start, "now") == 0;
  if (strcmp(s->options->start, "archive") == 0)
    start = s->span.from;
  else if (!is_now)
    ingest_time_parse(s->options->start, &start);
  int64_t shift_s = playing_seconds_to(start, s->span.from);
  s->shift = shift_s * INGEST_SECOND;
  s->began = clock_monotonic() + (is_now ? s->span.from + s->shift - now : 0);
  s->begun = true;
  printf("{\"shift_s\":%" PRId64 ",\"from\":\"%s\"}\n", shift_s, ingest_time_format(s->span.from + s->shift, text));
  fflush(stdout);
}

/* The slowest client must not lose what it is about to read, where nothing else sets the pace. */
static bool is_held(const serving *s)
{
  int64_t earliest;
  if (s->options->how.speed > 0 || serve_clients_flowing(s->clients, &earliest) == 0)
    return false;
  int64_t held = protocol_ring_next(s->ring) - protocol_ring_oldest(s->ring);
  return earliest - protocol_ring_oldest(s->ring) < held / 2 && protocol_ring_next(s->ring) - earliest > BATCH;
}

static int64_t instant_of(const serving *s, const schedule_entry *entry)
{
  return s->options->how.speed > 0 ? s->began + (int64_t)((double)(entry->due - s->span.from) / s->options->how.speed) : 0;
}

/* The last packet is delivered: anew, later by whole seconds, or no more. */
static bool next_lap(serving *s)
{
  if (!s->options->loop) {
    log_line(6, "all %zu packets are played; the ring is served until it is ended", s->schedule.count);
    s->ended = true;
    return false;
  }
  s->at = 0;
  s->shift += s->lap_ns;
  s->began += s->options->how.speed > 0 ? (int64_t)((double)s->lap_ns / s->options->how.speed) : 0;
  return true;
}

static void arm(serving *s, int64_t instant)
{
  int64_t wait = instant - clock_monotonic();
  ev_timer_stop(s->loop, &s->next);
  ev_timer_set(&s->next, wait > 0 ? (double)wait * 1e-9 : 0, 0);
  ev_timer_start(s->loop, &s->next);
}

static void on_due(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)loop, (void)events;
  serving *s = timer->data;
  bool goes_on = s->schedule.count > 0 && !is_held(s);
  int64_t now = clock_monotonic();
  for (int i = 0; i < BATCH && goes_on; i++) {
    const schedule_entry *entry = &s->schedule.entries[s->at];
    if (instant_of(s, entry) > now)
      break;
    deliver(s, archive_at(s->archive, entry->packet));
    s->played = entry->due + s->shift;
    goes_on = ++s->at < s->schedule.count || next_lap(s);
  }
  serve_clients_pour(s->clients);
  if (goes_on)
    arm(s, instant_of(s, &s->schedule.entries[s->at]));
}

/* Once all is played, nothing that lies ahead will come any more. */
static int64_t time_of_play(void *user)
{
  const serving *s = user;
  return s->ended ? INT64_MAX : s->played;
}

/* A client asked, or read on: the begin may have waited for it, or the pace be set by it. */
static void on_changed(void *user)
{
  serving *s = user;
  int64_t earliest;
  if (!s->begun && serve_clients_flowing(s->clients, &earliest) < s->options->wait)
    return;
  bool begins = !s->begun;
  if (begins)
    begin(s);
  if ((begins || s->options->how.speed == 0) && s->at < s->schedule.count)
    arm(s, 0);
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)signal, (void)events;
  ev_break(loop, EVBREAK_ALL);
}

/* ---- all of it ---- */

static bool make_schedule(serving *s)
{
  const serve_options *o = s->options;
  schedule_rule rules[RULES_MOST];
  for (size_t i = 0; i < o->rules_count; i++)
    schedule_read(o->rules[i].kind, o->rules[i].text, s->span.from, &rules[i]);
  if (!schedule_make(&s->schedule, s->archive, &s->span, rules, o->rules_count, o->seed))
    return wrong("memory is short");
  int64_t end = s->schedule.count ? s->schedule.entries[s->schedule.count - 1].due : s->span.from;
  s->lap_ns = ((end - s->span.from) / INGEST_SECOND + 1) * INGEST_SECOND;
  return true;
}

static bool open_recordings(serving *s)
{
  const archive_options how = {.packet_s = s->options->how.packet_s, .record_length = s->options->record_length};
  s->archive = archive_open(s->options->files, s->options->files_count, &how);
  const char *fault = s->archive ? archive_choose(s->archive, s->options->how.from, s->options->how.until, &s->span) : NULL;
  if (fault)
    fprintf(stderr, "tocsin serve: %s\n", fault);
  return s->archive && !fault && make_schedule(s);
}

/* Sequences begin with the wall clock, so that a client that resumes after a restart never has a number that is yet to come. */
static bool open_port(serving *s)
{
  const serve_options *o = s->options;
  int64_t now = clock_now();
  s->ring = protocol_ring_create(o->ring_bytes, now / (INGEST_SECOND / 1000));
  const protocol_server_setup identity = {.ring = s->ring, .software = "tocsin " TOCSIN_VERSION, .organization = organization, .started = now};
  s->server = s->ring ? protocol_server_create(&identity) : NULL;
  if (!s->server)
    return wrong("memory is short; a smaller --ring may fit");
  const serve_clients_setup setup = {
      .loop = s->loop, .address = o->address, .port = o->port, .server = s->server, .now = time_of_play, .changed = on_changed, .user = s};
  s->clients = serve_clients_create(&setup);
  if (!s->clients)
    fprintf(stderr, "tocsin serve: cannot listen on %s port %d: %s; --address takes an IP of this machine, --port a free port\n", o->address, o->port,
            strerror(errno));
  return s->clients != NULL;
}

static void run(serving *s)
{
  ev_signal interrupt, terminate;
  ev_signal_init(&interrupt, on_signal, SIGINT);
  ev_signal_init(&terminate, on_signal, SIGTERM);
  ev_signal_start(s->loop, &interrupt);
  ev_signal_start(s->loop, &terminate);
  ev_timer_init(&s->next, on_due, 0, 0);
  s->next.data = s;
  printf("{\"port\":%d,\"packets\":%zu,\"lost\":%zu}\n", serve_clients_port(s->clients), s->schedule.count, s->schedule.lost);
  fflush(stdout);
  on_changed(s);
  ev_run(s->loop, 0);
  ev_signal_stop(s->loop, &interrupt);
  ev_signal_stop(s->loop, &terminate);
  ev_timer_stop(s->loop, &s->next);
}

int verb_serve(int argc, char **argv)
{
  serve_options o;
  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    fputs(help, stdout);
    return 0;
  }
  if (!read_options(&o, argc, argv))
    return 2;
  serving s = {.options = &o, .loop = ev_default_loop(EVFLAG_AUTO)};
  bool good = open_recordings(&s) && open_port(&s);
  if (good)
    run(&s);
  serve_clients_destroy(s.clients);
  protocol_server_destroy(s.server);
  protocol_ring_destroy(s.ring);
  schedule_free(&s.schedule);
  archive_close(s.archive);
  return good ? 0 : 1;
}
