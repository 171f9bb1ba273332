/* `tocsin magnitude` on a made earthquake of known size. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

static const char made[] =
    "scenario --latitude 41.8 --longitude 123.4 --depth 10 --magnitude 6.2 --strike 30 --before 40 --after 60 --out quake --seed 4";

static int make_quake(void **state)
{
  return command_folder_make(state) || command_run(made);
}

/* The last row of the network that has a magnitude, in `name`. */
static double last_network(const char *name)
{
  for (size_t line = command_lines(); line-- > 0;)
    if (strcmp(command_cell(line, "station"), "*") == 0)
      return strtod(command_cell(line, name), NULL);
  fail_msg("no row of the network");
  return 0;
}

static void the_network_comes_to_the_true_magnitude(void **state)
{
  (void)state;
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --plot m.svg quake/*.mseed"), 0);
  assert_true(fabs(last_network("magnitude") - 6.2) < 0.5);
  assert_true(last_network("uncertainty") > 0);
  assert_true(fabs(last_network("uncertainty_up") + last_network("uncertainty_down") - 2 * last_network("uncertainty")) < 0.03);
  assert_true(last_network("stations") > 20);
}

static void every_station_says_where_it_stands_and_what_it_measured(void **state)
{
  (void)state;
  size_t stations = 0;
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --until 20 quake/*.mseed"), 0);
  for (size_t line = 0; line < command_lines(); line++) {
    if (strcmp(command_cell(line, "station"), "*") == 0 || !*command_cell(line, "mpd"))
      continue;
    double km = strtod(command_cell(line, "epicentral_km"), NULL), pd = strtod(command_cell(line, "pd_m"), NULL);
    assert_true(fabs(5.39 + 1.23 * log10(pd * 100) + 1.38 * log10(fmax(km, 10)) - strtod(command_cell(line, "mpd"), NULL)) < 0.02);
    stations++;
  }
  assert_true(stations > 50);
}

static void nothing_is_said_before_a_wave_arrives(void **state)
{
  (void)state;
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --until 1 quake/*.mseed"), 0);
  assert_int_equal(command_lines(), 1);
  assert_string_equal(command_cell(0, "magnitude"), "");
}

static void the_plot_shows_the_catalogue(void **state)
{
  (void)state;
  size_t length;
  char path[128];
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --until 30 --plot m.svg quake/*.mseed"), 0);
  snprintf(path, sizeof path, "%s/m.svg", command_folder());
  char *svg = data_read(path, &length);
  assert_non_null(strstr(svg, "catalogue 6.2"));
  assert_non_null(strstr(svg, "<polyline"));
  assert_non_null(strstr(svg, ">Mpd<"));
  assert_null(strstr(svg, "nan"));
  assert_non_null(strstr(svg, "</svg>"));
  free(svg);
}

static void assert_no_nan(void)
{
  assert_null(strstr(command_said(), "nan"));
  assert_null(strstr(command_said(), "inf"));
}

static void one_station_or_verticals_alone_still_have_a_defined_magnitude(void **state)
{
  (void)state;
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json quake/XL.AS01..HN?.mseed"), 0);
  assert_no_nan();
  assert_true(last_network("stations") == 1);
  double alone = last_network("uncertainty");
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json quake/*HNZ.mseed"), 0);
  assert_no_nan();
  assert_true(fabs(last_network("magnitude") - 6.2) < 0.6 && last_network("uncertainty") < alone);
  for (size_t line = 0; line < command_lines(); line++)
    assert_string_equal(command_cell(line, "ml"), "");
}

/* The stations' table with `after` in place of each `before`, of the same length. */
static void write_stations(const char *name, const char *before, const char *after)
{
  size_t length;
  char path[128];
  snprintf(path, sizeof path, "%s/quake/stations.xml", command_folder());
  char *text = data_read(path, &length);
  for (char *at = text; (at = strstr(at, before)); at += strlen(after))
    memcpy(at, after, strlen(after));
  command_write(name, text);
  free(text);
}

static void an_epicentre_under_a_station_is_at_no_infinite_size(void **state)
{
  (void)state;
  write_stations("under.xml", "<Latitude>41.110000</Latitude><Longitude>122.990000<", "<Latitude>41.800000</Latitude><Longitude>123.400000<");
  assert_int_equal(command_run("magnitude --inventory under.xml --event quake/event.json quake/*.mseed"), 0);
  assert_no_nan();
  assert_true(fabs(last_network("magnitude") - 6.2) < 0.6);
}

static void a_gain_that_is_missing_is_named(void **state)
{
  (void)state;
  write_stations("deaf.xml", "<Value>213850<", "<Value>000000<");
  assert_int_equal(command_run("magnitude --inventory deaf.xml --event quake/event.json quake/*.mseed"), 1);
  command_assert_complained("XL.AS01..HNZ: no gain");
  assert_string_equal(command_said(), "");
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  command_write("bad.json", "{\"type\": \"Feature\"}");
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml quake/*.mseed"), 2);
  command_assert_complained("--event FILE");
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event bad.json quake/*.mseed"), 1);
  command_assert_complained("bad.json");
  command_assert_complained("GeoJSON");
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --until -3 quake/*.mseed"), 2);
  command_assert_complained("--until -3");
  assert_int_equal(command_run("magnitude --inventory quake/stations.xml --event quake/event.json --until 5 --plot nowhere/m.svg quake/*.mseed"), 1);
  command_assert_complained("nowhere/m.svg");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_network_comes_to_the_true_magnitude),
      cmocka_unit_test(every_station_says_where_it_stands_and_what_it_measured),
      cmocka_unit_test(nothing_is_said_before_a_wave_arrives),
      cmocka_unit_test(the_plot_shows_the_catalogue),
      cmocka_unit_test(one_station_or_verticals_alone_still_have_a_defined_magnitude),
      cmocka_unit_test(an_epicentre_under_a_station_is_at_no_infinite_size),
      cmocka_unit_test(a_gain_that_is_missing_is_named),
      cmocka_unit_test(what_is_wrong_is_named),
  };
  return cmocka_run_group_tests(tests, make_quake, command_folder_remove);
}
