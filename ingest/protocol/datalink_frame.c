#include "datalink_frame.h"

#include <stdlib.h>
#include <string.h>

bool datalink_number(const char *text, uint64_t most, int64_t *number)
{
  char *end;
  if (*text < '0' || *text > '9')
    return false;
  unsigned long long read = strtoull(text, &end, 10);
  *number = (int64_t)read;
  return *end == '\0' && read <= most;
}

/* The last word of OK, ERROR, INFO and PACKET says how much data follows; ID and ENDSTREAM have none. */
bool datalink_read_header(const uint8_t *frame, datalink_frame *h)
{
  int64_t data = 0;
  h->count = 0;
  h->length = frame[2];
  memcpy(h->text, frame + DATALINK_PREHEADER, h->length);
  h->text[h->length] = '\0';
  if (strncmp(h->text, "ID", 2) == 0)
    h->words[h->count++] = h->text;
  else
    for (char *rest = NULL, *word = strtok_r(h->text, " ", &rest); word && h->count < DATALINK_WORDS; word = strtok_r(NULL, " ", &rest))
      h->words[h->count++] = word;
  bool good = h->count <= 1 || datalink_number(h->words[h->count - 1], DATALINK_SIZE_MOST, &data);
  h->data = (uint64_t)data;
  return good;
}

bool datalink_is_miniseed(const char *stream)
{
  const char *kind = strchr(stream, '/');
  return kind && strncmp(kind, "/MSEED", 6) == 0 && (kind[6] == '\0' || kind[6] == '/' || (kind[6] == '3' && (kind[7] == '\0' || kind[7] == '/')));
}

const char *datalink_station(const char *stream, char text[PROTOCOL_STATION_TEXT])
{
  const char *name = strncmp(stream, "FDSN:", 5) == 0 ? stream + 5 : stream;
  size_t network = strcspn(name, "_"), length = network + (name[network] ? 1 + strcspn(name + network + 1, "_/") : 0);
  if (name[network] == '\0' || length >= PROTOCOL_STATION_TEXT)
    return NULL;
  memcpy(text, name, length);
  text[length] = '\0';
  return text;
}
