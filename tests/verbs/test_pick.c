/* `tocsin pick` and its tuning on made windows with known onsets. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ingest.h"
#include "random.h"

enum { WINDOWS = 12, RATE = 100, SAMPLES = 30 * RATE, P = 1837, SPIKE = 1000 };
static const int64_t begin = INT64_C(1600000000) * INGEST_SECOND;

static void append(void *user, const uint8_t *bytes, size_t length)
{
  assert_int_equal(fwrite(bytes, 1, length, user), length);
}

/* Noise, and from P on a wave that dies away, the weaker the later its window; without `wave` a spike. */
static void write_window(int window, bool wave)
{
  static double values[SAMPLES];
  char path[160];
  random_source r = {(uint64_t)window + 1};
  double amplitude = 9000.0 / (3 + window);
  for (int i = 0; i < SAMPLES; i++) {
    double t = (double)(i - P) / RATE, sum = 0;
    for (int hz = 2; hz < 10; hz++)
      sum += sin(2 * M_PI * hz * t + hz * hz);
    values[i] = round(100 * random_normal(&r) + (wave && t >= 0 ? amplitude * sum / 4 * exp(-t / 2) : 0));
  }
  values[SPIKE] += wave ? 0 : 50000;
  ingest_record record = {.codes = {"XX", "", "", "HHZ"}, .start = begin, .rate = RATE, .samples = SAMPLES, .version = 2, .encoding = 11};
  snprintf(record.codes.station, sizeof record.codes.station, "%s%02d", wave ? "W" : "N", window);
  snprintf(path, sizeof path, "%s/%s.mseed", command_folder(), record.codes.station);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(ingest_record_write(&record, values, 512, append, file) > 0);
  fclose(file);
}

static int make_windows(void **state)
{
  char text[4096] = "\xef\xbb\xbfnetwork,station,kind,window_start_utc,p_sample,s_sample,rate_hz\n";
  if (command_folder_make(state))
    return -1;
  for (int i = 0; i < WINDOWS; i++) {
    write_window(i, true);
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,W%02d,\"analyst, made\",2020-09-13T12:26:40Z,%d,,%s\n", i, P, i % 2 ? "" : "100");
  }
  write_window(0, false);
  snprintf(text + strlen(text), sizeof text - strlen(text), "XX,N00,noise,2020-09-13T12:26:40.000Z,,,\n");
  command_write("labels.csv", text);
  return 0;
}

static double cell(size_t line, const char *name)
{
  return strtod(command_cell(line, name), NULL);
}

static void every_combination_has_its_line(void **state)
{
  (void)state;
  assert_int_equal(command_run("pick --tune threshold_2=-1:1:1 --tune picker.threshold_1=8,12 --labels labels.csv *.mseed"), 0);
  assert_int_equal(command_lines(), 6);
  for (size_t line = 0; line < 6; line++) {
    assert_true(cell(line, "threshold_2") == (double)(line / 2) - 1 && cell(line, "threshold_1") == (line % 2 ? 12 : 8));
    assert_int_equal(cell(line, "windows"), WINDOWS);
    assert_true(fabs(cell(line, "noise_h") - (WINDOWS * (P / 100.0 - 0.5) + 30) / 3600) < 1e-3);
  }
}

static void clear_onsets_are_found_at_once(void **state)
{
  (void)state;
  assert_int_equal(command_run("pick --tune threshold_2=0 --labels labels.csv *.mseed"), 0);
  if (cell(0, "p_hits") < WINDOWS * 2 / 3)
    fail_msg("only %s of them", command_cell(0, "p_hits"));
  assert_true(cell(0, "p_error_median_s") <= 0.03 && cell(0, "p_error_median_s") <= cell(0, "p_error_90_s"));
  assert_true(cell(0, "emitted_after_median_s") > 0 && cell(0, "emitted_after_median_s") <= cell(0, "emitted_after_90_s"));
  assert_int_equal(cell(0, "windows_with_s"), 0);
  assert_string_equal(command_cell(0, "s_error_median_s"), "");
}

static void stricter_finds_no_more(void **state)
{
  (void)state;
  assert_int_equal(command_run("pick --tune threshold_2=-5:5:2.5 --labels labels.csv *.mseed"), 0);
  for (size_t line = 1; line < command_lines(); line++)
    assert_true(cell(line, "p_hits") <= cell(line - 1, "p_hits"));
  assert_true(cell(4, "p_hits") < cell(0, "p_hits"));
}

static void any_number_of_processes_gives_the_same(void **state)
{
  (void)state;
  assert_int_equal(command_run("pick --tune threshold_2=-2:2:0.5 --labels labels.csv --jobs 1 *.mseed"), 0);
  char *alone = strdup(command_said());
  assert_int_equal(command_run("pick --tune threshold_2=-2:2:0.5 --labels labels.csv --jobs 4 *.mseed"), 0);
  assert_string_equal(command_said(), alone);
  free(alone);
}

static void the_sweep_tries_what_pick_does(void **state)
{
  (void)state;
  size_t hits = 0;
  command_write("strict.yaml", "picker:\n  threshold_2: 2\n");
  assert_int_equal(command_run("pick --config strict.yaml *.mseed"), 0);
  for (size_t line = 0; line < command_lines(); line++) {
    int64_t time;
    assert_true(ingest_time_parse(command_cell(line, "time_utc"), &time));
    hits += llabs(time - begin - P * (INGEST_SECOND / RATE)) <= INGEST_SECOND / 2;
  }
  assert_int_equal(command_run("pick --tune threshold_2=2 --labels labels.csv *.mseed"), 0);
  assert_int_equal(cell(0, "p_hits"), hits);
}

static void what_is_no_pick_is_said_with_its_reason(void **state)
{
  (void)state;
  assert_int_equal(command_run("pick N00.mseed"), 0);
  command_assert_complained("1 spike");
}

static void the_plot_has_a_point_for_each_combination(void **state)
{
  (void)state;
  char path[160];
  size_t length, points = 0;
  assert_int_equal(command_run("pick --tune threshold_2=-1:1:0.5 --labels labels.csv --plot t.svg *.mseed"), 0);
  snprintf(path, sizeof path, "%s/t.svg", command_folder());
  char *svg = data_read(path, &length);
  for (const char *at = svg; (at = strstr(at, "<circle")) != NULL; at++)
    points++;
  assert_int_equal(points, 10);
  assert_non_null(strstr(svg, "threshold_2"));
  assert_non_null(strstr(svg, "</svg>"));
  free(svg);
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *arguments;
    int status;
    const char *says;
  } cases[] = {
      {"pick --tune treshold=1:2:1 --labels labels.csv *.mseed", 2, "--tune treshold=1:2:1"},
      {"pick --tune threshold_2=1:2:0 --labels labels.csv *.mseed", 2, "step above 0"},
      {"pick --tune threshold_2=1:2x:1 --labels labels.csv *.mseed", 2, "FROM:TO:STEP"},
      {"pick --tune threshold_2=0,9 --labels labels.csv *.mseed", 2, "-5..5"},
      {"pick --tune threshold_2=nan --labels labels.csv *.mseed", 2, "-5..5"},
      {"pick --tune threshold_2=0 *.mseed", 2, "--labels"},
      {"pick --labels labels.csv *.mseed", 2, "--tune"},
      {"pick --tune threshold_2=0 --labels labels.csv --jobs 0 *.mseed", 2, "--jobs 0"},
      {"pick --tune threshold_2=0 --labels none.csv *.mseed", 1, "none.csv"},
      {"pick --tune threshold_2=0 --labels bad.csv *.mseed", 1, "no column `p_sample`"},
      {"pick --tune threshold_2=0 --labels odd.csv *.mseed", 1, "odd.csv:2"},
      {"pick --tune threshold_2=0 --labels far.csv *.mseed", 1, "none of the labels' windows"},
      {"pick --tune threshold_2=0 --labels labels.csv --plot nowhere/t.svg *.mseed", 1, "nowhere/t.svg"},
  };
  command_write("bad.csv", "network,station,window_start_utc\nXX,W00,2020-09-13T12:26:40Z\n");
  command_write("odd.csv", "network,station,window_start_utc,p_sample\nXX,W00,2020-09-13T12:26:40Z,soon\n");
  command_write("far.csv", "network,station,window_start_utc,p_sample\nXX,W00,2021-09-13T12:26:40Z,100\n");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    if (command_run(cases[i].arguments) != cases[i].status)
      fail_msg("%s: not %d", cases[i].arguments, cases[i].status);
    command_assert_complained(cases[i].says);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_combination_has_its_line),
      cmocka_unit_test(clear_onsets_are_found_at_once),
      cmocka_unit_test(stricter_finds_no_more),
      cmocka_unit_test(any_number_of_processes_gives_the_same),
      cmocka_unit_test(the_sweep_tries_what_pick_does),
      cmocka_unit_test(what_is_no_pick_is_said_with_its_reason),
      cmocka_unit_test(the_plot_has_a_point_for_each_combination),
      cmocka_unit_test(what_is_wrong_is_named),
  };
  return cmocka_run_group_tests(tests, make_windows, command_folder_remove);
}
