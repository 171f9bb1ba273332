#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

/* What a document gave: the inventory, and all faults in one text. */
typedef struct {
  ingest_inventory *inventory;
  bool usable;
  int faults;
  char text[4096];
} outcome;

static void note(void *user, const char *name, long line, const char *text)
{
  outcome *o = user;
  size_t used = strlen(o->text);
  snprintf(o->text + used, sizeof o->text - used, "%s:%ld: %s\n", name, line, text);
  o->faults++;
}

static outcome read_document(const char *document)
{
  outcome o = {.inventory = ingest_inventory_create()};
  o.usable = ingest_inventory_add(o.inventory, "made.xml", document, strlen(document), note, &o);
  ingest_inventory_seal(o.inventory, note, &o);
  return o;
}

static void release(outcome *o)
{
  ingest_inventory_destroy(o->inventory);
}

#define STATION_IS "<Network code=\"XX\"><Station code=\"AAA\"><Latitude>41.5</Latitude><Longitude>123.25</Longitude><Elevation>55</Elevation>"
#define BEGIN "<?xml version=\"1.0\"?><FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" schemaVersion=\"1.1\">" STATION_IS
#define END "</Station></Network></FDSNStationXML>"
#define RESPONSE(value, unit)                                                                                \
  "<Response><InstrumentSensitivity><Value>" value "</Value><Frequency>1</Frequency><InputUnits><Name>" unit \
  "</Name></InputUnits></InstrumentSensitivity></Response>"
#define CHANNEL(code, location, dates, response)                    \
  "<Channel code=\"" code "\" locationCode=\"" location "\" " dates \
  "><Depth>2.5</Depth><Azimuth>15</Azimuth><Dip>0</Dip><SampleRate>100</SampleRate>" response "</Channel>"

static void a_station_is_read(void **state)
{
  (void)state;
  outcome o = read_document(
      BEGIN CHANNEL("HNZ", "01", "startDate=\"2010-01-01T00:00:00\" endDate=\"2599-12-31T23:59:59\"", RESPONSE("213400", "m/s**2")) END);
  assert_true(o.usable);
  assert_int_equal(o.faults, 0);
  const ingest_sensor *sensor = ingest_inventory_sensor(o.inventory, 0);
  assert_string_equal(sensor->codes.location, "01");
  assert_float_equal(sensor->latitude_deg, 41.5, 0);
  assert_float_equal(sensor->depth_m, 2.5, 0);
  const ingest_epoch *epoch = ingest_inventory_epoch(o.inventory, 0, INGEST_VERTICAL, INT64_C(1600000000) * INGEST_SECOND);
  assert_float_equal(epoch->gain, 213400, 0);
  assert_float_equal(epoch->gain_frequency_hz, 1, 0);
  assert_float_equal(epoch->rate, 100, 0);
  assert_float_equal(epoch->azimuth_deg, 15, 0);
  assert_int_equal(epoch->unit, INGEST_UNIT_ACCELERATION);
  assert_true(epoch->end == INT64_MAX);
  release(&o);
}

static void a_unit_with_a_prefix_gives_the_gain_of_si(void **state)
{
  (void)state;
  outcome o = read_document(BEGIN CHANNEL("HHZ", "", "", RESPONSE("0.6", "nm/s")) END);
  assert_float_equal(ingest_inventory_epoch(o.inventory, 0, 0, 0)->gain, 0.6e9, 1);
  assert_int_equal(ingest_inventory_epoch(o.inventory, 0, 0, 0)->unit, INGEST_UNIT_VELOCITY);
  release(&o);
}

static void a_prefix_of_the_namespace_is_tolerated(void **state)
{
  (void)state;
  outcome o = read_document(
      "<f:FDSNStationXML xmlns:f=\"http://www.fdsn.org/xml/station/1\"><f:Network code=\"XX\"><f:Station code=\"AAA\"><f:Latitude> 41.5 </f:Latitude>"
      "<f:Longitude>\n123.25\n</f:Longitude><f:Channel code=\"HNZ\" locationCode=\"  \"><f:Response><f:InstrumentSensitivity><f:Value>1e5</f:Value>"
      "<f:InputUnits><f:Name>M/S**2</f:Name></f:InputUnits></f:InstrumentSensitivity></f:Response></f:Channel></f:Station></f:Network></"
      "f:FDSNStationXML>");
  assert_true(o.usable);
  assert_int_equal(ingest_inventory_sensors(o.inventory), 1);
  assert_float_equal(ingest_inventory_sensor(o.inventory, 0)->longitude_deg, 123.25, 0);
  release(&o);
}

static void the_names_and_values_of_stages_are_not_taken_for_the_channels(void **state)
{
  (void)state;
  outcome o = read_document(
      BEGIN CHANNEL("HNZ", "", "",
                    "<Response><InstrumentSensitivity><Value>5</Value><InputUnits><Name>M/S</Name><Description>Latitude</Description></"
                    "InputUnits><OutputUnits><Name>V</Name>"
                    "</OutputUnits></InstrumentSensitivity><Stage "
                    "number=\"1\"><PolesZeros><InputUnits><Name>V</Name></InputUnits></PolesZeros><StageGain><Value>5.2</Value>"
                    "</StageGain><Latitude>1</Latitude></Stage></Response><Sensor><Description>a &lt;b&gt; &amp; c</Description></Sensor>") END);
  assert_int_equal(o.faults, 0);
  assert_float_equal(ingest_inventory_epoch(o.inventory, 0, 0, 0)->gain, 5, 0);
  assert_int_equal(ingest_inventory_epoch(o.inventory, 0, 0, 0)->unit, INGEST_UNIT_VELOCITY);
  release(&o);
}

static void assert_left_out(const char *channel, const char *expected)
{
  char document[4096];
  snprintf(document, sizeof document, "%s\n%s%s%s", BEGIN, channel, CHANNEL("HNE", "", "", RESPONSE("100", "M/S**2")), END);
  outcome o = read_document(document);
  assert_true(o.usable);
  assert_int_equal(o.faults, 1);
  if (!strstr(o.text, expected) || !strstr(o.text, "made.xml:2: XX.AAA"))
    fail_msg("'%s' is said, not '%s'", o.text, expected);
  assert_false(ingest_inventory_sensor(o.inventory, 0)->has_component[INGEST_VERTICAL]);
  assert_true(ingest_inventory_sensor(o.inventory, 0)->has_component[INGEST_EAST]);
  release(&o);
}

static void an_unusable_channel_is_named_and_the_rest_is_taken(void **state)
{
  (void)state;
  assert_left_out(CHANNEL("HNZ", "", "", ""), "no gain");
  assert_left_out(CHANNEL("HNZ", "", "", RESPONSE("0", "M/S")), "no gain");
  assert_left_out(CHANNEL("HNZ", "", "", RESPONSE("12a", "M/S")), "no gain");
  assert_left_out(CHANNEL("HNZ", "", "", RESPONSE("100", "PA")), "input unit");
  assert_left_out(CHANNEL("HNZ", "", "", "<Response><InstrumentPolynomial><Value>1</Value></InstrumentPolynomial></Response>"), "polynomial");
  assert_left_out(CHANNEL("HNZ", "", "startDate=\"2010-13-01\"", RESPONSE("100", "M/S")), "no time");
  assert_left_out(CHANNEL("HNZ", "", "startDate=\"2010-01-01\" endDate=\"2009-01-01\"", RESPONSE("100", "M/S")), "ends before");
  assert_left_out(CHANNEL("HNU", "", "", RESPONSE("100", "M/S")), "last letter");
  assert_left_out("<Channel code=\"HNZ\" locationCode=\"\"><Latitude>0</Latitude><Longitude>0</Longitude>" RESPONSE("100", "M/S") "</Channel>",
                  "both 0");
  assert_left_out("<Channel code=\"HNZ\" locationCode=\"\"><Latitude>north</Latitude>" RESPONSE("100", "M/S") "</Channel>", "latitude");
}

static void housekeeping_channels_are_passed_over_in_silence(void **state)
{
  (void)state;
  outcome o = read_document(BEGIN CHANNEL("LCE", "", "", "") CHANNEL("VMZ", "", "", RESPONSE("100", "V"))
                                CHANNEL("HNZ", "", "", RESPONSE("100", "M/S**2")) END);
  assert_int_equal(o.faults, 0);
  assert_int_equal(ingest_inventory_sensors(o.inventory), 1);
  release(&o);
}

static void a_document_that_breaks_off_keeps_what_was_whole(void **state)
{
  (void)state;
  outcome o = read_document(BEGIN CHANNEL("HNZ", "", "", RESPONSE("100", "M/S**2")) "<Channel code=\"HNE\" locationCode=\"\"><Respo");
  assert_true(o.usable);
  assert_int_equal(o.faults, 1);
  assert_true(ingest_inventory_sensor(o.inventory, 0)->has_component[INGEST_VERTICAL]);
  assert_false(ingest_inventory_sensor(o.inventory, 0)->has_component[INGEST_EAST]);
  release(&o);
}

static void what_is_no_stationxml_is_refused_with_a_reason(void **state)
{
  (void)state;
  const char *no_channel = BEGIN END;
  const char *const documents[] = {"", "hello", "<a/>", "<FDSNStationXML/>", "\xff\xfe\x01", "{\"a\": 1}", no_channel};
  for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
    outcome o = read_document(documents[i]);
    assert_false(o.usable);
    assert_true(o.faults >= 1);
    assert_int_equal(ingest_inventory_sensors(o.inventory), 0);
    release(&o);
  }
}

/* A thousand million laughs: with entities expanded, this reader would run out of memory. */
static void entities_are_never_expanded(void **state)
{
  (void)state;
  char document[8192] = "<?xml version=\"1.0\"?><!DOCTYPE FDSNStationXML [<!ENTITY a0 \"lol\">";
  for (int i = 1; i < 30; i++) {
    char entity[200];
    snprintf(entity, sizeof entity, "<!ENTITY a%d \"&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;&a%d;\">", i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
             i - 1);
    strcat(document, entity);
  }
  strcat(document,
         "<!ENTITY file SYSTEM \"file:///etc/passwd\">]><FDSNStationXML><Network code=\"&a29;\"><Station code=\"&file;\"><Latitude>&a29;</Latitude>");
  strcat(document, "<Longitude>&file;</Longitude></Station></Network></FDSNStationXML>");
  outcome o = read_document(document);
  assert_false(o.usable);
  assert_null(strstr(o.text, "root:"));
  release(&o);
}

static void a_deep_document_is_refused_not_followed(void **state)
{
  (void)state;
  char *document = malloc(400000), *at = document;
  for (int i = 0; i < 100000; i++)
    at += sprintf(at, "<a>");
  outcome o = read_document(document);
  assert_false(o.usable);
  release(&o);
  free(document);
}

/* libxml2 keeps no more than a window of a document: a national network's file has hundreds of megabytes. */
static void a_long_document_is_read_to_its_end(void **state)
{
  (void)state;
  enum { STATIONS = 3000 };
  size_t room = (size_t)STATIONS * 6000 + 1000, used = 0;
  char *document = malloc(room), *comment = malloc(5001);
  memset(comment, 'x', 5000);
  comment[5000] = '\0';
  used += (size_t)sprintf(document, "<FDSNStationXML><Network code=\"XX\">");
  for (int i = 0; i < STATIONS; i++)
    used += (size_t)sprintf(document + used,
                            "<Station code=\"S%04d\"><Latitude>1</Latitude><Longitude>2</Longitude><Description>%s</Description>%s</Station>", i,
                            comment, CHANNEL("HNZ", "", "", RESPONSE("100", "M/S**2")));
  sprintf(document + used, "</Network></FDSNStationXML>");
  outcome o = read_document(document);
  assert_int_equal(o.faults, 0);
  assert_int_equal(ingest_inventory_sensors(o.inventory), STATIONS);
  release(&o);
  free(document);
  free(comment);
}

static void truncation_at_every_offset_is_survived(void **state)
{
  (void)state;
  const char *document = BEGIN CHANNEL("HNZ", "01", "startDate=\"2010-01-01\"", RESPONSE("213400", "m/s**2")) END;
  for (size_t length = 0; length < strlen(document); length++) {
    outcome o = {.inventory = ingest_inventory_create()};
    char *part = malloc(length + (length == 0));
    memcpy(part, document, length);
    ingest_inventory_add(o.inventory, "made.xml", part, length, note, &o);
    assert_true(o.faults >= 1);
    free(part);
    release(&o);
  }
}

/* ---- the writer ---- */

typedef struct {
  char text[65536];
  size_t used;
} document;

static void append(void *user, const char *text, size_t length)
{
  document *d = user;
  assert_true(d->used + length < sizeof d->text);
  memcpy(d->text + d->used, text, length);
  d->used += length;
  d->text[d->used] = '\0';
}

static void what_is_written_reads_back_the_same(void **state)
{
  (void)state;
  static document first, second;
  outcome o = read_document(
      BEGIN CHANNEL("HNZ", "01", "startDate=\"2010-01-01\" endDate=\"2015-01-01T12:00:00\"",
                    RESPONSE("213400.25", "m/s**2")) CHANNEL("HNZ", "01", "startDate=\"2015-01-01T12:00:00\"", RESPONSE("-1e9", "M/S"))
          CHANNEL("HH1", "", "", RESPONSE("6e8", "M/S")) "</Station><Station code=\"BBB\"><Latitude>-10</Latitude><Longitude>-20</Longitude>" CHANNEL(
              "HNZ", "", "", RESPONSE("5", "M/S**2")) END);
  first.used = second.used = 0;
  ingest_inventory_write(o.inventory, 0, append, &first);
  outcome again = read_document(first.text);
  assert_int_equal(again.faults, 0);
  assert_int_equal(ingest_inventory_sensors(again.inventory), 3);
  assert_int_equal(ingest_inventory_sites(again.inventory), 2);
  ingest_inventory_write(again.inventory, 0, append, &second);
  assert_string_equal(first.text, second.text);
  int64_t time;
  ingest_time_parse("2015-01-01T11:59:59Z", &time);
  assert_float_equal(ingest_inventory_epoch(again.inventory, 1, 0, time)->gain, 213400.25, 0);
  assert_float_equal(ingest_inventory_epoch(again.inventory, 1, 0, time + INGEST_SECOND)->gain, -1e9, 0);
  release(&o);
  release(&again);
}

/* ---- the recordings' inventories ---- */

static void assert_folder_is_usable(const char *folder, size_t sensors_at_least)
{
  outcome o = {.inventory = ingest_inventory_create()};
  char path[1024];
  DIR *directory = opendir(data_path(folder));
  for (const struct dirent *entry; (entry = readdir(directory));) {
    const char *dot = strrchr(entry->d_name, '.');
    if (!dot || strcmp(dot, ".xml") != 0)
      continue;
    size_t length;
    snprintf(path, sizeof path, "%s/%s", data_path(folder), entry->d_name);
    char *bytes = data_read(path, &length);
    if (!ingest_inventory_add(o.inventory, path, bytes, length, note, &o))
      fail_msg("%s gives no station: %s", path, o.text);
    free(bytes);
  }
  closedir(directory);
  ingest_inventory_seal(o.inventory, note, &o);
  if (o.faults > 0)
    fail_msg("%s", o.text);
  assert_true(ingest_inventory_sensors(o.inventory) >= sensors_at_least);
  for (size_t i = 0; i < ingest_inventory_sensors(o.inventory); i++)
    assert_true(ingest_inventory_sensor(o.inventory, i)->has_component[INGEST_VERTICAL]);
  release(&o);
}

static void the_recordings_inventories_are_read_without_a_fault(void **state)
{
  (void)state;
  assert_folder_is_usable("ridgecrest-2019", 10);
  assert_folder_is_usable("pleasant-hill-2019", 11);
  assert_folder_is_usable("oaxaca-2018", 16);
  assert_folder_is_usable("bardarbunga-2014", 12);
  assert_folder_is_usable("teleseism-2011", 8);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_station_is_read),
      cmocka_unit_test(a_unit_with_a_prefix_gives_the_gain_of_si),
      cmocka_unit_test(a_prefix_of_the_namespace_is_tolerated),
      cmocka_unit_test(the_names_and_values_of_stages_are_not_taken_for_the_channels),
      cmocka_unit_test(an_unusable_channel_is_named_and_the_rest_is_taken),
      cmocka_unit_test(housekeeping_channels_are_passed_over_in_silence),
      cmocka_unit_test(a_document_that_breaks_off_keeps_what_was_whole),
      cmocka_unit_test(what_is_no_stationxml_is_refused_with_a_reason),
      cmocka_unit_test(entities_are_never_expanded),
      cmocka_unit_test(a_deep_document_is_refused_not_followed),
      cmocka_unit_test(a_long_document_is_read_to_its_end),
      cmocka_unit_test(truncation_at_every_offset_is_survived),
      cmocka_unit_test(what_is_written_reads_back_the_same),
      cmocka_unit_test(the_recordings_inventories_are_read_without_a_fault),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
