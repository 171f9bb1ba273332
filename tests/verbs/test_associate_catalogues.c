/* `tocsin associate` on what networks picked, against the earthquakes that catalogues list. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "data.h"

enum { PATH = 512 };

/* How many are found, missed and made up, as the sweep counts them, with the default settings. */
static void associate(const char *folder, const char *truth, const char *options)
{
  char arguments[5 * PATH], stations[PATH], picks[PATH], listed[PATH], file[PATH];
  snprintf(file, sizeof file, "%s/stations.csv", folder);
  snprintf(stations, sizeof stations, "%s", data_path(file));
  snprintf(file, sizeof file, "%s/picks.csv", folder);
  snprintf(picks, sizeof picks, "%s", data_path(file));
  snprintf(file, sizeof file, "%s/%s", folder, truth);
  snprintf(listed, sizeof listed, "%s", data_path(file));
  snprintf(arguments, sizeof arguments, "associate --stations %s --truth %s --tune residual_s=1 %s %s", stations, listed, options, picks);
  assert_int_equal(command_run(arguments), 0);
  assert_int_equal(command_lines(), 1);
}

static int counted(const char *name)
{
  int count = atoi(command_cell(0, name));
  print_message("# %s: %d\n", name, count);
  return count;
}

static void an_aftershock_sequence_is_found_but_for_one_in_seventy(void **state)
{
  (void)state;
  char options[2 * PATH];
  snprintf(options, sizeof options, "--velocity %s", data_path("amatrice-2016/velocity.csv"));
  associate("amatrice-2016", "reference-events.csv", options);
  assert_true(counted("found") >= 465); /* of 472 */
  assert_true(counted("missed_with_20_phases") <= 2);
  assert_true(counted("extra") <= 135);
}

static void a_continent_of_noise_makes_few_earthquakes_that_no_list_has(void **state)
{
  (void)state;
  associate("ceus-picks", "events.csv", "--within 5,50");
  assert_true(counted("found") >= 44); /* of 53 */
  assert_true(counted("extra") <= 40);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_aftershock_sequence_is_found_but_for_one_in_seventy),
      cmocka_unit_test(a_continent_of_noise_makes_few_earthquakes_that_no_list_has),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
