/* A national network's StationXML: how fast it loads beside libxml2's own reading of the same bytes, and how much memory it leaves. Two JSON lines.
 */
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ingest.h"
#include "resident.h"

enum { STATIONS = 18000, DOCUMENTS = 30, IN_DOCUMENT = STATIONS / DOCUMENTS, EPOCHS = 2, POLES = 11, TAPS = 12, FILTERS = 2 };

typedef struct {
  char *bytes;
  size_t length, room;
} document;

static double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

__attribute__((format(printf, 2, 3))) static void put(document *d, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int n = vsnprintf(d->bytes + d->length, d->room - d->length, format, arguments);
  va_end(arguments);
  if (n < 0 || (size_t)n >= d->room - d->length) {
    fputs("the document's room is too small\n", stderr);
    exit(1);
  }
  d->length += (size_t)n;
}

static void put_units(document *d, const char *input, const char *output)
{
  put(d, "<InputUnits><Name>%s</Name><Description>%s</Description></InputUnits>", input, input);
  put(d, "<OutputUnits><Name>%s</Name><Description>%s</Description></OutputUnits>\n", output, output);
}

static void put_sensor_stage(document *d)
{
  put(d, "<Stage number=\"1\">\n<PolesZeros name=\"BBVS-60\" resourceId=\"smi:net/sensor\">\n");
  put_units(d, "M/S", "V");
  put(d, "<PzTransferFunctionType>LAPLACE (RADIANS/SECOND)</PzTransferFunctionType>\n<NormalizationFactor>30.1343</NormalizationFactor>\n"
         "<NormalizationFrequency unit=\"HERTZ\">1</NormalizationFrequency>\n");
  for (int i = 0; i < 6; i++)
    put(d,
        "<Zero number=\"%d\">\n <Real minusError=\"0\" plusError=\"0\">%d.0</Real>\n <Imaginary minusError=\"0\" "
        "plusError=\"0\">0</Imaginary>\n</Zero>\n",
        i, -7 * i);
  for (int i = 0; i < POLES; i++)
    put(d,
        "<Pole number=\"%d\">\n <Real minusError=\"0\" plusError=\"0\">%.6f</Real>\n <Imaginary minusError=\"0\" plusError=\"0\">%.6f</Imaginary>\n"
        "</Pole>\n",
        i, -0.037004 * (i + 1), 0.037016 * (i % 2 ? 1 : -1));
  put(d, "</PolesZeros>\n<StageGain>\n <Value>2000</Value>\n <Frequency>1</Frequency>\n</StageGain>\n</Stage>\n");
}

static void put_digital_stage(document *d, int number, int taps)
{
  put(d, "<Stage number=\"%d\">\n<Coefficients name=\"EDAS-24GN\" resourceId=\"smi:net/digitizer\">\n", number);
  put_units(d, number == 2 ? "V" : "COUNTS", "COUNTS");
  put(d, "<CfTransferFunctionType>DIGITAL</CfTransferFunctionType>\n");
  for (int i = 0; i < taps; i++)
    put(d, "<Numerator>%.9E</Numerator>\n", 1.315492e-11 * (i + 1));
  put(d,
      "</Coefficients>\n<Decimation>\n<InputSampleRate "
      "unit=\"HERTZ\">%d</InputSampleRate>\n<Factor>5</Factor>\n<Offset>0</Offset>\n<Delay>0.0115</Delay>\n"
      "<Correction>0.0115</Correction>\n</Decimation>\n<StageGain>\n <Value>%d</Value>\n <Frequency>1</Frequency>\n</StageGain>\n</Stage>\n",
      500 * number, number == 2 ? 838861 : 1);
}

static void put_channel(document *d, int station, int component, int epoch)
{
  put(d, "<Channel code=\"BH%c\" locationCode=\"00\" startDate=\"%d-01-01T00:00:00\" endDate=\"%d-01-01T00:00:00\" restrictedStatus=\"open\">\n",
      "ZNE"[component], epoch == EPOCHS - 1 ? 2015 : 2005 + epoch, epoch == EPOCHS - 1 ? 2599 : 2006 + epoch);
  put(d, "<Latitude unit=\"DEGREES\">%.6f</Latitude>\n<Longitude unit=\"DEGREES\">%.6f</Longitude>\n<Elevation>%d</Elevation>\n<Depth>0</Depth>\n",
      20 + station % 300 * 0.1, 75 + station / 300 * 0.9, station % 3000);
  put(d, "<Azimuth unit=\"DEGREES\">%d</Azimuth>\n<Dip unit=\"DEGREES\">%d</Dip>\n<Type>CONTINUOUS</Type>\n<Type>GEOPHYSICAL</Type>\n",
      component == 2 ? 90 : 0, component ? 0 : -90);
  put(d,
      "<SampleRate unit=\"SAMPLES/S\">100</SampleRate>\n<SampleRateRatio>\n<NumberSamples>100</NumberSamples>\n<NumberSeconds>1</NumberSeconds>\n"
      "</SampleRateRatio>\n<ClockDrift unit=\"SECONDS/SAMPLE\">0.00001</ClockDrift>\n<Sensor>\n<Type>broadband seismometer</Type>\n"
      "<Manufacturer>Gangzhen</Manufacturer>\n<Model>BBVS-60</Model>\n<SerialNumber>%d</SerialNumber>\n</Sensor>\n<Response>\n",
      station * 7);
  put(d, "<InstrumentSensitivity>\n<Value>1677722000</Value>\n<Frequency>1</Frequency>\n");
  put_units(d, "M/S", "COUNTS");
  put(d, "</InstrumentSensitivity>\n");
  put_sensor_stage(d);
  put_digital_stage(d, 2, 1);
  for (int i = 0; i < FILTERS; i++)
    put_digital_stage(d, 3 + i, TAPS);
  put(d, "</Response>\n</Channel>\n");
}

static void put_station(document *d, int station)
{
  put(d,
      "<Station code=\"S%04X\" startDate=\"2005-01-01T00:00:00\" "
      "restrictedStatus=\"open\">\n<Latitude>%.6f</Latitude>\n<Longitude>%.6f</Longitude>\n",
      station, 20 + station % 300 * 0.1, 75 + station / 300 * 0.9);
  put(d, "<Elevation>%d</Elevation>\n<Site>\n<Name>Station %d</Name>\n</Site>\n<CreationDate>2005-01-01T00:00:00</CreationDate>\n", station % 3000,
      station);
  for (int epoch = 0; epoch < EPOCHS; epoch++)
    for (int component = 0; component < 3; component++)
      put_channel(d, station, component, epoch);
  put(d, "</Station>\n");
}

static void make_document(document *d, int number)
{
  d->length = 0;
  put(d,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" "
      "schemaVersion=\"1.1\">\n<Source>made</Source>\n"
      "<Created>2026-01-01T00:00:00Z</Created>\n<Network code=\"N%c\">\n",
      'A' + number % 26);
  for (int i = 0; i < IN_DOCUMENT; i++)
    put_station(d, number * IN_DOCUMENT + i);
  put(d, "</Network>\n</FDSNStationXML>\n");
}

static void ignore_start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **pairs,
                         int attributes, int defaulted, const xmlChar **fields)
{
  (void)name, (void)prefix, (void)uri, (void)namespaces, (void)pairs, (void)attributes, (void)defaulted, (void)fields;
  ++*(size_t *)user;
}

static void ignore_text(void *user, const xmlChar *text, int length)
{
  (void)user, (void)text, (void)length;
}

/* Seconds in which libxml2 alone goes through the document. */
static double time_libxml2(const document *d)
{
  xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC, .startElementNs = ignore_start, .characters = ignore_text};
  size_t elements = 0;
  double begin = seconds_now();
  xmlSAXUserParseMemory(&handler, &elements, d->bytes, (int)d->length);
  return seconds_now() - begin;
}

static void tell_fault(void *user, const char *name, long line, const char *text)
{
  if (++*(size_t *)user <= 3)
    fprintf(stderr, "%s:%ld: %s\n", name, line, text);
}

int main(void)
{
  document d = {.room = (size_t)IN_DOCUMENT * 50000};
  d.bytes = malloc(d.room);
  double before = resident_bytes(), ours = 0, theirs = 0, bytes = 0;
  size_t faults = 0;
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < DOCUMENTS; i++) {
    make_document(&d, i);
    bytes += (double)d.length;
    double begin = seconds_now();
    ingest_inventory_add(inventory, "made", d.bytes, d.length, tell_fault, &faults);
    ours += seconds_now() - begin;
    theirs += time_libxml2(&d);
  }
  double begin = seconds_now();
  ingest_inventory_seal(inventory, tell_fault, &faults);
  ours += seconds_now() - begin;
  free(d.bytes);
  double after = resident_bytes();
  if (faults || ingest_inventory_sensors(inventory) != STATIONS)
    fprintf(stderr, "%zu faults, %zu sensors of %d\n", faults, ingest_inventory_sensors(inventory), STATIONS);
  printf("{\"name\":\"inventory_load\",\"value\":%.2f,\"unit\":\"s\",\"baseline\":%.2f}\n", ours, theirs);
  printf("{\"name\":\"inventory_memory\",\"value\":%.0f,\"unit\":\"MB\",\"baseline\":%.0f}\n", (after - before) / 1e6, bytes / 1e6);
  ingest_inventory_destroy(inventory);
  return 0;
}
