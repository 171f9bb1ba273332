/* What azimuths, growth and amplitudes say of a place, and of an event of few sites. */
#include "witness.h"

#include <math.h>

#include "data.h"
#include "location.h"
#include "magnitude.h"
#include "random.h"

typedef struct {
  locator_settings settings;
  locator_travel_times *tables;
} fixture;

static int make(void **state)
{
  static fixture f;
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  config_section sections[] = {{"locator", "", locator_rows, sizeof f.settings, &f.settings, NULL}, {0}};
  config_defaults(sections);
  f.tables = locator_travel_times_create(&model, 600, 120);
  *state = &f;
  return f.tables ? 0 : -1;
}

static int clear(void **state)
{
  fixture *f = *state;
  locator_travel_times_destroy(f->tables);
  return 0;
}

static double pd_of(double magnitude, double epicentral_km)
{
  return 0.01 * pow(10, (magnitude - 5.39 - 1.38 * log10(fmax(epicentral_km, 10))) / 1.23);
}

/* A site that measured an earthquake of M 5.5 at (0, 0), 10 km deep, in windows up to 4 s. */
static witness seen_from(double east_km, double north_km)
{
  witness x = {.at = {east_km, north_km}, .seen_s = 4, .noise_pd_m = 1e-9};
  for (int k = 0; k < WITNESS_WINDOWS; k++)
    x.pd_m[k] = pd_of(5.5, hypot(east_km, north_km));
  return x;
}

static void an_azimuth_is_kept_to_until_it_is_wrong_altogether(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 1, .of = {{.azimuth_deg = 350, .azimuth_sigma_deg = 15}}};
  double ahead = witness_azimuths(&w, (plane_point){-17.6, 100}), aside = witness_azimuths(&w, (plane_point){17.6, 100}),
         across = witness_azimuths(&w, (plane_point){100, 0}), behind = witness_azimuths(&w, (plane_point){0, -100});
  assert_true(fabs(ahead) < 1e-3);
  assert_true(ahead > aside + 0.5 && aside > across && across > -5 && fabs(behind - across) < 0.5);
  w.of[0].azimuth_sigma_deg = 0;
  assert_true(witness_azimuths(&w, (plane_point){100, 0}) == 0);
}

static void a_steep_beginning_is_near(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 1, .of = {{.growth_s = 3}}};
  const double far_km[] = {10, 30, 100};
  for (int i = 0; i < 3; i++) {
    w.of[0].growth_m_s3 = pow(10, 1.65) / (far_km[i] * far_km[i] + 100);
    double best = -INFINITY, at = 0;
    for (double km = 1; km < 300; km *= 1.1) {
      double value = witness_growths(&w, (plane_point){km, 0}, 10);
      at = value > best ? km : at;
      best = fmax(best, value);
    }
    if (!(at > far_km[i] / 1.25 && at < far_km[i] * 1.25))
      fail_msg("%g km instead of %g", at, far_km[i]);
  }
}

static void amplitudes_agree_on_the_magnitude_where_the_source_is(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 4, .of = {seen_from(40, 0), seen_from(80, 10), seen_from(120, -10), seen_from(160, 0)}};
  double here, there, magnitude;
  here = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(fabs(magnitude - 5.5) < 0.02 && here > -0.01);
  there = witness_amplitudes(&w, (plane_point){120, 0}, 10, &magnitude);
  assert_true(there < here - 1);
  w.count = 0;
  assert_true(witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude) == 0 && magnitude == 0);
}

static void what_noise_hides_or_a_clip_cuts_is_a_bound(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 3, .of = {seen_from(50, 0), seen_from(0, 60), seen_from(-70, 0)}};
  double plain, hidden, low, high, magnitude;
  plain = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  w.of[0].noise_pd_m = 10 * w.of[0].pd_m[0]; /* says only that it is no larger than noise */
  hidden = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(hidden > plain - 0.01 && fabs(magnitude - 5.5) < 0.02);
  w.of[0].noise_pd_m = 1e-9;
  w.of[0].clipped = true;
  for (int k = 0; k < WITNESS_WINDOWS; k++)
    w.of[0].pd_m[k] /= 30;
  low = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(low > plain - 0.01 && fabs(magnitude - 5.5) < 0.02);
  w.of[0].clipped = false;
  high = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(high < plain - 1);
}

/* Far stations louder than near ones by far: no place near the near ones can be. */
static void loud_far_sites_contradict_a_near_place(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 4, .of = {seen_from(20, 0), seen_from(0, 25), seen_from(150, 0), seen_from(0, 180)}};
  double agreed, magnitude, contradicted;
  agreed = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  for (int k = 0; k < WITNESS_WINDOWS; k++) {
    w.of[2].pd_m[k] *= 100;
    w.of[3].pd_m[k] *= 100;
  }
  contradicted = witness_amplitudes(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(contradicted < agreed - 5);
}

/* One P, with an azimuth 15 degrees and a growth half a unit uncertain: the place is in that direction, and its radius says how far it may be off. */
static void one_site_has_a_place_and_says_how_uncertain(void **state)
{
  const fixture *f = *state;
  enum { WORLDS = 60 };
  int inside = 0, nearer_than_site = 0;
  for (uint64_t seed = 1; seed <= WORLDS; seed++) {
    random_source random = {seed};
    double distance_km = random_uniform(&random, 15, 90), azimuth = random_uniform(&random, 0, 2 * M_PI);
    plane_point truth = {distance_km * sin(azimuth), distance_km * cos(azimuth)};
    static location_problem problem;
    problem = (location_problem){.tables = f->tables, .settings = &f->settings, .depth = region_depth(&f->settings), .readings = 1};
    problem.reading[0] = (location_reading){.phase = 'P', .sigma_s = 0.05, .noise_rate = 0.002, .near = true};
    witnesses w = {.tables = f->tables, .count = 1};
    double off_deg = 15 * random_normal(&random), growth = pow(10, 1.65 - log10(distance_km * distance_km + 100) + 0.4 * random_normal(&random));
    w.of[0] =
        (witness){.azimuth_deg = fmod(azimuth * 180 / M_PI + off_deg + 360, 360), .azimuth_sigma_deg = 15, .growth_m_s3 = growth, .growth_s = 3};
    hypocentre start = {.depth_km = 10, .honesty = 1};
    hypocentre found = location_witnessed(&problem, &w, (location_box){.radius_km = 200, .anchor = -1}, &start);
    double error = hypot(found.east_km - truth.east_km, found.north_km - truth.north_km);
    inside += error <= location_radius68(&found);
    nearer_than_site += error < distance_km;
    assert_true(location_radius68(&found) < 150);
  }
  print_message("# %d of %d inside the 68 %% radius, %d nearer than the site\n", inside, WORLDS, nearer_than_site);
  assert_true(10 * inside >= 6 * WORLDS && 10 * nearer_than_site >= 6 * WORLDS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_azimuth_is_kept_to_until_it_is_wrong_altogether),
      cmocka_unit_test(a_steep_beginning_is_near),
      cmocka_unit_test(amplitudes_agree_on_the_magnitude_where_the_source_is),
      cmocka_unit_test(what_noise_hides_or_a_clip_cuts_is_a_bound),
      cmocka_unit_test(loud_far_sites_contradict_a_near_place),
      cmocka_unit_test(one_site_has_a_place_and_says_how_uncertain),
  };
  return cmocka_run_group_tests(tests, make, clear);
}
