/* ingest.h: bytes become one clean stream of ground motion a channel.
 *
 *   bytes --ingest_frame()--> records --ingest_packet()--> samples, station status
 *
 * plus the inventory (StationXML), the record writer and the packet cutter. Pure: time comes in as an argument, nothing is read or
 * printed. All times are int64_t nanoseconds since 1970-01-01T00:00:00 UTC (leap seconds are not counted).
 */
#ifndef TOCSIN_INGEST_H
#define TOCSIN_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

/* ---- time (time.c) ---- */

enum { INGEST_TIME_TEXT = 28 }; /* "2019-07-06T03:19:53.040000Z" and NUL */
#define INGEST_SECOND INT64_C(1000000000)

/* ISO 8601 of UTC with six decimals and Z (rounded down to microseconds). Returns `text`, which has room for INGEST_TIME_TEXT bytes. */
char *ingest_time_format(int64_t time, char *text);

/* Reads "YYYY-MM-DD[(T| )hh:mm:ss[.f...]][Z|+hh:mm]"; no zone means UTC. False if it is no such time; years 1900..2261, else clamped to
   INT64_MIN/INT64_MAX (an open end such as 2599). */
bool ingest_time_parse(const char *text, int64_t *time);

/* ---- names ---- */

typedef struct {
  char network[9], station[9], location[9], channel[9]; /* NUL-terminated, a blank location is "" */
} ingest_codes;

enum { INGEST_CODES_TEXT = 40 };
/* "NET.STA.LOC.CHA", in `text` of INGEST_CODES_TEXT bytes; returns it. */
char *ingest_codes_format(const ingest_codes *codes, char *text);

/* ---- inventory (inventory.c, stationxml.c) ---- */

typedef enum { INGEST_UNIT_OTHER, INGEST_UNIT_DISPLACEMENT, INGEST_UNIT_VELOCITY, INGEST_UNIT_ACCELERATION } ingest_unit;

/* One channel in one span of time. */
typedef struct {
  int64_t start, end;          /* [start, end); open: INT64_MIN, INT64_MAX */
  double gain;                 /* counts per SI unit of ground motion (the StationXML sensitivity, prefixes taken out); negative: reversed; never 0 */
  double gain_frequency_hz;    /* where it holds; 0 unknown */
  double rate;                 /* samples/s as stated, 0 unknown */
  double azimuth_deg, dip_deg; /* NAN unknown */
  ingest_unit unit;
} ingest_epoch;

enum { INGEST_VERTICAL, INGEST_NORTH, INGEST_EAST, INGEST_COMPONENTS }; /* 1 and 2 (and other letters) stand for north and east */

/* One station of the design: NET.STA.LOC with its band and instrument code (BK.BRIB.01.HN). Its index in the inventory is its
   name everywhere downstream. Sensors are sorted by network, station, location, band: the same files in any order give the same indices. */
typedef struct {
  ingest_codes codes;                                       /* channel holds the band and instrument code alone: "HN" */
  char site_code[20];                                       /* "BK.BRIB", as messages say it */
  int32_t site;                                             /* sensors with the same network and station share it; 0.. */
  double latitude_deg, longitude_deg, elevation_m, depth_m; /* of the newest epoch */
  bool has_component[INGEST_COMPONENTS];
} ingest_sensor;

/* One channel in one epoch, as its document states it. */
typedef struct {
  ingest_codes codes; /* with all three letters of the channel */
  int32_t sensor;     /* -1: known, but no ground motion */
  int32_t component;
  double latitude_deg, longitude_deg, elevation_m, depth_m;
  ingest_epoch epoch;
  bool gain_of_stages;           /* no InstrumentSensitivity: the gain is the product of the stages' gains */
  int32_t document, repeated_in; /* the call of ingest_inventory_add() that brought it, from 0, and one that said the same again; -1: none */
  long line;                     /* in that document, 0 unknown */
} ingest_channel;

typedef struct ingest_inventory ingest_inventory;

/* Called once a fault: `name` is the file, `line` from 1 (0 unknown). */
typedef void ingest_fault(void *user, const char *name, long line, const char *text);

/* NULL if memory is short. */
ingest_inventory *ingest_inventory_create(void);
void ingest_inventory_destroy(ingest_inventory *inventory);

/* Adds the stations of one StationXML 1.0-1.2 document (libxml2's SAX interface, so a national network's file needs no tree). The gain is the
   InstrumentSensitivity; where there is none, the product of the stages' gains. Where both are stated and differ by more than 5 % that is reported.
   Channels without a usable gain, coordinates or codes are reported and left out; the rest is taken. False if nothing was usable. */
bool ingest_inventory_add(ingest_inventory *inventory, const char *name, const char *bytes, size_t length, ingest_fault *fault, void *user);

/* Adds a channel by hand (scenarios, tests). */
bool ingest_inventory_add_channel(ingest_inventory *inventory, const ingest_codes *codes, double latitude_deg, double longitude_deg,
                                  double elevation_m, double depth_m, const ingest_epoch *epoch);

/* Sorts and indexes; call once after the last add, before the first use below. Overlapping epochs are reported (latest start wins). */
void ingest_inventory_seal(ingest_inventory *inventory, ingest_fault *fault, void *user);

size_t ingest_inventory_sensors(const ingest_inventory *inventory);
size_t ingest_inventory_sites(const ingest_inventory *inventory);
const ingest_sensor *ingest_inventory_sensor(const ingest_inventory *inventory, size_t index);

/* Every channel and epoch, sorted by network, station, location, band, component and start. */
size_t ingest_inventory_channels(const ingest_inventory *inventory);
const ingest_channel *ingest_inventory_channel(const ingest_inventory *inventory, size_t index);

/* -1 for a vertical that stands upside down (dip +90) and a horizontal that points the other way (azimuth within 20 degrees of 180 for north and 270
   for east), else +1. The stream is turned by it. */
int ingest_channel_sign(const ingest_channel *channel);

/* The sensor and component of a channel, or -1. Location "--" equals blank. */
int32_t ingest_inventory_find(const ingest_inventory *inventory, const ingest_codes *codes, int *component);

/* The epoch of that channel at `time`, or NULL where there is none. */
const ingest_epoch *ingest_inventory_epoch(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time);

/* StationXML of the inventory (what `tocsin scenario` writes), piece by piece. `created` stands in the header. */
void ingest_inventory_write(const ingest_inventory *inventory, int64_t created, config_write *write, void *user);

/* ---- records of miniSEED 2 and 3 (frame.c, record_header.c, record3.c, record.c, write.c, write3.c, cut.c) ---- */

/* Bytes of the shortest record (version 3, one sample, shortest names; version 2: 128) and of the longest that is read. */
enum { INGEST_RECORD_MINIMUM = 54, INGEST_RECORD_MAXIMUM = 65536 };

typedef enum {
  INGEST_FRAME_RECORD,  /* `length` bytes are one whole record */
  INGEST_FRAME_SKIP,    /* `length` bytes are no record: step over them; `reason` says why */
  INGEST_FRAME_PARTIAL, /* more bytes are needed (at the end of a file: a truncated record) */
} ingest_framing;

typedef struct {
  ingest_framing framing;
  size_t length;
  const char *reason; /* a static text, NULL for records */
} ingest_frame_result;

/* What is next in these bytes: the same for files, sockets and pipes. Never asks for more than INGEST_RECORD_MAXIMUM bytes; after garbage it
   finds the next record header by itself. A version-3 record is one only if its CRC holds. */
ingest_frame_result ingest_frame(const uint8_t *bytes, size_t length);

typedef struct {
  ingest_codes codes;
  int64_t start;         /* of the first sample, corrections applied */
  double rate;           /* samples/s, > 0 */
  int32_t samples;       /* >= 1 */
  uint8_t version;       /* of miniSEED: 3, else 2 */
  uint8_t encoding;      /* SEED code: 1 int16, 3 int32, 4 float, 5 double, 10 Steim-1, 11 Steim-2; read only: 12..14, 16, 30, 32 */
  bool clipped;          /* amplifier saturation or digitiser clipping is stated */
  bool time_doubtful;    /* ... or that the time is questionable */
  bool clock_locked;     /* ... or that the clock is locked; false: it is not, or nothing is said */
  int8_t timing_quality; /* percent, -1 unknown */
} ingest_record;

/* Reads the header of one whole record. NULL on success, else a static text that says what is wrong (nothing is written to `record`). */
const char *ingest_record_read(const uint8_t *bytes, size_t length, ingest_record *record);

/* Header and samples, exactly as stored: whole counts or finite values. A record holds at most 65,535 samples, most hold < 7000. NULL on success,
   else a static text; a Steim record whose last sample disagrees with its frame is refused. Never allocates. */
const char *ingest_record_decode(const uint8_t *bytes, size_t length, ingest_record *record, double *values, size_t capacity);

/* The time just past the last sample: start + samples / rate. */
int64_t ingest_record_end(const ingest_record *record);
/* The time of the last sample: start + (samples - 1) / rate. */
int64_t ingest_record_last(const ingest_record *record);

/* Gets one written record of `length` bytes, valid during the call. */
typedef void ingest_record_sink(void *user, const uint8_t *bytes, size_t length);

/* Writes samples (whole counts for integer encodings) as records of record->version. Version 2: `record_length` bytes each (a power of two,
   128..65536; 0: one record, the smallest that holds all). Version 3: at most `record_length` bytes each (0: one record). Returns the records
   written, -1 if codes, encoding or length do not fit. */
int ingest_record_write(const ingest_record *record, const double *values, int record_length, ingest_record_sink *sink, void *user);

/* Cuts one record at multiples of `seconds` of UTC: each piece is a record of the same version and encoding (the old encodings become Steim-2 or
   floats, without loss), as long as needed, handed to `sink` in time order; a record that needs no cut is handed on as it is. `shift` nanoseconds
   are added to every start time (0: none). NULL on success, else what is wrong. */
const char *ingest_record_cut(const uint8_t *bytes, size_t length, double seconds, int64_t shift, ingest_record_sink *sink, void *user);

/* ---- the clean stream (stream.c) ---- */

typedef struct {
  double reorder_s;    /* how long a packet ahead of its turn may wait for those missing before it */
  double future_s;     /* packets that end later than now by more than this are refused */
  double late_after_s; /* a station whose newest sample is older than this is "late" */
  double dead_after_s; /* ... and than this is "dead" */
} ingest_settings;
extern const config_row ingest_rows[];

/* A piece of one channel's stream, in time order. Values are ground motion in the sensor's own unit (m/s2 or m/s), gain removed, mean not removed. */
typedef struct {
  int32_t sensor;
  int component;
  bool gap;         /* does not follow the last piece: filters start anew */
  bool clipped;     /* some sample of it is doubtful in amplitude */
  ingest_unit unit; /* velocity or acceleration */
  int64_t start;    /* time of values[0] */
  double rate;      /* samples/s */
  size_t count;
  const float *values; /* valid during the call */
} ingest_samples;

/* How far a sensor can be believed: LATE: its newest sample is old; NOISY: its samples are not what they usually are; DEAD: nothing comes, or nothing
   moves; CLOCK: its times cannot be believed; OFF: never seen. */
typedef enum { INGEST_GOOD, INGEST_LATE, INGEST_NOISY, INGEST_DEAD, INGEST_CLOCK, INGEST_OFF, INGEST_STATES } ingest_state;

/* What a sensor shares with others beside its site: an equal number is one thing that may fail for all of them at once; -1: unknown. */
typedef struct {
  int32_t logger, link, provider;
} ingest_path;

typedef struct {
  int32_t sensor;
  ingest_state state;
  ingest_path path;
  int64_t data_until; /* time of the vertical component's newest sample handed on (any component's where there is no vertical); 0: none yet */
  int64_t arrived;    /* arrival of the newest packet */
  uint64_t packets, gaps, discarded_samples;
} ingest_status;

/* Counted by reason; `tocsin status` and the log show them. */
typedef enum {
  INGEST_REFUSED_MALFORMED,
  INGEST_REFUSED_UNKNOWN_CHANNEL,
  INGEST_REFUSED_NO_EPOCH,
  INGEST_REFUSED_FUTURE,
  INGEST_REFUSED_RATE,
  INGEST_REFUSED_REPEATED,
  INGEST_REFUSED_OLD,
  INGEST_REFUSED_UNIT,
  INGEST_REFUSALS
} ingest_refusal;
extern const char *const ingest_refusal_texts[INGEST_REFUSALS];

typedef struct {
  void (*samples)(void *user, const ingest_samples *samples);
  void (*status)(void *user, const ingest_status *status); /* with every packet, after its samples */
  void (*refused)(void *user, int32_t feed, const ingest_codes *codes, ingest_refusal reason, const char *detail); /* codes may be NULL */
  void *user;
} ingest_sink;

typedef struct ingest ingest;

/* NULL if memory is short. Keeps pointers to `settings` and `inventory`; all memory is taken here. About 0.3 KB a channel, and 2.5 MB of reorder
 * store and buffers in all. */
ingest *ingest_create(const ingest_settings *settings, const ingest_inventory *inventory);
void ingest_destroy(ingest *in);

/* One record that arrived at `now` from `feed`. Calls the sink for each piece of clean stream that became ready. Never allocates. */
void ingest_packet(ingest *in, int32_t feed, const uint8_t *bytes, size_t length, int64_t now, const ingest_sink *sink);

/* Time passes: packets that waited too long are let go past the gap; stations become late or dead (a status each change). Work a call is bounded
   (1024 packets, 4096 stations); what is over goes on at the next call. */
void ingest_advance(ingest *in, int64_t now, const ingest_sink *sink);

void ingest_status_of(const ingest *in, int32_t sensor, ingest_status *status);
uint64_t ingest_refused(const ingest *in, ingest_refusal reason);

#endif
