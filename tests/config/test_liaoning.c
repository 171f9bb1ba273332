/* The configurations that ship can be used as they are; Liaoning's names every place that its centre must warn. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "files.h"

enum { PLACES = 27, DISTRICTS = 13 };

static const char *const places[PLACES] = {"shenyang", "heping",    "shenhe",  "dadong",   "huanggu",  "tiexi",  "sujiatun", "hunnan",   "shenbei",
                                           "yuhong",   "liaozhong", "xinmin",  "kangping", "faku",     "dalian", "anshan",   "fushun",   "benxi",
                                           "dandong",  "jinzhou",   "yingkou", "fuxin",    "liaoyang", "panjin", "tieling",  "chaoyang", "huludao"};

static settings s;

static int load(void **state)
{
  (void)state;
  return settings_load(&s, project_path("config/liaoning.yaml")) ? 0 : -1;
}

static int release(void **state)
{
  (void)state;
  settings_release(&s);
  return 0;
}

static const engine_target *target(const char *id)
{
  for (size_t i = 0; i < s.engine.targets_count; i++)
    if (strcmp(s.engine.targets[i].id, id) == 0)
      return &s.engine.targets[i];
  fail_msg("no target `%s`", id);
  return NULL;
}

static double km_between(const char *a, const char *b)
{
  const engine_target *x = target(a), *y = target(b);
  return locator_distance_km(x->latitude_deg, x->longitude_deg, y->latitude_deg, y->longitude_deg, NULL);
}

static void every_city_and_district_is_a_target_in_two_languages(void **state)
{
  (void)state;
  static const char *const ends[] = {"市", "区", "县"};
  assert_int_equal(s.engine.targets_count, PLACES);
  for (size_t i = 0; i < PLACES; i++) {
    const engine_target *t = target(places[i]);
    const char *last = t->name_zh + strlen(t->name_zh) - strlen("市");
    assert_true(t->name[0] >= 'A' && t->name[0] <= 'Z');
    assert_true(strlen(t->name_zh) >= 2 * strlen("市"));
    assert_true(strcmp(last, ends[0]) == 0 || strcmp(last, ends[1]) == 0 || strcmp(last, ends[2]) == 0);
  }
}

static void every_target_lies_in_the_province_and_is_told_from_intensity_3(void **state)
{
  (void)state;
  for (size_t i = 0; i < s.engine.targets_count; i++) {
    const engine_target *t = &s.engine.targets[i];
    if (t->latitude_deg < 38.7 || t->latitude_deg > 43.5 || t->longitude_deg < 118.8 || t->longitude_deg > 125.8)
      fail_msg("%s lies at %g N %g E", t->id, t->latitude_deg, t->longitude_deg);
    assert_true(t->threshold == 3 && t->site_term == 0);
  }
}

/* Straight lines on the map, to a few km: a swapped or mistyped coordinate would not pass. */
static void places_lie_as_far_apart_as_on_the_map(void **state)
{
  (void)state;
  static const struct {
    const char *a, *b;
    double km, tolerance;
  } pairs[] = {{"shenyang", "dalian", 356, 8},  {"shenyang", "anshan", 84, 5},    {"shenyang", "fushun", 45, 4},  {"shenyang", "benxi", 63, 4},
               {"shenyang", "dandong", 203, 8}, {"shenyang", "jinzhou", 207, 8},  {"shenyang", "tieling", 64, 5}, {"shenyang", "xinmin", 53, 5},
               {"shenyang", "faku", 77, 5},     {"shenyang", "kangping", 103, 5}, {"jinzhou", "huludao", 49, 5},  {"anshan", "liaoyang", 24, 4},
               {"yingkou", "panjin", 52, 5},    {"fuxin", "chaoyang", 112, 6},    {"shenyang", "shenhe", 3, 2},   {"shenyang", "hunnan", 10, 3}};
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    double km = km_between(pairs[i].a, pairs[i].b);
    if (km < pairs[i].km - pairs[i].tolerance || km > pairs[i].km + pairs[i].tolerance)
      fail_msg("%s and %s are %.1f km apart", pairs[i].a, pairs[i].b, km);
  }
}

static void every_district_belongs_to_shenyang(void **state)
{
  (void)state;
  for (size_t i = 1; i <= DISTRICTS; i++)
    assert_true(km_between("shenyang", places[i]) < 110);
}

static void the_rules_are_those_of_the_region(void **state)
{
  (void)state;
  locator_model model;
  assert_true(s.engine.rules.minimum_magnitude == 4.0 && s.engine.rules.minimum_intensity == 3.0);
  assert_string_equal(engine_audience_words[s.engine.rules.audience], "internal");
  assert_int_equal(s.intensity.zone, INTENSITY_EAST);
  assert_string_equal(s.locator.model, "north-china");
  assert_true(locator_model_named(s.locator.model, &model));
  assert_true(s.locator.default_depth_km - s.locator.depth_sigma_km >= 5 && s.locator.default_depth_km + s.locator.depth_sigma_km <= 20);
  assert_string_equal(s.server.name_zh, "沈阳市地震监测中心");
}

static void every_configuration_that_ships_is_without_fault(void **state)
{
  (void)state;
  static const char *const folders[] = {"config", "config/demo"};
  static settings other;
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    char **list = files_list(project_path(folders[i]), ".yaml");
    assert_non_null(list);
    for (char **path = list; *path; path++) {
      if (!settings_load(&other, *path))
        fail_msg("%s has faults", *path);
      settings_release(&other);
    }
    files_list_free(list);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_city_and_district_is_a_target_in_two_languages),
      cmocka_unit_test(every_target_lies_in_the_province_and_is_told_from_intensity_3),
      cmocka_unit_test(places_lie_as_far_apart_as_on_the_map),
      cmocka_unit_test(every_district_belongs_to_shenyang),
      cmocka_unit_test(the_rules_are_those_of_the_region),
      cmocka_unit_test(every_configuration_that_ships_is_without_fault),
  };
  return cmocka_run_group_tests(tests, load, release);
}
