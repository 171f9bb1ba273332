#include "seedlink_packet.h"

#include <string.h>

#include "ingest.h"

enum { HEADER_3 = 8, RECORD_3 = 512, HEADER_4 = 17, FIXED_HEADER = 48 };

/* More than any answer to INFO or record of another kind has; a header that says so is none. */
#define PAYLOAD_MOST (UINT64_C(64) << 20)

static seedlink_packet between(const uint8_t *bytes, size_t length, const char *reason);
static seedlink_packet info_3(const uint8_t *bytes, size_t length);
static seedlink_packet record_3(const uint8_t *bytes, size_t length, int64_t sequence);
static seedlink_packet payload_4(seedlink_packet packet, const uint8_t *bytes, size_t header);

static seedlink_packet partial(size_t needed)
{
  return (seedlink_packet){.kind = SEEDLINK_PARTIAL, .length = needed};
}

static bool begins(const uint8_t *bytes, size_t length, const char *text)
{
  size_t n = strlen(text);
  return memcmp(bytes, text, length < n ? length : n) == 0;
}

static int hex_digit(uint8_t c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int64_t hex_sequence(const uint8_t *digits)
{
  int64_t sequence = 0;
  for (int i = 0; i < 6; i++) {
    int digit = hex_digit(digits[i]);
    if (digit < 0)
      return PROTOCOL_NO_SEQUENCE;
    sequence = sequence << 4 | digit;
  }
  return sequence;
}

/* "SL", six hexadecimal digits, and the record (SeedLink 3 of SeisComP: 512 bytes; ringserver: as long as the record is). */
seedlink_packet seedlink_packet_3(const uint8_t *bytes, size_t length)
{
  if (!begins(bytes, length, "SL"))
    return between(bytes, length, "no packet of SeedLink 3 begins where one must");
  if (length < HEADER_3)
    return partial(HEADER_3);
  if (begins(bytes, HEADER_3, "SLINFO"))
    return info_3(bytes, length);
  int64_t sequence = hex_sequence(bytes + 2);
  if (sequence == PROTOCOL_NO_SEQUENCE)
    return (seedlink_packet){.kind = SEEDLINK_LOST, .reason = "a packet of SeedLink 3 whose sequence number is none"};
  return record_3(bytes, length, sequence);
}

/* "SE", format, subformat, u32 payload length, u64 sequence, u8 length of the station, station (FDSN SeedLink 4.0, data packets). */
seedlink_packet seedlink_packet_4(const uint8_t *bytes, size_t length)
{
  if (!begins(bytes, length, "SE"))
    return between(bytes, length, "no packet of SeedLink 4 begins where one must");
  if (length < HEADER_4 || length < HEADER_4 + (size_t)bytes[16])
    return partial(length < HEADER_4 ? HEADER_4 : HEADER_4 + (size_t)bytes[16]);
  uint64_t payload = 0, sequence = 0;
  for (int i = 3; i >= 0; i--)
    payload = payload << 8 | bytes[4 + i];
  for (int i = 7; i >= 0; i--)
    sequence = sequence << 8 | bytes[8 + i];
  if (payload > PAYLOAD_MOST)
    return (seedlink_packet){.kind = SEEDLINK_LOST, .reason = "a header of SeedLink 4 that states more than 64 MiB"};
  size_t header = HEADER_4 + (size_t)bytes[16];
  seedlink_packet packet = {.kind = SEEDLINK_SKIPPED,
                            .length = header + payload,
                            .sequence = sequence > INT64_MAX ? PROTOCOL_NO_SEQUENCE : (int64_t)sequence,
                            .payload = bytes + header,
                            .payload_length = (size_t)payload};
  if (bytes[16] < sizeof packet.station)
    memcpy(packet.station, bytes + HEADER_4, bytes[16]);
  if (memchr("23J", bytes[2], 3) == NULL)
    return packet;
  if (payload > INGEST_RECORD_MAXIMUM) {
    packet.reason = bytes[2] == 'J' ? NULL : "a record longer than 65,536 bytes";
    return packet;
  }
  return length < packet.length ? partial((size_t)packet.length) : payload_4(packet, bytes, header);
}

/* Between packets the server may end ("END") or give up ("ERROR", perhaps with a text and CR LF). */
static seedlink_packet between(const uint8_t *bytes, size_t length, const char *reason)
{
  if (begins(bytes, length, "END"))
    return length < 3 ? partial(3) : (seedlink_packet){.kind = SEEDLINK_END, .length = 3};
  if (!begins(bytes, length, "ERROR"))
    return (seedlink_packet){.kind = SEEDLINK_LOST, .reason = reason};
  if (length < 5)
    return partial(5);
  const uint8_t *newline = memchr(bytes, '\n', length);
  size_t line = newline ? (size_t)(newline - bytes) : length;
  return (seedlink_packet){.kind = SEEDLINK_ERROR, .length = newline ? line + 1 : line, .payload = bytes, .payload_length = line};
}

static uint16_t u16_at(const uint8_t *bytes, size_t at, bool little)
{
  return (uint16_t)(little ? bytes[at + 1] << 8 | bytes[at] : bytes[at] << 8 | bytes[at + 1]);
}

/* A log record of 512 bytes: as many bytes of text as it has samples, where its data begin; channel ERR says no. */
static seedlink_packet info_3(const uint8_t *bytes, size_t length)
{
  if (bytes[6] != ' ' || (bytes[7] != '*' && bytes[7] != ' '))
    return (seedlink_packet){.kind = SEEDLINK_LOST, .reason = "an INFO packet of SeedLink 3 that is neither last nor followed"};
  if (length < HEADER_3 + RECORD_3)
    return partial(HEADER_3 + RECORD_3);
  const uint8_t *record = bytes + HEADER_3;
  bool little = u16_at(record, 44, false) < FIXED_HEADER || u16_at(record, 44, false) > RECORD_3;
  size_t text = u16_at(record, 30, little), offset = u16_at(record, 44, little);
  seedlink_packet packet = {
      .kind = SEEDLINK_INFO, .length = HEADER_3 + RECORD_3, .last = bytes[7] == ' ', .refused = memcmp(record + 15, "ERR", 3) == 0};
  if (offset >= FIXED_HEADER && offset + text <= RECORD_3) {
    packet.payload = record + offset;
    packet.payload_length = text;
  }
  return packet;
}

/* A record that does not say how long it is, is as long as SeedLink's own. */
static ingest_frame_result frame_3(const uint8_t *record, size_t visible)
{
  ingest_frame_result frame = visible < RECORD_3 ? ingest_frame(record, visible) : ingest_frame_last(record, RECORD_3);
  if (frame.framing == INGEST_FRAME_PARTIAL && visible > RECORD_3)
    frame = ingest_frame(record, visible);
  if (frame.framing == INGEST_FRAME_PARTIAL && visible < RECORD_3 && frame.length > RECORD_3)
    frame.length = RECORD_3;
  return frame;
}

static seedlink_packet record_3(const uint8_t *bytes, size_t length, int64_t sequence)
{
  ingest_frame_result frame = frame_3(bytes + HEADER_3, length - HEADER_3);
  if (frame.framing == INGEST_FRAME_PARTIAL)
    return partial(HEADER_3 + frame.length);
  if (frame.framing == INGEST_FRAME_SKIP)
    return (seedlink_packet){.kind = SEEDLINK_SKIPPED, .length = HEADER_3 + RECORD_3, .reason = frame.reason};
  size_t end = HEADER_3 + frame.length;
  if (length > end && !memchr("SE", bytes[end], 2))
    return (seedlink_packet){.kind = SEEDLINK_LOST, .reason = "a record whose stated length does not lead to the next packet"};
  return (seedlink_packet){.kind = SEEDLINK_RECORD, .length = end, .payload = bytes + HEADER_3, .payload_length = frame.length, .sequence = sequence};
}

static seedlink_packet payload_4(seedlink_packet packet, const uint8_t *bytes, size_t header)
{
  if (bytes[2] == 'J') {
    packet.kind = SEEDLINK_INFO;
    packet.last = true;
    packet.refused = bytes[3] == 'E';
    return packet;
  }
  ingest_frame_result frame = ingest_frame_last(bytes + header, packet.payload_length);
  if (frame.framing == INGEST_FRAME_RECORD && frame.length == packet.payload_length)
    packet.kind = SEEDLINK_RECORD;
  else
    packet.reason = frame.reason ? frame.reason : "a packet that is not exactly one record";
  return packet;
}
