#include "tune_trials.h"

#include <stdlib.h>
#include <string.h>

#include "tune_pool.h"

typedef struct {
  const ingest_inventory *inventory;
  tune_pick *items;
  size_t count, room;
  bool failed;
} collected;

static void collect(void *user, const picker_pick *pick)
{
  collected *c = user;
  const ingest_sensor *sensor = ingest_inventory_sensor(c->inventory, (size_t)pick->sensor);
  if (c->count == c->room) {
    tune_pick *more = realloc(c->items, (2 * c->room + 256) * sizeof *more);
    c->failed |= !more;
    if (!more)
      return;
    c->items = more;
    c->room = 2 * c->room + 256;
  }
  tune_pick *p = &c->items[c->count++];
  *p = (tune_pick){.phase = pick->phase, .time = pick->time, .emitted = pick->data_until};
  memcpy(p->network, sensor->codes.network, sizeof p->network);
  memcpy(p->station, sensor->codes.station, sizeof p->station);
}

static bool try_settings(const archive *a, const ingest_inventory *inventory, const settings *s, const tune_labels *labels, tune_score *score)
{
  collected c = {.inventory = inventory};
  const picker_sink sink = {.pick = collect, .user = &c};
  pick_summary summary;
  bool good = pick_run(a, inventory, s, &sink, &summary) && !c.failed && tune_score_of(labels, c.items, c.count, score);
  free(c.items);
  return good;
}

typedef struct {
  const archive *archive;
  const ingest_inventory *inventory;
  const settings *settings;
  const tune_labels *labels;
  const tune_sweep *sweep;
} attempt;

static bool try_one(void *user, size_t trial, void *score)
{
  const attempt *of = user;
  static settings tried; /* large */
  tried = *of->settings;
  tune_sweep_apply(of->sweep, trial, &tried.picker);
  return try_settings(of->archive, of->inventory, &tried, of->labels, score);
}

bool tune_trials(const archive *a, const ingest_inventory *inventory, const settings *s, const tune_labels *labels, const tune_sweep *sweep, int jobs,
                 tune_score *scores)
{
  attempt of = {a, inventory, s, labels, sweep};
  return tune_pool(sweep->verb, tune_sweep_trials(sweep), jobs, try_one, &of, scores, sizeof *scores);
}
