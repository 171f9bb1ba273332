#include "location.h"
#include "near.h"
#include "random.h"

#include <stdlib.h>

typedef struct {
  location_problem problem;
  locator_settings settings;
  locator_travel_times *tables;
  hypocentre truth;
} fixture;

static int make(void **state)
{
  fixture *f = calloc(1, sizeof *f);
  locator_model model;
  assert_true(f && locator_model_named("iasp91", &model));
  config_section sections[] = {{"locator", "", locator_rows, sizeof f->settings, &f->settings, NULL}, {0}};
  config_defaults(sections);
  f->tables = locator_travel_times_create(&model, 1000, 120);
  f->problem.tables = f->tables;
  f->problem.settings = &f->settings;
  f->problem.depth = region_depth(&f->settings);
  *state = f;
  return 0;
}

static int clear(void **state)
{
  fixture *f = *state;
  locator_travel_times_destroy(f->tables);
  free(f);
  return 0;
}

/* P readings (each second one S too, if wanted) of `count` stations within `radius_km`, exact but for errors of `error_s`. */
static void read_at(fixture *f, random_source *random, hypocentre truth, size_t count, double radius_km, double error_s, bool with_s)
{
  f->truth = truth;
  f->problem.readings = f->problem.silences = 0;
  for (size_t i = 0; i < count; i++)
    for (int s = 0; s <= (with_s && i % 2); s++) {
      location_reading *r = &f->problem.reading[f->problem.readings];
      *r = (location_reading){.phase = s ? 'S' : 'P', .sigma_s = 0.05, .noise_rate = 0.002, .near = true};
      r->at = s ? r[-1].at : (plane_point){random_uniform(random, -radius_km, radius_km), random_uniform(random, -radius_km, radius_km)};
      r->time_s = error_s * random_normal(random) - location_residual_of(f->tables, r, &truth).residual_s;
      f->problem.readings++;
    }
}

static double off_km(const hypocentre *a, const hypocentre *b)
{
  return hypot(a->east_km - b->east_km, a->north_km - b->north_km);
}

static void the_search_comes_near_and_geiger_ends_at_the_truth(void **state)
{
  fixture *f = *state;
  f->settings.model_error = 0;
  for (uint64_t seed = 1; seed <= 40; seed++) {
    random_source random = {seed};
    hypocentre truth = {
        .east_km = random_uniform(&random, -50, 50), .north_km = random_uniform(&random, -50, 50), .depth_km = random_uniform(&random, 2, 40)};
    read_at(f, &random, truth, 14, 100, 0, true);
    hypocentre found = location_search(&f->problem, (location_box){.radius_km = 200, .anchor = -1, .finest_km = 0.4, .least = -INFINITY});
    hypocentre refined = location_refine(&f->problem, found);
    if (off_km(&found, &truth) > 20 || off_km(&refined, &truth) > 0.5 ||
        fabs(refined.depth_km - truth.depth_km) > 2.5 * sqrt(refined.covariance[2][2]))
      fail_msg("seed %u: search %.1f km, refined %.2f km, depth %.1f for %.1f", (unsigned)seed, off_km(&found, &truth), off_km(&refined, &truth),
               refined.depth_km, truth.depth_km);
    assert_near(refined.time_s, 0, 2.5 * sqrt(refined.covariance[3][3]));
  }
}

static void an_anchored_search_leaves_false_picks_aside(void **state)
{
  fixture *f = *state;
  int whole = 0, runs = 60;
  for (int seed = 1; seed <= runs; seed++) {
    random_source random = {(uint64_t)seed};
    read_at(f, &random, (hypocentre){.east_km = 20, .north_km = -10, .depth_km = 10}, 12, 80, 0.05, false);
    for (size_t i = 8; i < 12; i++)
      f->problem.reading[i].time_s += random_uniform(&random, 5, 30);
    hypocentre found = location_search(&f->problem, (location_box){.east_km = f->problem.reading[0].at.east_km,
                                                                   .north_km = f->problem.reading[0].at.north_km,
                                                                   .radius_km = 200,
                                                                   .finest_km = 0.4,
                                                                   .least = -INFINITY});
    int fitting = 0;
    for (size_t i = 0; i < 8; i++)
      fitting += fabs(location_residual_of(f->tables, &f->problem.reading[i], &found).residual_s) < 1;
    whole += fitting == 8;
  }
  if (whole < 54)
    fail_msg("all eight true picks of twelve fit in %d of %d runs", whole, runs);
}

static void one_wild_reading_does_not_move_the_place(void **state)
{
  fixture *f = *state;
  random_source random = {3};
  read_at(f, &random, (hypocentre){.east_km = 5, .north_km = 5, .depth_km = 12}, 12, 80, 0.05, true);
  hypocentre start = {.depth_km = 10}, without = location_refine(&f->problem, start);
  f->problem.reading[4].time_s += 5;
  hypocentre with = location_refine(&f->problem, start);
  assert_true(off_km(&with, &without) < 1);
}

static void seven_in_ten_places_lie_within_their_radius(void **state)
{
  fixture *f = *state;
  int inside = 0, runs = 400;
  for (int seed = 1; seed <= runs; seed++) {
    random_source random = {(uint64_t)seed * 977};
    hypocentre truth = {
        .east_km = random_uniform(&random, -40, 40), .north_km = random_uniform(&random, -40, 40), .depth_km = random_uniform(&random, 5, 15)};
    read_at(f, &random, truth, 8, 80, 0, false);
    for (size_t i = 0; i < f->problem.readings; i++)
      f->problem.reading[i].time_s += random_normal(&random) * location_residual_of(f->tables, &f->problem.reading[i], &truth).sigma_s;
    hypocentre found = location_refine(
        &f->problem, location_search(&f->problem, (location_box){.radius_km = 200, .anchor = -1, .finest_km = 0.4, .least = -INFINITY}));
    inside += off_km(&found, &truth) <= location_radius68(&found);
  }
  if (inside < 60 * runs / 100 || inside > 80 * runs / 100)
    fail_msg("%d of %d within the 68 %% radius", inside, runs);
}

/* All waves as much later or earlier as a model may be wrong, from near and far stations alike. */
static hypocentre refined_on_other_ground(fixture *f, random_source *random, double wrong, double model_error)
{
  hypocentre truth = {
      .east_km = random_uniform(random, -20, 20), .north_km = random_uniform(random, -20, 20), .depth_km = random_uniform(random, 6, 16)};
  truth.stretch[STRETCH_P] = wrong * random_normal(random);
  truth.stretch[STRETCH_S_MORE] = wrong / 2 * random_normal(random);
  read_at(f, random, truth, 24, 150, 0.05, true);
  f->settings.model_error = model_error;
  return location_refine(&f->problem, (hypocentre){.depth_km = 10});
}

static void where_the_ground_is_not_the_model_s_the_depth_s_error_says_so(void **state)
{
  fixture *f = *state;
  int inside = 0, inside_without = 0, runs = 200;
  for (int seed = 1; seed <= runs; seed++) {
    random_source random = {(uint64_t)seed * 13}, same = random;
    hypocentre with = refined_on_other_ground(f, &random, 0.02, 0.02), without = refined_on_other_ground(f, &same, 0.02, 0);
    inside += fabs(with.depth_km - f->truth.depth_km) <= sqrt(with.covariance[2][2]);
    inside_without += fabs(without.depth_km - f->truth.depth_km) <= sqrt(without.covariance[2][2]);
  }
  if (inside < 60 * runs / 100 || inside_without >= inside / 2)
    fail_msg("%d of %d within one sigma, %d by a model held to be exact", inside, runs, inside_without);
}

static void what_the_model_may_be_wrong_widens_depth_and_time(void **state)
{
  fixture *f = *state;
  double before[2] = {0, 0};
  for (double model_error = 0; model_error < 0.035; model_error += 0.01) {
    random_source random = {3};
    hypocentre at = refined_on_other_ground(f, &random, 0, model_error);
    assert_true(at.covariance[2][2] > before[0] && at.covariance[3][3] > before[1]);
    before[0] = at.covariance[2][2];
    before[1] = at.covariance[3][3];
  }
}

static void the_radius_of_a_circle_and_of_a_line_are_known(void **state)
{
  (void)state;
  hypocentre circle = {.covariance = {{4, 0}, {0, 4}}}, line = {.covariance = {{4, 4}, {4, 4}}};
  assert_near(location_radius68(&circle), 2 * 1.5096, 0.01); /* Rayleigh's quantile of 68 % */
  assert_near(location_radius68(&line), sqrt(8), 0.03);
}

static void depth_falls_to_the_prior_where_the_data_cannot_say(void **state)
{
  fixture *f = *state;
  random_source random = {8};
  read_at(f, &random, (hypocentre){.east_km = 150, .north_km = 150, .depth_km = 25}, 6, 60, 0.05, false);
  hypocentre found = location_refine(&f->problem, (hypocentre){.east_km = 140, .north_km = 140, .depth_km = 10});
  double sigma = sqrt(found.covariance[2][2]);
  assert_true(sigma > 0.6 * f->settings.depth_sigma_km && sigma < 3 * f->settings.depth_sigma_km);
}

static void a_silent_site_near_by_counts_only_if_its_data_are_in(void **state)
{
  fixture *f = *state;
  random_source random = {9};
  read_at(f, &random, (hypocentre){.depth_km = 10}, 6, 40, 0, false);
  f->problem.silences = 1;
  f->problem.silence[0] = (location_silence){.at = {3, 3}, .seen = 0.85, .since_s = -1000, .sure_until_s = 60, .other_pick_s = -INFINITY};
  double heard = location_silence_penalty(&f->problem, &f->truth, 40);
  assert_true(heard > 1.5);
  f->problem.silence[0].sure_until_s = 1; /* P arrives after 1.9 s */
  assert_near(location_silence_penalty(&f->problem, &f->truth, 40), 0, 0);
  f->problem.silence[0] = (location_silence){.at = {3, 3}, .seen = 0.85, .since_s = 30, .sure_until_s = 60, .other_pick_s = -INFINITY};
  assert_near(location_silence_penalty(&f->problem, &f->truth, 40), 0, 0);
  f->problem.silence[0] = (location_silence){.at = {200, 0}, .seen = 0.85, .since_s = -1000, .sure_until_s = 60, .other_pick_s = -INFINITY};
  assert_near(location_silence_penalty(&f->problem, &f->truth, 40), 0, 0);
}

static void a_site_that_the_wave_has_passed_is_awaited_until_its_data_are_in(void **state)
{
  fixture *f = *state;
  random_source random = {9};
  read_at(f, &random, (hypocentre){.depth_km = 10}, 6, 40, 0, false);
  f->problem.silences = 1;
  location_silence *s = &f->problem.silence[0];
  *s = (location_silence){.at = {3, 3}, .seen = 0.85, .current = true, .since_s = -1000, .sure_until_s = 1, .other_pick_s = -INFINITY};
  double awaited = location_awaited_penalty(&f->problem, &f->truth, 40);
  assert_near(awaited, -log(1 - 0.85), 1e-6);
  s->sure_until_s = 2.4; /* P arrives after 1.9 s */
  assert_true(location_silence_penalty(&f->problem, &f->truth, 40) > 0.1);
  assert_near(location_awaited_penalty(&f->problem, &f->truth, 40) + location_silence_penalty(&f->problem, &f->truth, 40), awaited, 1e-6);
  s->sure_until_s = 60;
  assert_near(location_awaited_penalty(&f->problem, &f->truth, 40), 0, 1e-9);
  s->sure_until_s = 1;
  s->current = false;
  assert_near(location_awaited_penalty(&f->problem, &f->truth, 40), 0, 0);
  *s = (location_silence){.at = {200, 0}, .seen = 0.85, .current = true, .since_s = -1000, .sure_until_s = 1, .other_pick_s = -INFINITY};
  assert_near(location_awaited_penalty(&f->problem, &f->truth, 200), 0, 0); /* the wave has not come so far */
}

static double likelihood_of(const fixture *f, const hypocentre *at)
{
  return location_likelihood(at, location_log_odds(&f->problem, at), location_afar(&f->problem, at));
}

static void likelihood_falls_with_silence_and_with_a_wave_from_afar(void **state)
{
  fixture *f = *state;
  random_source random = {10};
  read_at(f, &random, (hypocentre){.depth_km = 8}, 8, 60, 0.05, false);
  hypocentre found = location_refine(&f->problem, (hypocentre){.depth_km = 10});
  double alone = likelihood_of(f, &found);
  assert_true(alone > 0.95);
  for (size_t i = 0; i < 30; i++)
    f->problem.silence[i] = (location_silence){.at = {random_uniform(&random, -30, 30), random_uniform(&random, -30, 30)},
                                               .seen = 0.85,
                                               .since_s = -1000,
                                               .sure_until_s = 90,
                                               .other_pick_s = -INFINITY};
  f->problem.silences = 30;
  assert_true(likelihood_of(f, &found) < 0.1);
  f->problem.silences = 0;
  for (size_t i = 0; i < 8; i++)
    f->problem.reading[i].time_s = f->problem.reading[i].at.east_km / 20 + 0.03 * random_normal(&random);
  found = location_refine(&f->problem,
                          location_search(&f->problem, (location_box){.radius_km = 200, .anchor = -1, .finest_km = 0.4, .least = -INFINITY}));
  assert_true(likelihood_of(f, &found) < 0.3);
}

/* P waves that nearly are a plane wave's, with S of half of the sites or without. */
static void an_s_that_fits_here_is_no_distant_wave_s(void **state)
{
  fixture *f = *state;
  double afar[2];
  for (int with_s = 0; with_s < 2; with_s++) {
    random_source random = {3};
    read_at(f, &random, (hypocentre){.depth_km = 12}, 4, 12, 0.02, with_s);
    hypocentre found = location_refine(&f->problem, (hypocentre){.depth_km = 12});
    afar[with_s] = location_afar(&f->problem, &found);
  }
  assert_true(afar[0] > -3);
  assert_true(afar[1] < afar[0] - 10);
}

int main(void)
{
#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, make, clear)
  const struct CMUnitTest tests[] = {
      WITH_FIXTURE(the_search_comes_near_and_geiger_ends_at_the_truth),
      WITH_FIXTURE(an_anchored_search_leaves_false_picks_aside),
      WITH_FIXTURE(one_wild_reading_does_not_move_the_place),
      WITH_FIXTURE(seven_in_ten_places_lie_within_their_radius),
      WITH_FIXTURE(where_the_ground_is_not_the_model_s_the_depth_s_error_says_so),
      WITH_FIXTURE(what_the_model_may_be_wrong_widens_depth_and_time),
      WITH_FIXTURE(the_radius_of_a_circle_and_of_a_line_are_known),
      WITH_FIXTURE(depth_falls_to_the_prior_where_the_data_cannot_say),
      WITH_FIXTURE(a_silent_site_near_by_counts_only_if_its_data_are_in),
      WITH_FIXTURE(a_site_that_the_wave_has_passed_is_awaited_until_its_data_are_in),
      WITH_FIXTURE(likelihood_falls_with_silence_and_with_a_wave_from_afar),
      WITH_FIXTURE(an_s_that_fits_here_is_no_distant_wave_s),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
