#include "data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings.h"
#include "watch_demo.h"

/* An earthquake at 35.77 N 117.60 W, 8 km deep, M7.1, its times moved by 1000 s. */
static const char truth[] = "{\"properties\":{\"time\":1562383193040,\"mag\":7.1},\"geometry\":{\"coordinates\":[-117.6,35.77,8]}}";
static const double shift_s = 1000;

typedef struct {
  watch_demo *demo;
  int64_t origin;
  settings settings;
  char *summary; /* its text */
  size_t summary_length;
} scene;

static watch_demo *demo_of(const char *text, const locator_settings *chosen)
{
  char path[] = "/tmp/tocsin-truth-XXXXXX";
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
  close(file);
  watch_demo *demo = watch_demo_open(path, shift_s, chosen);
  unlink(path);
  return demo;
}

static int set_scene(void **state)
{
  scene *s = calloc(1, sizeof *s);
  assert_non_null(s);
  assert_true(settings_load(&s->settings, NULL));
  s->demo = demo_of(truth, &s->settings.locator);
  assert_non_null(s->demo);
  s->origin = watch_demo_origin(s->demo);
  *state = s;
  return 0;
}

static int clear_scene(void **state)
{
  scene *s = *state;
  watch_demo_close(s->demo);
  settings_release(&s->settings);
  free(s->summary);
  free(s);
  return 0;
}

/* Tells the demo of a message `after_s` after the origin; gives the remark. */
static const char *tell(scene *s, engine_channel kind, double after_s, bool genuine, const char *json)
{
  static char remark[160];
  json_t *body = json_loads(json, 0, NULL);
  assert_non_null(body);
  watch_message m = {"c", kind, body, s->origin + (int64_t)(after_s * 1e9), genuine, false};
  watch_demo_message(s->demo, &m, remark, sizeof remark);
  json_decref(body);
  return remark;
}

static const char *alert(const scene *s, const char *id, const char *type, double latitude, double origin_off_s, double magnitude)
{
  static char json[1024];
  char time[INGEST_TIME_TEXT];
  snprintf(json, sizeof json,
           "{\"id\":\"%s\",\"type\":\"%s\",\"origin_time\":\"%s\",\"latitude_deg\":%.4f,\"longitude_deg\":-117.6,\"magnitude\":%.1f,\"targets\":["
           "{\"id\":\"near\",\"name\":\"Near\",\"latitude_deg\":35.80,\"longitude_deg\":-117.6,\"intensity\":8.5},"
           "{\"id\":\"far\",\"name\":\"Far\",\"latitude_deg\":34.05,\"longitude_deg\":-118.24,\"intensity\":5.5}]}",
           id, type, ingest_time_format(s->origin + (int64_t)(origin_off_s * 1e9), time), latitude, magnitude);
  return json;
}

static const char *warning(const scene *s, const char *target, double latitude, double longitude)
{
  static char json[512];
  char time[INGEST_TIME_TEXT];
  snprintf(json, sizeof json,
           "{\"id\":\"e\",\"type\":\"new\",\"origin_time\":\"%s\",\"latitude_deg\":35.77,\"longitude_deg\":-117.6,"
           "\"target\":{\"id\":\"%s\",\"latitude_deg\":%.2f,\"longitude_deg\":%.2f}}",
           ingest_time_format(s->origin, time), target, latitude, longitude);
  return json;
}

/* Writes the summary; what it concludes. */
static bool summarise(scene *s)
{
  watch_screen screen;
  free(s->summary);
  FILE *out = open_memstream(&s->summary, &s->summary_length);
  assert_true(watch_screen_open(&screen, out, false, s->origin));
  bool good = watch_demo_summary(s->demo, &screen);
  watch_screen_close(&screen);
  fclose(out);
  return good;
}

static void assert_says(const char *text, const char *part)
{
  if (!strstr(text, part))
    fail_msg("`%s` is not in: %s", part, text);
}

static void the_true_origin_is_moved_by_the_shift(void **state)
{
  const scene *s = *state;
  assert_int_equal(s->origin, INT64_C(1562383193040) * 1000000 + INT64_C(1000) * INGEST_SECOND);
}

static void a_truth_that_is_none_is_refused(void **state)
{
  const scene *s = *state;
  assert_null(demo_of("{\"properties\":{\"time\":1}}", &s->settings.locator));
  assert_null(demo_of("no JSON", &s->settings.locator));
  assert_null(watch_demo_open("/nowhere/event.json", 0, &s->settings.locator));
}

static void an_alert_is_compared_with_the_truth(void **state)
{
  scene *s = *state;
  assert_string_equal(tell(s, ENGINE_ALERT, 5, true, alert(s, "e", "new", 35.86, 0.2, 6.0)), "10.0 km off, M -1.1");
}

static void an_earthquake_before_is_called_another(void **state)
{
  scene *s = *state;
  assert_string_equal(tell(s, ENGINE_EVENT, -4, true, alert(s, "e", "new", 35.77, -12, 2.0)), "another earthquake, 12 s before");
}

static void a_pick_is_compared_where_its_station_is_known(void **state)
{
  scene *s = *state;
  char pick[200], time[INGEST_TIME_TEXT];
  snprintf(pick, sizeof pick, "{\"station\":\"CI.A\",\"phase\":\"P\",\"time\":\"%s\"}", ingest_time_format(s->origin + 5 * INGEST_SECOND, time));
  assert_string_equal(tell(s, ENGINE_PICK, 6, true, pick), "");
  tell(s, ENGINE_STATION, -10, true, "{\"station\":\"CI.A\",\"latitude_deg\":36.0402,\"longitude_deg\":-117.6}");
  assert_says(tell(s, ENGINE_PICK, 6, true, pick), "30 km away, ");
}

static void the_summary_says_what_a_director_asks(void **state)
{
  scene *s = *state;
  tell(s, ENGINE_ALERT, 6, true, alert(s, "e", "new", 35.86, 0.2, 6.0));
  tell(s, ENGINE_ALERT_TARGET, 6, true, warning(s, "near", 35.80, -117.6));
  tell(s, ENGINE_ALERT_TARGET, 6, true, warning(s, "far", 34.05, -118.24));
  tell(s, ENGINE_ALERT, 16, true, alert(s, "e", "update", 35.78, 0.1, 7.0));
  assert_true(summarise(s));
  assert_says(s->summary, "first alert came 6.0 s after");
  assert_says(s->summary, "10.0 km off and said M 6.0");
  assert_says(s->summary, "M 7.0 (in truth 7.1), 1.1 km off");
  assert_says(s->summary, "too late");
  assert_says(s->summary, "1 towns were warned before the strong shaking, 1 too near");
  assert_says(s->summary, "false alarms: 0");
}

static void a_far_town_gets_the_seconds_from_its_first_warning_to_the_true_s(void **state)
{
  scene *s = *state;
  tell(s, ENGINE_ALERT, 6, true, alert(s, "e", "new", 35.77, 0, 6.0));
  tell(s, ENGINE_ALERT_TARGET, 6, true, warning(s, "far", 34.05, -118.24));
  tell(s, ENGINE_ALERT_TARGET, 20, true, warning(s, "far", 34.05, -118.24));
  assert_true(summarise(s));
  char *row = strstr(s->summary, "Far");
  assert_non_null(row);
  while (row > s->summary && row[-1] != '\n')
    row--;
  strtod(row, &row); /* km */
  row += strlen(" km");
  strtod(row, &row); /* intensity */
  double arrival = strtod(row, &row);
  row += strlen(" s");
  double seconds = strtod(row, &row);
  assert_true(arrival > 50 && arrival < 62); /* 200 km at 3.2 to 4 km/s */
  assert_float_equal(seconds, arrival - 6, 0.11);
}

static void an_alert_of_something_else_is_a_false_alarm(void **state)
{
  scene *s = *state;
  tell(s, ENGINE_ALERT, 5, true, alert(s, "e", "new", 35.77, 0, 6.0));
  tell(s, ENGINE_ALERT, 6, true, alert(s, "f", "new", 40.00, 0, 6.0));
  tell(s, ENGINE_ALERT, 7, true, alert(s, "f", "update", 40.00, 0, 6.0));
  assert_false(summarise(s));
  assert_says(s->summary, "false alarms: 1");
}

static void a_bad_signature_or_no_alert_is_no_success(void **state)
{
  scene *s = *state;
  assert_false(summarise(s));
  assert_says(s->summary, "No alert was received");
  tell(s, ENGINE_ALERT, 5, true, alert(s, "e", "new", 35.77, 0, 6.0));
  tell(s, ENGINE_CHANNELS, 6, false, "{}");
  assert_false(summarise(s));
  assert_says(s->summary, "2 messages received, 1 with a valid signature");
}

static void it_is_over_with_the_last_message_of_the_alert(void **state)
{
  scene *s = *state;
  tell(s, ENGINE_ALERT, 5, true, alert(s, "e", "new", 35.77, 0, 6.0));
  assert_false(watch_demo_over(s->demo));
  tell(s, ENGINE_ALERT, 90, true, alert(s, "e", "final", 35.77, 0, 7.0));
  assert_true(watch_demo_over(s->demo));
}

#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_scene, clear_scene)

int main(void)
{
  const struct CMUnitTest tests[] = {
      SCENE(the_true_origin_is_moved_by_the_shift),
      SCENE(a_truth_that_is_none_is_refused),
      SCENE(an_alert_is_compared_with_the_truth),
      SCENE(an_earthquake_before_is_called_another),
      SCENE(a_pick_is_compared_where_its_station_is_known),
      SCENE(the_summary_says_what_a_director_asks),
      SCENE(a_far_town_gets_the_seconds_from_its_first_warning_to_the_true_s),
      SCENE(an_alert_of_something_else_is_a_false_alarm),
      SCENE(a_bad_signature_or_no_alert_is_no_success),
      SCENE(it_is_over_with_the_last_message_of_the_alert),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
