#include "record_header.h"

static const char no_header[] = "no miniSEED record header";
static const char bad_header_3[] = "a miniSEED 3 header that states no possible time";
static const char bad_length_3[] = "a miniSEED 3 header that states more than 65,536 bytes";
static const char bad_crc[] = "a miniSEED 3 record whose CRC does not hold";
static const char no_length[] = "a record without blockette 1000, whose length is unknown";
static const char bad_chain[] = "a record whose chain of blockettes does not rise";
static const char bad_length[] = "a record whose blockette 1000 states a length outside 128..65536 bytes";
static const char cut_short[] = "a record cut short: another one begins inside it";

enum { OWN_START = 8 }; /* sequence number, quality and blank */

typedef enum { LENGTH_KNOWN, LENGTH_WANTS_MORE, LENGTH_WRONG } length_state;

static ingest_frame_result frame_2(const uint8_t *bytes, size_t length);
static ingest_frame_result frame_3(const uint8_t *bytes, size_t length);
static ingest_frame_result skip_to_next(const uint8_t *bytes, size_t length, const char *reason);
static length_state find_length(const uint8_t *bytes, size_t length, record_order order, size_t *stated, const char **reason);
static size_t inner_record(const uint8_t *bytes, size_t stated, size_t length);
static bool may_become_header(const uint8_t *bytes, size_t length);

ingest_frame_result ingest_frame(const uint8_t *bytes, size_t length)
{
  if (length == 0)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, RECORD_FIXED_HEADER, NULL};
  if (may_become_header(bytes, length))
    return bytes[0] == 'M' ? frame_3(bytes, length) : frame_2(bytes, length);
  return skip_to_next(bytes, length, length >= 3 && memcmp(bytes, "MS\3", 3) == 0 ? bad_header_3 : no_header);
}

static ingest_frame_result frame_2(const uint8_t *bytes, size_t length)
{
  if (length < RECORD_FIXED_HEADER)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, RECORD_FIXED_HEADER, NULL};
  size_t stated = 0;
  const char *reason = NULL;
  length_state state = find_length(bytes, length, record_header_order(bytes), &stated, &reason);
  if (state == LENGTH_WRONG)
    return skip_to_next(bytes, length, reason);
  size_t inner = inner_record(bytes, state == LENGTH_KNOWN ? stated : SIZE_MAX, length);
  if (inner > 0)
    return (ingest_frame_result){INGEST_FRAME_SKIP, inner, cut_short};
  if (state == LENGTH_WANTS_MORE || stated > length)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, stated, NULL};
  return (ingest_frame_result){INGEST_FRAME_RECORD, stated, NULL};
}

static ingest_frame_result frame_3(const uint8_t *bytes, size_t length)
{
  if (length < RECORD3_FIXED_HEADER)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, RECORD3_FIXED_HEADER, NULL};
  uint64_t stated = record3_stated_length(bytes);
  if (stated > INGEST_RECORD_MAXIMUM)
    return skip_to_next(bytes, length, bad_length_3);
  size_t inner = inner_record(bytes, (size_t)stated, length);
  if (inner > 0)
    return (ingest_frame_result){INGEST_FRAME_SKIP, inner, cut_short};
  if (stated > length)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, (size_t)stated, NULL};
  if (!record3_crc_holds(bytes, (size_t)stated))
    return skip_to_next(bytes, length, bad_crc);
  return (ingest_frame_result){INGEST_FRAME_RECORD, (size_t)stated, NULL};
}

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static bool is_quality(uint8_t c)
{
  return c == 'D' || c == 'R' || c == 'Q' || c == 'M';
}

/* Version 3 names itself. Version 2: sequence number (digits; some writers leave blanks or NULs), quality, a reserved blank; then the time must be
 * one. */
static bool may_become_header(const uint8_t *bytes, size_t length)
{
  if (bytes[0] == 'M')
    return record3_may_begin(bytes, length);
  for (size_t i = 0; i < 6 && i < length; i++)
    if (!is_digit(bytes[i]) && bytes[i] != ' ' && bytes[i] != '\0')
      return false;
  if (length > 6 && !is_quality(bytes[6]))
    return false;
  if (length > 7 && bytes[7] != ' ' && bytes[7] != '\0')
    return false;
  return length < RECORD_FIXED_HEADER || record_header_order(bytes) != RECORD_NO_HEADER;
}

static ingest_frame_result skip_to_next(const uint8_t *bytes, size_t length, const char *reason)
{
  size_t next = 1;
  while (next < length && !may_become_header(bytes + next, length - next))
    next++;
  return (ingest_frame_result){INGEST_FRAME_SKIP, next, reason};
}

record_order record_header_order(const uint8_t *bytes)
{
  static const record_order orders[] = {RECORD_BIG_ENDIAN, RECORD_LITTLE_ENDIAN};
  if (bytes[24] > 23 || bytes[25] > 59 || bytes[26] > 60)
    return RECORD_NO_HEADER;
  for (size_t i = 0; i < 2; i++) {
    uint16_t year = record_u16(bytes + 20, orders[i]), day = record_u16(bytes + 22, orders[i]);
    if (year >= 1900 && year <= 2100 && day >= 1 && day <= 366)
      return orders[i];
  }
  return RECORD_NO_HEADER;
}

size_t record_stated_length(const uint8_t *blockette)
{
  return blockette[6] >= 7 && blockette[6] <= 16 ? (size_t)1 << blockette[6] : 0;
}

static length_state wrong(const char **reason, const char *text)
{
  *reason = text;
  return LENGTH_WRONG;
}

/* Follows the chain to blockette 1000. `stated` is the record's length, or how many bytes are needed to go on. */
static length_state find_length(const uint8_t *bytes, size_t length, record_order order, size_t *stated, const char **reason)
{
  size_t last = RECORD_FIXED_HEADER - 4;
  for (size_t at = record_u16(bytes + 46, order); at != 0; at = record_u16(bytes + at + 2, order)) {
    if (at < last + 4 || at + 8 > INGEST_RECORD_MAXIMUM)
      return wrong(reason, bad_chain);
    *stated = at + 8;
    if (length < at + 8)
      return LENGTH_WANTS_MORE;
    if (record_u16(bytes + at, order) == 1000) {
      *stated = record_stated_length(bytes + at);
      if (*stated == 0)
        return wrong(reason, bad_length);
      return at + 8 <= *stated ? LENGTH_KNOWN : wrong(reason, bad_chain);
    }
    last = at;
  }
  return wrong(reason, no_length);
}

static bool is_inner_header(const uint8_t *bytes, size_t visible)
{
  for (size_t i = 0; i < 6; i++)
    if (!is_digit(bytes[i]))
      return false;
  return is_quality(bytes[6]) && bytes[7] == ' ' && (visible < RECORD_FIXED_HEADER || record_header_order(bytes) != RECORD_NO_HEADER);
}

/* Any six digits in a row cover one of every sixth bytes, so only these are looked at. */
static size_t inner_record_2(const uint8_t *bytes, size_t length, size_t least)
{
  for (size_t probe = OWN_START + 5; probe + least <= length + 5; probe += 6) {
    if (!is_digit(bytes[probe]))
      continue;
    for (size_t at = probe - 5; at <= probe && at + least <= length; at++)
      if (is_inner_header(bytes + at, length - at))
        return at;
  }
  return 0;
}

static size_t inner_record_3(const uint8_t *bytes, size_t length, size_t least)
{
  const uint8_t *end = bytes + length, *at = length > OWN_START ? memchr(bytes + OWN_START, 'M', length - OWN_START) : NULL;
  while (at && ((size_t)(end - at) < least || !record3_is_header(at, (size_t)(end - at))))
    at = memchr(at + 1, 'M', (size_t)(end - at - 1));
  return at ? (size_t)(at - bytes) : 0;
}

/* Offset of the first header inside a record's bytes, 0 if there is none: then the file or line lost the end of this record. One that goes on past
   the record's own end counts by its beginning: eight bytes of version 2, a mark and a time of version 3. Past what has come so far, it must wait. */
static size_t inner_record(const uint8_t *bytes, size_t stated, size_t length)
{
  bool whole = stated <= length;
  size_t end = whole ? stated : length;
  size_t of_2 = inner_record_2(bytes, end, whole ? OWN_START : RECORD_FIXED_HEADER);
  size_t of_3 = inner_record_3(bytes, of_2 > 0 ? of_2 : end, whole ? RECORD3_TIME_END : RECORD3_HEADER_SEEN);
  return of_3 > 0 ? of_3 : of_2;
}
