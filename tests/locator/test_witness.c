/* What azimuths, growth and amplitudes say of a place, and of an event of few sites. */
#include "witness_say.h"

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

/* What they say of one place. */
static double said_of(const witnesses *w, plane_point epicentre, double depth_km, double *magnitude)
{
  ready_witnesses ready;
  lanes density = {}, magnitudes;
  witness_call(&ready, w);
  lane_places at = {.east = all((float)epicentre.east_km), .north = all((float)epicentre.north_km), .depth = all((float)depth_km)};
  find_rows(&at.p, w->tables, 'P', at.depth);
  find_rows(&at.s, w->tables, 'S', at.depth);
  witness_say(&ready, &at, &density, &magnitudes);
  *magnitude = (double)magnitudes[0];
  return (double)density[0];
}

/* ---- the same, plainly ---- */

static double student(double deviations)
{
  return -2 * log(1 + deviations * deviations / 3);
}

static double plain_azimuth(const witness *x, plane_point from)
{
  double there = atan2(from.east_km - x->at.east_km, from.north_km - x->at.north_km) * 180 / M_PI;
  double off = (fmod(there - x->azimuth_deg + 900, 360) - 180) / x->azimuth_sigma_deg, anywhere = x->azimuth_sigma_deg * sqrt(2 * M_PI) / 360;
  return x->azimuth_sigma_deg > 0 ? log((0.8 * exp(-off * off / 2) + 0.2 * anywhere) / (0.8 + 0.2 * anywhere)) : 0;
}

/* B of 3 s. */
static double plain_growth(const witness *x, double epicentral_km, double depth_km)
{
  double magnitude = x->pd_m[4] > 0 ? fmin(magnitude_from_pd(x->pd_m[4], epicentral_km), 4.5) : 4.5;
  double expected = 1.65 - 2 * log10(fmax(hypot(epicentral_km, depth_km), 1)) + 0.72 * (magnitude - 4.5);
  return x->growth_m_s3 > 0 ? student((log10(x->growth_m_s3) - expected) / 0.5) : 0;
}

/* The whole record of a site long after S, else its window of 4 s if S comes later; false if none. */
static bool plain_claim(const witnesses *w, const witness *x, double epicentral_km, double depth_km, double *magnitude)
{
  double lag_s = locator_travel_time(w->tables, 'S', epicentral_km, depth_km) - locator_travel_time(w->tables, 'P', epicentral_km, depth_km);
  bool whole = x->displacement_m > 0 && x->seen_s > lag_s + 3 + 0.06 * epicentral_km;
  *magnitude = (whole ? magnitude_from_displacement(x->displacement_m, fmax(hypot(epicentral_km, depth_km), 1), depth_km)
                      : magnitude_from_pd(x->pd_m[4], epicentral_km)) -
               x->site_term;
  return whole || lag_s >= 4;
}

/* Where nothing is hidden or clipped all claims weigh alike. */
static double plain_amplitudes(const double *claims, size_t count, double *magnitude)
{
  double sum = 0;
  *magnitude = 0;
  for (size_t i = 0; i < count; i++)
    *magnitude += claims[i] / (double)count;
  for (int round = 0; round < 4 && count > 0; round++) {
    double weights = 0, weighted = 0;
    for (size_t i = 0; i < count; i++) {
      double off = (claims[i] - *magnitude) / 0.45, weight = 1 / (1 + off * off / 3);
      weights += weight;
      weighted += weight * claims[i];
    }
    *magnitude = weighted / weights;
  }
  for (size_t i = 0; i < count; i++)
    sum += student((claims[i] - *magnitude) / 0.45);
  return sum;
}

static double plainly_said_of(const witnesses *w, plane_point epicentre, double depth_km, double *magnitude)
{
  double claims[WITNESSES_MAXIMUM], sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < w->count; i++) {
    double far_km = hypot(epicentre.east_km - w->of[i].at.east_km, epicentre.north_km - w->of[i].at.north_km);
    sum += plain_azimuth(&w->of[i], epicentre) + plain_growth(&w->of[i], far_km, depth_km);
    count += plain_claim(w, &w->of[i], far_km, depth_km, &claims[count]);
  }
  return sum + plain_amplitudes(claims, count, magnitude);
}

static witness drawn_site(random_source *random)
{
  witness x = {.at = {random_uniform(random, -200, 200), random_uniform(random, -200, 200)},
               .azimuth_deg = random_uniform(random, 0, 360),
               .azimuth_sigma_deg = fmax(0, random_uniform(random, -20, 40)),
               .growth_m_s3 = exp(random_uniform(random, -12, 2)),
               .growth_s = 3,
               .displacement_m = fmax(0, random_uniform(random, -1e-3, 1e-3)),
               .seen_s = random_uniform(random, 0, 10) < 5 ? 0 : INFINITY,
               .site_term = random_uniform(random, -1, 1)};
  x.pd_m[4] = exp(random_uniform(random, -14, -5));
  return x;
}

static void eight_places_are_told_what_the_relations_say(void **state)
{
  const fixture *f = *state;
  random_source random = {31};
  for (int round = 0; round < 3000; round++) {
    witnesses w = {.tables = f->tables, .count = 1 + (size_t)random_uniform(&random, 0, WITNESSES_MAXIMUM - 1)};
    for (size_t i = 0; i < w.count; i++)
      w.of[i] = drawn_site(&random);
    plane_point at = {random_uniform(&random, -250, 250), random_uniform(&random, -250, 250)};
    double depth_km = random_uniform(&random, 0, 60), magnitude, plain, said = said_of(&w, at, depth_km, &magnitude);
    double told = plainly_said_of(&w, at, depth_km, &plain);
    bool near_the_edge = false; /* of a window that S just reaches, or just not */
    for (size_t i = 0; i < w.count; i++) {
      double far_km = hypot(at.east_km - w.of[i].at.east_km, at.north_km - w.of[i].at.north_km);
      double lag_s = locator_travel_time(f->tables, 'S', far_km, depth_km) - locator_travel_time(f->tables, 'P', far_km, depth_km);
      near_the_edge |= fabs(lag_s - 4) < 0.05;
    }
    if (!near_the_edge && (fabs(said - told) > 0.02 || fabs(magnitude - plain) > 0.005))
      fail_msg("round %d: %g, M %g; plainly %g, M %g", round, said, magnitude, told, plain);
  }
}

/* ---- what they say ---- */

static void an_azimuth_is_kept_to_until_it_is_wrong_altogether(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 1, .of = {{.azimuth_deg = 350, .azimuth_sigma_deg = 15}}};
  double magnitude, ahead = said_of(&w, (plane_point){-17.6, 100}, 10, &magnitude), aside = said_of(&w, (plane_point){17.6, 100}, 10, &magnitude),
                    across = said_of(&w, (plane_point){100, 0}, 10, &magnitude), behind = said_of(&w, (plane_point){0, -100}, 10, &magnitude);
  assert_true(fabs(ahead) < 1e-3);
  assert_true(ahead > aside + 0.5 && aside > across && across > -5 && fabs(behind - across) < 0.5);
  w.of[0].azimuth_sigma_deg = 0;
  assert_true(said_of(&w, (plane_point){100, 0}, 10, &magnitude) == 0);
}

static void a_steep_beginning_is_near(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 1, .of = {{.growth_s = 3}}};
  const double far_km[] = {10, 30, 100};
  for (int i = 0; i < 3; i++) {
    w.of[0].growth_m_s3 = pow(10, 1.65) / (far_km[i] * far_km[i] + 100);
    double best = -INFINITY, at = 0, magnitude;
    for (double km = 1; km < 300; km *= 1.1) {
      double value = said_of(&w, (plane_point){km, 0}, 10, &magnitude);
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
  here = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(fabs(magnitude - 5.5) < 0.02 && here > -0.01);
  there = said_of(&w, (plane_point){120, 0}, 10, &magnitude);
  assert_true(there < here - 1);
  w.count = 0;
  assert_true(said_of(&w, (plane_point){0, 0}, 10, &magnitude) == 0 && magnitude == 0);
}

static void what_noise_hides_or_a_clip_cuts_is_a_bound(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 3, .of = {seen_from(50, 0), seen_from(0, 60), seen_from(-70, 0)}};
  double plain, hidden, low, high, magnitude;
  plain = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  w.of[0].noise_pd_m = 10 * w.of[0].pd_m[0]; /* says only that it is no larger than noise */
  hidden = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(hidden > plain - 0.01 && fabs(magnitude - 5.5) < 0.02);
  w.of[0].noise_pd_m = 1e-9;
  w.of[0].clipped = true;
  for (int k = 0; k < WITNESS_WINDOWS; k++)
    w.of[0].pd_m[k] /= 30;
  low = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(low > plain - 0.01 && fabs(magnitude - 5.5) < 0.02);
  w.of[0].clipped = false;
  high = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  assert_true(high < plain - 1);
}

/* Far stations louder than near ones by far: no place near the near ones can be. */
static void loud_far_sites_contradict_a_near_place(void **state)
{
  const fixture *f = *state;
  witnesses w = {.tables = f->tables, .count = 4, .of = {seen_from(20, 0), seen_from(0, 25), seen_from(150, 0), seen_from(0, 180)}};
  double agreed, magnitude, contradicted;
  agreed = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
  for (int k = 0; k < WITNESS_WINDOWS; k++) {
    w.of[2].pd_m[k] *= 100;
    w.of[3].pd_m[k] *= 100;
  }
  contradicted = said_of(&w, (plane_point){0, 0}, 10, &magnitude);
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
      cmocka_unit_test(eight_places_are_told_what_the_relations_say),
      cmocka_unit_test(an_azimuth_is_kept_to_until_it_is_wrong_altogether),
      cmocka_unit_test(a_steep_beginning_is_near),
      cmocka_unit_test(amplitudes_agree_on_the_magnitude_where_the_source_is),
      cmocka_unit_test(what_noise_hides_or_a_clip_cuts_is_a_bound),
      cmocka_unit_test(loud_far_sites_contradict_a_near_place),
      cmocka_unit_test(one_site_has_a_place_and_says_how_uncertain),
  };
  return cmocka_run_group_tests(tests, make, clear);
}
