#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "inventory_table.h"

/* Texts are put together here and handed on one by one; the longest, of codes and numbers alone, has some 400 bytes. */
typedef struct {
  config_write *write;
  void *user;
  char text[1024];
} output;

#define PUT(out, ...) put(out, snprintf((out)->text, sizeof(out)->text, __VA_ARGS__))

static void put(output *out, int length);
static void put_channel(output *out, const inventory_entry *entry);

void ingest_inventory_write(const ingest_inventory *inventory, int64_t created, config_write *write, void *user)
{
  output out = {.write = write, .user = user};
  char time[INGEST_TIME_TEXT];
  PUT(&out,
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FDSNStationXML xmlns=\"http://www.fdsn.org/xml/station/1\" schemaVersion=\"1.2\">\n"
      "<Source>Tocsin</Source>\n<Created>%s</Created>\n",
      ingest_time_format(created, time));
  const char *network = "", *station = "";
  for (size_t i = 0; i < inventory->count; i++) {
    const inventory_entry *entry = &inventory->entries[i];
    const ingest_codes *codes = &entry->codes;
    bool new_network = strcmp(codes->network, network) != 0, new_station = new_network || strcmp(codes->station, station) != 0;
    if (new_station)
      PUT(&out, "%s%s", *station ? "</Station>\n" : "", new_network && *network ? "</Network>\n" : "");
    if (new_network)
      PUT(&out, "<Network code=\"%s\">\n", codes->network);
    if (new_station)
      PUT(&out, "<Station code=\"%s\"><Latitude>%.6f</Latitude><Longitude>%.6f</Longitude><Elevation>%.1f</Elevation><Site><Name>%s</Name></Site>\n",
          codes->station, entry->latitude_deg, entry->longitude_deg, entry->elevation_m, codes->station);
    put_channel(&out, entry);
    network = codes->network;
    station = codes->station;
  }
  PUT(&out, "%s%s</FDSNStationXML>\n", *station ? "</Station>\n" : "", *network ? "</Network>\n" : "");
}

static void put(output *out, int length)
{
  if (length > 0)
    out->write(out->user, out->text, (size_t)length < sizeof out->text ? (size_t)length : sizeof out->text - 1);
}

static void put_time(output *out, const char *attribute, int64_t time)
{
  char text[INGEST_TIME_TEXT];
  if (time != INT64_MIN && time != INT64_MAX)
    PUT(out, " %s=\"%s\"", attribute, ingest_time_format(time, text));
}

static void put_number(output *out, const char *element, double value)
{
  if (!isnan(value))
    PUT(out, "<%s>%.17g</%s>", element, value, element);
}

static void put_root(output *out, const char *element, int number, double complex root)
{
  PUT(out, "<%s number=\"%d\"><Real>%.17g</Real><Imaginary>%.17g</Imaginary></%s>", element, number, creal(root), cimag(root), element);
}

/* A stage without a gain, so that the sensitivity alone says it: two zeros at the origin, and the poles of a pendulum. */
static void put_corner(output *out, double corner_hz, double damping, const char *unit)
{
  double complex split = csqrt(damping * damping - 1);
  PUT(out,
      "<Stage "
      "number=\"1\"><PolesZeros><InputUnits><Name>%s</Name></InputUnits><OutputUnits><Name>V</Name></OutputUnits><PzTransferFunctionType>LAPLACE "
      "(HERTZ)</PzTransferFunctionType>",
      unit);
  for (int i = 0; i < 2; i++)
    put_root(out, "Zero", i, 0);
  for (int i = 0; i < 2; i++)
    put_root(out, "Pole", 2 + i, corner_hz * (i == 0 ? -damping + split : -damping - split));
  PUT(out, "</PolesZeros></Stage>");
}

static void put_channel(output *out, const inventory_entry *entry)
{
  static const char *const units[] = {
      [INGEST_UNIT_OTHER] = "V", [INGEST_UNIT_DISPLACEMENT] = "M", [INGEST_UNIT_VELOCITY] = "M/S", [INGEST_UNIT_ACCELERATION] = "M/S**2"};
  const ingest_epoch *epoch = &entry->epoch;
  PUT(out, "<Channel code=\"%s\" locationCode=\"%s\"", entry->codes.channel, entry->codes.location);
  put_time(out, "startDate", epoch->start);
  put_time(out, "endDate", epoch->end);
  PUT(out, "><Latitude>%.6f</Latitude><Longitude>%.6f</Longitude><Elevation>%.1f</Elevation><Depth>%.1f</Depth>", entry->latitude_deg,
      entry->longitude_deg, entry->elevation_m, entry->depth_m);
  put_number(out, "Azimuth", epoch->azimuth_deg);
  put_number(out, "Dip", epoch->dip_deg);
  put_number(out, "SampleRate", epoch->rate);
  PUT(out,
      "<Response><InstrumentSensitivity><Value>%.17g</Value><Frequency>%.17g</Frequency><InputUnits><Name>%s</Name></InputUnits>"
      "<OutputUnits><Name>COUNTS</Name></OutputUnits></InstrumentSensitivity>",
      epoch->gain, epoch->gain_frequency_hz, units[epoch->unit]);
  if (entry->corner_hz > 0)
    put_corner(out, entry->corner_hz, entry->damping, units[epoch->unit]);
  PUT(out, "</Response></Channel>\n");
}
