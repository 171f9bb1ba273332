/* alert_rules.h: when an event is worth an alert and which change is worth an update. Pure. */
#ifndef TOCSIN_ENGINE_ALERT_RULES_H
#define TOCSIN_ENGINE_ALERT_RULES_H

#include "engine.h"

/* Why there is no alert. */
typedef enum {
  ALERT_MET,
  ALERT_NO_MAGNITUDE,
  ALERT_WEAK,
  ALERT_FEW_STATIONS,
  ALERT_FEW_AMPLITUDES,
  ALERT_UNLIKELY,
  ALERT_UNCERTAIN,
  ALERT_NOT_FELT,
  ALERT_TOO_LATE,
  ALERT_REFUSALS
} alert_refusal;
extern const char *const alert_refusal_texts[ALERT_REFUSALS];

/* What an alert said last. */
typedef struct {
  double magnitude, latitude_deg, longitude_deg, max_intensity;
  int64_t at;
} alert_told;

typedef enum { ALERT_SAME, ALERT_MAGNITUDE, ALERT_LOCATION, ALERT_INTENSITY, ALERT_LEVEL_ROSE } alert_change;

/* What can be judged without any prediction. */
alert_refusal alert_rules_event(const engine_rules *rules, const locator_event *event);

/* ... and what the predictions add: the highest intensity (NAN: none) and when the alert would expire. */
alert_refusal alert_rules_shaking(const engine_rules *rules, double max_intensity, int64_t expires_at, int64_t now);

/* The weightiest change since `told`. */
alert_change alert_rules_change(const engine_rules *rules, const alert_told *told, const locator_event *event, double max_intensity, bool level_rose);

/* Whether that change may be told now. A level that rose never waits. */
bool alert_rules_may_tell(const engine_rules *rules, const alert_told *told, alert_change change, int64_t now);

/* "alarm" for orange and red, "voice" for yellow, "none" for blue. */
const char *alert_rules_sound(intensity_level level);

#endif
