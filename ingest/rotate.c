#include "rotate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1024, PRESENT = 1, CLIPPED = 1 << 3, BREAK = 1 << 6, ALL = (1 << INGEST_COMPONENTS) - 1 };
static const double unknown_rate = 200;

/* Samples that wait, on one grid of indices for the three channels: rings. `flags` of an index: PRESENT and CLIPPED, shifted by the channel, and
   BREAK where some channel's piece did not follow. */
typedef struct {
  orientation orientation;
  double rate; /* 0: nothing came yet */
  ingest_unit unit;
  int64_t anchor_index, anchor_time; /* of the newest piece: the grid's place in time */
  int64_t done, newest;              /* samples before `done` have gone; `newest`: past the last one of any channel */
  int64_t end[INGEST_COMPONENTS];    /* past each channel's last */
  uint8_t inputs, come;              /* channels that are mixed; ... of which something came */
  uint8_t absent;                    /* ... which are waited for no longer */
  bool begun;                        /* something went */
  uint8_t due, alone;                /* outputs whose next sample follows a gap; ... whose last one was the channel's own */
  int64_t mask;
  uint8_t *flags;
  float *values[INGEST_COMPONENTS];
} turned;

typedef struct {
  orientation orientation;
  int64_t from, until; /* when it holds; from > until: not known yet */
  turned *turned;      /* NULL: none of its outputs ever needs another channel */
} sensor_turn;

struct rotate {
  const ingest_inventory *inventory;
  size_t count;
  sensor_turn *sensors;
};

static double highest_rate(const ingest_inventory *inventory, int32_t sensor);
static turned *turned_create(double rate);
static bool equip(sensor_turn *sensors, size_t count, const ingest_inventory *inventory);

rotate *rotate_create(const ingest_inventory *inventory)
{
  rotate *r = calloc(1, sizeof *r);
  if (r && rotate_adopt(r, inventory))
    return r;
  rotate_destroy(r);
  return NULL;
}

void rotate_destroy(rotate *r)
{
  if (!r)
    return;
  for (size_t i = 0; i < r->count; i++)
    free(r->sensors[i].turned);
  free(r->sensors);
  free(r);
}

bool rotate_adopt(rotate *r, const ingest_inventory *inventory)
{
  size_t count = ingest_inventory_sensors(inventory);
  if (count > r->count || !r->sensors) {
    sensor_turn *grown = realloc(r->sensors, (count + 1) * sizeof *grown);
    if (!grown)
      return false;
    r->sensors = grown;
    for (; r->count < count; r->count++)
      grown[r->count] = (sensor_turn){.from = INT64_MAX};
  }
  if (!equip(r->sensors, count, inventory))
    return false;
  for (size_t i = 0; i < r->count; i++)
    r->sensors[i].from = INT64_MAX;
  r->inventory = inventory;
  return true;
}

/* Room for those that stand turned and have none. */
static bool equip(sensor_turn *sensors, size_t count, const ingest_inventory *inventory)
{
  for (size_t i = 0; i < count; i++) {
    if (!orientation_ever_mixes(inventory, (int32_t)i))
      continue;
    double rate = highest_rate(inventory, (int32_t)i);
    if (sensors[i].turned && (double)sensors[i].turned->mask >= rate * rotate_patience_s)
      continue;
    turned *t = turned_create(rate);
    if (!t)
      return false;
    free(sensors[i].turned);
    sensors[i].turned = t;
  }
  return true;
}

static double highest_rate(const ingest_inventory *inventory, int32_t sensor)
{
  double highest = 0;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    const ingest_epoch *epoch = ingest_inventory_epoch(inventory, sensor, c, INT64_MAX - 1);
    double rate = epoch && epoch->rate > 0 ? epoch->rate : unknown_rate;
    highest = rate > highest ? rate : highest;
  }
  return highest;
}

static turned *turned_create(double rate)
{
  size_t capacity = BLOCK;
  while ((double)capacity <= rate * rotate_patience_s)
    capacity *= 2;
  turned *t = calloc(1, sizeof *t + capacity * (INGEST_COMPONENTS * sizeof(float) + 1));
  if (!t)
    return NULL;
  float *values = (float *)(t + 1);
  for (size_t c = 0; c < INGEST_COMPONENTS; c++)
    t->values[c] = values + c * capacity;
  t->flags = (uint8_t *)(values + INGEST_COMPONENTS * capacity);
  t->mask = (int64_t)capacity - 1;
  return t;
}

const orientation *rotate_orientation(rotate *r, int32_t sensor, int64_t time)
{
  sensor_turn *s = &r->sensors[sensor];
  if (time < s->from || time >= s->until)
    orientation_of(r->inventory, sensor, time, &s->orientation, &s->from, &s->until);
  return &s->orientation;
}

/* ---- outputs ---- */

typedef struct {
  turned *t;
  int32_t sensor;
  const rotate_sink *sink;
} turning;

static int64_t time_of(const turned *t, int64_t index)
{
  return t->anchor_time + llround((double)(index - t->anchor_index) * 1e9 / t->rate);
}

/* Samples [done, done + n) of an output, each a sum of the channels in `needs`. */
static void put(const turning *g, int output, uint8_t needs, size_t n, uint8_t flags)
{
  turned *t = g->t;
  uint8_t bit = (uint8_t)(1U << output), alone = needs == bit ? bit : 0;
  const double *weights = t->orientation.weights[output], sign = weights[output] < 0 ? -1 : 1;
  float sums[BLOCK];
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      if (needs >> c & 1)
        sum += (alone ? sign : weights[c]) * (double)t->values[c][(t->done + (int64_t)i) & t->mask];
    sums[i] = (float)sum;
  }
  const ingest_samples samples = {.sensor = g->sensor,
                                  .component = output,
                                  .gap = (flags & BREAK) || (t->due & bit) || (t->alone & bit) != alone,
                                  .clipped = flags & needs * CLIPPED,
                                  .unit = t->unit,
                                  .start = time_of(t, t->done),
                                  .rate = t->rate,
                                  .count = n,
                                  .values = sums};
  t->due &= (uint8_t)~bit;
  t->alone = (uint8_t)((t->alone & ~bit) | alone);
  g->sink->piece(g->sink->user, &samples);
}

/* What all have in common in the next n samples; an output without all that it needs has a gap there. */
static void put_all(const turning *g, size_t n, uint8_t flags)
{
  turned *t = g->t;
  const orientation *o = &t->orientation;
  for (int output = 0; output < INGEST_COMPONENTS; output++) {
    uint8_t needs = o->needs[output], bit = (uint8_t)(1U << output);
    if (!orientation_mixes(o, output))
      continue;
    if ((flags & needs) == needs) {
      put(g, output, needs, n, flags);
    } else if (output == INGEST_VERTICAL && o->vertical_alone && flags & bit) {
      put(g, output, bit, n, flags);
    } else {
      t->due |= bit;
      if (flags & bit)
        g->sink->lost(g->sink->user, g->sensor, output, n);
    }
  }
}

static void let_go(const turning *g, int64_t until)
{
  turned *t = g->t;
  t->begun |= t->done < until;
  while (t->done < until) {
    int64_t most = until - t->done < BLOCK ? until - t->done : BLOCK, n = 1;
    uint8_t flags = t->flags[t->done & t->mask];
    while (n < most && t->flags[(t->done + n) & t->mask] == (flags & ~BREAK))
      n++;
    put_all(g, (size_t)n, flags);
    t->done += n;
  }
}

/* ---- inputs ---- */

static void restart(turned *t, const orientation *o, const ingest_samples *s)
{
  t->orientation = *o;
  t->rate = s->rate;
  t->unit = s->unit;
  t->anchor_index = t->done = t->newest = 0;
  t->anchor_time = s->start;
  t->inputs = t->come = t->absent = 0;
  t->begun = false;
  t->due = ALL;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (orientation_mixes(o, c))
      t->inputs |= o->needs[c];
  }
}

static bool fits(const turned *t, const orientation *o, const ingest_samples *s)
{
  return t->rate > 0 && fabs(s->rate - t->rate) <= 1e-3 * t->rate && s->unit == t->unit && orientation_is_same(o, &t->orientation);
}

/* Where the piece belongs; it may not overlap its own channel's samples, unless time stepped back: then all begin anew. */
static int64_t place(turned *t, const orientation *o, const ingest_samples *s)
{
  if (!fits(t, o, s)) {
    restart(t, o, s);
    return 0;
  }
  int64_t index = t->anchor_index + llround((double)(s->start - t->anchor_time) * t->rate / 1e9), end = t->end[s->component];
  if (!(t->come >> s->component & 1))
    return index;
  if (!s->gap || index == end - 1)
    return end;
  if (index < end) {
    restart(t, o, s);
    return 0;
  }
  return index;
}

/* Before anything went, a channel may begin earlier than the one that came first. */
static void begin_earlier(turned *t, int64_t index)
{
  if (t->begun || index >= t->done || t->newest - index > t->mask + 1)
    return;
  while (t->done > index) {
    t->done--;
    t->flags[t->done & t->mask] = 0;
  }
}

/* Room in the rings up to `to`. What has waited so long that it is in the way goes; over a hole longer than the rings nothing is left to go. */
static void extend(const turning *g, int64_t to)
{
  turned *t = g->t;
  int64_t oldest = to - (t->mask + 1);
  if (to <= t->newest)
    return;
  let_go(g, oldest < t->newest ? oldest : t->newest);
  if (t->done < oldest) {
    t->done = t->newest = oldest;
    t->due = ALL;
  }
  for (; t->newest < to; t->newest++)
    t->flags[t->newest & t->mask] = 0;
}

static void append(const turning *g, const ingest_samples *s, int64_t index, size_t first, size_t count)
{
  turned *t = g->t;
  uint8_t bits = (uint8_t)((PRESENT | (s->clipped ? CLIPPED : 0)) << s->component);
  size_t late = 0;
  begin_earlier(t, index);
  extend(g, index + (int64_t)count);
  if (index < t->done)
    late = (uint64_t)(t->done - index) < count ? (size_t)(t->done - index) : count;
  for (size_t i = late; i < count; i++) {
    int64_t at = (index + (int64_t)i) & t->mask;
    t->values[s->component][at] = s->values[first + i];
    t->flags[at] |= bits;
  }
  if (s->gap && first == 0 && late < count)
    t->flags[(index + (int64_t)late) & t->mask] |= BREAK;
  if (late > 0)
    g->sink->lost(g->sink->user, s->sensor, s->component, late);
  t->end[s->component] = index + (int64_t)count;
  t->come |= (uint8_t)(1U << s->component);
  t->absent &= (uint8_t) ~(1U << s->component);
}

static int64_t end_of(const turned *t, int channel)
{
  return t->come >> channel & 1 ? t->end[channel] : t->done;
}

/* Up to where all that are waited for have come. */
static int64_t complete(const turned *t)
{
  int64_t until = t->newest;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if ((t->inputs & ~t->absent) >> c & 1 && end_of(t, c) < until)
      until = end_of(t, c);
  return until;
}

/* Those for which more has waited than patience allows; what all lack does not count. */
static void leave_behind(turned *t)
{
  double patience_s = t->orientation.vertical_alone ? rotate_vertical_patience_s : rotate_patience_s;
  int64_t limit = t->newest - llround(patience_s * t->rate), oldest = t->done;
  while (oldest < limit && t->flags[oldest & t->mask] == 0)
    oldest++;
  for (int c = 0; oldest < limit && c < INGEST_COMPONENTS; c++)
    if (t->inputs >> c & 1 && end_of(t, c) < limit)
      t->absent |= (uint8_t)(1U << c);
}

void rotate_feed(rotate *r, const orientation *o, const ingest_samples *s, const rotate_sink *sink)
{
  turned *t = r->sensors[s->sensor].turned;
  const turning g = {t, s->sensor, sink};
  int64_t index = place(t, o, s);
  t->anchor_index = index;
  t->anchor_time = s->start;
  size_t most = (size_t)(t->mask + 1) / 2;
  for (size_t i = 0; i < s->count; i += most) {
    append(&g, s, index + (int64_t)i, i, s->count - i < most ? s->count - i : most);
    leave_behind(t);
    let_go(&g, complete(t));
  }
}
