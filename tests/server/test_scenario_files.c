#include "data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "files.h"
#include "scenario.h"

static char folder[64];

static void assert_between(double value, double least, double most, const char *what)
{
  if (!(value >= least && value <= most))
    fail_msg("%s: %g is outside %g to %g", what, value, least, most);
}

static int make_folder(void **state)
{
  locator_model model;
  snprintf(folder, sizeof folder, "/tmp/tocsin-scenario-XXXXXX");
  if (!mkdtemp(folder) || !locator_model_named("iasp91", &model))
    return -1;
  *state = locator_travel_times_create(&model, 500, 50);
  return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
  char **names = files_list(folder, "");
  for (char **name = names; name && *name; name++)
    unlink(*name);
  files_list_free(names);
  rmdir(folder);
  locator_travel_times_destroy(*state);
  return 0;
}

static scenario small_scenario(const locator_travel_times *tables)
{
  scenario s = scenario_haicheng();
  s.tables = tables;
  s.stations_count = 3;
  s.duration_s = 60;
  return s;
}

static const char *in_folder(const char *name)
{
  static char path[128];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void the_inventory_reads_back(void **state)
{
  scenario s = small_scenario(*state);
  assert_true(scenario_write(&s, folder));
  ingest_inventory *inventory = files_inventory(in_folder("stations.xml"));
  assert_non_null(inventory);
  assert_int_equal(ingest_inventory_sensors(inventory), 3);
  for (size_t i = 0; i < 3; i++)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      ingest_codes codes = {0};
      int component;
      strcpy(codes.network, s.stations[i].network);
      strcpy(codes.station, s.stations[i].station);
      strcpy(codes.channel, scenario_channels[c]);
      int32_t sensor = ingest_inventory_find(inventory, &codes, &component);
      assert_true(sensor >= 0 && component == c);
      const ingest_epoch *epoch = ingest_inventory_epoch(inventory, sensor, c, s.start);
      assert_non_null(epoch);
      assert_between(epoch->gain / scenario_gain, 1 - 1e-9, 1 + 1e-9, "gain");
      assert_int_equal(epoch->unit, INGEST_UNIT_ACCELERATION);
      assert_between(ingest_inventory_sensor(inventory, (size_t)sensor)->latitude_deg - s.stations[i].latitude_deg, -1e-5, 1e-5, "latitude");
    }
  ingest_inventory_destroy(inventory);
}

static void noise_has_no_truth(void **state)
{
  scenario s = small_scenario(*state);
  assert_true(scenario_write(&s, folder));
  assert_int_equal(access(in_folder("event.json"), F_OK), 0);
  s.noise_only = true;
  assert_true(scenario_write(&s, folder));
  assert_int_not_equal(access(in_folder("event.json"), F_OK), 0);
}

static void the_truth_reads_back(void **state)
{
  scenario s = small_scenario(*state);
  assert_true(scenario_write(&s, folder));
  json_t *truth = json_load_file(in_folder("event.json"), 0, NULL);
  assert_non_null(truth);
  json_t *properties = json_object_get(truth, "properties"), *place = json_object_get(json_object_get(truth, "geometry"), "coordinates");
  assert_between(json_number_value(json_object_get(properties, "mag")), 7.3, 7.3, "magnitude");
  assert_true(json_integer_value(json_object_get(properties, "time")) == s.origin_time / 1000000);
  assert_between(json_number_value(json_array_get(place, 0)), 122.8, 122.8, "longitude");
  assert_between(json_number_value(json_array_get(place, 1)), 40.7, 40.7, "latitude");
  assert_between(json_number_value(json_array_get(place, 2)), 16, 16, "depth");
  json_decref(truth);
}

typedef struct {
  char name[64];
  double *counts;
  int32_t samples;
} channel;

static void keep_first(void *user, const ingest_record *header, const double *counts)
{
  channel *c = user;
  char codes[INGEST_CODES_TEXT];
  if (c->counts)
    return;
  snprintf(c->name, sizeof c->name, "%s.mseed", ingest_codes_format(&header->codes, codes));
  c->samples = header->samples;
  c->counts = malloc((size_t)header->samples * sizeof *counts);
  memcpy(c->counts, counts, (size_t)header->samples * sizeof *counts);
}

static void the_files_hold_every_sample_in_small_records(void **state)
{
  scenario s = small_scenario(*state);
  channel made = {.counts = NULL};
  assert_true(scenario_write(&s, folder));
  assert_true(scenario_make(&s, keep_first, &made));
  size_t length, at = 0;
  uint8_t *bytes = files_read(in_folder(made.name), &length);
  assert_non_null(bytes);
  int32_t read = 0;
  static double values[65536];
  for (; at < length; at += SCENARIO_RECORD_LENGTH) {
    ingest_record header;
    assert_int_equal(ingest_frame(bytes + at, length - at).length, SCENARIO_RECORD_LENGTH);
    assert_null(ingest_record_decode(bytes + at, SCENARIO_RECORD_LENGTH, &header, values, 65536));
    assert_true(llabs(header.start - (s.start + (int64_t)((double)read / s.rate * 1e9))) < 200000);
    assert_memory_equal(values, made.counts + read, (size_t)header.samples * sizeof *values);
    read += header.samples;
  }
  assert_int_equal(read, made.samples);
  free(bytes);
  free(made.counts);
}

static void count_bytes(void *user, const uint8_t *bytes, size_t length)
{
  (void)bytes;
  *(size_t *)user += length;
}

static void add_bytes(void *user, const ingest_record *header, const double *counts)
{
  assert_true(ingest_record_write(header, counts, SCENARIO_RECORD_LENGTH, count_bytes, user) > 0);
}

static void noise_takes_less_than_two_bytes_a_sample(void **state)
{
  scenario s = small_scenario(*state);
  size_t bytes = 0;
  s.noise_only = true;
  s.stations_count = 10;
  s.duration_s = 300;
  assert_true(scenario_make(&s, add_bytes, &bytes));
  assert_between((double)bytes / (10 * INGEST_COMPONENTS * 300 * s.rate), 0.3, 2, "bytes a sample");
}

/* ---- the verb ---- */

/* Exit status of `tocsin scenario` with these arguments; what it said on stderr into `said`. */
static int scenario_verb(const char *arguments, char said[1024])
{
  char command[2048];
  snprintf(command, sizeof command, "'%s' scenario %s 2>&1 >'%s/stdout'", build_path("tocsin"), arguments, folder);
  FILE *pipe = popen(command, "r");
  assert_non_null(pipe);
  said[fread(said, 1, 1023, pipe)] = '\0';
  return pclose(pipe) / 256;
}

static void wrong_arguments_are_named_with_their_remedy(void **state)
{
  (void)state;
  static const struct {
    const char *arguments, *says;
  } wrong[] = {
      {"--magnitude ten", "--magnitude ten: must be a number from 1 to 9"},
      {"--latitude 95", "--latitude 95: must be a number from -89 to 89"},
      {"--rate nan", "--rate nan: must be a number"},
      {"--seed -4", "--seed -4: must be a whole number"},
      {"--time yesterday", "--time yesterday: must be as"},
      {"--stations /nowhere.csv", "/nowhere.csv: No such file"},
      {"--bogus", "bogus"},
      {"extra", "takes no argument `extra`"},
  };
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    char said[1024];
    assert_int_equal(scenario_verb(wrong[i].arguments, said), 2);
    if (!strstr(said, wrong[i].says))
      fail_msg("%s: said `%s`, not `%s`", wrong[i].arguments, said, wrong[i].says);
  }
}

static void write_csv(const char *text)
{
  FILE *csv = fopen(in_folder("list.csv"), "w");
  fputs(text, csv);
  fclose(csv);
}

static void stations_come_from_a_csv_by_its_header(void **state)
{
  (void)state;
  char arguments[512], said[1024];
  write_csv("longitude_deg,latitude_deg,station,network\r\n120.5,40.1,ONE,QQ\r\n120.7,40.3,TWO,QQ\r\n");
  snprintf(arguments, sizeof arguments, "--stations '%s/list.csv' --latitude 40 --longitude 120.4 --magnitude 5 --before 5 --after 40 --out '%s'",
           folder, folder);
  assert_int_equal(scenario_verb(arguments, said), 0);
  ingest_inventory *inventory = files_inventory(in_folder("stations.xml"));
  assert_int_equal(ingest_inventory_sensors(inventory), 2);
  assert_string_equal(ingest_inventory_sensor(inventory, 1)->site_code, "QQ.TWO");
  assert_between(ingest_inventory_sensor(inventory, 1)->longitude_deg, 120.7, 120.7, "longitude");
  ingest_inventory_destroy(inventory);
}

static void a_wrong_csv_line_is_named(void **state)
{
  (void)state;
  char arguments[512], said[1024];
  snprintf(arguments, sizeof arguments, "--stations '%s/list.csv' --out '%s'", folder, folder);
  write_csv("network,station,latitude_deg,longitude_deg\nQQ,ONE,40,120\nQQ,TWO,north,120\n");
  assert_int_equal(scenario_verb(arguments, said), 2);
  assert_non_null(strstr(said, "line 3"));
  write_csv("network,station,latitude_deg,longitude_deg\nQQ,../ONE,40,120\n");
  assert_int_equal(scenario_verb(arguments, said), 2);
  assert_non_null(strstr(said, "line 2"));
  write_csv("net,sta\nQQ,ONE\n");
  assert_int_equal(scenario_verb(arguments, said), 2);
  assert_non_null(strstr(said, "line 1 must name"));
  write_csv("network,station,latitude_deg,longitude_deg\n");
  assert_int_equal(scenario_verb(arguments, said), 2);
  assert_non_null(strstr(said, "names no station"));
}

static void help_names_every_option(void **state)
{
  (void)state;
  static const char *const options[] = {"--latitude", "--longitude", "--depth", "--magnitude", "--strike", "--stations",   "--time",    "--before",
                                        "--after",    "--rate",      "--noise", "--seed",      "--out",    "--noise-only", "--minutes", "--config"};
  char said[1024];
  size_t length;
  assert_int_equal(scenario_verb("--help", said), 0);
  char *text = data_read(in_folder("stdout"), &length);
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    assert_non_null(strstr(text, options[i]));
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_inventory_reads_back),
      cmocka_unit_test(the_truth_reads_back),
      cmocka_unit_test(noise_has_no_truth),
      cmocka_unit_test(the_files_hold_every_sample_in_small_records),
      cmocka_unit_test(noise_takes_less_than_two_bytes_a_sample),
      cmocka_unit_test(wrong_arguments_are_named_with_their_remedy),
      cmocka_unit_test(stations_come_from_a_csv_by_its_header),
      cmocka_unit_test(a_wrong_csv_line_is_named),
      cmocka_unit_test(help_names_every_option),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
