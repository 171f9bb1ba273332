/* `tocsin associate` on picks made from travel times. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_picks.h"
#include "random.h"

static const made_amplitudes none = {0};

static void assert_found(size_t line, const made_quake *s)
{
  double latitude = strtod(command_cell(line, "latitude_deg"), NULL), longitude = strtod(command_cell(line, "longitude_deg"), NULL);
  int64_t time;
  assert_true(ingest_time_parse(command_cell(line, "origin_time_utc"), &time));
  assert_true(locator_distance_km(s->latitude_deg, s->longitude_deg, latitude, longitude, NULL) < 2);
  assert_true(fabs(strtod(command_cell(line, "depth_km"), NULL) - s->depth_km) < 4);
  assert_true(llabs(time - s->origin_time) < INGEST_SECOND / 2);
}

static void two_earthquakes_are_two_events_where_they_were(void **state)
{
  (void)state;
  made_picks("picks.csv", made_two, 2, none, "");
  assert_int_equal(command_run("associate --stations stations.csv picks.csv"), 0);
  assert_int_equal(command_lines(), 2);
  assert_found(0, &made_two[0]);
  assert_found(1, &made_two[1]);
  assert_true(atoi(command_cell(0, "n_p")) >= 22 && atoi(command_cell(0, "n_s")) >= 18);
}

static void columns_are_found_by_their_names(void **state)
{
  (void)state;
  char text[4096] = "phase,note,time_utc,station,network\n", time[INGEST_TIME_TEXT];
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 600, 100);
  for (int i = 0; i < MADE_STATIONS; i++) {
    double km = locator_distance_km(made_two[0].latitude_deg, made_two[0].longitude_deg, made_latitude(i), made_longitude(i), NULL);
    int64_t at = made_two[0].origin_time + (int64_t)(locator_travel_time(tables, 'P', km, made_two[0].depth_km) * 1e9);
    snprintf(text + strlen(text), sizeof text - strlen(text), "P,seen,%s,S%02d,XX\n", ingest_time_format(at, time), i);
  }
  locator_travel_times_destroy(tables);
  command_write("other.csv", text);
  assert_int_equal(command_run("associate --stations stations.csv other.csv"), 0);
  assert_int_equal(command_lines(), 1);
  assert_found(0, &made_two[0]);
}

/* All stations late alike: the same place, so much earlier. */
static void station_corrections_are_taken_off(void **state)
{
  (void)state;
  char text[4096] = "network,station,phase,seconds\n";
  made_quake earlier = made_two[0];
  for (int i = 0; i < 2 * MADE_STATIONS; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,S%02d,%c,2\n", i / 2, "PS"[i % 2]);
  command_write("late.csv", text);
  command_write("late.yaml", "locator: {corrections: late.csv}\n");
  made_picks("picks.csv", made_two, 1, none, "");
  assert_int_equal(command_run("associate --config late.yaml --stations stations.csv picks.csv"), 0);
  assert_int_equal(command_lines(), 1);
  earlier.origin_time -= 2 * INGEST_SECOND;
  assert_found(0, &earlier);
  command_write("late.csv", "network,station,phase,seconds\nXX,S00,P,0.1\nZZ,GONE,P,0.1\n");
  assert_int_equal(command_run("associate --config late.yaml --stations stations.csv picks.csv"), 0);
  command_assert_complained("locator.corrections late.csv: 1 of its stations are not in the table of stations, ZZ.GONE first");
  command_write("late.csv", "network,station,phase,seconds\nXX,S00,P,late\n");
  assert_int_equal(command_run("associate --config late.yaml --stations stations.csv picks.csv"), 1);
  command_assert_complained("locator.corrections late.csv: line 2: `XX,S00,P,late`");
}

/* The second of the line "XX,S00,P,seconds,...". */
static double written_correction(const char *name)
{
  char line[200];
  double seconds = NAN;
  FILE *file = command_open(name, "r");
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "XX,S00,P,", 9) == 0)
      seconds = strtod(line + 9, NULL);
  fclose(file);
  return seconds;
}

/* One station is taken to be late, and is not: what is in use and what the events say of it add up, the more so the more events there are. */
static void corrections_are_made_of_what_residuals_are_left(void **state)
{
  (void)state;
  made_quake twelve[12];
  for (int i = 0; i < 12; i++)
    twelve[i] = (made_quake){41.3 + 0.04 * i, 123.7 - 0.02 * i, 8 + i % 5, made_two[0].origin_time + i * 120 * INGEST_SECOND};
  command_write("wrong.csv", "network,station,phase,seconds\nXX,S00,P,0.5\n");
  command_write("wrong.yaml", "locator: {corrections: wrong.csv}\n");
  double made[2];
  for (size_t i = 0; i < 2; i++) {
    made_picks("picks.csv", twelve, i == 0 ? 4 : 12, none, "");
    assert_int_equal(command_run("associate --config wrong.yaml --corrections-out new.csv --stations stations.csv picks.csv"), 0);
    made[i] = written_correction("new.csv");
  }
  print_message("# 0.5 s too late: %.3f s after 4 events, %.3f after 12\n", made[0], made[1]);
  assert_true(made[0] < 0.4 && made[1] < 0.25 && made[1] < made[0] && made[1] > -0.1);
  command_write("wrong.yaml", "locator: {corrections: new.csv}\n");
  assert_int_equal(command_run("associate --config wrong.yaml --stations stations.csv picks.csv"), 0);
  assert_int_equal(command_run("associate --corrections-out no/such/folder.csv --stations stations.csv picks.csv"), 1);
  command_assert_complained("--corrections-out no/such/folder.csv: No such file or directory");
}

/* Each is named by its line; the good ones beside it make the event all the same. */
static void bad_lines_are_named_and_the_rest_is_used(void **state)
{
  static const char more[] = "XX,S01,P,yesterday\n"                /* line 52 */
                             "XX,S02,Q,2020-09-13T12:26:45Z\n"     /* 53 */
                             "XX,S03,P,NaN\n"                      /* 54 */
                             "XX,S03,P\n"                          /* 55 */
                             "XX,S04,P,2020-09-13T12:27:45Z,NaN\n" /* 56 */
                             "XX,S04,P,2099-09-13T12:26:45Z\n"     /* 57 */
                             "XX,S05,P,2020-09-13T12:27:00Z\n"     /* 58: good */
                             "XX,S05,P,2020-09-13T12:27:00.004Z\n" /* 59 */
                             "X/X,S\"5,P,2020-09-13T12:27:00Z\n";  /* 60 */
  static const int bad[] = {52, 53, 54, 55, 56, 57, 59, 60};
  (void)state;
  made_picks("bad.csv", made_two, 1, none, more);
  assert_int_equal(command_run("associate --stations stations.csv bad.csv"), 0);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char place[32];
    snprintf(place, sizeof place, "bad.csv:%d:", bad[i]);
    command_assert_complained(place);
  }
  assert_null(strstr(command_complained(), "bad.csv:58:"));
  command_assert_complained("years from all others");
  command_assert_complained("was there before");
  assert_int_equal(command_lines(), 1);
  assert_found(0, &made_two[0]);
}

static void a_station_without_coordinates_is_named_once(void **state)
{
  (void)state;
  made_picks("strange.csv", made_two, 1, none,
             "XX,NONE,P,2020-09-13T12:26:45Z,,,,\nYY,S01,P,2020-09-13T12:26:46Z,,,,\nXX,NONE,S,2020-09-13T12:26:47Z,,,,\n");
  assert_int_equal(command_run("associate --stations stations.csv strange.csv"), 0);
  command_assert_complained("strange.csv:52: station XX.NONE is not in the table of stations; its picks are left out (2)");
  command_assert_complained("strange.csv:53: station YY.S01 is not in the table of stations; its picks are left out (1)");
  assert_null(strstr(command_complained(), "strange.csv:54"));
  assert_int_equal(command_lines(), 1);
}

static void a_table_of_stations_is_held_to_its_lines_too(void **state)
{
  (void)state;
  command_write("odd.csv", "station,longitude_deg,network,latitude_deg\nS00,123,XX,41\nS01,123,XX,NaN\nS00,124,XX,42\n");
  made_picks("picks.csv", made_two, 1, none, "");
  assert_int_equal(command_run("associate --stations odd.csv picks.csv"), 0);
  command_assert_complained("odd.csv:3: no latitude: `NaN`");
  command_assert_complained("odd.csv:4: this station was there before: `S00`");
  assert_int_equal(command_run("associate --stations nothing.csv picks.csv"), 1);
  command_assert_complained("cannot read nothing.csv");
}

static double magnitude(made_amplitudes amplitudes)
{
  made_picks("loud.csv", made_two, 1, amplitudes, "");
  assert_int_equal(command_run("associate --stations stations.csv loud.csv"), 0);
  assert_int_equal(command_lines(), 1);
  assert_found(0, &made_two[0]);
  return strtod(command_cell(0, "magnitude"), NULL);
}

static void peak_displacements_of_p_give_a_magnitude(void **state)
{
  (void)state;
  assert_true(fabs(magnitude((made_amplitudes){.pd_magnitude = 5.2}) - 5.2) < 0.3);
}

static void wood_anderson_peaks_give_one_too(void **state)
{
  (void)state;
  assert_true(fabs(magnitude((made_amplitudes){.local_magnitude = 2.4}) - 2.4) < 0.3);
}

static void without_amplitudes_there_is_none(void **state)
{
  (void)state;
  magnitude(none);
  assert_string_equal(command_cell(0, "magnitude"), "");
}

static void scattered_picks_make_no_event(void **state)
{
  (void)state;
  char text[8192] = "network,station,phase,time_utc\n", time[INGEST_TIME_TEXT];
  random_source r = {8};
  for (int i = 0; i < 60; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,S%02d,P,%s\n", (int)random_below(&r, MADE_STATIONS),
             ingest_time_format(made_two[0].origin_time + random_below(&r, 7200) * INGEST_SECOND, time));
  command_write("noise.csv", text);
  assert_int_equal(command_run("associate --stations stations.csv noise.csv"), 0);
  assert_int_equal(command_lines(), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_earthquakes_are_two_events_where_they_were),
      cmocka_unit_test(columns_are_found_by_their_names),
      cmocka_unit_test(station_corrections_are_taken_off),
      cmocka_unit_test(corrections_are_made_of_what_residuals_are_left),
      cmocka_unit_test(bad_lines_are_named_and_the_rest_is_used),
      cmocka_unit_test(a_station_without_coordinates_is_named_once),
      cmocka_unit_test(a_table_of_stations_is_held_to_its_lines_too),
      cmocka_unit_test(peak_displacements_of_p_give_a_magnitude),
      cmocka_unit_test(wood_anderson_peaks_give_one_too),
      cmocka_unit_test(without_amplitudes_there_is_none),
      cmocka_unit_test(scattered_picks_make_no_event),
  };
  return cmocka_run_group_tests(tests, made_stations, command_folder_remove);
}
