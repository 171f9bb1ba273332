#include "record_format.h"

#include <assert.h>
#include <string.h>

enum { SUMMED_FROM = 2 * sizeof(uint32_t) };

static_assert(sizeof(record_head) == 32, "the head is what the file holds");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the head is copied as it lies in memory");

size_t record_size(size_t length)
{
  return (sizeof(record_head) + length + 7) & ~(size_t)7;
}

uint8_t *record_put(uint8_t *place, const record_head *head, const void *bytes)
{
  record_head complete = *head;
  size_t used = sizeof complete + head->length;
  complete.mark = RECORD_MARK;
  memcpy(place, &complete, sizeof complete);
  memset(place + used, 0, record_size(head->length) - used);
  if (bytes && head->length)
    memcpy(place + sizeof complete, bytes, head->length);
  return place + sizeof complete;
}

static uint32_t sum_of(const uint8_t *place, uint32_t length)
{
  return ingest_crc32c(0, place + SUMMED_FROM, sizeof(record_head) - SUMMED_FROM + length);
}

void record_seal(uint8_t *place)
{
  record_head head;
  memcpy(&head, place, sizeof head);
  head.crc = sum_of(place, head.length);
  memcpy(place, &head, sizeof head);
}

bool record_check(const uint8_t *place, size_t available, record_head *head)
{
  if (available < sizeof *head)
    return false;
  memcpy(head, place, sizeof *head);
  return head->mark == RECORD_MARK && head->length <= RECORD_LENGTH_MAXIMUM && record_size(head->length) <= available &&
         head->crc == sum_of(place, head->length);
}

/* Colons stand ill in names of files. */
static void exchange(char *text, char from, char to)
{
  static const int places[] = {13, 16};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    if (text[places[i]] == from)
      text[places[i]] = to;
}

char *record_name(int64_t time, char name[RECORD_NAME_TEXT])
{
  ingest_time_format(time, name);
  exchange(name, ':', '-');
  return name;
}

bool record_name_time(const char *name, int64_t *time)
{
  char text[INGEST_TIME_TEXT] = "";
  if (strlen(name) < INGEST_TIME_TEXT - 1)
    return false;
  memcpy(text, name, INGEST_TIME_TEXT - 1);
  exchange(text, '-', ':');
  return text[INGEST_TIME_TEXT - 2] == 'Z' && ingest_time_parse(text, time);
}
