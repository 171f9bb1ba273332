/* `tocsin associate` on picks made from travel times. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "locator.h"
#include "random.h"

enum { STATIONS = 25, TEXT = 1 << 16 };
static const int64_t origin = INT64_C(1600000000) * INGEST_SECOND;

typedef struct {
  double latitude_deg, longitude_deg, depth_km;
  int64_t origin_time;
} source;

static double station_latitude(int i)
{
  return 41 + 0.2 * (i % 5) + 0.03 * (i / 5);
}

static double station_longitude(int i)
{
  return 123 + 0.25 * (i / 5) + 0.02 * (i % 5);
}

static int make_stations(void **state)
{
  char text[4096] = "network,station,latitude_deg,longitude_deg,elevation_m\n";
  if (command_folder_make(state))
    return -1;
  for (int i = 0; i < STATIONS; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,S%02d,%.4f,%.4f,0\n", i, station_latitude(i), station_longitude(i));
  command_write("stations.csv", text);
  return 0;
}

/* P and S of every station, read 0.03 and 0.06 s wrong, appended in the order of stations. */
static void add_picks(char *text, const locator_travel_times *tables, source s, random_source *r)
{
  for (int i = 0; i < STATIONS; i++)
    for (const char *phase = "PS"; *phase; phase++) {
      char time[INGEST_TIME_TEXT];
      double km = locator_distance_km(s.latitude_deg, s.longitude_deg, station_latitude(i), station_longitude(i), NULL);
      double travel_s = locator_travel_time(tables, *phase, km, s.depth_km) + (*phase == 'P' ? 0.03 : 0.06) * random_normal(r);
      snprintf(text + strlen(text), TEXT - strlen(text), "XX,S%02d,%c,%s\n", i, *phase,
               ingest_time_format(s.origin_time + (int64_t)(travel_s * 1e9), time));
    }
}

static void make_picks(const char *name, const source *sources, size_t count, const char *more)
{
  static char text[TEXT];
  locator_model model;
  random_source r = {21};
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 600, 100);
  snprintf(text, sizeof text, "network,station,phase,time_utc\n");
  for (size_t i = 0; i < count; i++)
    add_picks(text, tables, sources[i], &r);
  strcat(text, more);
  command_write(name, text);
  locator_travel_times_destroy(tables);
}

static void assert_found(size_t line, const source *s)
{
  double latitude = strtod(command_cell(line, "latitude_deg"), NULL), longitude = strtod(command_cell(line, "longitude_deg"), NULL);
  int64_t time;
  assert_true(ingest_time_parse(command_cell(line, "origin_time_utc"), &time));
  assert_true(locator_distance_km(s->latitude_deg, s->longitude_deg, latitude, longitude, NULL) < 2);
  assert_true(fabs(strtod(command_cell(line, "depth_km"), NULL) - s->depth_km) < 4);
  assert_true(llabs(time - s->origin_time) < INGEST_SECOND / 2);
}

static const source two[] = {{41.35, 123.52, 12, INT64_C(1600000000) * INGEST_SECOND}, {41.75, 123.9, 9, INT64_C(1600000025) * INGEST_SECOND}};

static void two_earthquakes_are_two_events_where_they_were(void **state)
{
  (void)state;
  make_picks("picks.csv", two, 2, "");
  assert_int_equal(command_run("associate --stations stations.csv picks.csv"), 0);
  assert_int_equal(command_lines(), 2);
  assert_found(0, &two[0]);
  assert_found(1, &two[1]);
  assert_true(atoi(command_cell(0, "n_p")) >= 22 && atoi(command_cell(0, "n_s")) >= 18);
}

static void columns_are_found_by_their_names(void **state)
{
  (void)state;
  char text[4096] = "phase,note,time_utc,station,network\n", time[INGEST_TIME_TEXT];
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 600, 100);
  for (int i = 0; i < STATIONS; i++) {
    double km = locator_distance_km(two[0].latitude_deg, two[0].longitude_deg, station_latitude(i), station_longitude(i), NULL);
    int64_t at = origin + (int64_t)(locator_travel_time(tables, 'P', km, two[0].depth_km) * 1e9);
    snprintf(text + strlen(text), sizeof text - strlen(text), "P,seen,%s,S%02d,XX\n", ingest_time_format(at, time), i);
  }
  locator_travel_times_destroy(tables);
  command_write("other.csv", text);
  assert_int_equal(command_run("associate --stations stations.csv other.csv"), 0);
  assert_int_equal(command_lines(), 1);
  assert_found(0, &two[0]);
}

/* Each is named by its line; the good ones beside it make the event all the same. */
static void bad_lines_are_named_and_the_rest_is_used(void **state)
{
  (void)state;
  make_picks("bad.csv", two, 1, "XX,NONE,P,2020-09-13T12:26:45Z\nXX,S01,P,yesterday\nXX,S02,Q,2020-09-13T12:26:45Z\n");
  command_run("associate --stations stations.csv bad.csv");
  command_assert_complained("stations that are not in stations.csv");
  command_assert_complained("bad.csv:53");
  command_assert_complained("bad.csv:54");
  assert_int_equal(command_lines(), 1);
  assert_found(0, &two[0]);
}

static void scattered_picks_make_no_event(void **state)
{
  (void)state;
  char text[8192] = "network,station,phase,time_utc\n", time[INGEST_TIME_TEXT];
  random_source r = {8};
  for (int i = 0; i < 60; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,S%02d,P,%s\n", (int)random_below(&r, STATIONS),
             ingest_time_format(origin + random_below(&r, 7200) * INGEST_SECOND, time));
  command_write("noise.csv", text);
  assert_int_equal(command_run("associate --stations stations.csv noise.csv"), 0);
  assert_int_equal(command_lines(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_earthquakes_are_two_events_where_they_were),
      cmocka_unit_test(columns_are_found_by_their_names),
      cmocka_unit_test(bad_lines_are_named_and_the_rest_is_used),
      cmocka_unit_test(scattered_picks_make_no_event),
  };
  return cmocka_run_group_tests(tests, make_stations, command_folder_remove);
}
