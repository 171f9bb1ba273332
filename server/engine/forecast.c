#include "forecast.h"

#include <math.h>
#include <stdlib.h>

static const forecast_row unpredicted = {.shaking.intensity = NAN, .told_level = -1};

static bool nearer(const forecast *f, uint32_t a, uint32_t b);
static void sift_down(forecast *f, size_t root, size_t length);
static bool more_shaken(const forecast *f, uint32_t a, uint32_t b);

bool forecast_create(forecast *f, target_table *targets)
{
  size_t count = targets->count + 1;
  *f = (forecast){.targets = targets_hold(targets),
                  .row = calloc(count, sizeof *f->row),
                  .order = calloc(count, sizeof *f->order),
                  .nearness = calloc(count, sizeof *f->nearness),
                  .predicted = calloc(count, sizeof *f->predicted)};
  if (!f->row || !f->order || !f->nearness || !f->predicted)
    return false;
  for (size_t i = 0; i < targets->count; i++)
    f->row[i] = unpredicted;
  return true;
}

void forecast_destroy(forecast *f)
{
  targets_release(f->targets);
  free(f->row);
  free(f->order);
  free(f->nearness);
  free(f->predicted);
  *f = (forecast){0};
}

void forecast_clear(forecast *f)
{
  for (size_t i = 0; i < f->predicted_count; i++)
    f->row[f->predicted[i]] = unpredicted;
  f->predicted_count = f->served = 0;
  f->arranged_revision = 0;
}

void forecast_arrange(forecast *f, const locator_event *event)
{
  direction here = direction_of(event->latitude_deg, event->longitude_deg);
  size_t count = f->targets->count;
  if (f->arranged_revision != 0 && f->arranged_revision == event->revision)
    return;
  f->arranged_revision = event->revision;
  for (size_t i = 0; i < count; i++) {
    f->nearness[i] = direction_dot(f->targets->direction[i], here);
    f->order[i] = (uint32_t)i;
  }
  for (size_t root = count / 2; root-- > 0;)
    sift_down(f, root, count);
  f->served = 0;
}

size_t forecast_nearest(forecast *f, size_t k)
{
  size_t count = f->targets->count;
  if (k >= count)
    return count;
  while (f->served <= k) {
    size_t last = count - ++f->served;
    uint32_t nearest = f->order[0];
    f->order[0] = f->order[last];
    f->order[last] = nearest;
    sift_down(f, 0, last);
  }
  return f->order[count - 1 - k];
}

void forecast_predict(forecast *f, size_t target, const locator_event *event, const intensity_settings *settings, const locator_travel_times *tables)
{
  const engine_target *there = &f->targets->target[target];
  intensity_prediction *shaking = &f->row[target].shaking;
  if (isnan(shaking->intensity))
    f->predicted[f->predicted_count++] = (uint32_t)target;
  intensity_predict(settings, tables, event, there->latitude_deg, there->longitude_deg, there->site_term, there->threshold, shaking);
  shaking->intensity = intensity_rounded(shaking->intensity);
  f->row[target].event_revision = event->revision;
}

void forecast_carry(forecast *f, size_t target, const forecast_row *row)
{
  if (isnan(f->row[target].shaking.intensity) && !isnan(row->shaking.intensity))
    f->predicted[f->predicted_count++] = (uint32_t)target;
  f->row[target] = *row;
  f->row[target].event_revision = 0;
}

size_t forecast_strongest(const forecast *f, uint32_t listed[FORECAST_LISTED])
{
  size_t count = 0;
  for (size_t k = 0; k < f->predicted_count; k++) {
    uint32_t i = f->predicted[k];
    if (count == FORECAST_LISTED && !more_shaken(f, i, listed[count - 1]))
      continue;
    size_t at = count < FORECAST_LISTED ? count++ : count - 1;
    for (; at > 0 && more_shaken(f, i, listed[at - 1]); at--)
      listed[at] = listed[at - 1];
    listed[at] = i;
  }
  return count;
}

static bool nearer(const forecast *f, uint32_t a, uint32_t b)
{
  return f->nearness[a] != f->nearness[b] ? f->nearness[a] > f->nearness[b] : a < b;
}

static void sift_down(forecast *f, size_t root, size_t length)
{
  uint32_t moving = f->order[root];
  for (size_t child; (child = 2 * root + 1) < length; root = child) {
    if (child + 1 < length && nearer(f, f->order[child + 1], f->order[child]))
      child++;
    if (!nearer(f, f->order[child], moving))
      break;
    f->order[root] = f->order[child];
  }
  if (length > 0)
    f->order[root] = moving;
}

static bool more_shaken(const forecast *f, uint32_t a, uint32_t b)
{
  const intensity_prediction *left = &f->row[a].shaking, *right = &f->row[b].shaking;
  if (left->intensity != right->intensity)
    return left->intensity > right->intensity;
  return left->epicentral_km != right->epicentral_km ? left->epicentral_km < right->epicentral_km : a < b;
}
