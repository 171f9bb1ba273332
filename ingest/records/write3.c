#include <stdio.h>

#include "civil.h"
#include "crc32c.h"
#include "encodings.h"

enum { FLAG_TIME_QUESTIONABLE = 2, FLAG_CLOCK_LOCKED = 4, CRC_AT = 28, STEIM_FRAME = 64, IDENTIFIER = 64 };

static size_t put_identifier(const ingest_codes *codes, uint8_t *bytes);
static size_t split_channel(const char *channel, char *text);
static size_t payload_length(const record_piece *piece, const uint8_t *data, size_t room, int samples);
static void put_header(const record_piece *piece, int samples, uint8_t *bytes);

bool record3_is_writable(const ingest_record *record)
{
  char channel[16];
  const ingest_codes *codes = &record->codes;
  return codes->network[0] && codes->station[0] && split_channel(codes->channel, channel) > 0;
}

record_layout record3_layout(const ingest_record *record, uint8_t *extra)
{
  char clipping[] = "\"Flags\":{\"DigitizerClipping\":true}", quality[32] = "";
  record_layout layout = {.publication = 1, .extra = extra};
  layout.flags = (uint8_t)((record->time_doubtful ? FLAG_TIME_QUESTIONABLE : 0) | (record->clock_locked ? FLAG_CLOCK_LOCKED : 0));
  if (record->timing_quality >= 0)
    snprintf(quality, sizeof quality, "\"Time\":{\"Quality\":%d}", record->timing_quality);
  if (record->clipped || quality[0])
    layout.extra_length = (size_t)snprintf((char *)extra, RECORD3_EXTRA, "{\"FDSN\":{%s%s%s}}", record->clipped ? clipping : "",
                                           record->clipped && quality[0] ? "," : "", quality);
  return layout;
}

int record3_build(const record_piece *piece, size_t most, uint8_t *bytes, size_t *length)
{
  size_t name = put_identifier(&piece->record->codes, bytes + RECORD3_FIXED_HEADER);
  size_t data_offset = RECORD3_FIXED_HEADER + name + piece->layout->extra_length;
  if (data_offset >= most)
    return 0;
  uint8_t *data = bytes + data_offset;
  if (piece->layout->extra_length > 0)
    memcpy(bytes + RECORD3_FIXED_HEADER + name, piece->layout->extra, piece->layout->extra_length);
  memset(data, 0, most - data_offset);
  int samples = record_put_samples(piece, most - data_offset, RECORD_LITTLE_ENDIAN, data);
  if (samples <= 0)
    return samples;
  size_t payload = payload_length(piece, data, most - data_offset, samples);
  *length = data_offset + payload;
  bytes[33] = (uint8_t)name;
  record_put_u32(bytes + 36, (uint32_t)payload, RECORD_LITTLE_ENDIAN);
  put_header(piece, samples, bytes);
  record_put_u32(bytes + CRC_AT, crc32c(0, bytes, *length), RECORD_LITTLE_ENDIAN);
  return samples;
}

/* B_S_SS of a code of three letters, or of one that holds its own two _. Its length, 0 if it is neither. */
static size_t split_channel(const char *channel, char *text)
{
  size_t length = strlen(channel), bars = 0;
  for (size_t i = 0; i < length; i++)
    bars += channel[i] == '_';
  if (bars == 2 && length > 2)
    return (size_t)sprintf(text, "%s", channel);
  if (bars > 0 || length != 3)
    return 0;
  return (size_t)sprintf(text, "%c_%c_%c", channel[0], channel[1], channel[2]);
}

static size_t put_identifier(const ingest_codes *codes, uint8_t *bytes)
{
  char channel[16], text[IDENTIFIER];
  split_channel(codes->channel, channel);
  int length = snprintf(text, sizeof text, "FDSN:%s_%s_%s_%s", codes->network, codes->station, codes->location, channel);
  memcpy(bytes, text, (size_t)length);
  return (size_t)length;
}

/* Each frame that holds samples has a code that is not 0. */
static size_t payload_length(const record_piece *piece, const uint8_t *data, size_t room, int samples)
{
  size_t size = encoding_sample_size(piece->record->encoding), frame = 0;
  if (size > 0)
    return (size_t)samples * size;
  while (frame + STEIM_FRAME <= room && record_u32(data + frame, RECORD_BIG_ENDIAN) != 0)
    frame += STEIM_FRAME;
  return frame;
}

/* All but the lengths; the CRC is left 0, as its own sum wants it. */
static void put_header(const record_piece *piece, int samples, uint8_t *bytes)
{
  int64_t seconds = piece->start / INGEST_SECOND - (piece->start % INGEST_SECOND < 0), of_day;
  int64_t days = seconds / CIVIL_DAY_S - (seconds % CIVIL_DAY_S < 0);
  int year, month, day;
  uint64_t rate;
  civil_date(days, &year, &month, &day);
  of_day = seconds - days * CIVIL_DAY_S;
  memcpy(&rate, &piece->record->rate, sizeof rate);
  memcpy(bytes, "MS\3", 3);
  bytes[3] = piece->layout->flags;
  record_put_u32(bytes + 4, (uint32_t)(piece->start - seconds * INGEST_SECOND), RECORD_LITTLE_ENDIAN);
  record_put_u16(bytes + 8, (unsigned)year, RECORD_LITTLE_ENDIAN);
  record_put_u16(bytes + 10, (unsigned)(days - civil_days(year, 1, 1) + 1), RECORD_LITTLE_ENDIAN);
  bytes[12] = (uint8_t)(of_day / 3600);
  bytes[13] = (uint8_t)(of_day / 60 % 60);
  bytes[14] = (uint8_t)(of_day % 60);
  bytes[15] = piece->record->encoding;
  record_put_u64(bytes + 16, rate, RECORD_LITTLE_ENDIAN);
  record_put_u32(bytes + 24, (uint32_t)samples, RECORD_LITTLE_ENDIAN);
  record_put_u32(bytes + CRC_AT, 0, RECORD_LITTLE_ENDIAN);
  bytes[32] = piece->layout->publication;
  record_put_u16(bytes + 34, (unsigned)piece->layout->extra_length, RECORD_LITTLE_ENDIAN);
}
