#include "why_story.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text(const json_t *object, const char *name)
{
  const char *value = json_string_value(json_object_get(object, name));
  return value ? value : "";
}

static double number(const json_t *object, const char *name)
{
  const json_t *value = json_object_get(object, name);
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static int count(const json_t *object, const char *name)
{
  return (int)json_integer_value(json_object_get(object, name));
}

/* "M5.2+-0.4", or "no magnitude". */
static const char *magnitude(const json_t *event, char out[32])
{
  double m = number(event, "magnitude");
  if (isnan(m))
    return "no magnitude";
  snprintf(out, 32, "M%.1f+-%.1f%s", m, number(event, "magnitude_uncertainty"),
           json_is_true(json_object_get(event, "magnitude_may_grow")) ? "^" : "");
  return out;
}

static void print_where(const json_t *event)
{
  char size[32];
  double latitude = number(event, "latitude_deg"), longitude = number(event, "longitude_deg");
  printf("%.4f %c %.4f %c +-%.1f km, %.0f km deep, %s, %d stations, likelihood %.2f", fabs(latitude), latitude < 0 ? 'S' : 'N', fabs(longitude),
         longitude < 0 ? 'W' : 'E', number(event, "horizontal_uncertainty_km"), number(event, "depth_km"), magnitude(event, size),
         count(event, "stations_used"), number(event, "likelihood"));
}

void why_print_line(const json_t *event)
{
  const char *refusal = text(event, "alert_refusal");
  printf("%s  %-9s  ", text(event, "id"), text(event, "state"));
  print_where(event);
  printf("; %s%s\n", *refusal ? "no alert: " : "alerted", refusal);
}

/* ---- one revision ---- */

static void print_part(const char *name, double log_odds, const char *meaning)
{
  printf("    %-11s %+7.1f  %s", name, log_odds, meaning);
}

static void print_witnesses(const json_t *why)
{
  size_t i;
  const json_t *station, *common = json_object_get(why, "common_path");
  printf(": %d P and %d S speak for themselves", count(why, "p_voices"), count(why, "s_voices"));
  if (json_is_object(common))
    printf("; %d of the stations share one %s and are one voice", count(common, "stations"), text(common, "kind"));
  if (count(why, "doubted") > 0)
    printf("; an S that soon followed puts the P of %d in doubt:", count(why, "doubted"));
  json_array_foreach(json_object_get(why, "doubted_stations"), i, station) printf(" %s", json_string_value(station));
  putchar('\n');
}

static void print_silent(const json_t *why)
{
  size_t i;
  const json_t *station, *list = json_object_get(why, "silent_stations");
  int silent = count(why, "silent");
  printf(" within %.0f km", number(why, "reach_km"));
  if (silent == 0)
    printf(": none");
  json_array_foreach(list, i, station)
      printf("%s %s at %.0f km (%+.1f)", i > 0 ? "," : ":", text(station, "station"), number(station, "distance_km"), number(station, "log_odds"));
  if (silent > (int)json_array_size(list))
    printf(" and %d more", silent - (int)json_array_size(list));
  putchar('\n');
}

static void print_reasons(const json_t *why)
{
  const double none = -50;
  double afar = number(why, "afar"), awaited = number(why, "awaited");
  print_part("picks", number(why, "picks"), "against what these stations pick without an earthquake");
  print_witnesses(why);
  print_part("silences", number(why, "silences"), "stations that should have picked it and did not");
  print_silent(why);
  print_part("rarity", number(why, "rarity"), "how seldom an earthquake fills the places and times that the picks leave open\n");
  print_part("depth", number(why, "depth"), "how unusual that depth is\n");
  print_part("remoteness", number(why, "remoteness"), "how far it lies from every station that picked it\n");
  print_part("together", number(why, "evidence"), "log odds of an earthquake here against noise (2.3: ten to one)\n");
  if (awaited < 0)
    print_part("awaited", awaited, "stations about to speak are taken to be silent until they do\n");
  if (afar > none)
    print_part("from afar", afar,
               afar > 0 ? "log odds of a distant wave against it: a distant one fits better\n" : "log odds of a distant wave against it\n");
}

static const char *said_of(const char *code)
{
  static const char *const known[][2] = {{"new", "new"},
                                         {"pick", "a pick came or went"},
                                         {"amplitude", "amplitudes grew"},
                                         {"timeout", "nothing changes any more"},
                                         {"contradicted", "further data contradict it"},
                                         {"merged", "it is the same earthquake as another event"},
                                         {"operator", "an operator took it back"}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strcmp(known[i][0], code) == 0)
      return known[i][1];
  return code;
}

void why_print_event(const json_t *event, bool whole)
{
  const json_t *why = json_object_get(event, "reasons");
  const char *refusal = text(event, "alert_refusal"), *other = text(event, "superseded_by");
  printf("%.12s  revision %d, %s (%s): ", text(event, "issued_at") + 11, count(event, "revision"), text(event, "state"), said_of(text(why, "code")));
  print_where(event);
  putchar('\n');
  if (*other)
    printf("    it goes on as %s\n", other);
  if (!whole)
    return;
  print_reasons(why);
  if (*refusal)
    printf("    no alert: %s\n", refusal);
}

void why_print_alert(const json_t *alert)
{
  printf("%.12s  ALERT %d, %s: %s; level %s, intensity %.1f at most\n", text(alert, "issued_at") + 11, count(alert, "revision"), text(alert, "type"),
         text(json_object_get(alert, "reason"), "en"), text(alert, "level"), number(alert, "max_intensity"));
}

bool why_is_turn(const json_t *before, const json_t *event)
{
  if (!before)
    return true;
  const json_t *why = json_object_get(event, "reasons"), *then = json_object_get(before, "reasons");
  return strcmp(text(before, "state"), text(event, "state")) != 0 || strcmp(text(before, "alert_refusal"), text(event, "alert_refusal")) != 0 ||
         !json_equal(json_object_get(why, "common_path"), json_object_get(then, "common_path")) || count(why, "doubted") != count(then, "doubted");
}
