/* What one room says goes to the next: samples to pickers, waves to the locator, events to the bulletins. */
#include <math.h>
#include <stdio.h>

#include "core.h"

static void on_samples(void *user, const ingest_samples *samples);
static void on_status(void *user, const ingest_status *status);
static void on_refused(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail);
static void on_pick(void *user, const picker_pick *pick);
static void on_tentative(void *user, const picker_pick *pick);
static void on_withdraw(void *user, const picker_withdraw *withdraw);
static void on_p_wave(void *user, const picker_p_wave *p_wave);
static void on_event(void *user, const locator_event *event);
static void on_near_miss(void *user, const locator_event *event);

ingest_sink chain_ingest_sink(engine *e)
{
  return (ingest_sink){on_samples, on_status, on_refused, e};
}

locator_sink chain_locator_sink(engine *e)
{
  return (locator_sink){.event = on_event, .user = e, .near_miss = on_near_miss};
}

/* As of this very packet: what the sensor's samples say is judged before its picker gets them. */
static bool is_believed(const engine *e, int32_t index)
{
  ingest_status status;
  ingest_status_of(e->ingest, index, &status);
  return status.state != INGEST_CLOCK && status.state != INGEST_DEAD;
}

void chain_take_motion(engine *e)
{
  locator_sink sink = chain_locator_sink(e);
  for (size_t i = 0; i < e->sensors.fed.count; i++) {
    int32_t index = e->sensors.fed.of[i];
    sensor *of = &e->sensors.of[index];
    if (!picker_motion_take(of->picker, &of->motion))
      continue;
    sensors_mark_moved(&e->sensors, index);
    if (is_believed(e, index))
      locator_motion(e->locator, &of->motion, e->out.now, &sink);
  }
  sensors_clear_fed(&e->sensors);
}

static void on_samples(void *user, const ingest_samples *samples)
{
  engine *e = user;
  sensor *of = &e->sensors.of[samples->sensor];
  picker_sink sink = {on_pick, on_withdraw, on_p_wave, on_tentative, e};
  e->samples += samples->count;
  if (!of->picker)
    return;
  sensors_mark_fed(&e->sensors, samples->sensor);
  picker_feed(of->picker, samples, &sink);
}

static void on_status(void *user, const ingest_status *status)
{
  engine *e = user;
  ingest_state before = e->sensors.of[status->sensor].status.state;
  locator_station(e->locator, status, e->out.now);
  if (!sensors_take_status(&e->sensors, status))
    return;
  network_station(e, status->sensor);
  network_log_state(e, status->sensor, before);
}

static void on_refused(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail)
{
  engine *e = user;
  char name[INGEST_CODES_TEXT];
  post_log(&e->out, 5, "feed %d%s: %s: %s%s%s", (int)feed, waited ? ", a packet that waited" : "",
           codes ? ingest_codes_format(codes, name) : "a record", ingest_refusal_texts[reason], detail && *detail ? ": " : "", detail ? detail : "");
}

static void announce(engine *e, int32_t index, pick_notice *notice)
{
  notice->revision++;
  pick_message(&e->out, ingest_inventory_sensor(e->setup.inventory, (size_t)index), notice);
}

/* The locator first: an alert is worth more than the pick that made it. */
static void on_pick(void *user, const picker_pick *pick)
{
  engine *e = user;
  locator_sink sink = chain_locator_sink(e);
  e->picks++;
  if (is_believed(e, pick->sensor))
    locator_pick(e->locator, pick, e->out.now, &sink);
  announce(e, pick->sensor, sensors_new_pick(&e->sensors, pick));
}

/* Heard by the locator alone: the world is told of it by the event that it joins. */
static void on_tentative(void *user, const picker_pick *pick)
{
  engine *e = user;
  locator_sink sink = chain_locator_sink(e);
  if (is_believed(e, pick->sensor))
    locator_pick(e->locator, pick, e->out.now, &sink);
}

static void on_withdraw(void *user, const picker_withdraw *withdraw)
{
  engine *e = user;
  locator_sink sink = chain_locator_sink(e);
  locator_withdraw(e->locator, withdraw, e->out.now, &sink);
  pick_notice *notice = sensors_find_pick(&e->sensors, withdraw->sensor, withdraw->pick);
  if (!notice)
    return;
  notice->withdrawn = withdraw->reason;
  announce(e, withdraw->sensor, notice);
}

static void on_p_wave(void *user, const picker_p_wave *p_wave)
{
  engine *e = user;
  locator_sink sink = chain_locator_sink(e);
  if (is_believed(e, p_wave->sensor))
    locator_p_wave(e->locator, p_wave, e->out.now, &sink);
  pick_notice *notice = sensors_find_pick(&e->sensors, p_wave->sensor, p_wave->pick);
  if (!notice)
    return;
  notice->p_wave = *p_wave;
  announce(e, p_wave->sensor, notice);
}

static void on_event(void *user, const locator_event *event)
{
  engine *e = user;
  bulletins_event(e->bulletins, event);
}

/* Asked for when somebody felt an earthquake and there was none. */
static void on_near_miss(void *user, const locator_event *event)
{
  engine *e = user;
  char origin[INGEST_TIME_TEXT], magnitude[24] = "without a magnitude", why[REASONS_TEXT];
  place near;
  if (!isnan(event->magnitude))
    snprintf(magnitude, sizeof magnitude, "M%.1f", (double)event->magnitude);
  place_of(bulletins_targets(e->bulletins), event->latitude_deg, event->longitude_deg, &near);
  post_log(&e->out, 6, "no event (%s): picks of %d stations fit an earthquake %s at %s, %s: %s", event->reason, event->stations_used, magnitude,
           ingest_time_format(event->origin_time, origin), near.en, reasons_text(event, e->setup.inventory, why));
}
