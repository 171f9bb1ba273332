#include <libxml/parser.h>
#include <libxml/SAX2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inventory_table.h"
#include "stationxml_response.h"

enum { DEEPEST = 16, TEXT = STATIONXML_TEXT, NAME = 32 };

typedef enum {
  NOWHERE,
  DOCUMENT,
  ROOT,
  NETWORK,
  STATION,
  CHANNEL,
  LATITUDE,
  LONGITUDE,
  ELEVATION,
  DEPTH,
  AZIMUTH,
  DIP,
  SAMPLE_RATE,
  RESPONSE,
  POLYNOMIAL,
  SENSITIVITY,
  VALUE,
  FREQUENCY,
  INPUT_UNITS,
  UNIT_NAME,
  STAGE,
  STAGE_GAIN,
  STAGE_VALUE,
  STAGE_FREQUENCY,
  STAGE_FILTER,
  TRANSFER,
  FACTOR,
  FACTOR_FREQUENCY,
  ZERO,
  POLE,
  REAL,
  IMAGINARY,
  STAGE_UNITS,
  STAGE_UNIT_NAME
} place;

/* The elements that matter, by the element that they stand in. The prefix of a namespace is not looked at. */
static const struct {
  place parent;
  const char *name;
  place place;
  bool has_text;
} elements[] = {
    {DOCUMENT, "FDSNStationXML", ROOT, false},
    {ROOT, "Network", NETWORK, false},
    {NETWORK, "Station", STATION, false},
    {STATION, "Channel", CHANNEL, false},
    {STATION, "Latitude", LATITUDE, true},
    {STATION, "Longitude", LONGITUDE, true},
    {STATION, "Elevation", ELEVATION, true},
    {CHANNEL, "Latitude", LATITUDE, true},
    {CHANNEL, "Longitude", LONGITUDE, true},
    {CHANNEL, "Elevation", ELEVATION, true},
    {CHANNEL, "Depth", DEPTH, true},
    {CHANNEL, "Azimuth", AZIMUTH, true},
    {CHANNEL, "Dip", DIP, true},
    {CHANNEL, "SampleRate", SAMPLE_RATE, true},
    {CHANNEL, "Response", RESPONSE, false},
    {RESPONSE, "InstrumentPolynomial", POLYNOMIAL, false},
    {RESPONSE, "InstrumentSensitivity", SENSITIVITY, false},
    {SENSITIVITY, "Value", VALUE, true},
    {SENSITIVITY, "Frequency", FREQUENCY, true},
    {SENSITIVITY, "InputUnits", INPUT_UNITS, false},
    {INPUT_UNITS, "Name", UNIT_NAME, true},
    {RESPONSE, "Stage", STAGE, false},
    {STAGE, "StageGain", STAGE_GAIN, false},
    {STAGE_GAIN, "Value", STAGE_VALUE, true},
    {STAGE_GAIN, "Frequency", STAGE_FREQUENCY, true},
    {STAGE, "PolesZeros", STAGE_FILTER, false},
    {STAGE, "Coefficients", STAGE_FILTER, false},
    {STAGE, "ResponseList", STAGE_FILTER, false},
    {STAGE, "FIR", STAGE_FILTER, false},
    {STAGE_FILTER, "InputUnits", STAGE_UNITS, false},
    {STAGE_FILTER, "PzTransferFunctionType", TRANSFER, true},
    {STAGE_FILTER, "NormalizationFactor", FACTOR, true},
    {STAGE_FILTER, "NormalizationFrequency", FACTOR_FREQUENCY, true},
    {STAGE_FILTER, "Zero", ZERO, false},
    {STAGE_FILTER, "Pole", POLE, false},
    {ZERO, "Real", REAL, true},
    {ZERO, "Imaginary", IMAGINARY, true},
    {POLE, "Real", REAL, true},
    {POLE, "Imaginary", IMAGINARY, true},
    {STAGE_UNITS, "Name", STAGE_UNIT_NAME, true},
};

typedef struct {
  double latitude_deg, longitude_deg, elevation_m;
} station_place;

typedef struct {
  ingest_inventory *inventory;
  xmlParserCtxtPtr xml;
  const char *name, *bytes;
  size_t length, read; /* of `bytes` */
  ingest_fault *fault;
  void *user;
  size_t added;
  bool broken; /* said once: what follows an error in the XML is not read */
  place path[DEEPEST];
  int depth, outside; /* `outside`: how deep in an element that does not matter */
  char text[TEXT];
  size_t text_length;
  bool in_text;
  char network[NAME], station[NAME];
  station_place station_place;
  inventory_entry channel;
  char start[TEXT], end[TEXT];
  stationxml_response response;
  stationxml_shape shape; /* of the channel's response */
} reader;

static void start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **namespace_pairs,
                          int attributes, int defaulted, const xmlChar **attribute_fields);
static void end_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri);
static void characters(void *user, const xmlChar *text, int length);
static void xml_error(void *user, xmlErrorPtr error);
static int read_bytes(void *user, char *buffer, int room);
static void report(reader *r, long line, const char *text);

bool ingest_inventory_add(ingest_inventory *inventory, const char *name, const char *bytes, size_t length, ingest_fault *fault, void *user)
{
  /* No handler for entities or external subsets: what a document type declares is never expanded or fetched. */
  xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
                           .startElementNs = start_element,
                           .endElementNs = end_element,
                           .characters = characters,
                           .cdataBlock = characters,
                           .serror = xml_error};
  reader *r = calloc(1, sizeof *r);
  if (!r)
    return false;
  *r = (reader){.inventory = inventory, .name = name, .bytes = bytes, .length = length, .fault = fault, .user = user, .path = {DOCUMENT}};
  r->xml = xmlCreateIOParserCtxt(&handler, r, read_bytes, NULL, r, XML_CHAR_ENCODING_NONE);
  if (r->xml) {
    xmlCtxtUseOptions(r->xml, XML_PARSE_NONET);
    xmlParseDocument(r->xml);
    if (r->xml->myDoc)
      xmlFreeDoc(r->xml->myDoc);
    xmlFreeParserCtxt(r->xml);
    r->xml = NULL;
  }
  inventory->documents++;
  bool usable = r->added > 0;
  inventory->faults += r->broken || !usable;
  if (!usable && !r->broken)
    report(r, 0, "no usable channel in this document; is it StationXML with responses?");
  free(r);
  return usable;
}

static int read_bytes(void *user, char *buffer, int room)
{
  reader *r = user;
  size_t n = r->length - r->read;
  if (n > (size_t)room)
    n = (size_t)room;
  memcpy(buffer, r->bytes + r->read, n);
  r->read += n;
  return (int)n;
}

static void report(reader *r, long line, const char *text)
{
  if (r->fault)
    r->fault(r->user, r->name, line, text);
}

/* libxml2 ends its messages in a newline. */
static void xml_error(void *user, xmlErrorPtr error)
{
  reader *r = user;
  char text[320];
  if (r->broken || error->level < XML_ERR_ERROR)
    return;
  r->broken = error->level == XML_ERR_FATAL;
  const char *message = error->message ? error->message : "no XML";
  int length = (int)strcspn(message, "\n");
  snprintf(text, sizeof text, "%.*s%s", length, message, r->broken ? "; what follows is not read" : "");
  report(r, error->line, text);
}

static place place_of(place parent, const char *name, bool *has_text)
{
  for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
    if (elements[i].parent == parent && strcmp(elements[i].name, name) == 0) {
      *has_text = elements[i].has_text;
      return elements[i].place;
    }
  return NOWHERE;
}

/* libxml2 gives an attribute as five pointers: name, prefix, URI, and the value's begin and end. A value that is too long is none of ours. */
static void read_attribute(const xmlChar **fields, int count, const char *name, char *value, size_t room)
{
  value[0] = '\0';
  for (int i = 0; i < count; i++, fields += 5) {
    size_t length = (size_t)(fields[4] - fields[3]);
    if (strcmp((const char *)fields[0], name) != 0 || length >= room)
      continue;
    memcpy(value, fields[3], length);
    value[length] = '\0';
  }
}

static void copy_code(char *code, size_t room, const char *from)
{
  while (*from == ' ')
    from++;
  size_t length = strlen(from);
  while (length > 0 && from[length - 1] == ' ')
    length--;
  if (length >= room) /* too long for any code: kept as one that will be refused */
    length = 0;
  memcpy(code, from, length);
  code[length] = '\0';
}

static void begin_channel(reader *r, const xmlChar **attributes, int count)
{
  char code[NAME];
  r->channel = (inventory_entry){.latitude_deg = r->station_place.latitude_deg,
                                 .longitude_deg = r->station_place.longitude_deg,
                                 .elevation_m = r->station_place.elevation_m,
                                 .epoch = {.azimuth_deg = (double)NAN, .dip_deg = (double)NAN},
                                 .document = r->inventory->documents,
                                 .line = xmlSAX2GetLineNumber(r->xml)};
  stationxml_response_begin(&r->response);
  ingest_codes *codes = &r->channel.codes;
  copy_code(codes->network, sizeof codes->network, r->network);
  copy_code(codes->station, sizeof codes->station, r->station);
  read_attribute(attributes, count, "code", code, sizeof code);
  copy_code(codes->channel, sizeof codes->channel, code);
  read_attribute(attributes, count, "locationCode", code, sizeof code);
  copy_code(codes->location, sizeof codes->location, code);
  read_attribute(attributes, count, "startDate", r->start, sizeof r->start);
  read_attribute(attributes, count, "endDate", r->end, sizeof r->end);
}

static void start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **namespace_pairs,
                          int attributes, int defaulted, const xmlChar **attribute_fields)
{
  (void)prefix, (void)uri, (void)namespaces, (void)namespace_pairs, (void)defaulted;
  reader *r = user;
  r->in_text = false;
  place here = r->outside ? NOWHERE : place_of(r->path[r->depth], (const char *)name, &r->in_text);
  if (here == NOWHERE) {
    r->outside++;
    return;
  }
  r->path[++r->depth] = here;
  r->text_length = 0;
  if (here == NETWORK)
    read_attribute(attribute_fields, attributes, "code", r->network, sizeof r->network);
  else if (here == STATION) {
    read_attribute(attribute_fields, attributes, "code", r->station, sizeof r->station);
    r->station_place = (station_place){(double)NAN, (double)NAN, 0};
  } else if (here == CHANNEL)
    begin_channel(r, attribute_fields, attributes);
  else if (here == POLYNOMIAL)
    r->response.has_polynomial = true;
  else if (here == STAGE)
    stationxml_response_begin_stage(&r->response);
}

static void characters(void *user, const xmlChar *text, int length)
{
  reader *r = user;
  if (!r->in_text || r->outside)
    return;
  size_t room = sizeof r->text - 1 - r->text_length, n = (size_t)length < room ? (size_t)length : room;
  memcpy(r->text + r->text_length, text, n);
  r->text_length += n;
}

static double number(reader *r)
{
  char *end;
  double value = strtod(r->text, &end);
  while (*end == ' ' || *end == '\t' || *end == '\n' || *end == '\r')
    end++;
  return *end == '\0' && end != r->text ? value : (double)NAN;
}

static void take_station_text(reader *r, place here)
{
  if (here == LATITUDE)
    r->station_place.latitude_deg = number(r);
  else if (here == LONGITUDE)
    r->station_place.longitude_deg = number(r);
  else if (here == ELEVATION)
    r->station_place.elevation_m = number(r);
}

static void take_channel_text(reader *r, place here)
{
  inventory_entry *channel = &r->channel;
  switch (here) {
  case LATITUDE:
    channel->latitude_deg = number(r);
    break;
  case LONGITUDE:
    channel->longitude_deg = number(r);
    break;
  case ELEVATION:
    channel->elevation_m = number(r);
    break;
  case DEPTH:
    channel->depth_m = number(r);
    break;
  case AZIMUTH:
    channel->epoch.azimuth_deg = number(r);
    break;
  case DIP:
    channel->epoch.dip_deg = number(r);
    break;
  case SAMPLE_RATE:
    channel->epoch.rate = number(r);
    break;
  default:
    break;
  }
}

/* Of the first stage alone: it is the sensor's. */
static void take_poles_text(reader *r, place here)
{
  stationxml_response *response = &r->response;
  stationxml_poles *poles = &response->poles;
  if (response->stages > 0)
    return;
  switch (here) {
  case TRANSFER:
    poles->transfer = stationxml_transfer_read(r->text);
    break;
  case FACTOR:
    poles->factor = number(r);
    break;
  case FACTOR_FREQUENCY:
    poles->frequency_hz = number(r);
    break;
  case REAL:
    response->root_real = number(r);
    break;
  case IMAGINARY:
    response->root_imaginary = number(r);
    break;
  case ZERO:
    stationxml_poles_add_zero(poles, CMPLX(response->root_real, response->root_imaginary));
    break;
  case POLE:
    stationxml_poles_add_pole(poles, CMPLX(response->root_real, response->root_imaginary));
    break;
  default:
    break;
  }
}

static void take_response_text(reader *r, place here)
{
  stationxml_response *response = &r->response;
  switch (here) {
  case VALUE:
    response->has_sensitivity = true;
    response->sensitivity = number(r);
    break;
  case FREQUENCY:
    response->frequency_hz = number(r);
    break;
  case UNIT_NAME:
    memcpy(response->unit, r->text, sizeof response->unit);
    break;
  case STAGE:
    stationxml_response_end_stage(response);
    break;
  case STAGE_VALUE:
    response->stage_gain = number(r);
    break;
  case STAGE_FREQUENCY:
    response->stage_frequency_hz = number(r);
    break;
  case STAGE_UNIT_NAME:
    memcpy(response->stage_unit, r->text, sizeof response->stage_unit);
    break;
  default:
    take_poles_text(r, here);
    break;
  }
}

static bool read_epoch(reader *r, ingest_epoch *epoch)
{
  epoch->start = INT64_MIN;
  epoch->end = INT64_MAX;
  return (r->start[0] == '\0' || ingest_time_parse(r->start, &epoch->start)) && (r->end[0] == '\0' || ingest_time_parse(r->end, &epoch->end));
}

/* Of a channel of seismometers or accelerometers another unit is a mistake; housekeeping channels have them by right. */
static bool is_seismic(const ingest_codes *codes)
{
  return codes->channel[0] && strchr("HLGN", codes->channel[1]);
}

static const char *add_channel(reader *r)
{
  ingest_epoch *epoch = &r->channel.epoch;
  bool seismic = is_seismic(&r->channel.codes);
  if (!isfinite(epoch->rate) || epoch->rate < 0)
    epoch->rate = 0;
  if (!read_epoch(r, epoch))
    return "the start or end date is no time (YYYY-MM-DDThh:mm:ssZ)";
  const char *fault = stationxml_response_gain(&r->response, epoch, &r->channel.gain_of_stages);
  r->shape = stationxml_response_shape(&r->response, &r->channel);
  if (!fault || !seismic)
    fault = inventory_add(r->inventory, &r->channel);
  return fault && !seismic ? "" : fault;
}

static void report_doubts(reader *r, const char *codes)
{
  char doubt[256], text[320];
  const char *complicated =
      "its sensor's response falls off towards low frequencies in another way than with two poles; it is used by its gain alone, "
      "and long periods come out too small";
  for (int i = 0; i < 3; i++) {
    if (i == 0 && !stationxml_response_doubt(&r->response, doubt, sizeof doubt))
      continue;
    if (i == 1 && !stationxml_poles_doubt(&r->response.poles, doubt, sizeof doubt))
      continue;
    if (i == 2 && r->shape != STATIONXML_COMPLICATED)
      continue;
    snprintf(text, sizeof text, "%s: %s", codes, i == 2 ? complicated : doubt);
    report(r, r->channel.line, text);
  }
}

static void end_channel(reader *r)
{
  char codes[INGEST_CODES_TEXT], text[320];
  const char *fault = add_channel(r);
  ingest_codes_format(&r->channel.codes, codes);
  if (!fault) {
    r->added += r->channel.epoch.unit != INGEST_UNIT_OTHER;
    if (is_seismic(&r->channel.codes))
      report_doubts(r, codes);
  } else if (*fault) {
    r->inventory->faults++;
    snprintf(text, sizeof text, "%s: %s; this epoch is left out", codes, fault);
    report(r, r->channel.line, text);
  }
}

static void end_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  (void)name, (void)prefix, (void)uri;
  reader *r = user;
  if (r->outside) {
    r->outside--;
    return;
  }
  place here = r->path[r->depth--];
  r->text[r->text_length] = '\0';
  r->in_text = false;
  if (here == CHANNEL)
    end_channel(r);
  else if (r->path[r->depth] == STATION)
    take_station_text(r, here);
  else if (r->path[r->depth] == CHANNEL)
    take_channel_text(r, here);
  else if (here > CHANNEL)
    take_response_text(r, here);
  r->text_length = 0;
}
