/* What `tocsin check --inventory DIR FILE...` says of StationXML that its stations' recordings contradict. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ingest.h"
#include "random.h"

enum { STATIONS = 5, RATE = 100, SECONDS = 60, SAMPLES = RATE * SECONDS };

static const int64_t begin = INT64_C(1600000000) * INGEST_SECOND;
static const double true_gain = 1e6;

/* ---- a made network and its noise ---- */

/* What is done wrong to it. */
typedef struct {
  double stated[STATIONS][INGEST_COMPONENTS]; /* the stated gain over the true one */
  bool is_absent[STATIONS];                   /* from the inventory */
  bool is_silent[STATIONS][INGEST_COMPONENTS], is_dead[STATIONS][INGEST_COMPONENTS];
  double stated_rate;
  int64_t until;   /* of every epoch */
  int p_waves;     /* at station 0 */
  int p_component; /* whose cable carries the vertical there */
} network;

static network sound(void)
{
  network n = {.stated_rate = RATE, .until = INT64_MAX};
  for (int i = 0; i < STATIONS; i++)
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      n.stated[i][k] = 1;
  return n;
}

static ingest_codes codes_of(int station, int component)
{
  ingest_codes codes = {.network = "LN", .location = "00"};
  snprintf(codes.station, sizeof codes.station, "S%d", station);
  snprintf(codes.channel, sizeof codes.channel, "HN%c", "ZNE"[component]);
  return codes;
}

static void put_text(void *user, const char *text, size_t length)
{
  assert_int_equal(fwrite(text, 1, length, user), length);
}

static void put_record(void *user, const uint8_t *bytes, size_t length)
{
  assert_int_equal(fwrite(bytes, 1, length, user), length);
}

static void write_inventory(const network *n)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < STATIONS; i++)
    for (int k = 0; k < INGEST_COMPONENTS && !n->is_absent[i]; k++) {
      ingest_codes codes = codes_of(i, k);
      ingest_epoch epoch = {.start = begin - 1000 * INGEST_SECOND,
                            .end = n->until,
                            .gain = true_gain * n->stated[i][k],
                            .gain_frequency_hz = 1,
                            .rate = n->stated_rate,
                            .azimuth_deg = k == INGEST_EAST ? 90 : 0,
                            .dip_deg = k == INGEST_VERTICAL ? -90 : 0,
                            .unit = INGEST_UNIT_ACCELERATION};
      assert_true(ingest_inventory_add_channel(inventory, &codes, 41 + 0.2 * i, 123, 0, 0, &epoch));
    }
  ingest_inventory_seal(inventory, NULL, NULL);
  FILE *file = command_open("stations.xml", "w");
  ingest_inventory_write(inventory, begin, put_text, file);
  fclose(file);
  ingest_inventory_destroy(inventory);
}

/* Noise of 1e-4 m/s2; a P wave is a second of thirty times as much on one component. */
static void put_channel(FILE *file, const network *n, int station, int component)
{
  static double values[SAMPLES];
  random_source random = {(uint64_t)(station * 3 + component + 1)};
  ingest_record record = {.codes = codes_of(station, component), .start = begin, .rate = RATE, .samples = SAMPLES, .encoding = 11};
  for (int i = 0; i < SAMPLES; i++) {
    bool is_p = station == 0 && component == n->p_component && i % 2500 >= 1500 && i % 2500 < 1600 && i / 2500 < n->p_waves;
    values[i] = n->is_dead[station][component] ? 7 : round((is_p ? 30 : 1) * 1e-4 * true_gain * random_normal(&random));
  }
  assert_true(ingest_record_write(&record, values, 512, put_record, file) > 0);
}

static int check(const network *n)
{
  write_inventory(n);
  FILE *file = command_open("data.mseed", "w");
  for (int i = 0; i < STATIONS; i++)
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      if (!n->is_silent[i][k])
        put_channel(file, n, i, k);
  fclose(file);
  return command_run("check --no-redis --inventory stations.xml data.mseed");
}

/* The first gain that is expected is the true one, within a third. */
static void assert_true_gain_is_expected(void)
{
  const char *expected = strstr(command_said(), "expected about ");
  assert_non_null(expected);
  assert_float_equal(strtod(expected + strlen("expected about "), NULL), true_gain, true_gain / 3);
}

static void assert_fault(const network *n, const char *needle)
{
  assert_int_equal(check(n), 1);
  command_assert_told(needle);
  command_assert_told("; 1 faults and 0 notes above");
}

/* ---- what it must name ---- */

static void a_sound_network_is_without_a_word(void **state)
{
  (void)state;
  network n = sound();
  n.p_waves = 2;
  assert_int_equal(check(&n), 0);
  command_assert_told("; 0 faults and 0 notes above");
}

static void a_gain_that_the_sensors_other_channels_contradict_is_named_with_what_is_expected(void **state)
{
  (void)state;
  network n = sound();
  n.stated[1][INGEST_EAST] = 10;
  assert_fault(&n, "LN.S1.00.HNE: its quiet noise is ");
  command_assert_told("times that of its sensor's other channels: its gain is stated as 1e+07, and expected about ");
  assert_true_gain_is_expected();
  n = sound();
  n.stated[2][INGEST_VERTICAL] = 0.05;
  assert_fault(&n, "LN.S2.00.HNZ: its quiet noise is ");
  command_assert_told("times that of its sensor's horizontals: its gain is stated as 5e+04, and expected about ");
  assert_true_gain_is_expected();
}

static void a_gain_that_the_neighbours_contradict_is_named_with_what_is_expected(void **state)
{
  (void)state;
  network n = sound();
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    n.stated[3][k] = 1.0 / 40;
  assert_int_equal(check(&n), 1);
  command_assert_told("LN.S3.00.HNZ: its quiet noise is ");
  command_assert_told("times that of the nearest sensors like it: its gain is stated as 2.5e+04, and expected about ");
  assert_true_gain_is_expected();
  command_assert_told("; 3 faults and 0 notes above");
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    n.stated[3][k] = 1.0 / 4;
  assert_int_equal(check(&n), 0);
}

static void a_vertical_that_p_waves_leave_alone_is_swapped(void **state)
{
  (void)state;
  network n = sound();
  n.p_waves = 2;
  n.p_component = INGEST_NORTH;
  assert_fault(&n, "LN.S0.00.HNZ: in 2 onsets of P waves it holds 0 % of the energy, and HNN 100 %: the two are swapped; exchange");
  n.p_waves = 1;
  assert_int_equal(check(&n), 0);
  command_assert_told("note   inventory      stations.xml:");
  command_assert_told("LN.S0.00.HNZ: in 1 onsets of P waves");
}

static void a_channel_that_the_inventory_lacks_is_named(void **state)
{
  (void)state;
  network n = sound();
  n.is_absent[4] = true;
  assert_int_equal(check(&n), 1);
  command_assert_told("fault  recordings     LN.S4.00.HNZ: ");
  command_assert_told("records from 2020-09-13T12:26:40.000000Z on, and the inventory lacks it: they are refused; add its StationXML");
  command_assert_told("; 3 faults and 0 notes above");
}

static void data_outside_every_epoch_are_named(void **state)
{
  (void)state;
  network n = sound();
  n.until = begin - INGEST_SECOND;
  assert_int_equal(check(&n), 1);
  command_assert_told("the first of 2020-09-13T12:26:40.000000Z, lie in none of its epochs: they are refused; fetch its StationXML of that time");
}

static void a_rate_unlike_the_datas_is_named(void **state)
{
  (void)state;
  network n = sound();
  n.stated_rate = 200;
  assert_int_equal(check(&n), 1);
  command_assert_told("LN.S0.00.HNZ: its SampleRate is 200, and its data have 100 samples/s; correct it");
}

static void a_component_that_is_silent_or_dead_is_named(void **state)
{
  (void)state;
  network n = sound();
  n.is_silent[0][INGEST_EAST] = true;
  assert_int_equal(check(&n), 0);
  command_assert_told("LN.S0.00.HNE: the recordings hold nothing of it, but other channels of its sensor; look at its cable");
  n = sound();
  n.is_dead[2][INGEST_NORTH] = true;
  assert_fault(&n, "LN.S2.00.HNN: all its 6000 samples are the same: it is dead; look at its cable");
}

static void recordings_without_an_inventory_are_a_fault(void **state)
{
  (void)state;
  network n = sound();
  check(&n);
  assert_int_not_equal(command_run("check --no-redis data.mseed"), 0);
  command_assert_told("for the recordings to be held against");
}

static void the_recordings_agree_with_their_inventories(void **state)
{
  (void)state;
  static const char *const folders[] = {"ridgecrest-2019", "bardarbunga-2014", "oaxaca-2018"};
  for (size_t i = 0; i < 3; i++) {
    char arguments[1024];
    const char *path = data_path(folders[i]);
    snprintf(arguments, sizeof arguments, "check --no-redis --inventory %s %s/*.mseed", path, path);
    if (command_run(arguments) != 0)
      fail_msg("%s", folders[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sound_network_is_without_a_word),
      cmocka_unit_test(a_gain_that_the_sensors_other_channels_contradict_is_named_with_what_is_expected),
      cmocka_unit_test(a_gain_that_the_neighbours_contradict_is_named_with_what_is_expected),
      cmocka_unit_test(a_vertical_that_p_waves_leave_alone_is_swapped),
      cmocka_unit_test(a_channel_that_the_inventory_lacks_is_named),
      cmocka_unit_test(data_outside_every_epoch_are_named),
      cmocka_unit_test(a_rate_unlike_the_datas_is_named),
      cmocka_unit_test(a_component_that_is_silent_or_dead_is_named),
      cmocka_unit_test(recordings_without_an_inventory_are_a_fault),
      cmocka_unit_test(the_recordings_agree_with_their_inventories),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
