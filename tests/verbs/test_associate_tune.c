/* `tocsin associate --tune`: settings tried on earthquakes that are known. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made_picks.h"

static int prepare(void **state)
{
  if (made_stations(state))
    return -1;
  made_picks("picks.csv", made_two, 2, (made_amplitudes){0}, "");
  command_write("truth.csv", "n_phases,origin_time_utc,longitude_deg,latitude_deg\n50,2020-09-13T12:26:40Z,123.52,41.35\n"
                             "50,2020-09-13T12:27:05Z,123.9,41.75\n20,2020-09-13T15:00:00Z,123.9,41.75\n");
  return 0;
}

static int cell(size_t line, const char *name)
{
  return atoi(command_cell(line, name));
}

static void each_combination_is_a_line_in_order(void **state)
{
  (void)state;
  assert_int_equal(command_run("associate --stations stations.csv --truth truth.csv --tune minimum_stations=4:34:30 --tune residual_s=1,2 "
                               "--jobs 2 picks.csv"),
                   0);
  assert_int_equal(command_lines(), 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(cell(i, "minimum_stations"), i < 2 ? 4 : 34);
    assert_int_equal(cell(i, "residual_s"), i % 2 ? 2 : 1);
    assert_int_equal(cell(i, "found"), i < 2 ? 2 : 0); /* 25 stations are never 34 */
    assert_int_equal(cell(i, "missed"), i < 2 ? 1 : 3);
    assert_int_equal(cell(i, "missed_with_20_phases"), i < 2 ? 1 : 3);
    assert_int_equal(cell(i, "extra"), 0);
  }
  assert_true(strtod(command_cell(0, "cpu_s"), NULL) >= 0);
  assert_true(strtod(command_cell(0, "median_km"), NULL) < 2);
}

/* All but the last column, CPU. */
static char *without_cpu(void)
{
  char *text = strdup(command_said()), *to = text;
  for (const char *from = command_said(); *from; from += strcspn(from, "\n") + (from[strcspn(from, "\n")] == '\n')) {
    size_t length = strcspn(from, "\n");
    while (length > 0 && from[length] != ',')
      length--;
    memmove(to, from, length);
    to += length;
  }
  *to = '\0';
  return text;
}

static void the_number_of_processes_changes_nothing(void **state)
{
  (void)state;
  assert_int_equal(command_run("associate --stations stations.csv --truth truth.csv --tune depth_sigma_km=4:12:2 --jobs 1 picks.csv"), 0);
  char *one = without_cpu();
  assert_int_equal(command_run("associate --stations stations.csv --truth truth.csv --tune depth_sigma_km=4:12:2 --jobs 3 picks.csv"), 0);
  char *three = without_cpu();
  assert_string_equal(one, three);
  assert_int_equal(command_lines(), 5);
  free(one);
  free(three);
}

static void several_settings_may_stand_in_one_word_and_the_plot_shows_them(void **state)
{
  (void)state;
  size_t length;
  char path[160];
  assert_int_equal(command_run("associate --stations stations.csv --truth truth.csv --within 5,50 --tune minimum_stations=4,5,residual_s=0.5:1:0.5 "
                               "--plot sweep.svg picks.csv"),
                   0);
  assert_int_equal(command_lines(), 4);
  snprintf(path, sizeof path, "%s/sweep.svg", command_folder());
  char *svg = data_read(path, &length);
  size_t points = 0;
  for (const char *c = svg; (c = strstr(c, "<circle")); c++)
    points++;
  assert_int_equal(points, 8);
  assert_non_null(strstr(svg, "</svg>"));
  free(svg);
}

static void what_cannot_be_tried_is_said(void **state)
{
  static const struct {
    const char *arguments, *complaint;
  } cases[] = {
      {"--tune shoe_size=1:2:1 --truth truth.csv", "a number in the section `locator`"},
      {"--tune residual_s=1:0:1 --truth truth.csv", "give FROM:TO:STEP"},
      {"--tune residual_s=1:200:100 --truth truth.csv", "residual_s must lie within 0.1..10"},
      {"--tune residual_s=1", "--tune needs --truth"},
      {"--truth truth.csv", "belong to --tune"},
      {"--tune residual_s=1 --truth truth.csv --within 0,10", "give seconds and kilometres above 0"},
      {"--tune residual_s=1 --truth truth.csv --jobs none", "give a number of 1 to 1000"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char arguments[256];
    snprintf(arguments, sizeof arguments, "associate --stations stations.csv %s picks.csv", cases[i].arguments);
    assert_int_equal(command_run(arguments), 2);
    command_assert_complained(cases[i].complaint);
  }
  command_write("empty.csv", "origin_time_utc,latitude_deg,longitude_deg\nnow,41,123\n");
  assert_int_equal(command_run("associate --stations stations.csv --tune residual_s=1 --truth empty.csv picks.csv"), 1);
  command_assert_complained("empty.csv:2: no time: `now`");
  command_assert_complained("no earthquake in it");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_combination_is_a_line_in_order),
      cmocka_unit_test(the_number_of_processes_changes_nothing),
      cmocka_unit_test(several_settings_may_stand_in_one_word_and_the_plot_shows_them),
      cmocka_unit_test(what_cannot_be_tried_is_said),
  };
  return cmocka_run_group_tests(tests, prepare, command_folder_remove);
}
