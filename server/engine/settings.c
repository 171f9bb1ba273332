/* The rows of the sections `alerts` and `targets`. */
#include "engine.h"

const char *const engine_audience_words[] = {"internal", "public", NULL};

#define RULE(member) .offset = offsetof(engine_rules, member)
#define TARGET(member) .offset = offsetof(engine_target, member)
#define TARGET_TEXT(member) TARGET(member), .size = sizeof((engine_target *)0)->member

const config_row engine_rule_rows[] = {
    {"minimum_magnitude", CONFIG_REAL, "", 0, 10, "4.0", "An alert needs at least this magnitude", RULE(minimum_magnitude)},
    {"minimum_intensity", CONFIG_REAL, "degree", 1, 12, "3.0", "And at least this intensity predicted at some target", RULE(minimum_intensity)},
    {"minimum_stations", CONFIG_INT, "", 1, 100, "4", "And so many stations that saw the event, at most one of them not for sure",
     RULE(minimum_stations)},
    {"minimum_amplitudes", CONFIG_INT, "", 1, 100, "2", "And a magnitude from so many stations: one alone may have the wrong gain",
     RULE(minimum_amplitudes)},
    {"minimum_likelihood", CONFIG_REAL, "", 0, 1, "0.85", "And at least this probability that it is an earthquake", RULE(minimum_likelihood)},
    {"maximum_uncertainty_km", CONFIG_REAL, "km", 1, 1000, "50", "And an epicentre that is known at least so well (68 % radius)",
     RULE(maximum_uncertainty_km)},
    {"update_magnitude", CONFIG_REAL, "", 0.05, 5, "0.3", "A change of magnitude that is worth an update", RULE(update_magnitude)},
    {"update_km", CONFIG_REAL, "km", 0.1, 500, "10", "A move of the epicentre that is worth an update", RULE(update_km)},
    {"update_intensity", CONFIG_REAL, "degree", 0.1, 12, "0.5", "A change of the highest predicted intensity that is worth an update",
     RULE(update_intensity)},
    {"update_interval_s", CONFIG_REAL, "s", 0, 60, "1", "Updates come at most this often, unless the level of a target rises",
     RULE(update_interval_s)},
    {"expires_after_s", CONFIG_REAL, "s", 1, 3600, "30", "An alert is history so long after the S wave reached its last target",
     RULE(expires_after_s)},
    {"report_after_s", CONFIG_REAL, "s", 10, 3600, "90", "The automatic rapid report comes so long after the origin time", RULE(report_after_s)},
    {"audience", CONFIG_CHOICE, "", 0, 0, "internal", "Who may act on the alerts; only the agency that the law names may say public", RULE(audience),
     0, engine_audience_words},
    {"targets_from_stations", CONFIG_BOOL, "", 0, 0, "true", "Without any configured target each station is one", RULE(targets_from_stations)},
    {"station_report_s", CONFIG_REAL, "s", 1, 3600, "60", "Each station's own message comes this often", RULE(station_report_s)},
    {0},
};

const config_row engine_target_rows[] = {
    {"id", CONFIG_TEXT, "", 0, 0, NULL, "Names the target's channel: small letters, digits, - and _", TARGET_TEXT(id)},
    {"name", CONFIG_TEXT, "", 0, 0, NULL, "Name in English", TARGET_TEXT(name)},
    {"name_zh", CONFIG_TEXT, "", 0, 0, "", "Name in Chinese, the English one where empty", TARGET_TEXT(name_zh)},
    {"latitude_deg", CONFIG_REAL, "degree", -90, 90, NULL, "Latitude, WGS84, north positive", TARGET(latitude_deg)},
    {"longitude_deg", CONFIG_REAL, "degree", -180, 180, NULL, "Longitude, WGS84, east positive", TARGET(longitude_deg)},
    {"site_term", CONFIG_REAL, "degree", -2, 3, "0", "Degrees of intensity added for soft ground", TARGET(site_term)},
    {"threshold", CONFIG_REAL, "degree", 1, 12, "3.0", "Predicted intensity from which the target is told by its own channel", TARGET(threshold)},
    {0},
};
