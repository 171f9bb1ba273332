#include "bulletins.h"

#include <stdlib.h>
#include <string.h>

#include "bulletin.h"

static bool create_forecasts(bulletins *b);
static bool carry_over(bulletin *of, target_table *fresh, forecast *next);
static bulletin *find(bulletins *b, const char *id);
static bulletin *claim(bulletins *b);
static void tell_event(bulletins *b, const bulletin *of);
static void end(bulletins *b, bulletin *of, const char *code);
static void tell_portions(bulletins *b);
static void release_if_done(bulletin *of);

bulletins *bulletins_create(const engine_setup *setup, post *out)
{
  bulletins *b = calloc(1, sizeof *b);
  if (!b)
    return NULL;
  b->setup = setup;
  b->out = out;
  b->rules = setup->settings->rules;
  b->of_stations = targets_are_stations(setup->settings);
  b->targets = targets_create(setup->settings, setup->inventory);
  if (b->targets && create_forecasts(b))
    return b;
  bulletins_destroy(b);
  return NULL;
}

void bulletins_destroy(bulletins *b)
{
  if (!b)
    return;
  for (size_t i = 0; i < BULLETINS; i++)
    forecast_destroy(&b->of[i].forecast);
  targets_release(b->targets);
  free(b);
}

const engine_rules *bulletins_rules(const bulletins *b)
{
  return &b->rules;
}

const target_table *bulletins_targets(const bulletins *b)
{
  return b->targets;
}

bool bulletins_adopt(bulletins *b, const engine_settings *settings)
{
  target_table *fresh = targets_create(settings, b->setup->inventory);
  forecast *next = calloc(BULLETINS, sizeof *next);
  bool done = fresh && next;
  for (size_t i = 0; done && i < BULLETINS; i++)
    done = carry_over(&b->of[i], fresh, &next[i]);
  for (size_t i = 0; next && i < BULLETINS; i++)
    forecast_destroy(done ? &b->of[i].forecast : &next[i]);
  for (size_t i = 0; done && i < BULLETINS; i++)
    b->of[i].forecast = next[i];
  free(next);
  targets_release(done ? b->targets : fresh);
  if (done) {
    b->targets = fresh;
    b->rules = settings->rules;
    b->of_stations = targets_are_stations(settings);
  }
  return done;
}

bool bulletins_adopt_stations(bulletins *b)
{
  const engine_settings settings = {.rules = b->rules};
  return !b->of_stations || bulletins_adopt(b, &settings);
}

void bulletins_event(bulletins *b, const locator_event *event)
{
  bulletin *of = find(b, event->id);
  if (!of)
    of = claim(b);
  bool over = event->state != LOCATOR_OPEN;
  if (of->held) {
    of->held = !over;
    release_if_done(of);
    return;
  }
  of->event = *event;
  of->changed = true;
  if (over) {
    end(b, of, event->reason ? event->reason : "withdrawn");
    return;
  }
  alert_consider(b, of);
  tell_event(b, of);
}

bool bulletins_cancel(bulletins *b, const char *id)
{
  bulletin *of = find(b, id);
  if (!of || of->ended)
    return false;
  of->event.state = LOCATOR_CANCELLED;
  of->event.revision++;
  of->event.reason = "operator";
  of->held = true;
  end(b, of, "operator");
  return true;
}

void bulletins_step(bulletins *b)
{
  for (size_t i = 0; i < BULLETINS; i++)
    if (b->of[i].order != 0 && !b->of[i].ended && b->of[i].changed)
      alert_consider(b, &b->of[i]);
  tell_portions(b);
  for (size_t i = 0; i < BULLETINS; i++) {
    bulletin *of = &b->of[i];
    if (of->order == 0)
      continue;
    if (!of->ended)
      report_consider(b, of);
    release_if_done(of);
  }
}

size_t bulletins_open_alerts(const bulletins *b, bulletin_open open[BULLETINS])
{
  const bulletin *sorted[BULLETINS];
  size_t count = 0;
  for (size_t i = 0; i < BULLETINS; i++) {
    const bulletin *of = &b->of[i];
    if (of->order == 0 || of->ended || of->alert_revision == 0)
      continue;
    size_t at = count++;
    for (; at > 0 && sorted[at - 1]->order > of->order; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = of;
  }
  for (size_t i = 0; i < count; i++)
    open[i] = (bulletin_open){sorted[i]->event.id, sorted[i]->alert_revision};
  return count;
}

size_t bulletins_open_events(const bulletins *b)
{
  size_t count = 0;
  for (size_t i = 0; i < BULLETINS; i++)
    count += b->of[i].order != 0 && !b->of[i].ended;
  return count;
}

uint64_t bulletins_events(const bulletins *b)
{
  return b->events;
}

uint64_t bulletins_alerts(const bulletins *b)
{
  return b->alerts;
}

static bool create_forecasts(bulletins *b)
{
  for (size_t i = 0; i < BULLETINS; i++)
    if (!forecast_create(&b->of[i].forecast, b->targets))
      return false;
  return true;
}

/* The forecast of one event over the new targets. Under an open alert those that were told stay; new ones, never told a level, bring an update. */
static bool carry_over(bulletin *of, target_table *fresh, forecast *next)
{
  forecast *old = &of->forecast;
  bool open = of->order != 0 && of->alert_revision > 0;
  size_t told = 0, *kept = calloc(old->targets->count + 1, sizeof *kept);
  for (size_t i = 0; kept && open && i < old->targets->count; i++)
    if (old->row[i].told)
      kept[told++] = i;
  target_table *joined = !kept ? NULL : told ? targets_joined(fresh, old->targets, kept, told) : targets_hold(fresh);
  bool done = joined && forecast_create(next, joined);
  for (size_t i = 0; done && i < told; i++)
    forecast_carry(next, targets_find(joined, old->targets->target[kept[i]].id), &old->row[kept[i]]);
  if (done && open) {
    forecast_arrange(next, &of->told_event);
    of->next_target = of->ended ? 0 : joined->count;
    of->changed = true;
  }
  targets_release(joined);
  free(kept);
  return done;
}

static bulletin *find(bulletins *b, const char *id)
{
  for (size_t i = 0; i < BULLETINS; i++)
    if (b->of[i].order != 0 && strcmp(b->of[i].event.id, id) == 0)
      return &b->of[i];
  return NULL;
}

static bool less_needed(const bulletin *a, const bulletin *than)
{
  bool a_warns = a->alert_revision > 0 && !a->ended, than_warns = than->alert_revision > 0 && !than->ended;
  return a_warns != than_warns ? !a_warns : a->order < than->order;
}

/* A free place, or that of the oldest event without an open alert: the locator follows fewer events than there are places. */
static bulletin *claim(bulletins *b)
{
  bulletin *of = &b->of[0];
  for (size_t i = 1; i < BULLETINS && of->order != 0; i++)
    if (b->of[i].order == 0 || less_needed(&b->of[i], of))
      of = &b->of[i];
  if (of->order != 0)
    post_log(b->out, 3, "more than %d events at once: nothing more is said of %s", BULLETINS, of->event.id);
  forecast kept = of->forecast;
  *of = (bulletin){.order = ++b->events, .forecast = kept};
  forecast_clear(&of->forecast);
  return of;
}

static void tell_event(bulletins *b, const bulletin *of)
{
  event_message(b->out, b->setup->inventory, &of->event, of->alert_revision > 0 ? NULL : alert_refusal_texts[of->refusal]);
}

static void log_end(const bulletins *b, const bulletin *of, const char *code)
{
  char why[REASONS_TEXT];
  reasons_text(&of->event, b->setup->inventory, why);
  if (of->alert_revision == 0)
    post_log(b->out, 6, "event %s ended (%s) without an alert: %s; %s", of->event.id, code, alert_refusal_texts[of->refusal], why);
  else if (of->event.state == LOCATOR_CANCELLED)
    post_log(b->out, 5, "event %s cancelled (%s): %s", of->event.id, code, why);
}

static void end(bulletins *b, bulletin *of, const char *code)
{
  if (of->alert_revision > 0)
    alert_end(b, of, of->event.state == LOCATOR_FINAL ? ALERT_FINAL : ALERT_CANCEL, code);
  log_end(b, of, code);
  tell_event(b, of);
  report_end(b, of);
  of->ended = true;
  release_if_done(of);
}

/* One portion, in equal shares: many events at once make a step no longer than one does. */
static void tell_portions(bulletins *b)
{
  size_t waiting = 0;
  for (size_t i = 0; i < BULLETINS; i++)
    waiting += alert_has_untold(&b->of[i]);
  for (size_t i = 0; i < BULLETINS; i++)
    if (alert_has_untold(&b->of[i]))
      alert_tell_portion(b, &b->of[i], FORECAST_PORTION / waiting);
}

/* A place is free again when its last targets know and the locator has let go of the event. */
static void release_if_done(bulletin *of)
{
  if (of->ended && !of->held && !alert_has_untold(of))
    of->order = 0;
}
