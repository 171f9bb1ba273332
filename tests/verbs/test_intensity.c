/* `tocsin intensity` on records of known motion. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "ingest.h"
#include "intensity.h"

enum { RATE = 100, SECONDS = 60, SAMPLES = RATE * SECONDS };
static const int64_t begin = INT64_C(1600000000) * INGEST_SECOND;
static const double gain = 100000, frequency_hz = 2, amplitude_m_s2 = 0.8;

static const char inventory_xml[] =
    "<FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" schemaVersion=\"1.1\"><Source>t</Source><Created>2020-01-01T00:00:00Z</Created>"
    "<Network code=\"XX\"><Station code=\"A\"><Latitude>41</Latitude><Longitude>123</Longitude><Elevation>0</Elevation><Site><Name>a</Name></Site>"
    "%s%s%s</Station></Network></FDSNStationXML>";

static const char channel_xml[] =
    "<Channel code=\"HN%c\" locationCode=\"\"><Latitude>41</Latitude><Longitude>123</Longitude><Elevation>0</Elevation><Depth>0</Depth>"
    "<Azimuth>%d</Azimuth><Dip>%d</Dip><SampleRate>100</SampleRate><Response><InstrumentSensitivity><Value>100000</Value><Frequency>1</Frequency>"
    "<InputUnits><Name>M/S**2</Name></InputUnits><OutputUnits><Name>COUNTS</Name></OutputUnits></InstrumentSensitivity></Response></Channel>";

static void write_inventory(void)
{
  char z[700], n[700], e[700], all[3000];
  snprintf(z, sizeof z, channel_xml, 'Z', 0, -90);
  snprintf(n, sizeof n, channel_xml, 'N', 0, 0);
  snprintf(e, sizeof e, channel_xml, 'E', 90, 0);
  snprintf(all, sizeof all, inventory_xml, z, n, e);
  command_write("stations.xml", all);
}

static void append(void *user, const uint8_t *bytes, size_t length)
{
  assert_int_equal(fwrite(bytes, 1, length, user), length);
}

/* From the twentieth second on a sine that swells and dies away. */
static void write_channel(char component, double share)
{
  static double values[SAMPLES];
  char path[160];
  for (int i = 0; i < SAMPLES; i++) {
    double t = (double)i / RATE - 20;
    values[i] = t < 0 ? 0 : round(gain * share * amplitude_m_s2 * exp(-(t - 8) * (t - 8) / 18) * sin(2 * M_PI * frequency_hz * t));
  }
  ingest_record record = {
      .codes = {"XX", "A", "", {'H', 'N', component, 0}}, .start = begin, .rate = RATE, .samples = SAMPLES, .version = 2, .encoding = 11};
  snprintf(path, sizeof path, "%s/HN%c.mseed", command_folder(), component);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_true(ingest_record_write(&record, values, 512, append, file) > 0);
  fclose(file);
}

static int make_records(void **state)
{
  if (command_folder_make(state))
    return -1;
  write_inventory();
  write_channel('Z', 0.2);
  write_channel('N', 1);
  write_channel('E', 0);
  return 0;
}

static void a_sine_has_the_peaks_of_a_sine(void **state)
{
  (void)state;
  assert_int_equal(command_run("intensity --inventory stations.xml HNZ.mseed HNN.mseed HNE.mseed"), 0);
  assert_int_equal(command_lines(), 1);
  double pga = strtod(command_cell(0, "pga_m_s2"), NULL), pgv = strtod(command_cell(0, "pgv_m_s"), NULL);
  double vector = amplitude_m_s2 * hypot(1, 0.2);
  assert_true(fabs(pga / vector - 1) < 0.05);
  assert_true(fabs(pgv / (vector / (2 * M_PI * frequency_hz)) - 1) < 0.06);
  assert_int_equal(atoi(command_cell(0, "components")), 3);
  assert_true(fabs(strtod(command_cell(0, "csis"), NULL) - intensity_csis(pga, pgv)) <= 0.06);
}

static void the_horizontals_alone_have_an_intensity_and_the_vertical_has_none(void **state)
{
  (void)state;
  assert_int_equal(command_run("intensity --inventory stations.xml HNN.mseed HNE.mseed"), 0);
  assert_int_equal(atoi(command_cell(0, "components")), 2);
  assert_true(strtod(command_cell(0, "csis"), NULL) > 3);
  assert_int_equal(command_run("intensity --inventory stations.xml HNZ.mseed"), 0);
  assert_int_equal(atoi(command_cell(0, "components")), 1);
  assert_string_equal(command_cell(0, "csis"), "");
}

static void what_is_wrong_is_named(void **state)
{
  (void)state;
  assert_int_equal(command_run("intensity HNZ.mseed"), 2);
  command_assert_complained("--inventory");
  assert_int_equal(command_run("intensity --inventory stations.xml absent.mseed"), 1);
  command_assert_complained("absent.mseed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sine_has_the_peaks_of_a_sine),
      cmocka_unit_test(the_horizontals_alone_have_an_intensity_and_the_vertical_has_none),
      cmocka_unit_test(what_is_wrong_is_named),
  };
  return cmocka_run_group_tests(tests, make_records, command_folder_remove);
}
