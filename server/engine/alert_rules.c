#include "alert_rules.h"

#include <math.h>

const char *const alert_refusal_texts[ALERT_REFUSALS] = {
    "alerted",
    "no magnitude yet",
    "the magnitude is below rules.minimum_magnitude",
    "fewer stations than rules.minimum_stations",
    "the magnitude rests on fewer stations than rules.minimum_amplitudes",
    "the likelihood is below rules.minimum_likelihood",
    "the epicentre is less certain than rules.maximum_uncertainty_km",
    "no target reaches rules.minimum_intensity",
    "the S wave has passed all targets",
};

/* Stations that an alert may rest on: those with a sure pick, and of those with a tentative one alone a single one. */
static int witnesses(const locator_event *event)
{
  int sure = event->stations_used - event->stations_tentative;
  return sure + (event->stations_tentative > 0);
}

alert_refusal alert_rules_event(const engine_rules *rules, const locator_event *event)
{
  if (isnan(event->magnitude))
    return ALERT_NO_MAGNITUDE;
  if (event->magnitude < rules->minimum_magnitude)
    return ALERT_WEAK;
  if (witnesses(event) < rules->minimum_stations)
    return ALERT_FEW_STATIONS;
  if (event->magnitude_stations < rules->minimum_amplitudes)
    return ALERT_FEW_AMPLITUDES;
  if (!(event->likelihood >= rules->minimum_likelihood))
    return ALERT_UNLIKELY;
  return event->horizontal_uncertainty_km <= rules->maximum_uncertainty_km ? ALERT_MET : ALERT_UNCERTAIN;
}

alert_refusal alert_rules_shaking(const engine_rules *rules, double max_intensity, int64_t expires_at, int64_t now)
{
  if (!(max_intensity >= rules->minimum_intensity))
    return ALERT_NOT_FELT;
  return now < expires_at ? ALERT_MET : ALERT_TOO_LATE;
}

alert_change alert_rules_change(const engine_rules *rules, const alert_told *told, const locator_event *event, double max_intensity, bool level_rose)
{
  if (level_rose)
    return ALERT_LEVEL_ROSE;
  if (fabs(event->magnitude - told->magnitude) >= rules->update_magnitude)
    return ALERT_MAGNITUDE;
  if (locator_distance_km(told->latitude_deg, told->longitude_deg, event->latitude_deg, event->longitude_deg, NULL) >= rules->update_km)
    return ALERT_LOCATION;
  return fabs(max_intensity - told->max_intensity) >= rules->update_intensity ? ALERT_INTENSITY : ALERT_SAME;
}

bool alert_rules_may_tell(const engine_rules *rules, const alert_told *told, alert_change change, int64_t now)
{
  if (change == ALERT_SAME || change == ALERT_LEVEL_ROSE)
    return change == ALERT_LEVEL_ROSE;
  return (double)(now - told->at) >= rules->update_interval_s * 1e9;
}

const char *alert_rules_sound(intensity_level level)
{
  return level >= INTENSITY_ORANGE ? "alarm" : level == INTENSITY_YELLOW ? "voice" : "none";
}
