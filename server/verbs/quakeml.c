/* QuakeML 1.2 (Euchner & Schorlemmer 2013, Basic Event Description): SI units but degrees; depths in metres, distances in degrees of arc. Of one
 * origin an event, automatic and preliminary: what no person has looked at. */
#include "quakeml.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include <libxml/xmlwriter.h>

enum { URI_TEXT = 128 };
static const char bed[] = "http://quakeml.org/xmlns/bed/1.2", root[] = "http://quakeml.org/xmlns/quakeml/1.2";
static const double km_degree = 111.195; /* on a sphere of 6371 km */

typedef struct {
  xmlTextWriter *xml;
  const quakeml_content *content;
} document;

static void write_event(document *d, const locator_event *e);

bool quakeml_write(const quakeml_content *content, FILE *file)
{
  xmlOutputBuffer *buffer = xmlOutputBufferCreateFile(file, NULL);
  document d = {buffer ? xmlNewTextWriter(buffer) : NULL, content};
  if (!d.xml)
    return false;
  xmlTextWriterSetIndent(d.xml, 1);
  xmlTextWriterStartDocument(d.xml, NULL, "UTF-8", NULL);
  xmlTextWriterStartElementNS(d.xml, BAD_CAST "q", BAD_CAST "quakeml", BAD_CAST root);
  xmlTextWriterWriteAttribute(d.xml, BAD_CAST "xmlns", BAD_CAST bed);
  xmlTextWriterStartElement(d.xml, BAD_CAST "eventParameters");
  xmlTextWriterWriteAttribute(d.xml, BAD_CAST "publicID", BAD_CAST "smi:local/tocsin/catalogue");
  for (size_t i = 0; i < content->catalogue->count; i++)
    write_event(&d, &content->catalogue->events[i]);
  bool written = xmlTextWriterEndDocument(d.xml) >= 0;
  xmlFreeTextWriter(d.xml);
  return written && fflush(file) == 0 && !ferror(file);
}

/* ---- elements ---- */

static void begin(document *d, const char *name)
{
  xmlTextWriterStartElement(d->xml, BAD_CAST name);
}

static void end(document *d)
{
  xmlTextWriterEndElement(d->xml);
}

__attribute__((format(printf, 3, 4))) static void element(document *d, const char *name, const char *format, ...)
{
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  xmlTextWriterWriteElement(d->xml, BAD_CAST name, BAD_CAST text);
}

/* <name><value/><uncertainty/></name>; without the second where it is not known. */
static void quantity(document *d, const char *name, const char *value, double uncertainty)
{
  begin(d, name);
  element(d, "value", "%s", value);
  if (isfinite(uncertainty))
    element(d, "uncertainty", "%.6g", uncertainty);
  end(d);
}

static void real_quantity(document *d, const char *name, int decimals, double value, double uncertainty)
{
  char text[48];
  snprintf(text, sizeof text, "%.*f", decimals, value);
  quantity(d, name, text, uncertainty);
}

static void time_quantity(document *d, int64_t time, double uncertainty_s)
{
  char text[INGEST_TIME_TEXT];
  quantity(d, "time", ingest_time_format(time, text), uncertainty_s);
}

static void public_id(document *d, const char *uri)
{
  xmlTextWriterWriteAttribute(d->xml, BAD_CAST "publicID", BAD_CAST uri);
}

static void automatic(document *d)
{
  element(d, "evaluationMode", "automatic");
  element(d, "evaluationStatus", "preliminary");
}

/* ---- names ---- */

static const char *event_uri(const char *what, const locator_event *e, char *uri)
{
  snprintf(uri, URI_TEXT, "smi:local/tocsin/%s/%s", what, e->id);
  return uri;
}

/* NULL if the arrival is of no pick of the table. */
static const associate_pick *pick_of(const document *d, const locator_arrival *a)
{
  uint64_t index = (a->pick & UINT32_MAX) - 1;
  return index < d->content->picks->count ? &d->content->picks->items[index] : NULL;
}

/* By station, phase and time: the same in each run over the same table; ':' may not stand in it. */
static const char *pick_uri(const document *d, const associate_pick *p, char *uri)
{
  const ingest_codes *codes = &ingest_inventory_sensor(d->content->inventory, (size_t)p->pick.sensor)->codes;
  char time[INGEST_TIME_TEXT];
  ingest_time_format(p->pick.time, time);
  for (char *c = time; *c; c++)
    *c = *c == ':' ? '-' : *c;
  snprintf(uri, URI_TEXT, "smi:local/tocsin/pick/%s.%s.%c.%s", codes->network, codes->station, p->pick.phase, time);
  return uri;
}

/* ---- what an event is made of ---- */

static void write_pick(document *d, const associate_pick *p)
{
  const ingest_codes *codes = &ingest_inventory_sensor(d->content->inventory, (size_t)p->pick.sensor)->codes;
  char uri[URI_TEXT];
  begin(d, "pick");
  public_id(d, pick_uri(d, p, uri));
  time_quantity(d, p->pick.time, (double)p->pick.uncertainty_s);
  begin(d, "waveformID");
  xmlTextWriterWriteAttribute(d->xml, BAD_CAST "networkCode", BAD_CAST codes->network);
  xmlTextWriterWriteAttribute(d->xml, BAD_CAST "stationCode", BAD_CAST codes->station);
  end(d);
  element(d, "phaseHint", "%c", p->pick.phase);
  if (p->pick.polarity != 0)
    element(d, "polarity", "%s", p->pick.polarity > 0 ? "positive" : "negative");
  automatic(d);
  end(d);
}

static void write_arrival(document *d, const locator_event *e, const locator_arrival *a, const associate_pick *p)
{
  const ingest_sensor *at = ingest_inventory_sensor(d->content->inventory, (size_t)p->pick.sensor);
  char uri[URI_TEXT], name[URI_TEXT];
  double azimuth_deg;
  locator_distance_km(e->latitude_deg, e->longitude_deg, at->latitude_deg, at->longitude_deg, &azimuth_deg);
  begin(d, "arrival");
  snprintf(name, sizeof name, "%s.%s.%c", at->codes.network, at->codes.station, a->phase);
  snprintf(uri, sizeof uri, "smi:local/tocsin/arrival/%.31s/%.64s", e->id, name);
  public_id(d, uri);
  element(d, "pickID", "%s", pick_uri(d, p, uri));
  element(d, "phase", "%c", a->phase);
  element(d, "azimuth", "%.1f", azimuth_deg);
  element(d, "distance", "%.4f", (double)a->distance_km / km_degree);
  element(d, "timeResidual", "%.3f", (double)a->residual_s);
  element(d, "timeWeight", "%.3f", (double)a->weight);
  end(d);
}

static void write_quality(document *d, const locator_event *e)
{
  size_t used = 0;
  for (size_t i = 0; i < e->arrivals_count; i++)
    used += e->arrivals[i].weight > 0;
  begin(d, "quality");
  element(d, "associatedPhaseCount", "%zu", e->arrivals_count);
  element(d, "usedPhaseCount", "%zu", used);
  element(d, "usedStationCount", "%d", e->stations_used);
  element(d, "standardError", "%.3f", (double)e->rms_s);
  element(d, "azimuthalGap", "%.0f", (double)e->azimuthal_gap_deg);
  end(d);
}

/* The 68 % radius is 1.51 standard deviations of a circle's one axis (Rayleigh's distribution). */
static void write_place(document *d, const locator_event *e)
{
  double radius_km = (double)e->horizontal_uncertainty_km, axis_km = radius_km / 1.51;
  time_quantity(d, e->origin_time, (double)e->origin_time_uncertainty_s);
  real_quantity(d, "latitude", 5, e->latitude_deg, axis_km / km_degree);
  real_quantity(d, "longitude", 5, e->longitude_deg, axis_km / (km_degree * fmax(cos(e->latitude_deg * M_PI / 180), 0.01)));
  real_quantity(d, "depth", 0, (double)e->depth_km * 1000, (double)e->depth_uncertainty_km * 1000);
  element(d, "depthType", "%s", e->depth_fixed ? "operator assigned" : "from location");
  begin(d, "originUncertainty");
  element(d, "horizontalUncertainty", "%.0f", radius_km * 1000);
  element(d, "preferredDescription", "horizontal uncertainty");
  element(d, "confidenceLevel", "68");
  end(d);
}

static void write_origin(document *d, const locator_event *e)
{
  char uri[URI_TEXT];
  begin(d, "origin");
  public_id(d, event_uri("origin", e, uri));
  write_place(d, e);
  element(d, "type", "hypocenter");
  write_quality(d, e);
  automatic(d);
  begin(d, "comment");
  element(d, "text", "velocity model: %.200s", d->content->model);
  end(d);
  for (size_t i = 0; i < e->arrivals_count; i++) {
    const associate_pick *p = pick_of(d, &e->arrivals[i]);
    if (p)
      write_arrival(d, e, &e->arrivals[i], p);
  }
  end(d);
}

static void write_magnitude(document *d, const locator_event *e)
{
  char uri[URI_TEXT];
  begin(d, "magnitude");
  public_id(d, event_uri("magnitude", e, uri));
  real_quantity(d, "mag", 2, (double)e->magnitude, (double)e->magnitude_uncertainty);
  element(d, "type", "%s", locator_magnitude_type_texts[e->magnitude_type]);
  element(d, "stationCount", "%d", e->magnitude_stations);
  element(d, "originID", "%s", event_uri("origin", e, uri));
  automatic(d);
  end(d);
}

static void write_event(document *d, const locator_event *e)
{
  char uri[URI_TEXT];
  bool has_magnitude = isfinite((double)e->magnitude);
  begin(d, "event");
  public_id(d, event_uri("event", e, uri));
  element(d, "preferredOriginID", "%s", event_uri("origin", e, uri));
  if (has_magnitude)
    element(d, "preferredMagnitudeID", "%s", event_uri("magnitude", e, uri));
  element(d, "type", "earthquake");
  element(d, "typeCertainty", "suspected");
  begin(d, "creationInfo");
  element(d, "author", "tocsin associate");
  element(d, "version", "%s", TOCSIN_VERSION);
  end(d);
  write_origin(d, e);
  if (has_magnitude)
    write_magnitude(d, e);
  for (size_t i = 0; i < e->arrivals_count; i++) {
    const associate_pick *p = pick_of(d, &e->arrivals[i]);
    if (p)
      write_pick(d, p);
  }
  end(d);
}
