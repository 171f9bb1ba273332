/* What `tocsin check --inventory` says of faulty StationXML. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- made StationXML ---- */

typedef struct {
  const char *code, *start, *end, *unit;
  double gain, stage_gain, azimuth, dip, rate, elevation;
  bool no_sensitivity;
} channel;

static channel good(const char *code)
{
  return (channel){.code = code,
                   .start = "2000-01-01",
                   .end = "2599-12-31",
                   .unit = "M/S**2",
                   .gain = 1000,
                   .stage_gain = 1000,
                   .azimuth = code[2] == 'E' || code[2] == '2' ? 90 : 0,
                   .dip = code[2] == 'Z' ? -90 : 0,
                   .rate = 100,
                   .elevation = 50};
}

static void put_channel(FILE *file, channel c)
{
  fprintf(file, "<Channel code=\"%s\" locationCode=\"00\" startDate=\"%s\" endDate=\"%s\"><Elevation>%g</Elevation><Depth>0</Depth>", c.code, c.start,
          c.end, c.elevation);
  fprintf(file, "<Azimuth>%g</Azimuth><Dip>%g</Dip><SampleRate>%g</SampleRate><Response>", c.azimuth, c.dip, c.rate);
  if (!c.no_sensitivity)
    fprintf(file, "<InstrumentSensitivity><Value>%g</Value><Frequency>1</Frequency><InputUnits><Name>%s</Name></InputUnits></InstrumentSensitivity>",
            c.gain, c.unit);
  fprintf(file,
          "<Stage number=\"1\"><PolesZeros><InputUnits><Name>%s</Name></InputUnits></PolesZeros><StageGain><Value>%g</Value><Frequency>5</Frequency>"
          "</StageGain></Stage></Response></Channel>\n",
          c.unit, c.stage_gain);
}

static void write_document(const char *name, const char *station, const char *coordinates, const channel *channels, size_t count)
{
  FILE *file = command_open(name, "w");
  fprintf(file, "<FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" schemaVersion=\"1.2\"><Network code=\"LN\"><Station code=\"%s\">%s\n",
          station, coordinates);
  for (size_t i = 0; i < count; i++)
    put_channel(file, channels[i]);
  fputs("</Station></Network></FDSNStationXML>\n", file);
  fclose(file);
}

#define HERE "<Latitude>41</Latitude><Longitude>123</Longitude><Elevation>50</Elevation>"

static int check(const char *what)
{
  char arguments[512];
  snprintf(arguments, sizeof arguments, "check --no-redis --inventory %s", what);
  return command_run(arguments);
}

static int check_three(channel z, channel n, channel e)
{
  write_document("made.xml", "AAA", HERE, (channel[]){z, n, e}, 3);
  return check("made.xml");
}

static void assert_fault(channel z, channel n, channel e, const char *needle)
{
  assert_int_equal(check_three(z, n, e), 1);
  command_assert_told(needle);
  command_assert_told("1 faults and 0 notes above");
}

static void assert_note(channel z, channel n, channel e, const char *needle)
{
  assert_int_equal(check_three(z, n, e), 0);
  command_assert_told(needle);
}

/* ---- what it must name ---- */

static void a_sound_sensor_is_without_a_word(void **state)
{
  (void)state;
  assert_int_equal(check_three(good("HNZ"), good("HNN"), good("HNE")), 0);
  command_assert_told("ok     inventory      made.xml, 1 sensors at 1 sites in 1 files, 3 epochs; 0 faults and 0 notes above");
}

static void units_rates_and_places_are_held_to_be_possible(void **state)
{
  (void)state;
  channel z = good("HNZ"), n = good("HNN"), e = good("HNE");
  e.rate = 0;
  assert_fault(z, n, e, "fault  inventory      made.xml:4: LN.AAA.00.HNE: no SampleRate");
  e = good("HNE");
  e.elevation = 41000;
  assert_fault(z, n, e, "made.xml:4: LN.AAA.00.HNE: an elevation of 41000 m is nowhere on Earth; state it in metres");
  write_document("made.xml", "AAA", "<Latitude>0</Latitude><Longitude>0</Longitude>", (channel[]){z}, 1);
  assert_int_equal(check("made.xml"), 1);
  command_assert_told("made.xml:2: LN.AAA.00.HNZ: latitude and longitude are both 0; state where the station is");
  e = good("HNE");
  e.unit = "PA";
  assert_int_equal(check_three(z, n, e), 1);
  command_assert_told("made.xml:4: LN.AAA.00.HNE: the sensitivity's input unit is none of ground motion; state it as M/S");
  e.unit = "M";
  assert_int_equal(check_three(z, n, e), 1);
  command_assert_told("made.xml:4: LN.AAA.00.HNE: its unit is displacement");
}

static void a_gain_unlike_its_stages_is_named(void **state)
{
  (void)state;
  channel z = good("HNZ");
  z.stage_gain = 1060;
  assert_fault(
      z, good("HNN"), good("HNE"),
      "made.xml:2: LN.AAA.00.HNZ: the sensitivity is 1000 (at 1 Hz), the product of the stages' gains 1060 (at 5 Hz); the sensitivity is used");
  z.stage_gain = 1040;
  assert_int_equal(check_three(z, good("HNN"), good("HNE")), 0);
  z.no_sensitivity = true;
  assert_note(z, good("HNN"), good("HNE"),
              "note   inventory      made.xml:2: LN.AAA.00.HNZ: no InstrumentSensitivity; the product of its stages' gains, 1040");
}

static void epochs_that_overlap_are_named_with_both_places(void **state)
{
  (void)state;
  channel z[] = {good("HNZ"), good("HNZ")};
  z[0].end = "2015-01-01";
  z[1].start = "2014-01-01";
  z[1].gain = z[1].stage_gain = 2000;
  write_document("made.xml", "AAA", HERE, z, 2);
  assert_int_equal(check("made.xml"), 1);
  command_assert_told(
      "made.xml:3: LN.AAA.00.HNZ: its epoch from 2014-01-01T00:00:00.000000Z overlaps that of LN.AAA.00.HNZ in made.xml:2; the later start is used");
  command_assert_told("1 faults");
}

static void a_station_that_ended_is_a_fault_and_an_old_sensor_of_an_open_site_a_note(void **state)
{
  (void)state;
  channel old = good("EHZ");
  old.end = "2015-01-01";
  write_document("made.xml", "AAA", HERE, &old, 1);
  assert_int_equal(check("made.xml"), 1);
  command_assert_told("fault  inventory      made.xml:2: LN.AAA.00.EHZ: ended on 2015-01-01T00:00:00.000000Z: no epoch of this sensor is open now");
  write_document("made.xml", "AAA", HERE, (channel[]){old, good("HNZ")}, 2);
  assert_int_equal(check("made.xml"), 0);
  command_assert_told("note   inventory      made.xml:2: LN.AAA.00.EHZ: ended on 2015-01-01");
  channel east = good("HNE");
  east.end = "2015-01-01";
  assert_fault(good("HNZ"), good("HNN"), east,
               "made.xml:4: LN.AAA.00.HNE: ended on 2015-01-01T00:00:00.000000Z, while the sensor's other channels are open");
}

static void missing_components_are_named(void **state)
{
  (void)state;
  write_document("made.xml", "AAA", HERE, (channel[]){good("HNZ"), good("HNN")}, 2);
  assert_int_equal(check("made.xml"), 1);
  command_assert_told("its sensor has one horizontal component alone; add the east (E or 2)");
  write_document("made.xml", "AAA", HERE, (channel[]){good("HNN"), good("HNE")}, 2);
  assert_int_equal(check("made.xml"), 1);
  command_assert_told("its sensor has no vertical component and gives no P picks; add the channel that ends in Z");
  write_document("made.xml", "AAA", HERE, (channel[]){good("EHZ")}, 1);
  assert_int_equal(check("made.xml"), 0);
}

static void azimuths_are_held_against_their_letters(void **state)
{
  (void)state;
  channel n = good("HNN"), e = good("HNE");
  n.azimuth = 90;
  e.azimuth = 0;
  assert_fault(good("HNZ"), n, e, "LN.AAA.00.HNN: north and east are swapped: its azimuth is 90 and the east channel's 0; correct");
  assert_fault(good("HNZ"), good("HNN"), e, "LN.AAA.00.HNE: an azimuth of 0 disagrees with its letter (90)");
  n.azimuth = 15;
  e.azimuth = 105;
  assert_note(good("HNZ"), n, e, "LN.AAA.00.HNN: an azimuth of 15: it is turned by 15 degrees, and the stream is turned back");
  n.azimuth = 180;
  assert_note(good("HNZ"), n, good("HNE"), "LN.AAA.00.HNN: an azimuth of 180: it points the other way, and its sign is turned");
  channel one = good("HN1"), two = good("HN2");
  one.azimuth = 200;
  two.azimuth = 200;
  assert_int_equal(check_three(good("HNZ"), one, two), 1);
  command_assert_told(
      "LN.AAA.00.HN1: its azimuth of 200 and the other horizontal's of 200 are not at right angles, and neither is believed; correct one");
}

static void dips_are_held_against_their_letters(void **state)
{
  (void)state;
  channel z = good("HNZ"), n = good("HNN"), e = good("HNE");
  z.dip = 90;
  assert_note(z, n, e, "made.xml:2: LN.AAA.00.HNZ: a dip of 90: it stands upside down, and its sign is turned");
  z.gain = z.stage_gain = -1000;
  assert_note(z, n, e, "with its negative sensitivity it is turned twice");
  z.dip = -90;
  assert_note(z, n, e, "its sensitivity is negative: its polarity is reversed");
  z = good("HNZ");
  z.dip = 0;
  assert_fault(z, n, e, "made.xml:2: LN.AAA.00.HNZ: a dip of 0 is not vertical, but its letter is");
  n.dip = -45;
  assert_fault(good("HNZ"), n, e, "made.xml:3: LN.AAA.00.HNN: a dip of -45 is not horizontal, but its letter is");
}

static void a_channel_in_two_files_is_named(void **state)
{
  (void)state;
  char command[160];
  channel z = good("HNZ");
  snprintf(command, sizeof command, "mkdir %s/two", command_folder());
  assert_int_equal(system(command), 0);
  write_document("two/a.xml", "AAA", HERE, &z, 1);
  write_document("two/b.xml", "AAA", HERE, &z, 1);
  assert_int_equal(check("two"), 0);
  command_assert_told("note   inventory      two/a.xml:2: LN.AAA.00.HNZ: stated in two/b.xml too, word for word; delete it in one of the files");
  z.gain = z.stage_gain = 3000;
  write_document("two/b.xml", "AAA", HERE, &z, 1);
  assert_int_equal(check("two"), 1);
  command_assert_told("overlaps that of LN.AAA.00.HNZ in two/");
}

static void the_recordings_are_sound_but_for_what_is_known(void **state)
{
  (void)state;
  assert_int_equal(check(data_path("ridgecrest-2019")), 0);
  command_assert_told("15 sensors at 10 sites in 10 files, 45 epochs; 0 faults and 0 notes above");
  check(data_path("pleasant-hill-2019"));
  command_assert_told("BK.BRIB.01.HNE: an azimuth of 105: it is turned by 15 degrees");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sound_sensor_is_without_a_word),
      cmocka_unit_test(units_rates_and_places_are_held_to_be_possible),
      cmocka_unit_test(a_gain_unlike_its_stages_is_named),
      cmocka_unit_test(epochs_that_overlap_are_named_with_both_places),
      cmocka_unit_test(a_station_that_ended_is_a_fault_and_an_old_sensor_of_an_open_site_a_note),
      cmocka_unit_test(missing_components_are_named),
      cmocka_unit_test(azimuths_are_held_against_their_letters),
      cmocka_unit_test(dips_are_held_against_their_letters),
      cmocka_unit_test(a_channel_in_two_files_is_named),
      cmocka_unit_test(the_recordings_are_sound_but_for_what_is_known),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
