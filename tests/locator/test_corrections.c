/* Station corrections: their table, and what they make of late stations. */
#include "made.h"

#include <stdio.h>
#include <string.h>

static locator_corrections *parse(const char *text, char *fault)
{
  *fault = '\0';
  return locator_corrections_parse(text, strlen(text), fault);
}

#define HEADER "network,station,phase,seconds\n"

static void each_site_and_phase_has_its_own(void **state)
{
  (void)state;
  char fault[160];
  locator_corrections *c = parse(HEADER "# soft ground\n\nXX,B,S,1.5\r\nXX , A , P , -0.25\nXX,B,P,0.5", fault);
  assert_non_null(c);
  assert_int_equal(locator_corrections_count(c), 3);
  assert_float_equal(locator_correction_s(c, "XX.A", 'P'), -0.25, 0);
  assert_float_equal(locator_correction_s(c, "XX.B", 'P'), 0.5, 0);
  assert_float_equal(locator_correction_s(c, "XX.B", 'S'), 1.5, 0);
  assert_float_equal(locator_correction_s(c, "XX.A", 'S'), 0, 0);
  assert_float_equal(locator_correction_s(c, "XX.C", 'P'), 0, 0);
  assert_float_equal(locator_correction_s(NULL, "XX.A", 'P'), 0, 0);
  locator_corrections_destroy(c);
}

static void columns_are_found_by_their_names(void **state)
{
  (void)state;
  char fault[160];
  locator_corrections *c = parse("readings,seconds,station,note,phase,network\n12,0.5,A,\"clay, wet\",P,XX\n", fault);
  assert_non_null(c);
  assert_float_equal(locator_correction_s(c, "XX.A", 'P'), 0.5, 0);
  locator_corrections_destroy(c);
}

static void a_table_without_rows_corrects_nothing(void **state)
{
  (void)state;
  char fault[160];
  locator_corrections *c = parse(HEADER, fault);
  assert_non_null(c);
  assert_int_equal(locator_corrections_count(c), 0);
  assert_float_equal(locator_correction_s(c, "XX.A", 'P'), 0, 0);
  locator_corrections_destroy(c);
}

static void a_bad_line_is_named_with_its_remedy(void **state)
{
  (void)state;
  static const char *const bad[][2] = {
      {"", "line 0: nothing in it; begin with the header network,station,phase,seconds"},
      {"station,phase,seconds\n", "line 1: `station,phase,seconds` has no column `network`"},
      {"XX,A,P,0.1\n", "line 1: `XX,A,P,0.1` has no column `network`"},
      {HEADER "XX,A,P,0.1\nXX,B,P\n", "line 3: `XX,B,P` lacks a field"},
      {HEADER "XX,A,P,nan\n", "line 2: `XX,A,P,nan` lacks a field or its seconds are no number"},
      {HEADER "XX,A,P,0.1s\n", "line 2: `XX,A,P,0.1s` lacks a field or its seconds are no number"},
      {HEADER ",A,P,0.1\n", "line 2: `.A` is no station"},
      {HEADER "XX,NINELETTERS,P,0.1\n", "line 2: `XX.NINELETTERS` is no station"},
      {HEADER "\nXX,A,Pn,0.1\n", "line 3: no phase: `Pn`; write P or S"},
      {HEADER "XX,A,P,-5.5\n", "line 2: -5.5 s; a correction must be within -5..5 s"},
      {HEADER "XX,A,P,1\nXX,B,P,1\nXX,A,P,2\n", "line 4: XX.A P stands in line 2 already; leave one of them"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char fault[160];
    assert_null(parse(bad[i][0], fault));
    if (!strstr(fault, bad[i][1]))
      print_message("# %s\n", fault);
    assert_non_null(strstr(fault, bad[i][1]));
  }
  char long_line[2000], fault[160];
  memset(long_line, 'x', sizeof long_line);
  assert_null(locator_corrections_parse(long_line, sizeof long_line, fault));
  assert_null(locator_corrections_parse("network,station\0,phase,seconds", 30, fault));
  assert_string_equal(fault, "line 1: not a row of a table; write network,station,phase,seconds");
}

static void any_bytes_are_a_table_or_a_fault(void **state)
{
  (void)state;
  static const char letters[] = "XA,.PS019-\"\n\r# \0n";
  random_source random = {.state = 20261124};
  for (int i = 0; i < 3000; i++) {
    char text[256] = HEADER, fault[160] = "";
    size_t length = strlen(text);
    while (length < sizeof text && random_next(&random) % 64 > 0)
      text[length++] = letters[random_next(&random) % (sizeof letters - 1)];
    locator_corrections *c = locator_corrections_parse(text, length, fault);
    assert_true(c || strncmp(fault, "line ", 5) == 0);
    locator_corrections_destroy(c);
  }
}

static void stations_that_the_inventory_lacks_are_counted_once(void **state)
{
  (void)state;
  char fault[160], first[LOCATOR_SITE_TEXT];
  made_world *w = made_world_create(MADE_CITY, 5);
  const ingest_sensor *of = ingest_inventory_sensor(w->inventory, 3);
  char text[256];
  snprintf(text, sizeof text, HEADER "%s,%s,P,0.1\nZZ,B,S,0.2\nZZ,B,P,0.2\nZZ,A,S,0.1\n", of->codes.network, of->codes.station);
  locator_corrections *c = parse(text, fault);
  assert_non_null(c);
  assert_int_equal(locator_corrections_strangers(c, w->inventory, first), 2);
  assert_string_equal(first, "ZZ.A");
  locator_corrections_destroy(c);
  made_world_destroy(w);
}

/* Late by up to a second at each station, P, and 1.7 times that, S. */
static double late_s(size_t site, char phase)
{
  return (double)(site * 7 % 11) / 10 * (phase == 'S' ? 1.7 : 1);
}

static locator_corrections *of_late_stations(const ingest_inventory *inventory)
{
  static char text[1 << 14];
  size_t n = (size_t)snprintf(text, sizeof text, HEADER);
  for (size_t i = 0; i < 2 * ingest_inventory_sensors(inventory); i++) {
    const ingest_sensor *of = ingest_inventory_sensor(inventory, i / 2);
    n +=
        (size_t)snprintf(text + n, sizeof text - n, "%s,%s,%c,%.3f\n", of->codes.network, of->codes.station, "PS"[i % 2], late_s(i / 2, "PS"[i % 2]));
  }
  char fault[160];
  return locator_corrections_parse(text, n, fault);
}

typedef enum { UNCORRECTED, FROM_THE_START, MEANWHILE } when;

/* Of an earthquake that all stations hear late. */
static double rms_of_late_stations(when corrected, double *error_km)
{
  made_world *w = made_world_create(MADE_CITY, 5);
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  locator_corrections *late = of_late_stations(w->inventory);
  assert_non_null(late);
  made_quake(w, source, 120, 0, 1);
  for (size_t i = 0; i < w->picks; i++)
    w->pick[i].pick.time += SECONDS(late_s((size_t)w->pick[i].pick.sensor, w->pick[i].pick.phase));
  if (corrected == FROM_THE_START) {
    w->settings.station_corrections = late;
    locator_destroy(w->locator);
    w->locator = locator_create(&w->settings, w->tables, w->inventory, SECONDS(0.6));
    assert_true(locator_adopt(w->locator, w->inventory));
  }
  if (corrected == MEANWHILE) {
    made_run(w, 50);
    locator_correct(w->locator, late);
  }
  made_run(w, 200);
  int many;
  const made_event *e = made_find(w, source, &many);
  assert_non_null(e);
  assert_int_equal(many, 1);
  double rms = (double)e->last.rms_s;
  *error_km = made_error_km(e, source);
  made_world_destroy(w);
  locator_corrections_destroy(late);
  return rms;
}

static void late_stations_agree_where_their_corrections_are_known(void **state)
{
  (void)state;
  double raw_km, corrected_km, meanwhile_km;
  double raw = rms_of_late_stations(UNCORRECTED, &raw_km), corrected = rms_of_late_stations(FROM_THE_START, &corrected_km),
         meanwhile = rms_of_late_stations(MEANWHILE, &meanwhile_km);
  print_message("# rms %.3f s and error %.2f km; corrected %.3f s and %.2f km; meanwhile %.3f s and %.2f km\n", raw, raw_km, corrected, corrected_km,
                meanwhile, meanwhile_km);
  assert_true(raw > 0.25);
  assert_true(corrected < 0.12 && meanwhile < 0.12);
  assert_true(corrected_km < 1 && meanwhile_km < 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_site_and_phase_has_its_own),
      cmocka_unit_test(columns_are_found_by_their_names),
      cmocka_unit_test(a_table_without_rows_corrects_nothing),
      cmocka_unit_test(a_bad_line_is_named_with_its_remedy),
      cmocka_unit_test(any_bytes_are_a_table_or_a_fault),
      cmocka_unit_test(stations_that_the_inventory_lacks_are_counted_once),
      cmocka_unit_test(late_stations_agree_where_their_corrections_are_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
