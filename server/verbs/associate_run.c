#include "associate_run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum { TELL_PICK, TELL_P_WAVE, TELL_SHAKING } telling_kind;

/* What is told of a pick, and when. */
typedef struct {
  int64_t at;
  size_t pick;
  telling_kind kind;
} telling;

/* The virtual clock and who is running. */
typedef struct {
  locator *locator;
  const ingest_inventory *inventory;
  const associate_picks *picks;
  locator_sink sink;
  int64_t delay, now;
  int64_t *last, *next; /* a sensor's picks around `now` */
  int64_t *last_p;      /* a sensor's newest P, with which its window of shaking began */
  size_t *following;    /* a pick's next of the same sensor */
  telling *tellings;
  size_t tellings_count;
} run;

static void keep(void *user, const locator_event *event);
static bool prepare(run *r);
static void tell_all(run *r);
static void leave_out_weak(associate_catalogue *c);

bool associate_run(const associate_picks *picks, const ingest_inventory *inventory, const locator_travel_times *tables, const settings *s,
                   associate_catalogue *c)
{
  int64_t delay = picker_delay(&s->picker);
  run r = {.locator = locator_create(&s->locator, tables, inventory, delay),
           .inventory = inventory,
           .picks = picks,
           .sink = {.event = keep, .user = c},
           .delay = delay};
  bool done = r.locator && prepare(&r);
  if (done && picks->count > 0)
    tell_all(&r);
  free(r.last);
  free(r.next);
  free(r.last_p);
  free(r.following);
  free(r.tellings);
  locator_destroy(r.locator);
  if (!done || c->failed)
    fputs("tocsin associate: not enough memory\n", stderr);
  leave_out_weak(c);
  return done && !c->failed;
}

static void keep(void *user, const locator_event *event)
{
  associate_catalogue *c = user;
  size_t i = c->count;
  while (i > 0 && strcmp(c->events[i - 1].id, event->id) != 0)
    i--;
  if (i > 0) {
    c->events[i - 1] = *event;
    return;
  }
  if (c->count == c->capacity) {
    size_t capacity = 2 * c->capacity + 64;
    locator_event *more = realloc(c->events, capacity * sizeof *more);
    if (!more) {
      c->failed = true;
      return;
    }
    c->events = more;
    c->capacity = capacity;
  }
  c->events[c->count++] = *event;
}

/* ---- what is told when ---- */

static int by_telling(const void *a, const void *b)
{
  const telling *x = a, *y = b;
  if (x->at != y->at)
    return x->at < y->at ? -1 : 1;
  if (x->pick != y->pick)
    return x->pick < y->pick ? -1 : 1;
  return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Picks at once; the P wave when its window is full; the peak of a whole record when S, of which it speaks, is over. */
static void plan(run *r)
{
  const int64_t shaking = 3 * INGEST_SECOND;
  for (size_t i = 0; i < r->picks->count; i++) {
    const associate_pick *p = &r->picks->items[i];
    int64_t at = p->pick.time + r->delay, window = (int64_t)((double)p->window_s * 1e9);
    r->tellings[r->tellings_count++] = (telling){at, i, TELL_PICK};
    if (p->pick.phase == 'P' && p->pd_m > 0)
      r->tellings[r->tellings_count++] = (telling){window > r->delay ? p->pick.time + window : at, i, TELL_P_WAVE};
    if (p->displacement_m > 0 || p->wood_anderson_mm > 0)
      r->tellings[r->tellings_count++] = (telling){shaking > r->delay ? p->pick.time + shaking : at, i, TELL_SHAKING};
  }
  if (r->tellings_count > 0)
    qsort(r->tellings, r->tellings_count, sizeof *r->tellings, by_telling);
}

static bool prepare(run *r)
{
  size_t sensors = ingest_inventory_sensors(r->inventory), count = r->picks->count;
  r->last = malloc((sensors + 1) * sizeof *r->last);
  r->next = malloc((sensors + 1) * sizeof *r->next);
  r->last_p = malloc((sensors + 1) * sizeof *r->last_p);
  r->following = malloc((count + 1) * sizeof *r->following);
  r->tellings = malloc((3 * count + 1) * sizeof *r->tellings);
  if (!r->last || !r->next || !r->last_p || !r->following || !r->tellings)
    return false;
  for (size_t i = 0; i < sensors; i++) {
    r->last[i] = r->last_p[i] = INT64_MIN;
    r->next[i] = INT64_MAX;
  }
  for (size_t i = count; i-- > 0;) {
    int32_t sensor = r->picks->items[i].pick.sensor;
    r->following[i] = r->next[sensor] == INT64_MAX ? count : (size_t)r->next[sensor];
    r->next[sensor] = (int64_t)i;
  }
  for (size_t i = 0; i < sensors; i++)
    r->next[i] = r->next[i] == INT64_MAX ? INT64_MAX : r->picks->items[r->next[i]].pick.time;
  plan(r);
  return true;
}

/* ---- telling ---- */

static void tell_statuses(run *r, int64_t data_until)
{
  const int64_t running = 3600 * INGEST_SECOND;
  for (size_t i = 0; i < ingest_inventory_sensors(r->inventory); i++) {
    bool runs = (r->last[i] != INT64_MIN && data_until - r->last[i] < running) || (r->next[i] != INT64_MAX && r->next[i] - data_until < running);
    ingest_status status = {
        .sensor = (int32_t)i, .state = runs ? INGEST_GOOD : INGEST_OFF, .path = {-1, -1, -1}, .data_until = data_until, .arrived = r->now};
    locator_station(r->locator, &status, r->now);
  }
}

/* Steps of a second up to `until`; a silence of more than five minutes is jumped over. */
static void pass_time(run *r, int64_t until)
{
  const int64_t step = INGEST_SECOND, longest = 300 * INGEST_SECOND;
  if (until - r->now > longest) {
    int64_t quiet = r->now + longest;
    for (; r->now < quiet; r->now += step)
      locator_step(r->locator, r->now, &r->sink);
    r->now = until - step;
  }
  for (; r->now + step <= until; r->now += step) {
    tell_statuses(r, r->now - r->delay);
    locator_step(r->locator, r->now, &r->sink);
  }
}

static void tell_pick(run *r, size_t index, int64_t at)
{
  const picker_pick *pick = &r->picks->items[index].pick;
  r->last[pick->sensor] = pick->time;
  r->next[pick->sensor] = r->following[index] < r->picks->count ? r->picks->items[r->following[index]].pick.time : INT64_MAX;
  if (pick->phase == 'P')
    r->last_p[pick->sensor] = pick->time;
  locator_pick(r->locator, pick, at, &r->sink);
}

static void tell_p_wave(run *r, const associate_pick *p, int64_t at)
{
  picker_p_wave wave = {.pick = p->pick.id,
                        .sensor = p->pick.sensor,
                        .window_s = p->window_s,
                        .pd_m = p->pd_m,
                        .noise_pd_m = p->noise_pd_m,
                        .data_until = p->pick.time + (int64_t)((double)p->window_s * 1e9)};
  locator_p_wave(r->locator, &wave, at, &r->sink);
}

/* The shaking began with the station's P, a minute before an S at most. */
static void tell_shaking(run *r, const associate_pick *p, int64_t at)
{
  const int64_t longest = 60 * INGEST_SECOND, over = INGEST_SECOND;
  int64_t last_p = r->last_p[p->pick.sensor], since = p->pick.time;
  if (p->pick.phase == 'S' && last_p != INT64_MIN && last_p < since && since - last_p < longest)
    since = last_p;
  picker_motion motion = {.sensor = p->pick.sensor,
                          .components = 3,
                          .since = since,
                          .until = p->pick.time + over,
                          .jma_pgd_m = p->displacement_m,
                          .wood_anderson_mm = p->wood_anderson_mm};
  locator_motion(r->locator, &motion, at, &r->sink);
}

static void tell_all(run *r)
{
  const int64_t after = 900 * INGEST_SECOND;
  r->now = r->picks->items[0].pick.time;
  for (size_t i = 0; i < r->tellings_count; i++) {
    const telling *t = &r->tellings[i];
    const associate_pick *p = &r->picks->items[t->pick];
    pass_time(r, t->at);
    if (t->kind == TELL_PICK)
      tell_pick(r, t->pick, t->at);
    else if (t->kind == TELL_P_WAVE)
      tell_p_wave(r, p, t->at);
    else
      tell_shaking(r, p, t->at);
  }
  pass_time(r, r->now + after);
}

/* ---- what is worth a line in a catalogue ---- */

size_t associate_phases(const locator_event *event, char phase)
{
  size_t count = 0;
  for (size_t i = 0; i < event->arrivals_count; i++)
    count += event->arrivals[i].phase == phase;
  return count;
}

/* Stations whose P and S both fit, more or less. */
static size_t whole_stations(const locator_event *e)
{
  const float fits = 0.2F;
  size_t count = 0;
  for (size_t i = 0; i < e->arrivals_count; i++)
    for (size_t k = 0; k < e->arrivals_count && e->arrivals[i].phase == 'P' && e->arrivals[i].weight >= fits; k++)
      count += e->arrivals[k].phase == 'S' && e->arrivals[k].sensor == e->arrivals[i].sensor && e->arrivals[k].weight >= fits;
  return count;
}

/* As catalogues are made: five P waves, and S of as many sites or, without them, much evidence against noise and a good place; or three whose S is
   there too, and so many S waves that they are twelve phases; or so many and overwhelming evidence. */
static bool is_solid(const locator_event *e)
{
  const size_t p_alone = 5, p_with_s = 3, enough_s = 4, phases = 12;
  const float much = 10, overwhelming = 40, near_km = 10;
  size_t p = associate_phases(e, 'P'), s = associate_phases(e, 'S');
  return (p >= p_alone && (s >= enough_s || (e->evidence >= much && e->horizontal_uncertainty_km <= near_km))) ||
         (p + s >= phases && (whole_stations(e) >= p_with_s || e->evidence >= overwhelming));
}

static int by_origin(const void *a, const void *b)
{
  const locator_event *x = a, *y = b;
  if (x->origin_time != y->origin_time)
    return x->origin_time < y->origin_time ? -1 : 1;
  return strcmp(x->id, y->id);
}

static void leave_out_weak(associate_catalogue *c)
{
  size_t kept = 0;
  for (size_t i = 0; i < c->count; i++)
    if (c->events[i].state != LOCATOR_CANCELLED && is_solid(&c->events[i]))
      c->events[kept++] = c->events[i];
  c->count = kept;
  if (kept > 0)
    qsort(c->events, kept, sizeof *c->events, by_origin);
}
