/* Gains that StationXML states twice, once, or in pieces. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "made.h"

static char told[1024];
static int faults;

/* Keeps the first. */
static void note(void *user, const char *name, long line, const char *text)
{
  (void)user;
  if (faults++ == 0)
    snprintf(told, sizeof told, "%s:%ld: %s", name, line, text);
}

/* The inventory of one channel with this Response. */
static ingest_inventory *inventory_of(const char *response)
{
  char document[4096];
  ingest_inventory *inventory = ingest_inventory_create();
  faults = 0;
  told[0] = '\0';
  snprintf(document, sizeof document,
           "<FDSNStationXML><Network code=\"XX\"><Station code=\"AAA\"><Latitude>41</Latitude><Longitude>123</Longitude>\n<Channel code=\"HNZ\" "
           "locationCode=\"\"><Dip>-90</Dip><SampleRate>100</SampleRate><Response>%s</Response></Channel></Station></Network></FDSNStationXML>",
           response);
  ingest_inventory_add(inventory, "made.xml", document, strlen(document), note, NULL);
  ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

#define SENSITIVITY(value, unit) \
  "<InstrumentSensitivity><Value>" value "</Value><Frequency>2</Frequency><InputUnits><Name>" unit "</Name></InputUnits></InstrumentSensitivity>"
#define FIRST_STAGE(value, unit)                                                                                        \
  "<Stage number=\"1\"><PolesZeros><InputUnits><Name>" unit "</Name></InputUnits></PolesZeros><StageGain><Value>" value \
  "</Value><Frequency>5</Frequency></StageGain></Stage>"
#define STAGE(value)                                                                                                                         \
  "<Stage number=\"2\"><Coefficients><InputUnits><Name>V</Name></InputUnits></Coefficients><Decimation/><StageGain><Value>" value "</Value>" \
  "<Frequency>0</Frequency></StageGain></Stage>"
#define SILENT_STAGE "<Stage number=\"3\"><FIR><InputUnits><Name>COUNTS</Name></InputUnits></FIR></Stage>"

static void assert_gain(const char *response, double gain, double frequency_hz, ingest_unit unit, bool of_stages)
{
  ingest_inventory *inventory = inventory_of(response);
  assert_int_equal(ingest_inventory_channels(inventory), 1);
  const ingest_channel *channel = ingest_inventory_channel(inventory, 0);
  assert_true(fabs(channel->epoch.gain - gain) <= 1e-9 * fabs(gain));
  assert_float_equal(channel->epoch.gain_frequency_hz, frequency_hz, 0);
  assert_int_equal(channel->epoch.unit, unit);
  assert_int_equal(channel->gain_of_stages, of_stages);
  assert_int_equal(channel->document, 0);
  assert_int_equal(channel->line, 2);
  ingest_inventory_destroy(inventory);
}

static void without_a_sensitivity_the_product_of_the_stages_is_the_gain(void **state)
{
  (void)state;
  assert_gain(FIRST_STAGE("1500", "M/S") STAGE("400000") STAGE("1"), 6e8, 5, INGEST_UNIT_VELOCITY, true);
  assert_gain(FIRST_STAGE("1.5", "nm/s") STAGE("2"), 3e9, 5, INGEST_UNIT_VELOCITY, true);
  assert_gain(FIRST_STAGE("-1500", "M/S**2") STAGE("2"), -3000, 5, INGEST_UNIT_ACCELERATION, true);
  assert_int_equal(faults, 0);
}

static void a_sensitivity_that_agrees_is_taken_in_silence(void **state)
{
  (void)state;
  assert_gain(SENSITIVITY("6.2e8", "M/S") FIRST_STAGE("1500", "m/s") STAGE("400000"), 6.2e8, 2, INGEST_UNIT_VELOCITY, false);
  assert_gain(SENSITIVITY("-3000", "M/S**2") FIRST_STAGE("-1500", "M/S**2") STAGE("2"), -3000, 2, INGEST_UNIT_ACCELERATION, false);
  assert_gain(SENSITIVITY("3", "NM/S") FIRST_STAGE("1.5e9", "M/S") STAGE("2"), 3e9, 2, INGEST_UNIT_VELOCITY, false);
  assert_gain(SENSITIVITY("3", "M/S") FIRST_STAGE("100", "M/S") SILENT_STAGE, 3, 2, INGEST_UNIT_VELOCITY, false);
  assert_int_equal(faults, 0);
}

static void one_that_disagrees_is_kept_and_said(void **state)
{
  (void)state;
  assert_gain(SENSITIVITY("1000", "M/S") FIRST_STAGE("1060", "M/S"), 1000, 2, INGEST_UNIT_VELOCITY, false);
  assert_int_equal(faults, 1);
  assert_string_equal(told, "made.xml:2: XX.AAA..HNZ: the sensitivity is 1000 (at 2 Hz), the product of the stages' gains 1060 (at 5 Hz); the "
                            "sensitivity is used; correct the one that is wrong");
  assert_gain(SENSITIVITY("1000", "M/S") FIRST_STAGE("-1000", "M/S"), 1000, 2, INGEST_UNIT_VELOCITY, false);
  assert_int_equal(faults, 1);
  assert_gain(SENSITIVITY("1000", "M/S") FIRST_STAGE("1000", "M/S**2"), 1000, 2, INGEST_UNIT_VELOCITY, false);
  assert_non_null(strstr(told, "is one of M/S, but the first stage takes in M/S**2"));
}

static void a_stage_that_states_no_gain_leaves_no_product(void **state)
{
  (void)state;
  ingest_inventory *inventory = inventory_of(FIRST_STAGE("1500", "M/S") SILENT_STAGE);
  assert_int_equal(ingest_inventory_channels(inventory), 0);
  assert_non_null(strstr(told, "no gain"));
  ingest_inventory_destroy(inventory);
  inventory = inventory_of(SENSITIVITY("0", "M/S") FIRST_STAGE("1500", "M/S"));
  assert_int_equal(ingest_inventory_channels(inventory), 0);
  assert_non_null(strstr(told, "no gain"));
  ingest_inventory_destroy(inventory);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_sensitivity_the_product_of_the_stages_is_the_gain),
      cmocka_unit_test(a_sensitivity_that_agrees_is_taken_in_silence),
      cmocka_unit_test(one_that_disagrees_is_kept_and_said),
      cmocka_unit_test(a_stage_that_states_no_gain_leaves_no_product),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
