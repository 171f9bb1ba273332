/* seedlink_server_select.h: which streams a SeedLink client asked for, and from when: stations, selectors, sequences and time windows of both
 * versions. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_SERVER_SELECT_H
#define TOCSIN_PROTOCOL_SEEDLINK_SERVER_SELECT_H

#include "ring.h"

enum { SELECT_STATIONS_MOST = 20000, SELECT_SELECTORS_MOST = 1000, SELECT_PATTERN_TEXT = 24 };

typedef struct {
  char pattern[SELECT_PATTERN_TEXT]; /* of LOC_B_S_SS */
  char format, subformat;            /* 0: any */
  bool negative, convert;            /* convert: to miniSEED 3 where it is 2 */
} selector;

/* A STATION command and what followed it; without one (version 3, one station): the pattern "*". */
typedef struct {
  char pattern[SELECT_PATTERN_TEXT]; /* of NET_STA */
  selector *selectors;
  size_t selectors_count;
  bool wanted;           /* DATA, FETCH or TIME was said */
  int64_t from_sequence; /* packets before it are not wanted */
  int64_t begin, end;    /* samples in [begin, end) are wanted; open: INT64_MIN, INT64_MAX */
} station_choice;

typedef struct {
  station_choice *stations;
  size_t stations_count, stations_capacity;
  struct exact_station *exact; /* those without wildcards, sorted, after select_seal() */
  size_t exact_count;
  int32_t *of_stream; /* the choice of a ring's stream, by its index */
  size_t of_stream_count;
} selection;

void select_clear(selection *s);
/* The choice of that pattern, a new one if there is none. NULL: memory is short or there are too many. */
station_choice *select_station(selection *s, const char *pattern);
/* Reads a selector of version 3 ("[!]LLCCC.T") or 4 ("[!]pattern[.FS][:filter]"). NULL, or what is wrong. */
const char *select_read_3(const char *text, selector *read);
const char *select_read_4(const char *text, selector *read);
/* The last of its selectors, or `first`. False if memory is short or there are too many. */
bool select_add(station_choice *choice, const selector *added, bool first);
/* The handshake is over: how streams are looked up. False if memory is short. */
bool select_seal(selection *s);

/* The station's choice that wants this stream and NULL where none does; `convert` as its selector says. Found once a stream. */
const station_choice *select_stream(selection *s, const protocol_ring *ring, int32_t stream, bool *convert);

/* Is that a station pattern of letters, digits, _ and - (and * and ?) that fits? */
bool select_is_pattern(const char *text);
bool select_matches(const char *pattern, const char *text);

#endif
