/* Magnitudes and faults of recorded earthquakes, as the daemon would have told them with packets of one second. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "command.h"

enum { TOLD_MAXIMUM = 4096 };

/* Each event's and alert's message, in order; the fault of an alert, 0: none. */
typedef struct {
  double since_origin_s, magnitude, length_km, strike_deg;
  bool alert;
} told;

static told tolds[TOLD_MAXIMUM];
static size_t count;

/* "2019-07-06T03:19:53.040000Z": seconds of its day. */
static double of_day(const char *time)
{
  int hour, minute;
  double second;
  assert_int_equal(sscanf(time + 11, "%d:%d:%lf", &hour, &minute, &second), 3);
  return hour * 3600 + minute * 60 + second;
}

static void take(const char *line, const char *origin)
{
  json_t *root = json_loads(line, 0, NULL), *message = json_object_get(root, "message");
  const char *channel = json_string_value(json_object_get(root, "channel"));
  assert_non_null(channel);
  bool event = strcmp(strrchr(channel, ':'), ":event") == 0, alert = strcmp(strrchr(channel, ':'), ":alert") == 0;
  if (event || alert) {
    json_t *fault = json_object_get(message, "finite_fault"), *magnitude = json_object_get(message, "magnitude");
    assert_true(count < TOLD_MAXIMUM);
    tolds[count++] = (told){.since_origin_s = of_day(json_string_value(json_object_get(root, "data_time"))) - of_day(origin),
                            .magnitude = json_is_null(magnitude) ? (double)NAN : json_number_value(magnitude),
                            .length_km = json_number_value(json_object_get(fault, "length_km")),
                            .strike_deg = json_number_value(json_object_get(fault, "strike_deg")),
                            .alert = alert};
  }
  json_decref(root);
}

/* Replays a folder of the recordings that holds this file. */
static void replay(const char *folder, const char *file, const char *origin, const char *options)
{
  char name[256], path[2048], arguments[8192];
  snprintf(name, sizeof name, "%s/%s", folder, file);
  snprintf(path, sizeof path, "%s", data_path(name));
  *strrchr(path, '/') = '\0';
  snprintf(arguments, sizeof arguments, "replay --packet 1 %s --inventory %s %s/*.mseed", options, path, path);
  assert_int_equal(command_run(arguments), 0);
  count = 0;
  char *lines = strdup(command_said()), *rest = lines;
  for (char *line; (line = strsep(&rest, "\n")) && *line;)
    take(line, origin);
  free(lines);
}

/* The last magnitude told up to that time. */
static double magnitude_at(double since_origin_s)
{
  double magnitude = NAN;
  for (size_t i = 0; i < count; i++)
    if (!tolds[i].alert && tolds[i].since_origin_s <= since_origin_s && isfinite(tolds[i].magnitude))
      magnitude = tolds[i].magnitude;
  return magnitude;
}

static double greatest(double until_s)
{
  double most = -9;
  for (size_t i = 0; i < count; i++)
    if (tolds[i].since_origin_s < until_s && isfinite(tolds[i].magnitude))
      most = fmax(most, tolds[i].magnitude);
  return most;
}

static void assert_between(double value, double least, double most)
{
  if (!(value >= least - 1e-9 && value <= most + 1e-9))
    fail_msg("%g is outside %g to %g", value, least, most);
}

static void ridgecrest_is_great_early_and_its_fault_is_seen(void **state)
{
  (void)state;
  replay("ridgecrest-2019", "CI.CCC.xml", "2019-07-06T03:19:53.040Z", "");
  assert_between(magnitude_at(10.5), 6.5, 7.5);
  assert_between(magnitude_at(15), 6.8, 7.5);
  assert_between(magnitude_at(60), 6.8, 7.4);
  assert_between(greatest(1e9), 6.8, 7.5);
  const told *last = NULL;
  for (size_t i = 0; i < count; i++)
    if (tolds[i].alert && tolds[i].since_origin_s <= 60)
      last = &tolds[i];
  assert_non_null(last);
  assert_between(last->length_km, 30, 80);
  assert_between(fabs(remainder(last->strike_deg - 140, 180)), 0, 25);
}

static void pleasant_hill_is_of_moderate_size(void **state)
{
  (void)state;
  replay("pleasant-hill-2019", "event.json", "2019-10-15T05:33:42.81Z", "");
  assert_between(magnitude_at(30), 3.9, 5.0);
}

/* What a sensor said in the end, in a column. */
static double last_of(const char *station, const char *column)
{
  for (size_t line = command_lines(); line-- > 0;)
    if (strcmp(command_cell(line, "station"), station) == 0)
      return strtod(command_cell(line, column), NULL);
  fail_msg("no row of %s", station);
  return 0;
}

static void a_broadband_and_an_accelerometer_of_one_site_say_the_same(void **state)
{
  (void)state;
  char path[2048], arguments[8192];
  snprintf(path, sizeof path, "%s", data_path("pleasant-hill-2019/event.json"));
  *strrchr(path, '/') = '\0';
  snprintf(arguments, sizeof arguments, "magnitude --until 30 --inventory %s --event %s/event.json %s/BK.BRIB*.mseed", path, path, path);
  assert_int_equal(command_run(arguments), 0);
  static const char *const columns[] = {"mpd", "mdisp", "ml"};
  for (int i = 0; i < 3; i++)
    assert_between(last_of("BK.BRIB.01.HH", columns[i]) - last_of("BK.BRIB.01.HN", columns[i]), -0.15, 0.15);
}

static void oaxaca_is_great_in_the_end_and_nothing_before(void **state)
{
  (void)state;
  replay("oaxaca-2018", "event.json", "2018-02-16T23:39:39Z", "");
  assert_between(magnitude_at(1e9), 6.8, 7.6);
  assert_between(greatest(0), -9, 5);
}

static void bardarbunga_s_tremor_is_small(void **state)
{
  (void)state;
  command_write("all.yaml", "locator:\n  minimum_magnitude: -9\n");
  replay("bardarbunga-2014", "Z7.DYJN.xml", "2014-08-24T00:00:00Z", "--config all.yaml");
  assert_between(greatest(1e9), -9, 3);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ridgecrest_is_great_early_and_its_fault_is_seen),
      cmocka_unit_test(pleasant_hill_is_of_moderate_size),
      cmocka_unit_test(a_broadband_and_an_accelerometer_of_one_site_say_the_same),
      cmocka_unit_test(oaxaca_is_great_in_the_end_and_nothing_before),
      cmocka_unit_test(bardarbunga_s_tremor_is_small),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
