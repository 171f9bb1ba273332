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

/* Before a function: its hot loop in one more copy, for processors with AVX2, chosen once as the program starts. Each copy gives the same bits. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

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
   name everywhere downstream. */
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
  double corner_hz, damping;     /* of a velocity sensor that falls off below a corner of more than 0.2 Hz; 0: its gain says all */
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

/* Sorts and indexes; call once after the last add, before the first use below. Overlapping epochs are reported (latest start wins). Sensors are
   sorted by network, station, location, band: the same files in any order give the same indices. */
void ingest_inventory_seal(ingest_inventory *inventory, ingest_fault *fault, void *user);

/* The same for an inventory that takes the place of `previous` (NULL: of none): its sensors and sites keep their indices, those that are no more
   without an epoch and with their last coordinates; new ones follow. Keeps no pointer to it. False, said through `fault`, if memory is short. */
bool ingest_inventory_seal_after(ingest_inventory *inventory, const ingest_inventory *previous, ingest_fault *fault, void *user);

/* How many documents were broken or held nothing usable, and how many channels' epochs were left out for a fault. */
size_t ingest_inventory_faults(const ingest_inventory *inventory);

/* What became of the channels whose epochs are open at `now`. */
typedef struct {
  size_t added, ended; /* channels */
  size_t changed;      /* ... with another gain, unit, orientation or response */
  size_t moved;        /* ... with other coordinates */
} ingest_inventory_changes;
ingest_inventory_changes ingest_inventory_compare(const ingest_inventory *before, const ingest_inventory *after, int64_t now);

size_t ingest_inventory_sensors(const ingest_inventory *inventory);
size_t ingest_inventory_sites(const ingest_inventory *inventory);
const ingest_sensor *ingest_inventory_sensor(const ingest_inventory *inventory, size_t index);

/* Every channel and epoch, sorted by network, station, location, band, component and start. */
size_t ingest_inventory_channels(const ingest_inventory *inventory);
const ingest_channel *ingest_inventory_channel(const ingest_inventory *inventory, size_t index);

/* -1 for a vertical that stands upside down (dip +90) and a horizontal that points the other way (azimuth within 20 degrees of 180 for north and 270
   for east), else +1: what is done about a channel that cannot be rotated (see ingest_samples). */
int ingest_channel_sign(const ingest_channel *channel);

/* Does the sensor's motion of `time` in a direction come of several channels, as they stand turned or tilted (see ingest_samples)? */
bool ingest_inventory_rotates(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time);

/* The sensor and component of a channel, or -1. Location "--" equals blank. */
int32_t ingest_inventory_find(const ingest_inventory *inventory, const ingest_codes *codes, int *component);

/* The epoch of that channel at `time`, or NULL where there is none. */
const ingest_epoch *ingest_inventory_epoch(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time);

/* StationXML of the inventory (what `tocsin scenario` writes), piece by piece. `created` stands in the header. */
void ingest_inventory_write(const ingest_inventory *inventory, int64_t created, config_write *write, void *user);

/* ---- records of miniSEED 2 and 3 (frame.c, record2.c, record3.c, record_series.c, record.c, write.c, write3.c, cut.c) ---- */

/* Bytes of the shortest record (version 3, one sample, shortest names; version 2: 128) and of the longest that is read. */
enum { INGEST_RECORD_MINIMUM = 54, INGEST_RECORD_MAXIMUM = 65536 };

typedef enum {
  INGEST_FRAME_RECORD,  /* `length` bytes are one whole record */
  INGEST_FRAME_SKIP,    /* `length` bytes are no record: step over them; `reason` says why */
  INGEST_FRAME_PARTIAL, /* more bytes are needed (at the end of a file: a truncated record) */
} ingest_framing;

/* CRC-32C (RFC 3720, appendix B.4) of what `crc` is the sum of (0: nothing) and these bytes after it. */
uint32_t ingest_crc32c(uint32_t crc, const uint8_t *bytes, size_t length);

typedef struct {
  ingest_framing framing;
  size_t length;
  const char *reason; /* a static text, NULL for records */
} ingest_frame_result;

/* What is next in these bytes: the same for files, sockets and pipes. Never asks for more than INGEST_RECORD_MAXIMUM bytes; after garbage it
   finds the next record header by itself. A version-3 record is one only if its CRC holds. A version-2 record without blockette 1000 reaches to the
   next record, which must begin a power of two bytes on, 128..32768. */
ingest_frame_result ingest_frame(const uint8_t *bytes, size_t length);

/* The same where nothing will ever follow: a record whose end only the next one would tell reaches to the end. */
ingest_frame_result ingest_frame_last(const uint8_t *bytes, size_t length);

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
  bool extra_malformed;  /* version 3: the extra headers are no JSON, and nothing of them was read; the samples are good */
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

/* Records of one channel of which each is like the one before but for its sequence, time of day, count and flags: these are read by what differs,
   several times as fast as by ingest_frame() and ingest_record_read(). */
typedef struct {
  ingest_record record;
  uint8_t header[64];
  size_t length; /* 0: nothing is like it */
  size_t data_offset, sample_size;
  int64_t day; /* at whose begin the time of day is 0 */
  bool order_is_big, has_second;
} ingest_series;

/* A place for the series of the channel whose record begins here (not more than a guess: which one lies there must be looked at), 0..places - 1. */
size_t ingest_series_place(const uint8_t *bytes, size_t length, size_t places);

/* A series of which this record is one. */
void ingest_series_begin(ingest_series *series, const uint8_t *bytes, size_t length, const ingest_record *record);

/* The length of the record that begins here, read into `record`, if it is whole and like those of the series; version 2 only where another follows.
   0: ask ingest_frame(); nothing is known, and nothing was written. What it says is what ingest_record_read() would, but that of a version-2
   record's end it knows less: a record of other than a power of two bytes that begins inside is not looked for. */
size_t ingest_series_next(const ingest_series *series, const uint8_t *bytes, size_t length, ingest_record *record);

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

/* By which way the data of some stations come, as the operator states it; an empty name says nothing, and what a feed says of itself holds. */
typedef struct {
  char stations[64]; /* NETWORK.STATION with * and ? */
  char logger[32], link[32], provider[32];
} ingest_path_rule;
extern const config_row ingest_path_rows[];

typedef struct {
  double reorder_s;        /* how long a packet ahead of its turn may wait for those missing before it */
  double future_s;         /* packets that end later than now by more than this are refused */
  double kept_s;           /* of each channel's newest samples, 0: none are kept */
  double late_after_s;     /* a station whose newest sample is older than this is "late" */
  double dead_after_s;     /* ... and than this is "dead" */
  double flat_after_s;     /* ... and one whose vertical did not move for so long */
  double noisy_ratio;      /* quietest second of each half minute over the channel's usual; its inverse: deaf */
  double noisy_after_s;    /* ... for so long, without fading as the coda of an earthquake does: "noisy" */
  double usual_hours;      /* in which the usual follows by a factor of e at most */
  double spikes_minute;    /* seconds with a spike in a minute, from which it is "noisy" */
  double offset_m_s2;      /* a mean beyond this is a fault (gravity alone is none) */
  double offset_m_s;       /* ... of a seismometer */
  double drift_ratio;      /* change of the mean in a minute over the usual rms that is a fault */
  double gaps_minute;      /* gaps in a minute that are a fault */
  double feed_late_s;      /* usual feed latency that is a fault */
  double clock_percent;    /* timing quality below this is a fault of the clock */
  double clock_after_s;    /* ... for so long: "clock" */
  double unlocked_after_s; /* a clock that lost its reference is believed so long */
  ingest_path_rule
      *paths; /* a list of its own, malloc'ed by the parser (the rows above leave it alone: begin with zeros); the first to name a thing holds */
  size_t paths_count;
} ingest_settings;
extern const config_row ingest_rows[];

/* A piece of a sensor's motion up, north or east, in time order. Values are ground motion in the sensor's own unit (m/s2 or m/s), gain removed, mean
   not removed. Horizontals that point elsewhere (by more than 1 degree) and sensors that stand tilted (by more than 5) are rotated, sample by sample,
   as soon as all the channels that it takes have come; an upright vertical waits for nothing. A velocity sensor with a corner above 0.2 Hz is made to
   answer to a tenth of it, 0.1 Hz at least (within 3 % from twice there on). */
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

/* What is wrong with a sensor: bits of ingest_status.faults. Some make its state, others are only told. */
typedef enum {
  INGEST_FAULT_UNSEEN,    /* off */
  INGEST_FAULT_SILENT,    /* dead */
  INGEST_FAULT_LATE,      /* late */
  INGEST_FAULT_OLD,       /* late: packets come, but of the past */
  INGEST_FAULT_FUTURE,    /* clock */
  INGEST_FAULT_DOUBTFUL,  /* clock */
  INGEST_FAULT_UNLOCKED,  /* clock */
  INGEST_FAULT_TIMING,    /* clock */
  INGEST_FAULT_FLAT,      /* dead, if it is the vertical */
  INGEST_FAULT_LOUD,      /* noisy */
  INGEST_FAULT_DEAF,      /* noisy */
  INGEST_FAULT_SPIKY,     /* noisy */
  INGEST_FAULT_STUCK_BIT, /* noisy */
  INGEST_FAULT_CLIPPED,
  INGEST_FAULT_OFFSET,
  INGEST_FAULT_DRIFT,
  INGEST_FAULT_GAPS,
  INGEST_FAULT_SLOW_FEED,
  INGEST_FAULTS
} ingest_fault_kind;
/* What it means and what to do, a line each. */
extern const char *const ingest_fault_texts[INGEST_FAULTS];

typedef struct {
  int32_t sensor;
  ingest_state state;
  uint32_t faults; /* bits 1 << INGEST_FAULT_... of all components */
  ingest_path path;
  int64_t data_until; /* time of the vertical component's newest sample handed on (any component's where there is no vertical); 0: none yet */
  int64_t arrived;    /* arrival of the newest packet */
  uint64_t packets, gaps, discarded_samples;
  float feed_latency_s;  /* usual, of the latest minutes; NAN: none yet */
  float gaps_hour;       /* of the latest ten minutes */
  int8_t timing_quality; /* percent, as the newest record that says it; -1 unknown */
  bool clock_locked;
} ingest_status;

/* What a channel's samples are like, in its own unit; NAN: not known yet. */
typedef struct {
  float offset;     /* mean of the latest minutes */
  float drift_hour; /* its change an hour */
  float rms;        /* about its mean, quietest second of the newest whole half minute */
  float usual_rms;  /* about its mean, of the usual second: a median learned slowly */
  float usual_step; /* the same of the differences from sample to sample */
  double rate;
  ingest_unit unit;
  uint32_t faults;
} ingest_quality;

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
  INGEST_REFUSED_ORIENTATION,
  INGEST_REFUSED_EXTRA_HEADERS, /* these alone: the samples are used */
  INGEST_REFUSED_UNPAIRED,      /* counts stretches of samples, not records */
  INGEST_REFUSALS
} ingest_refusal;
extern const char *const ingest_refusal_texts[INGEST_REFUSALS];

typedef struct {
  void (*samples)(void *user, const ingest_samples *samples);
  void (*status)(void *user, const ingest_status *status); /* with every packet, after its samples */
  /* `waited`: of a packet that came earlier and was held for its turn, not of the one that comes now; `codes` may be NULL. */
  void (*refused)(void *user, int32_t feed, bool waited, const ingest_codes *codes, ingest_refusal reason, const char *detail);
  void *user;
} ingest_sink;

typedef struct ingest ingest;

/* NULL if memory is short. Keeps pointers to `settings` and `inventory`; all memory is taken here. About 0.5 KB a channel and 4 bytes a kept sample,
 * and 2.5 MB of reorder store and buffers in all. */
ingest *ingest_create(const ingest_settings *settings, const ingest_inventory *inventory);
void ingest_destroy(ingest *in);

/* Another inventory, made by ingest_inventory_seal_after() of the one in use, which is needed no more. Streams go on where gain and orientation stay
   the same. Allocates. False, and all as before, if memory is short. */
bool ingest_adopt(ingest *in, const ingest_inventory *inventory);

/* One record that arrived at `now` from `feed`. Calls the sink for each piece of clean stream that became ready. Never allocates. */
void ingest_packet(ingest *in, int32_t feed, const uint8_t *bytes, size_t length, int64_t now, const ingest_sink *sink);

/* Time passes: packets that waited too long are let go past the gap; stations become late or dead (a status each change). Work a call is bounded
   (1024 packets, 4096 stations); what is over goes on at the next call. */
void ingest_advance(ingest *in, int64_t now, const ingest_sink *sink);

void ingest_status_of(const ingest *in, int32_t sensor, ingest_status *status);
/* The fault that makes its state; INGEST_FAULTS if it is good. */
ingest_fault_kind ingest_fault_of(const ingest_status *status);
void ingest_quality_of(const ingest *in, int32_t sensor, int component, ingest_quality *quality);

/* Copies the newest samples of one channel that follow each other, `capacity` at most; `samples` tells their start, rate, unit and count (0: none
   kept) and points to `values`. */
void ingest_kept(const ingest *in, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples);

/* What feed number `feed` says of itself; an empty name says nothing. Before the first packet: it takes memory; false if that is short. Equal names
   are one thing. A sensor's link and provider are those of the feed that brought its newest samples, where the configuration says nothing. */
typedef struct {
  char link[32], provider[32];
} ingest_feed_path;
bool ingest_set_feed(ingest *in, int32_t feed, const ingest_feed_path *path);
/* The name behind a number of an ingest_path; "" for -1. */
const char *ingest_path_name(const ingest *in, int32_t number);
uint64_t ingest_refused(const ingest *in, ingest_refusal reason);

/* What became of all that came. Each sample that was taken was handed on, or discarded for a reason, or waits, at most `reorder_s` for its turn or
   rotate_patience_s (64 s of data) for the other channels of a turned sensor. */
typedef struct {
  uint64_t records, samples;           /* taken: with a good header */
  uint64_t handed_on;                  /* samples; of a turned sensor, those that came out of the rotation */
  uint64_t refused[INGEST_REFUSALS];   /* records */
  uint64_t discarded[INGEST_REFUSALS]; /* samples, of overlaps too (repeated) */
  uint64_t gaps, rate_changes;         /* of channels */
  uint64_t realigned;                  /* records that begin between a hundredth of a sample and half of one off: no gap, their stated time is kept */
  uint64_t clock_steps;                /* a channel's time ran ahead of ours from one record to the next, or came back */
  uint64_t strangers;                  /* channels that send data and are not in the inventory, each told once; the first 4096 */
} ingest_counters;
void ingest_count(const ingest *in, ingest_counters *counters);

/* ---- spectra of noise (spectrum.c, noise_models.c) ---- */

/* Power spectral density of ground acceleration in dB relative to 1 (m/s2)^2/Hz, averaged over half an octave around fixed periods a quarter of an
   octave apart, so that spectra of any rate compare band by band; NAN where the samples say nothing of it. */
enum { INGEST_SPECTRUM_BANDS = 40 };
typedef struct {
  float db[INGEST_SPECTRUM_BANDS];
} ingest_spectrum;

/* 0.02 s in band 0, 17 s in the last. */
double ingest_spectrum_period(size_t band);

/* FFTW's plans and buffers, for one thread at a time. NULL if memory is short. Creating it must not run beside other uses of FFTW's planner. */
typedef struct ingest_spectrometer ingest_spectrometer;
ingest_spectrometer *ingest_spectrometer_create(void);
void ingest_spectrometer_destroy(ingest_spectrometer *s);

/* Welch's method over samples that follow each other, velocity or acceleration with the gain removed; the sensor's own response below its corner
   stays in. False (nothing is written) for less than 512 samples. */
bool ingest_spectrum_take(ingest_spectrometer *s, const ingest_samples *samples, ingest_spectrum *spectrum);

/* Median over the bands that both have of a less b, dB; NAN if they share none. Between neighbours of like instruments far from 0, a gain is wrong:
   20 dB are a factor of 10. */
double ingest_spectrum_difference(const ingest_spectrum *a, const ingest_spectrum *b);

/* Peterson's (1993) new low and high noise models in the same unit, for periods of 0.1 to 100,000 s; NAN outside. */
double ingest_noise_low(double period_s);
double ingest_noise_high(double period_s);

/* Deaf: half of the periods or more lie below the low model. Noisy: half or more above the high model, as all low-cost sensors are. Mis-gained: all
   lie so far beyond a model as no sensor does. */
typedef enum { INGEST_NOISE_UNKNOWN, INGEST_NOISE_NORMAL, INGEST_NOISE_NOISY, INGEST_NOISE_DEAF, INGEST_NOISE_MISGAINED } ingest_noise_verdict;
extern const char *const ingest_noise_verdict_words[];
typedef struct {
  ingest_noise_verdict verdict;
  float above_high, below_low; /* shares of the periods of 0.1 s and more, 0..1; NAN unknown */
} ingest_noise;
ingest_noise ingest_noise_compare(const ingest_spectrum *spectrum);

#endif
