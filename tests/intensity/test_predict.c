#include "near.h"

#include "intensity.h"

static const intensity_settings settings = {
    .zone = INTENSITY_EAST, .magnitude_sigma_floor = 0.2, .extrapolated_below_ms = 4.5, .extrapolated_sigma = 0.5};
static const double b = 1.3626; /* of Ms, eastern zone */

static int make_tables(void **state)
{
  locator_model model;
  if (!locator_model_named("iasp91", &model))
    return -1;
  *state = locator_travel_times_create(&model, 500, 50);
  return *state ? 0 : -1;
}

static int drop_tables(void **state)
{
  locator_travel_times_destroy(*state);
  return 0;
}

static locator_event event_of(double magnitude, locator_magnitude_type type)
{
  return (locator_event){.origin_time = INT64_C(160745767) * INGEST_SECOND,
                         .latitude_deg = 40.7,
                         .longitude_deg = 122.8,
                         .depth_km = 16,
                         .magnitude = (float)magnitude,
                         .magnitude_uncertainty = 0.3f,
                         .magnitude_up = 0.3f,
                         .magnitude_down = 0.3f,
                         .magnitude_type = type};
}

static const double north_deg = 41.80, east_deg = 123.43; /* Shenyang */

static intensity_prediction predict(const locator_travel_times *tables, const locator_event *event, double site_term, double threshold)
{
  intensity_prediction p;
  intensity_predict(&settings, tables, event, north_deg, east_deg, site_term, threshold, &p);
  return p;
}

static void moment_like_magnitudes_enter_as_their_ms_and_ml_as_it_is(void **state)
{
  double km = locator_distance_km(40.7, 122.8, north_deg, east_deg, NULL);
  static const locator_magnitude_type types[] = {LOCATOR_MPD, LOCATOR_MJMA_D, LOCATOR_ML};
  for (int i = 0; i < 3; i++) {
    locator_event event = event_of(5.5, types[i]);
    double ms = types[i] == LOCATOR_ML ? 5.5 : intensity_ms_equivalent(5.5);
    intensity_prediction p = predict(*state, &event, 0, 5);
    assert_near(p.epicentral_km, km, 1e-9);
    assert_near(p.intensity, intensity_gb18306_circle(INTENSITY_EAST, ms, km), 1e-6);
  }
}

/* Shenyang lies 23 degrees east of north of the epicentre. */
static void a_known_fault_shakes_more_along_its_strike(void **state)
{
  locator_event event = event_of(7.3, LOCATOR_MPD);
  double azimuth, round = predict(*state, &event, 0, 5).intensity;
  locator_distance_km(40.7, 122.8, north_deg, east_deg, &azimuth);
  event.fault = (locator_fault){
      .search = LOCATOR_FAULT_FOUND, .length_km = 1, .strike_deg = (float)azimuth, .latitude_deg = {40.7, 40.7}, .longitude_deg = {122.8, 122.8}};
  double along = predict(*state, &event, 0, 5).intensity;
  event.fault.strike_deg = (float)fmod(azimuth + 90, 180);
  double across = predict(*state, &event, 0, 5).intensity;
  assert_true(along > round + 0.05 && round > across + 0.05);
  event.fault.strike_deg = (float)azimuth;
  event.fault.latitude_deg[1] = 41.1;
  event.fault.longitude_deg[1] = 123.02;
  assert_true(predict(*state, &event, 0, 5).intensity > along + 0.1);
}

static void s_arrives_when_the_tables_say(void **state)
{
  locator_event event = event_of(7.3, LOCATOR_MPD);
  intensity_prediction p = predict(*state, &event, 0, 5);
  double seconds = locator_travel_time(*state, 'S', p.epicentral_km, 16);
  assert_near((double)(p.s_arrival - event.origin_time) * 1e-9, seconds, 1e-6);
  assert_true(seconds > p.epicentral_km / 4.5 && seconds < p.epicentral_km / 3.0);
}

static void sigma_joins_relation_magnitude_and_place(void **state)
{
  locator_event event = event_of(7.3, LOCATOR_MPD);
  double by_magnitude = 0.3 * b / 0.99, relation = intensity_gb18306_sigma(INTENSITY_EAST);
  assert_near(predict(*state, &event, 0, 5).sigma, sqrt(relation * relation + by_magnitude * by_magnitude), 1e-4);

  event.horizontal_uncertainty_km = 20;
  intensity_prediction p = predict(*state, &event, 0, 5);
  double ms = intensity_ms_equivalent((double)event.magnitude), km = p.epicentral_km;
  double slope = intensity_gb18306_circle(INTENSITY_EAST, ms, km + 0.01) - intensity_gb18306_circle(INTENSITY_EAST, ms, km - 0.01);
  double by_place = slope / 0.02 * 20 / sqrt(-2 * log(0.32));
  assert_near(p.sigma, sqrt(relation * relation + by_magnitude * by_magnitude + by_place * by_place), 1e-3);
}

static void magnitude_uncertainty_has_a_floor(void **state)
{
  locator_event event = event_of(7.3, LOCATOR_MPD);
  event.magnitude_uncertainty = 0.01f;
  double by_magnitude = 0.2 * b / 0.99, relation = intensity_gb18306_sigma(INTENSITY_EAST);
  assert_near(predict(*state, &event, 0, 5).sigma, sqrt(relation * relation + by_magnitude * by_magnitude), 1e-4);
}

static void below_the_relations_range_sigma_is_wider_and_the_row_is_marked(void **state)
{
  locator_event inside = event_of(4.6, LOCATOR_ML), outside = event_of(4.4, LOCATOR_ML);
  intensity_prediction in = predict(*state, &inside, 0, 3), out = predict(*state, &outside, 0, 3);
  assert_false(in.extrapolated);
  assert_true(out.extrapolated);
  assert_near(out.sigma, sqrt(in.sigma * in.sigma + 0.25), 1e-3);
}

static void exceedance_is_the_normal_tail(void **state)
{
  locator_event event = event_of(7.0, LOCATOR_MPD);
  intensity_prediction p = predict(*state, &event, 0, 5);
  assert_near(predict(*state, &event, 0, p.intensity).exceedance, 0.5, 1e-9);
  assert_near(predict(*state, &event, 0, p.intensity + p.sigma).exceedance, 0.158655, 1e-5);
  assert_near(predict(*state, &event, 0, p.intensity - 2 * p.sigma).exceedance, 0.977250, 1e-5);
}

static void soft_ground_adds_its_degrees_and_the_scale_ends_hold(void **state)
{
  locator_event event = event_of(6.5, LOCATOR_MPD);
  double rock = predict(*state, &event, 0, 5).intensity;
  assert_near(predict(*state, &event, 0.7, 5).intensity, rock + 0.7, 1e-9);
  assert_near(predict(*state, &event, 20, 5).intensity, 12, 0);
  assert_near(predict(*state, &event, -20, 5).intensity, 1, 0);
  assert_true(predict(*state, &event, 20, 12).exceedance > 0.99); /* of the mean before clipping */
}

static void levels_follow_the_rounded_degree(void **state)
{
  (void)state;
  assert_int_equal(intensity_level_of(12), INTENSITY_RED);
  assert_int_equal(intensity_level_of(6.5), INTENSITY_RED);
  assert_int_equal(intensity_level_of(6.44), INTENSITY_ORANGE);
  assert_int_equal(intensity_level_of(4.5), INTENSITY_ORANGE);
  assert_int_equal(intensity_level_of(4.4), INTENSITY_YELLOW);
  assert_int_equal(intensity_level_of(2.5), INTENSITY_YELLOW);
  assert_int_equal(intensity_level_of(2.4), INTENSITY_BLUE);
  assert_string_equal(intensity_level_words[INTENSITY_RED], "red");
  assert_null(intensity_level_words[INTENSITY_LEVELS]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moment_like_magnitudes_enter_as_their_ms_and_ml_as_it_is),
      cmocka_unit_test(a_known_fault_shakes_more_along_its_strike),
      cmocka_unit_test(s_arrives_when_the_tables_say),
      cmocka_unit_test(sigma_joins_relation_magnitude_and_place),
      cmocka_unit_test(magnitude_uncertainty_has_a_floor),
      cmocka_unit_test(below_the_relations_range_sigma_is_wider_and_the_row_is_marked),
      cmocka_unit_test(exceedance_is_the_normal_tail),
      cmocka_unit_test(soft_ground_adds_its_degrees_and_the_scale_ends_hold),
      cmocka_unit_test(levels_follow_the_rounded_degree),
  };
  return cmocka_run_group_tests(tests, make_tables, drop_tables);
}
