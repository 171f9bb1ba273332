#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static bool grow(ingest *in, size_t channels);
static void set_paths(ingest *in, size_t first);

ingest *ingest_create(const ingest_settings *settings, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory), channels = sensors * INGEST_COMPONENTS;
  ingest *in = calloc(1, sizeof *in);
  if (!in)
    return NULL;
  in->inventory = inventory;
  in->settings = settings;
  in->reorder_ns = llround(settings->reorder_s * 1e9);
  in->future_ns = llround(settings->future_s * 1e9);
  in->reorder = reorder_create(channels);
  in->rotate = rotate_create(inventory);
  in->health = health_create(settings, sensors);
  in->paths = paths_create(settings, inventory);
  in->kept = kept_create(inventory, settings->kept_s);
  in->counts = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->counts);
  in->values = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->values);
  in->motion = calloc(RECORD_SAMPLES_MAXIMUM, sizeof *in->motion);
  in->bytes = calloc(INGEST_RECORD_MAXIMUM, 1);
  if (grow(in, channels) && in->reorder && in->rotate && in->health && in->paths && in->kept && in->counts && in->values && in->motion && in->bytes) {
    set_paths(in, 0);
    return in;
  }
  ingest_destroy(in);
  return NULL;
}

void ingest_destroy(ingest *in)
{
  if (!in)
    return;
  free(in->channels);
  free(in->responses);
  reorder_destroy(in->reorder);
  rotate_destroy(in->rotate);
  health_destroy(in->health);
  paths_destroy(in->paths);
  kept_destroy(in->kept);
  free(in->counts);
  free(in->values);
  free(in->motion);
  free(in->bytes);
  free(in);
}

/* What has grown when memory ends stays larger, and is not used. */
bool ingest_adopt(ingest *in, const ingest_inventory *inventory)
{
  size_t sensors = ingest_inventory_sensors(inventory), before = in->channel_count / INGEST_COMPONENTS;
  if (!grow(in, sensors * INGEST_COMPONENTS) || !reorder_grow(in->reorder, sensors * INGEST_COMPONENTS) || !health_grow(in->health, sensors) ||
      !paths_adopt(in->paths, in->settings, inventory) || !kept_adopt(in->kept, inventory, in->settings->kept_s) ||
      !rotate_adopt(in->rotate, inventory))
    return false;
  set_paths(in, before);
  memset(&in->strangers, 0, sizeof in->strangers);
  in->inventory = inventory;
  return true;
}

static void *grown(void *array, size_t size, size_t before, size_t count)
{
  char *more = realloc(array, (count + 1) * size);
  if (more)
    memset(more + before * size, 0, (count + 1 - before) * size);
  return more;
}

static bool grow(ingest *in, size_t channels)
{
  if (in->channels && channels <= in->channel_count)
    return true;
  channel_state *states = grown(in->channels, sizeof *states, in->channel_count, channels);
  if (!states)
    return false;
  in->channels = states;
  response *responses = grown(in->responses, sizeof *responses, in->channel_count, channels);
  if (!responses)
    return false;
  in->responses = responses;
  in->channel_count = channels;
  return true;
}

/* As the configuration says; feeds say theirs with their packets. */
static void set_paths(ingest *in, size_t first)
{
  for (size_t i = first; i < in->channel_count / INGEST_COMPONENTS; i++)
    health_set_path(in->health, (int32_t)i, paths_of(in->paths, (int32_t)i, -1));
}

void ingest_status_of(const ingest *in, int32_t sensor, ingest_status *status)
{
  *status = *health_of(in->health, sensor);
}

void ingest_quality_of(const ingest *in, int32_t sensor, int component, ingest_quality *quality)
{
  health_quality(in->health, sensor, component, quality);
}

void ingest_kept(const ingest *in, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples)
{
  kept_copy(in->kept, sensor, component, values, capacity, samples);
}

bool ingest_set_feed(ingest *in, int32_t feed, const ingest_feed_path *path)
{
  return paths_set_feed(in->paths, feed, path);
}

const char *ingest_path_name(const ingest *in, int32_t number)
{
  return paths_name(in->paths, number);
}

void ingest_count(const ingest *in, ingest_counters *counters)
{
  *counters = in->counted;
  counters->strangers = in->strangers.count;
}

uint64_t ingest_refused(const ingest *in, ingest_refusal reason)
{
  return in->counted.refused[reason];
}
