/* Ridgecrest 2019 as told by a daemon that was started so many seconds before it, before or in the middle of its foreshock (12 s before). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "command.h"

static const double ORIGIN_S_OF_DAY = 3 * 3600 + 19 * 60 + 53.04, LATITUDE = 35.7695, LONGITUDE = -117.5993;

static double since_origin(const json_t *root, const char *member)
{
  int hour, minute;
  double second;
  assert_int_equal(sscanf(json_string_value(json_object_get(root, member)) + 11, "%d:%d:%lf", &hour, &minute, &second), 3);
  return hour * 3600 + minute * 60 + second - ORIGIN_S_OF_DAY;
}

static double off_km(const json_t *event)
{
  double north = json_number_value(json_object_get(event, "latitude_deg")) - LATITUDE,
         east = (json_number_value(json_object_get(event, "longitude_deg")) - LONGITUDE) * cos(LATITUDE * M_PI / 180);
  return 111.2 * hypot(north, east);
}

/* Each message about any event or alert is about this one, or an event about its foreshock or aftershocks; the first of them came in time. */
static void check_line(const char *line, double before_s, double *first_s)
{
  json_t *root = json_loads(line, 0, NULL), *message = json_object_get(root, "message");
  const char *channel = strrchr(json_string_value(json_object_get(root, "channel")), ':');
  if (strcmp(channel, ":event") == 0 || strcmp(channel, ":alert") == 0) {
    double origin_s = since_origin(message, "origin_time");
    if (strcmp(channel, ":event") == 0 && (origin_s < -10 || origin_s > 60)) {
      json_decref(root);
      return;
    }
    *first_s = fmin(*first_s, since_origin(root, "data_time"));
    if (off_km(message) > 10 || fabs(since_origin(message, "origin_time")) > 3)
      fail_msg("started %g s before: %.0f km off, %+.1f s", before_s, off_km(message), since_origin(message, "origin_time"));
  }
  json_decref(root);
}

static void replay_from(double before_s, double latest_s)
{
  char path[2048], arguments[8192];
  double start = 19 * 60 + 53.04 - before_s, first_s = INFINITY;
  snprintf(path, sizeof path, "%s", data_path("ridgecrest-2019/CI.CCC.xml"));
  *strrchr(path, '/') = '\0';
  snprintf(arguments, sizeof arguments, "replay --packet 1 --from 2019-07-06T03:%02d:%09.6fZ --inventory %s %s/*.mseed", (int)(start / 60),
           fmod(start, 60), path, path);
  assert_int_equal(command_run(arguments), 0);
  char *lines = strdup(command_said()), *rest = lines;
  for (char *line; (line = strsep(&rest, "\n")) && *line;)
    check_line(line, before_s, &first_s);
  free(lines);
  if (first_s > latest_s)
    fail_msg("started %g s before: first told after %.2f s", before_s, first_s);
}

static void a_start_seconds_before_it_places_it_at_once(void **state)
{
  (void)state;
  for (double before_s = 3; before_s <= 30; before_s += 1.5)
    replay_from(before_s, 7);
}

static void a_start_minutes_before_it_places_it_at_once(void **state)
{
  (void)state;
  for (double before_s = 40; before_s <= 120; before_s += 16)
    replay_from(before_s, 7);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_start_seconds_before_it_places_it_at_once),
      cmocka_unit_test(a_start_minutes_before_it_places_it_at_once),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
