/* One event's alert: opened, updated and ended by the rules; told to all and to each target that is or was at its threshold. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bulletin.h"

static void open_if_met(bulletins *b, bulletin *of);
static void update_if_due(bulletins *b, bulletin *of);
static void predict(bulletins *b, bulletin *of, size_t target, const locator_event *event);
static void predict_near(bulletins *b, bulletin *of);
static double max_intensity(const forecast *f);
static int64_t expires_at(const bulletins *b, const forecast *f);
static const forecast_row *risen(forecast *f, int64_t now);
static void explain_rise(const forecast *f, const forecast_row *row, alert_reason *reason);
static void explain_change(const bulletin *of, alert_change change, double strongest, alert_reason *reason);
static void explain_end(alert_type type, const char *code, alert_reason *reason);
static void tell(bulletins *b, bulletin *of, alert_type type, const alert_reason *reason);

void alert_consider(bulletins *b, bulletin *of)
{
  if (of->alert_revision == 0)
    open_if_met(b, of);
  else
    update_if_due(b, of);
}

void alert_end(bulletins *b, bulletin *of, alert_type type, const char *code)
{
  alert_reason reason;
  explain_end(type, code, &reason);
  tell(b, of, type, &reason);
}

static int64_t target_expires_at(const bulletins *b, const forecast_row *row)
{
  return row->shaking.s_arrival + (int64_t)(b->rules.expires_after_s * 1e9);
}

bool alert_has_untold(const bulletin *of)
{
  return of->order != 0 && of->alert_revision > 0 && of->next_target < of->forecast.targets->count;
}

void alert_tell_portion(bulletins *b, bulletin *of, size_t count)
{
  forecast *f = &of->forecast;
  for (; count > 0 && alert_has_untold(of); count--) {
    size_t which = forecast_nearest(f, of->next_target++);
    const engine_target *target = &f->targets->target[which];
    forecast_row *row = &f->row[which];
    if (of->next_target > FORECAST_NEAR && of->notice.type != ALERT_CANCEL)
      predict(b, of, which, of->notice.event);
    if (isnan(row->shaking.intensity))
      continue;
    row->told = row->told || row->shaking.intensity >= target->threshold;
    int8_t level = (int8_t)intensity_level_of(row->shaking.intensity);
    row->told_level = level > row->told_level ? level : row->told_level;
    if (row->told)
      alert_target_message(b->out, &of->notice, target, row, target_expires_at(b, row));
  }
}

static void open_if_met(bulletins *b, bulletin *of)
{
  static const alert_reason met = {"rules_met", "达到预警发布条件", "the alert rules are met"};
  of->changed = false;
  of->refusal = alert_rules_event(&b->rules, &of->event);
  if (of->refusal != ALERT_MET)
    return;
  forecast_arrange(&of->forecast, &of->event);
  predict_near(b, of);
  of->refusal = alert_rules_shaking(&b->rules, max_intensity(&of->forecast), expires_at(b, &of->forecast), b->out->now);
  if (of->refusal == ALERT_MET)
    tell(b, of, ALERT_NEW, &met);
}

/* A change that may not be told yet leaves `changed` set, and the engine's steps ask again. */
static void update_if_due(bulletins *b, bulletin *of)
{
  alert_reason reason;
  of->changed = false;
  if (isnan(of->event.magnitude))
    return;
  predict_near(b, of);
  double strongest = max_intensity(&of->forecast);
  const forecast_row *rise = risen(&of->forecast, b->out->now);
  alert_change change = alert_rules_change(&b->rules, &of->told, &of->event, strongest, rise != NULL);
  if (change == ALERT_SAME)
    return;
  if (!alert_rules_may_tell(&b->rules, &of->told, change, b->out->now)) {
    of->changed = true;
    return;
  }
  if (rise)
    explain_rise(&of->forecast, rise, &reason);
  else
    explain_change(of, change, strongest, &reason);
  tell(b, of, ALERT_UPDATE, &reason);
}

/* Once for each revision of the event. */
static void predict(bulletins *b, bulletin *of, size_t target, const locator_event *event)
{
  if (of->forecast.row[target].event_revision != event->revision)
    forecast_predict(&of->forecast, target, event, b->setup->intensity, event->tables ? event->tables : b->setup->tables);
}

static void predict_near(bulletins *b, bulletin *of)
{
  forecast *f = &of->forecast;
  for (size_t k = 0; k < FORECAST_NEAR && k < f->targets->count; k++)
    predict(b, of, forecast_nearest(f, k), &of->event);
}

static double max_intensity(const forecast *f)
{
  double highest = NAN;
  for (size_t i = 0; i < f->predicted_count; i++)
    highest = fmax(highest, f->row[f->predicted[i]].shaking.intensity);
  return highest;
}

/* So long after the last S at a target that is to be shaken noticeably; the strongest always is. */
static int64_t expires_at(const bulletins *b, const forecast *f)
{
  double noticed = fmin(b->rules.minimum_intensity, max_intensity(f));
  int64_t last = 0;
  for (size_t i = 0; i < f->predicted_count; i++) {
    const intensity_prediction *there = &f->row[f->predicted[i]].shaking;
    if (there->intensity >= noticed && there->s_arrival > last)
      last = there->s_arrival;
  }
  return last + (int64_t)(b->rules.expires_after_s * 1e9);
}

/* Of the near targets that S has not reached, the one whose level rose to the highest; NULL: none. */
static const forecast_row *risen(forecast *f, int64_t now)
{
  const forecast_row *highest = NULL;
  for (size_t k = 0; k < FORECAST_NEAR && k < f->targets->count; k++) {
    const forecast_row *row = &f->row[forecast_nearest(f, k)];
    if (isnan(row->shaking.intensity) || row->shaking.s_arrival <= now || (int)intensity_level_of(row->shaking.intensity) <= row->told_level)
      continue;
    if (!highest || intensity_level_of(row->shaking.intensity) > intensity_level_of(highest->shaking.intensity))
      highest = row;
  }
  return highest;
}

static void explain_rise(const forecast *f, const forecast_row *row, alert_reason *reason)
{
  static const char *const levels_zh[] = {"蓝色", "黄色", "橙色", "红色"};
  const engine_target *target = &f->targets->target[row - f->row];
  intensity_level level = intensity_level_of(row->shaking.intensity);
  snprintf(reason->code, sizeof reason->code, "level");
  snprintf(reason->zh, sizeof reason->zh, "%s预警级别升为%s", place_name_zh(target), levels_zh[level]);
  snprintf(reason->en, sizeof reason->en, "the level of %s rose to %s", target->name, intensity_level_words[level]);
}

static void explain_change(const bulletin *of, alert_change change, double strongest, alert_reason *reason)
{
  const alert_told *told = &of->told;
  static const char *const codes[] = {[ALERT_MAGNITUDE] = "magnitude", [ALERT_LOCATION] = "location", [ALERT_INTENSITY] = "intensity"};
  snprintf(reason->code, sizeof reason->code, "%s", codes[change]);
  if (change == ALERT_MAGNITUDE) {
    snprintf(reason->zh, sizeof reason->zh, "震级由 %.1f 更新为 %.1f", told->magnitude, (double)of->event.magnitude);
    snprintf(reason->en, sizeof reason->en, "magnitude from %.1f to %.1f", told->magnitude, (double)of->event.magnitude);
  } else if (change == ALERT_LOCATION) {
    double moved = locator_distance_km(told->latitude_deg, told->longitude_deg, of->event.latitude_deg, of->event.longitude_deg, NULL);
    snprintf(reason->zh, sizeof reason->zh, "震中移动 %.0f km", moved);
    snprintf(reason->en, sizeof reason->en, "the epicentre moved by %.0f km", moved);
  } else {
    snprintf(reason->zh, sizeof reason->zh, "最大预估烈度由 %.1f 更新为 %.1f", told->max_intensity, strongest);
    snprintf(reason->en, sizeof reason->en, "highest predicted intensity from %.1f to %.1f", told->max_intensity, strongest);
  }
}

static void explain_end(alert_type type, const char *code, alert_reason *reason)
{
  static const alert_reason known[] = {
      {"contradicted", "后续台站资料不支持该地震", "data of further stations contradict the earthquake"},
      {"merged", "该地震与另一地震为同一事件", "it is the same earthquake as another event"},
      {"operator", "值班人员人工取消", "an operator took it back"},
      {"withdrawn", "所依据的震相已被撤回", "the picks that it rested on were taken back"},
  };
  *reason = (alert_reason){.zh = "测定参数不再变化", .en = "the parameters change no more"};
  snprintf(reason->code, sizeof reason->code, "%s", type == ALERT_FINAL ? "final" : code);
  if (type == ALERT_FINAL)
    return;
  snprintf(reason->zh, sizeof reason->zh, "系统判定非地震或误报");
  snprintf(reason->en, sizeof reason->en, "the system no longer takes it for an earthquake (%s)", code);
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp(code, known[i].code) == 0)
      *reason = known[i];
}

static void write_text(bulletins *b, bulletin *of, const uint32_t *listed, size_t count)
{
  const forecast *f = &of->forecast;
  alert_facts facts = {
      .status = b->out->status,
      .public = b->rules.audience == 1,
      .type = of->notice.type,
      .revision = of->alert_revision,
      .event = of->notice.event,
      .place = &of->notice.place,
      .strongest = count ? &f->targets->target[listed[0]] : NULL,
      .shaking = count ? f->row[listed[0]].shaking : (intensity_prediction){0},
      .reason = &of->notice.reason,
      .now = b->out->now,
  };
  texts_alert(&facts, &of->notice.text);
}

static void log_notice(bulletins *b, const bulletin *of)
{
  const locator_event *event = of->notice.event;
  char magnitude[16] = "no magnitude";
  if (!isnan(event->magnitude))
    snprintf(magnitude, sizeof magnitude, "M%.1f", (double)event->magnitude);
  post_log(b->out, 5, "alert %s revision %u, %s (%s): %s %s, intensity %.1f at most", event->id, of->alert_revision,
           alert_type_words[of->notice.type], of->notice.reason.code, magnitude, of->notice.place.en, of->notice.max_intensity);
}

static void tell(bulletins *b, bulletin *of, alert_type type, const alert_reason *reason)
{
  uint32_t listed[FORECAST_LISTED];
  forecast *f = &of->forecast;
  if (type != ALERT_CANCEL && !isnan(of->event.magnitude)) {
    forecast_arrange(f, &of->event);
    predict_near(b, of);
  }
  of->told_event = of->event;
  of->notice.event = &of->told_event;
  of->notice.type = type;
  of->notice.revision = ++of->alert_revision;
  of->notice.audience = b->rules.audience;
  of->notice.max_intensity = max_intensity(f);
  of->notice.expires_at = expires_at(b, f);
  of->notice.reason = *reason;
  place_of(f->targets, of->event.latitude_deg, of->event.longitude_deg, &of->notice.place);
  size_t count = forecast_strongest(f, listed);
  write_text(b, of, listed, count);
  alert_message(b->out, &of->notice, f, listed, count);
  b->alerts++;
  of->told = (alert_told){(double)of->event.magnitude, of->event.latitude_deg, of->event.longitude_deg, of->notice.max_intensity, b->out->now};
  of->changed = false;
  of->next_target = 0;
  alert_tell_portion(b, of, FORECAST_PORTION);
  log_notice(b, of);
}
