#include "layout.h"

static const char no_header[] = "no miniSEED record header";
static const char bad_sequence[] = "a record header whose sequence number is not six digits";
static const char bad_quality[] = "a record header whose quality is none of D, R, Q and M, or has no blank behind it";
static const char bad_time[] = "a record header that states no possible time";
static const char bad_header_3[] = "a miniSEED 3 header that states no possible time";
static const char bad_length_3[] = "a miniSEED 3 header that states more than 65,536 bytes";
static const char bad_crc[] = "a miniSEED 3 record whose CRC does not hold";
static const char no_length[] = "a record without blockette 1000, behind which no other record begins within 32,768 bytes";
static const char bad_chain[] = "a record whose chain of blockettes does not rise";
static const char bad_length[] = "a record whose blockette 1000 states a length outside 128..65536 bytes";
static const char cut_short[] = "a record cut short: another one begins inside it";

enum {
  OWN_START = 8,         /* sequence number, quality and blank */
  SHORTEST_2 = 128,      /* version 2 */
  LONGEST_UNSAID = 32768 /* of a record that does not state its length, so that the next one's header is among the bytes that may be asked for */
};

typedef enum { LENGTH_KNOWN, LENGTH_UNSAID, LENGTH_WANTS_MORE, LENGTH_WRONG } length_state;

static ingest_frame_result frame_2(const uint8_t *bytes, size_t length);
static ingest_frame_result frame_3(const uint8_t *bytes, size_t length);
static ingest_frame_result frame_unsaid(const uint8_t *bytes, size_t length);
static ingest_frame_result skip_to_next(const uint8_t *bytes, size_t length, const char *reason);
static const char *why_no_header(const uint8_t *bytes, size_t length);
static length_state find_length(const uint8_t *bytes, size_t length, record_order order, size_t *stated, const char **reason);
static size_t inner_record(const uint8_t *bytes, size_t stated, size_t length);
static bool may_become_header(const uint8_t *bytes, size_t length);

ingest_frame_result ingest_frame(const uint8_t *bytes, size_t length)
{
  if (length == 0)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, RECORD_FIXED_HEADER, NULL};
  if (may_become_header(bytes, length))
    return bytes[0] == 'M' ? frame_3(bytes, length) : frame_2(bytes, length);
  return skip_to_next(bytes, length, why_no_header(bytes, length));
}

ingest_frame_result ingest_frame_last(const uint8_t *bytes, size_t length)
{
  size_t stated;
  const char *reason;
  bool is_power = length >= SHORTEST_2 && length <= LONGEST_UNSAID && (length & (length - 1)) == 0;
  ingest_frame_result result = ingest_frame(bytes, length);
  if (result.framing == INGEST_FRAME_PARTIAL && is_power && bytes[0] != 'M' &&
      find_length(bytes, length, record_header_order(bytes), &stated, &reason) == LENGTH_UNSAID)
    return (ingest_frame_result){INGEST_FRAME_RECORD, length, NULL};
  return result;
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
  if (state == LENGTH_UNSAID)
    return frame_unsaid(bytes, length);
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
  if (stated <= length && record3_crc_holds(bytes, (size_t)stated))
    return (ingest_frame_result){INGEST_FRAME_RECORD, (size_t)stated, NULL};
  size_t inner = inner_record(bytes, (size_t)stated, length);
  if (inner > 0)
    return (ingest_frame_result){INGEST_FRAME_SKIP, inner, cut_short};
  if (stated > length)
    return (ingest_frame_result){INGEST_FRAME_PARTIAL, (size_t)stated, NULL};
  return skip_to_next(bytes, length, bad_crc);
}

/* Without blockette 1000 a record of version 2 ends where the next one begins, a power of two bytes on (SEED manual 2.4, chapter 8: the lengths of
   data records). */
static ingest_frame_result frame_unsaid(const uint8_t *bytes, size_t length)
{
  size_t inner = inner_record(bytes, SIZE_MAX, length < LONGEST_UNSAID + RECORD_FIXED_HEADER ? length : LONGEST_UNSAID + RECORD_FIXED_HEADER);
  if (inner >= SHORTEST_2 && (inner & (inner - 1)) == 0)
    return (ingest_frame_result){INGEST_FRAME_RECORD, inner, NULL};
  if (inner > 0)
    return (ingest_frame_result){INGEST_FRAME_SKIP, inner, cut_short};
  if (length >= LONGEST_UNSAID + RECORD_FIXED_HEADER)
    return skip_to_next(bytes, length, no_length);
  size_t next = SHORTEST_2;
  while (next + RECORD_FIXED_HEADER <= length)
    next *= 2;
  return (ingest_frame_result){INGEST_FRAME_PARTIAL, next + RECORD_FIXED_HEADER, NULL};
}

static bool is_digit(uint8_t c)
{
  return c >= '0' && c <= '9';
}

static bool is_quality(uint8_t c)
{
  return c == 'D' || c == 'R' || c == 'Q' || c == 'M';
}

/* Digits; some writers leave blanks or NULs. As far as it goes. */
static bool is_sequence(const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < 6 && i < length; i++)
    if (!is_digit(bytes[i]) && bytes[i] != ' ' && bytes[i] != '\0')
      return false;
  return true;
}

static bool has_quality(const uint8_t *bytes, size_t length)
{
  return length <= 6 || (is_quality(bytes[6]) && (length <= 7 || bytes[7] == ' ' || bytes[7] == '\0'));
}

static bool has_time(const uint8_t *bytes, size_t length)
{
  return length < RECORD_FIXED_HEADER || record_header_order(bytes) != RECORD_NO_HEADER;
}

/* Version 3 names itself. Version 2: sequence number, quality, a reserved blank; then the time must be one. */
static bool may_become_header(const uint8_t *bytes, size_t length)
{
  if (bytes[0] == 'M')
    return record3_may_begin(bytes, length);
  return is_sequence(bytes, length) && has_quality(bytes, length) && has_time(bytes, length);
}

/* One fault alone in what is else a header has a name. */
static const char *why_no_header(const uint8_t *bytes, size_t length)
{
  if (length >= 3 && memcmp(bytes, "MS\3", 3) == 0)
    return bad_header_3;
  bool sequence = is_sequence(bytes, length), quality = has_quality(bytes, length), time = has_time(bytes, length);
  if (length < RECORD_FIXED_HEADER || sequence + quality + time != 2)
    return no_header;
  return !sequence ? bad_sequence : !quality ? bad_quality : bad_time;
}

static ingest_frame_result skip_to_next(const uint8_t *bytes, size_t length, const char *reason)
{
  size_t next = 1;
  while (next < length && !may_become_header(bytes + next, length - next))
    next++;
  return (ingest_frame_result){INGEST_FRAME_SKIP, next, reason};
}

static length_state wrong(const char **reason, const char *text)
{
  *reason = text;
  return LENGTH_WRONG;
}

/* Follows the chain to blockette 1000. `stated` is the record's length, or how many bytes are needed to go on. LENGTH_UNSAID: there is none. */
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
  return LENGTH_UNSAID;
}

static bool is_inner_header(const uint8_t *bytes, size_t visible)
{
  if (!is_quality(bytes[6]))
    return false;
  for (size_t i = 0; i < 6; i++)
    if (!is_digit(bytes[i]))
      return false;
  return visible < RECORD_FIXED_HEADER || record_header_order(bytes) != RECORD_NO_HEADER;
}

/* By its blank, which compressed samples seldom hold. */
static size_t inner_record_2(const uint8_t *bytes, size_t length, size_t least)
{
  if (length < OWN_START + least)
    return 0;
  const uint8_t *blank = bytes + OWN_START + 7, *end = bytes + length - least + 8;
  for (; (blank = memchr(blank, ' ', (size_t)(end - blank))) != NULL; blank++) {
    size_t at = (size_t)(blank - bytes) - 7;
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
