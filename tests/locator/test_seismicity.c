/* Past seismicity: the list and its smoothing, and what it makes of earthquakes whose place the picks leave open. */
#include "made.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "seismicity.h"

static locator_seismicity *parse(const char *text, double kernel_km, double floor, char *fault)
{
  *fault = '\0';
  return locator_seismicity_parse(text, strlen(text), kernel_km, floor, fault);
}

static locator_seismicity *of(const char *text, double kernel_km, double floor)
{
  char fault[160];
  locator_seismicity *s = parse(text, kernel_km, floor, fault);
  if (!s)
    print_message("# %s\n", fault);
  assert_non_null(s);
  return s;
}

/* Mean of the ratio over places drawn evenly from a box. */
static double mean_ratio(const locator_seismicity *s, double south, double north, double west, double east)
{
  random_source random = {.state = 3};
  double sum = 0, weights = 0;
  for (int i = 0; i < 200000; i++) {
    double latitude = random_uniform(&random, south, north), weight = cos(latitude * (M_PI / 180));
    sum += weight * exp(locator_seismicity_log(s, latitude, random_uniform(&random, west, east)));
    weights += weight;
  }
  return sum / weights;
}

static void where_earthquakes_were_the_next_is_likelier_and_nowhere_impossible(void **state)
{
  (void)state;
  locator_seismicity *s = of("latitude_deg,longitude_deg\n41,122\n41.1,122.1\n44,126\n", 15, 0.1);
  assert_int_equal(locator_seismicity_count(s), 3);
  double at = locator_seismicity_log(s, 41.05, 122.05), single = locator_seismicity_log(s, 44, 126), off = locator_seismicity_log(s, 43, 122.5);
  assert_true(at > single && single > 1 && off < 0);
  assert_float_equal(off, log(0.1), 0.01);
  assert_float_equal(locator_seismicity_log(s, -30, 20), log(0.1), 1e-6);
  assert_true(at <= log(100) + 1e-6);
  locator_seismicity_destroy(s);
}

static void the_whole_area_has_no_more_earthquakes_than_without_a_list(void **state)
{
  (void)state;
  char text[1 << 14] = "latitude_deg,longitude_deg\n";
  random_source random = {.state = 4};
  for (int i = 0; i < 200; i++)
    snprintf(text + strlen(text), 40, "%.3f,%.3f\n", random_uniform(&random, 40, 43), random_uniform(&random, 121, 125));
  locator_seismicity *s = of(text, 25, 0.2);
  double margin = 3 * 25 / 111.195;
  assert_float_equal(mean_ratio(s, 40 - margin, 43 + margin, 121 - margin / cos(0.75), 125 + margin / cos(0.75)), 1, 0.08);
  locator_seismicity_destroy(s);
}

static void columns_are_found_by_their_names_and_weights_weigh(void **state)
{
  (void)state;
  locator_seismicity *s = of("time,latitude,depth,longitude,place,weight\n# a comment\n2001,41,10,122,\"5 km, N\",4\n2002,43,5,124,x,1\n", 10, 0.1);
  double heavy = exp(locator_seismicity_log(s, 41, 122)) - 0.1, light = exp(locator_seismicity_log(s, 43, 124)) - 0.1;
  assert_true(fabs(heavy / light - 4) < 0.4);
  locator_seismicity_destroy(s);
}

static void a_list_may_lie_across_the_date_line(void **state)
{
  (void)state;
  locator_seismicity *s = of("latitude_deg,longitude_deg\n51,179.8\n51.2,-179.7\n51.1,180.2\n", 15, 0.1);
  assert_true(locator_seismicity_log(s, 51.1, 179.95) > 1);
  assert_true(locator_seismicity_log(s, 51.1, -179.95) > 1);
  assert_float_equal(locator_seismicity_log(s, 51.1, 0), log(0.1), 1e-6);
  locator_seismicity_destroy(s);
}

static void a_bad_line_is_named_with_its_remedy(void **state)
{
  (void)state;
  static const char *const bad[][2] = {
      {"", "line 0: no epicentre in it"},
      {"latitude_deg,longitude_deg\n", "line 1: no epicentre in it"},
      {"41,122\n", "line 1: the header has no column `latitude_deg`"},
      {"latitude_deg,x\n41,122\n", "line 1: the header has no column `longitude_deg`"},
      {"latitude_deg,longitude_deg\n41,122\n41\n", "line 3: longitude ``; it must be a number within -180..360"},
      {"latitude_deg,longitude_deg\n\n91,122\n", "line 3: latitude `91`; it must be a number within -90..90"},
      {"latitude_deg,longitude_deg,weight\n41,122,-1\n", "line 2: weight `-1`; it must be"},
      {"latitude_deg,longitude_deg,weight\n41,122,0\n", "line 2: no epicentre in it"},
      {"latitude_deg,longitude_deg\n-60,-100\n60,70\n", "too wide for a kernel of 2 km"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    char fault[160];
    assert_null(parse(bad[i][0], 2, 0.1, fault));
    if (!strstr(fault, bad[i][1]))
      print_message("# %s\n", fault);
    assert_non_null(strstr(fault, bad[i][1]));
  }
}

/* What a search believes of a whole cell is never less than any place in it is worth. */
static void no_place_in_a_square_is_likelier_than_the_square(void **state)
{
  (void)state;
  char text[1 << 14] = "latitude_deg,longitude_deg\n";
  random_source random = {.state = 9};
  for (int i = 0; i < 60; i++)
    snprintf(text + strlen(text), 40, "%.3f,%.3f\n", 41.5 + random_normal(&random), 123 + random_normal(&random));
  locator_seismicity *s = of(text, 12, 0.05);
  plane around = plane_at(41.5, 123);
  for (int i = 0; i < 3000; i++) {
    plane_point middle = {random_uniform(&random, -400, 400), random_uniform(&random, -400, 400)};
    double half_km = pow(10, random_uniform(&random, 0.8, 2.3)), most = seismicity_within(s, &around, middle, half_km);
    for (int k = 0; k < 20; k++) {
      plane_point inside = {middle.east_km + random_uniform(&random, -0.97, 0.97) * half_km,
                            middle.north_km + random_uniform(&random, -0.97, 0.97) * half_km};
      assert_true(seismicity_at(s, &around, inside) <= most + 0.05);
    }
  }
  locator_seismicity_destroy(s);
}

/* ---- what it makes of earthquakes ---- */

/* Four stations in a line to the north of the source, as at a coast: P alone tell hardly which side it is on. */
static made_world *coast(const locator_seismicity *past)
{
  locator_model model;
  ingest_inventory *inventory = ingest_inventory_create();
  assert_true(inventory && locator_model_named("iasp91", &model));
  for (int i = 0; i < 4; i++) {
    char code[8];
    snprintf(code, sizeof code, "C%d", i);
    made_add_site(inventory, "XX", code, "HN", 16.6 + 0.03 * i, -99 + 0.75 * i, 0);
  }
  made_world *w = made_world_of(inventory, &model, 1);
  w->settings.past = past;
  locator_destroy(w->locator);
  w->locator = locator_create(&w->settings, w->tables, w->inventory, SECONDS(0.6));
  return w;
}

static double coast_error(const locator_seismicity *past, double latitude_deg, double *likelihood)
{
  made_world *w = coast(past);
  made_source source = {latitude_deg, -97.7, 15, MADE_EPOCH + SECONDS(20)};
  int many;
  made_quake(w, source, 300, 0, 0);
  made_run(w, 100);
  const made_event *e = made_find(w, source, &many);
  double error_km = e ? made_error_km(e, source) : 999;
  *likelihood = e ? (double)e->last.likelihood : 0;
  made_world_destroy(w);
  return error_km;
}

static void a_line_of_stations_is_helped_by_where_earthquakes_were(void **state)
{
  (void)state;
  char text[1 << 14] = "latitude_deg,longitude_deg\n";
  random_source random = {.state = 12};
  for (int i = 0; i < 150; i++)
    snprintf(text + strlen(text), 40, "%.3f,%.3f\n", 16.0 + 0.15 * random_normal(&random), random_uniform(&random, -99.5, -95.5));
  locator_seismicity *belt = of(text, 15, 0.1);
  double without, with, against, plain_km = coast_error(NULL, 16.05, &without), helped_km = coast_error(belt, 16.05, &with),
                                 misled_km = coast_error(belt, 17.2, &against);
  print_message("# at the belt %.1f km without its list (likelihood %.3f), %.1f km with it (%.3f); across the line %.1f km (%.3f)\n", plain_km,
                without, helped_km, with, misled_km, against);
  assert_true(helped_km < 20 && helped_km < plain_km + 1);
  assert_true(with >= without);
  locator_seismicity_destroy(belt);
}

/* A network around the source leaves nothing open: it is placed as well where no earthquake ever was. */
static void picks_that_say_where_it_is_are_believed(void **state)
{
  (void)state;
  locator_seismicity *elsewhere = of("latitude_deg,longitude_deg\n41.9,123.6\n41.9,123.5\n41.85,123.6\n", 10, 0.02);
  made_world *w = made_world_create(MADE_CITY, 6);
  w->settings.past = elsewhere;
  locator_destroy(w->locator);
  w->locator = locator_create(&w->settings, w->tables, w->inventory, SECONDS(0.6));
  made_source source = {41.5, 123, 10, MADE_EPOCH + SECONDS(30)};
  int many;
  made_quake(w, source, 120, 0, 0.7);
  made_run(w, 150);
  const made_event *e = made_find(w, source, &many);
  assert_non_null(e);
  assert_int_equal(many, 1);
  assert_true(made_error_km(e, source) < 1);
  assert_true((double)e->last.likelihood > 0.99);
  made_world_destroy(w);
  locator_seismicity_destroy(elsewhere);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(where_earthquakes_were_the_next_is_likelier_and_nowhere_impossible),
      cmocka_unit_test(the_whole_area_has_no_more_earthquakes_than_without_a_list),
      cmocka_unit_test(columns_are_found_by_their_names_and_weights_weigh),
      cmocka_unit_test(a_list_may_lie_across_the_date_line),
      cmocka_unit_test(a_bad_line_is_named_with_its_remedy),
      cmocka_unit_test(no_place_in_a_square_is_likelier_than_the_square),
      cmocka_unit_test(a_line_of_stations_is_helped_by_where_earthquakes_were),
      cmocka_unit_test(picks_that_say_where_it_is_are_believed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
