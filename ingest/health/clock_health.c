#include "clock_health.h"

#include <math.h>

static const double clear_after_s = 60, future_after_s = 5, better_percent = 10;

static bool lasts(lasting *l, bool is, double counts_after_s, int64_t now)
{
  if (is != l->is) {
    l->is = is;
    l->since = now;
  }
  if (is != l->counts && (double)(now - l->since) >= (is ? counts_after_s : clear_after_s) * 1e9)
    l->counts = is;
  return l->counts;
}

/* Many loggers state 0 % for ever, as they know nothing better. */
static bool has_bad_timing(clock_health *c, const ingest_settings *settings, int quality)
{
  if (quality < 0)
    return c->timing.is;
  c->was_good = c->was_good || quality >= settings->clock_percent;
  return c->was_good && quality < settings->clock_percent + (c->timing.counts ? better_percent : 0);
}

static bool has_lost_lock(clock_health *c, bool locked)
{
  c->was_locked = c->was_locked || locked;
  return c->was_locked && !locked;
}

static uint32_t bit_of(ingest_fault_kind fault, bool on)
{
  return on ? UINT32_C(1) << fault : 0;
}

uint32_t clock_health_take(clock_health *c, const ingest_settings *settings, const ingest_record *record, bool future, int64_t now)
{
  return bit_of(INGEST_FAULT_DOUBTFUL, lasts(&c->doubtful, record->time_doubtful, settings->clock_after_s, now)) |
         bit_of(INGEST_FAULT_UNLOCKED,
                lasts(&c->unlocked, settings->unlocked_after_s > 0 && has_lost_lock(c, record->clock_locked), settings->unlocked_after_s, now)) |
         bit_of(INGEST_FAULT_TIMING, lasts(&c->timing, has_bad_timing(c, settings, record->timing_quality), settings->clock_after_s, now)) |
         bit_of(INGEST_FAULT_FUTURE, lasts(&c->future, future, future_after_s, now));
}
