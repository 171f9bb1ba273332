#include "seedlink_info.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

enum { CODE = 16 };

/* INFO STREAMS of a national network is a tenth of this. */
static const size_t longest = (size_t)64 << 20;

struct seedlink_info {
  xmlParserCtxtPtr xml;
  seedlink_info_station *station;
  void *user;
  size_t length;
  bool broken;
};

static void start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **namespace_pairs,
                          int attributes, int defaulted, const xmlChar **attribute_fields);
static void xml_error(void *user, xmlErrorPtr error);

seedlink_info *seedlink_info_create(seedlink_info_station *station, void *user)
{
  xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC, .startElementNs = start_element, .serror = xml_error};
  seedlink_info *info = calloc(1, sizeof *info);
  if (!info)
    return NULL;
  *info = (seedlink_info){.station = station, .user = user};
  info->xml = xmlCreatePushParserCtxt(&handler, info, NULL, 0, NULL);
  if (!info->xml) {
    free(info);
    return NULL;
  }
  xmlCtxtUseOptions(info->xml, XML_PARSE_NONET);
  return info;
}

void seedlink_info_destroy(seedlink_info *info)
{
  if (!info)
    return;
  if (info->xml->myDoc)
    xmlFreeDoc(info->xml->myDoc);
  xmlFreeParserCtxt(info->xml);
  free(info);
}

bool seedlink_info_feed(seedlink_info *info, const uint8_t *bytes, size_t length, bool last)
{
  info->length += length;
  if (info->length > longest)
    info->broken = true;
  if (!info->broken)
    xmlParseChunk(info->xml, (const char *)bytes, (int)length, last);
  return !info->broken;
}

static void xml_error(void *user, xmlErrorPtr error)
{
  seedlink_info *info = user;
  if (error->level == XML_ERR_FATAL)
    info->broken = true;
}

/* libxml2 gives an attribute as five pointers: name, prefix, URI, and the value's begin and end. */
static void read_code(const xmlChar **fields, int count, const char *name, char code[CODE])
{
  code[0] = '\0';
  for (int i = 0; i < count; i++, fields += 5) {
    size_t length = (size_t)(fields[4] - fields[3]);
    if (strcmp((const char *)fields[0], name) != 0 || length >= CODE)
      continue;
    memcpy(code, fields[3], length);
    code[length] = '\0';
  }
}

/* <station name="CLC" network="CI" ...>; what would not pass as a code is no station that could be asked for. */
static void start_element(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces, const xmlChar **namespace_pairs,
                          int attributes, int defaulted, const xmlChar **attribute_fields)
{
  (void)prefix, (void)uri, (void)namespaces, (void)namespace_pairs, (void)defaulted;
  static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  seedlink_info *info = user;
  char network[CODE], station[CODE];
  if (strcmp((const char *)name, "station") != 0)
    return;
  read_code(attribute_fields, attributes, "network", network);
  read_code(attribute_fields, attributes, "name", station);
  if (network[0] && station[0] && !network[strspn(network, allowed)] && !station[strspn(station, allowed)])
    info->station(info->user, network, station);
}

bool seedlink_info_has(const uint8_t *json, size_t length, const char *word)
{
  size_t n = strlen(word);
  for (size_t at = 1; at + n < length; at++)
    if (memcmp(json + at, word, n) == 0 && memchr("\" ", json[at - 1], 2) && memchr("\" ", json[at + n], 2))
      return true;
  return false;
}
