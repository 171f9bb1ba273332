/* locator.h: picks, P-wave parameters and motions become earthquakes: association, location, magnitude, is it real.
 *
 * One locator serves the whole network. It is told of every pick, withdrawal, P-wave parameter and ground motion and up to when each
 * station's data are in; it says what it makes of them through the sink, one call a changed event. All decisions are taken inside
 * locator_step() and locator_pick(); `now` is the arrival time of what was last told. Bounded work a call, no allocation after creation.
 *
 * Coordinates: WGS84 degrees, depths km below sea level (negative: above), distances km, times ns UTC.
 */
#ifndef TOCSIN_LOCATOR_H
#define TOCSIN_LOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "picker.h"

/* ---- travel times (model.c, travel_time.c) ---- */

/* A 1-D velocity model: nodes, linear in depth between them; two nodes at one depth are a jump; constant above the first and below the last. */
typedef struct {
  size_t count;
  struct {
    double depth_km, vp_km_s, vs_km_s;
  } node[64];
} locator_model;

/* The model of that name that ships: "iasp91" or "north-china". False if there is none. */
bool locator_model_named(const char *name, locator_model *model);

/* Reads CSV "depth_km,vp_km_s,vs_km_s". On failure false, and `fault` (char[160]) names line and remedy. */
bool locator_model_parse(const char *bytes, size_t length, locator_model *model, char *fault);

typedef struct locator_travel_times locator_travel_times;

/* Tables of first P and S (direct, refracted, diving) over distance and source depth, spherical from the earth-flattening transformation
   (Aki & Richards 2002, box 9.2); interpolation error <= 0.02 s. NULL if memory is short or the model is empty. Seconds to build: < 1. */
locator_travel_times *locator_travel_times_create(const locator_model *model, double max_distance_km, double max_depth_km);
void locator_travel_times_destroy(locator_travel_times *tables);

/* Seconds from a source at `depth_km` to a receiver at sea level, `distance_km` away along the surface; phase 'P' or 'S'. Arguments beyond the table
 * are clamped to it. */
double locator_travel_time(const locator_travel_times *tables, char phase, double distance_km, double depth_km);

/* ---- regions (region.c) ---- */

/* Where another velocity model holds, or earthquakes are at other depths. */
typedef struct {
  char name[64];
  char outline[1024];                                                          /* corners in order, "latitude longitude, ..." */
  char model[256];                                                             /* as in locator_settings; "": the one of there */
  double default_depth_km, depth_sigma_km, minimum_depth_km, maximum_depth_km; /* -1: as there; minimum: 0 */
  const locator_travel_times *tables;                                          /* no row: of `model`; NULL: as elsewhere */
} locator_region;
extern const config_row locator_region_rows[];

/* Is it an outline? If not, `fault` says what is wrong with it. */
bool locator_region_outline(const char *text, char fault[160]);

/* ---- station corrections (corrections.c) ---- */

/* How many seconds later than predicted the waves usually come to a site. */
typedef struct locator_corrections locator_corrections;

/* Reads CSV with the columns network, station, phase (P or S), seconds, found by their names; others are left alone. On failure NULL, and `fault`
   (char[160]) names line and remedy. */
locator_corrections *locator_corrections_parse(const char *bytes, size_t length, char *fault);
void locator_corrections_destroy(locator_corrections *corrections);
size_t locator_corrections_count(const locator_corrections *corrections);
/* Of a site "NET.STA" and phase; 0 where none is known, or `corrections` is NULL. */
double locator_correction_s(const locator_corrections *corrections, const char *site_code, char phase);
/* How many of their sites the inventory does not have, and the `first` of these. */
enum { LOCATOR_SITE_TEXT = sizeof((ingest_sensor *)0)->site_code };
size_t locator_corrections_strangers(const locator_corrections *corrections, const ingest_inventory *inventory, char first[LOCATOR_SITE_TEXT]);

/* ---- past seismicity (seismicity.c) ---- */

typedef struct locator_seismicity locator_seismicity;

/* Reads CSV with the columns latitude_deg and longitude_deg (or latitude and longitude) and, if there, weight, found by their names; others are left
   alone, so that a catalogue of `tocsin associate` will do. Smoothed by a Gaussian whose standard deviation is the kernel; of all earthquakes the
   part `floor` may be anywhere. On failure NULL, and `fault` (char[160]) names line and remedy. */
locator_seismicity *locator_seismicity_parse(const char *bytes, size_t length, double kernel_km, double floor, char *fault);
void locator_seismicity_destroy(locator_seismicity *seismicity);
size_t locator_seismicity_count(const locator_seismicity *seismicity);
/* Natural logarithm of how many times likelier than on the list's average an earthquake is there; off the list the floor's. */
double locator_seismicity_log(const locator_seismicity *seismicity, double latitude_deg, double longitude_deg);

/* Great-circle distance on the WGS84 ellipsoid (PROJ's geodesic) in km, and azimuth at the first point, clockwise from north, 0..360 (may be NULL).
 */
double locator_distance_km(double latitude1_deg, double longitude1_deg, double latitude2_deg, double longitude2_deg, double *azimuth_deg);

/* ---- ground motion ---- */

typedef enum { LOCATOR_PGA, LOCATOR_PGV, LOCATOR_MEASURES } locator_measure;

/* A ground-motion relation, which comes from the room to the right: ln of the median horizontal peak (RotD50, m/s2 or m/s) on firm soil, of a moment
   magnitude, so many km from the fault's surface projection. */
typedef double locator_relation(locator_measure measure, double magnitude, double rjb_km);

/* ---- events ---- */

enum { LOCATOR_PICKS_MAXIMUM = 128, LOCATOR_ID_TEXT = 32 };

typedef struct {
  uint64_t pick; /* picker_pick.id */
  int32_t sensor;
  char phase; /* as used: 'P' or 'S' */
  int64_t time;
  float residual_s;  /* observed minus predicted */
  float weight;      /* 0..1 in the robust fit */
  float distance_km; /* epicentral */
  int8_t polarity;   /* of its first motion, as picked: +1 up, -1 down, 0 unclear */
  bool tentative;    /* of a pick that is not sure (picker_pick) */
} locator_arrival;

typedef enum { LOCATOR_OPEN, LOCATOR_FINAL, LOCATOR_CANCELLED } locator_state;
typedef enum { LOCATOR_NO_MAGNITUDE, LOCATOR_MPD, LOCATOR_MJMA_D, LOCATOR_ML, LOCATOR_MAGNITUDE_TYPES } locator_magnitude_type;
/* "": none, "Mpd" P-wave displacement, "Mdisp" whole-record displacement, "ML" */
extern const char *const locator_magnitude_type_texts[LOCATOR_MAGNITUDE_TYPES];

/* Why there is no magnitude: nothing could be measured yet, or all that was measured is hidden by noise or earlier waves. */
typedef enum { LOCATOR_SIZED, LOCATOR_UNMEASURED, LOCATOR_HIDDEN, LOCATOR_MAGNITUDE_LACKS } locator_magnitude_lack;
/* "", "unmeasured", "hidden" */
extern const char *const locator_magnitude_lack_texts[LOCATOR_MAGNITUDE_LACKS];

/* Whether a line source was looked for, and what became of it: the event is too small for it, too few sites stand near, they show no line, or one. */
typedef enum {
  LOCATOR_FAULT_NOT_SOUGHT,
  LOCATOR_FAULT_SPARSE,
  LOCATOR_FAULT_UNCLEAR,
  LOCATOR_FAULT_FOUND,
  LOCATOR_FAULT_SEARCHES
} locator_fault_search;
/* "", "sparse", "unclear", "found" */
extern const char *const locator_fault_search_texts[LOCATOR_FAULT_SEARCHES];

/* A line source: all 0 but `search` unless one was found. */
typedef struct {
  locator_fault_search search;
  float length_km, ln_length_sigma, strike_deg, strike_uncertainty_deg; /* strike 0..180 */
  double latitude_deg[2], longitude_deg[2];                             /* its ends */
} locator_fault;

enum { LOCATOR_SITES_LISTED = 5 };

/* Why an event is believed, or not, as far as that can be put into numbers. Log odds are natural: 2.3 is a factor of ten. */
typedef struct {
  /* Of an earthquake here against noise; together they are the event's `evidence`. */
  float picks;      /* its picks, against what their sites pick without one */
  float silences;   /* sites that should have picked it and did not */
  float rarity;     /* how seldom an earthquake fills the places and times that the picks leave open */
  float depth;      /* how unusual the depth is */
  float remoteness; /* how far it lies from all sites that picked it */
  float afar;       /* and of a wave from afar against an earthquake here; -50: none fits */
  float reach_km;   /* how far it is taken to be seen: silence beyond says nothing */
  float awaited; /* what sites that the wave has passed, and whose data are about to come, may still add to `silences`: in the likelihood, not in the
                    evidence */

  int p_voices, s_voices;  /* sites with that phase that speak for themselves */
  const char *common_path; /* what several of them share and are one voice by: "logger", "link", "provider"; NULL: nothing */
  int behind;              /* sites with a P behind it */
  int doubted;             /* sites whose P an S of another earthquake puts in doubt */
  int32_t doubted_sensor[LOCATOR_SITES_LISTED];
  int silent; /* sites whose silence counts */
  struct {
    int32_t sensor;
    float distance_km, log_odds;
  } silent_site[LOCATOR_SITES_LISTED]; /* the weightiest, weightiest first */
} locator_reasons;

typedef struct {
  char id[LOCATOR_ID_TEXT]; /* "20190706T031953-3577N11760W", minted from the first solution, never changed; a second of the same name gets "-2" */
  uint32_t revision;        /* 1, 2, 3 ... */
  locator_state state;
  char superseded_by[LOCATOR_ID_TEXT]; /* "" unless merged into another */
  const char *reason; /* a static word for the log and `tocsin why`: "new", "pick", "amplitude", "contradicted", "merged", "timeout" */

  int64_t origin_time;
  float origin_time_uncertainty_s;
  double latitude_deg, longitude_deg;
  float horizontal_uncertainty_km; /* 68 % radius */
  float depth_km, depth_uncertainty_km;
  bool depth_fixed;
  float magnitude, magnitude_uncertainty; /* NAN while there is none; the mean of both sides */
  float magnitude_up, magnitude_down;     /* its uncertainty on either side */
  bool magnitude_may_grow;                /* the data are shorter than half of such a source: it may be far greater, hardly less */
  locator_magnitude_type magnitude_type;
  locator_magnitude_lack magnitude_lack;
  float magnitude_at_most;                     /* of one that is hidden: a greater one would have shown, with 95 %; NAN: it cannot be said */
  int magnitude_stations, magnitude_corrected; /* corrected: those of them of whose sites a term is known */
  locator_fault fault;
  int stations_used;      /* sites with a P or S of weight > 0 */
  int stations_tentative; /* of these, sites whose picks are all tentative */
  float azimuthal_gap_deg, rms_s;
  float likelihood; /* that this is an earthquake at this place, 0..1 */
  float evidence;   /* log odds that its picks, and the silence between them, are an earthquake's rather than noise */
  locator_reasons reasons;
  int64_t data_until; /* time of the newest sample that led to this revision */

  const locator_travel_times *tables; /* of the region that it lies in */

  size_t arrivals_count; /* sorted by time */
  locator_arrival arrivals[LOCATOR_PICKS_MAXIMUM];
} locator_event;

typedef struct {
  int64_t minimum_stations;                                  /* sites with a P that make an event; one fewer where S of many sites join */
  double search_radius_km;                                   /* how far from a new pick's station an epicentre is looked for */
  double maximum_depth_km, default_depth_km, depth_sigma_km; /* prior */
  double model_error;                                        /* relative, of travel times, common to all stations; one standard deviation */
  double residual_s;                                         /* a pick further off than this (or 5 % of its travel time, if more) does not belong */
  double minimum_likelihood;                                 /* below it an event is not published, or cancelled */
  double minimum_magnitude;    /* an event is first published with a magnitude of at least this; -9: or with none, as soon as it is there */
  double close_after_s;        /* an event is final so long after its last change */
  double amplitude_interval_s; /* relocation and magnitude by parameters at most this often */
  double step_km, step_magnitude, step_s; /* published when place, magnitude or origin time changed by more */
  double fault_magnitude;                 /* from here on a line source is looked for */
  char model[256];                        /* a name that ships, or a CSV file */
  char corrections[256];                  /* a CSV file; "": none */
  char seismicity[256];                   /* a CSV file; "": none */
  double seismicity_kernel_km, seismicity_floor;

  locator_region *regions; /* a list of its own; the first that an epicentre lies in holds */
  size_t regions_count;

  /* No rows: what comes from other rooms and files. */
  locator_relation *relation;                     /* NULL: no line sources */
  const locator_corrections *station_corrections; /* NULL: none */
  const locator_seismicity *past;                 /* NULL: none */
} locator_settings;
extern const config_row locator_rows[];

typedef struct {
  void (*event)(void *user, const locator_event *event); /* a new revision */
  void *user;
  /* What was no event after all: `id` "", revision 0, `reason` "few witnesses" or "unlikely" some 20 s after its picks came, if no event has them, or
     "small": one ends that never reached minimum_magnitude. At most three a minute of each. May be NULL. */
  void (*near_miss)(void *user, const locator_event *event);
} locator_sink;

typedef struct locator locator;

/* Keeps pointers to its arguments. `pick_delay` is picker_delay(). NULL if memory is short. */
locator *locator_create(const locator_settings *settings, const locator_travel_times *tables, const ingest_inventory *inventory, int64_t pick_delay);
void locator_destroy(locator *l);

/* Another inventory from now on: sensors keep their indices, new ones are appended; coordinates may change; open events go on. Allocates. False if
   memory is short: then nothing changed. */
bool locator_adopt(locator *l, const ingest_inventory *inventory);

/* Other station corrections from now on, NULL: none; open events are placed anew at the next step. Kept, as those of the settings are. */
void locator_correct(locator *l, const locator_corrections *corrections);

void locator_pick(locator *l, const picker_pick *pick, int64_t now, const locator_sink *sink);
void locator_withdraw(locator *l, const picker_withdraw *withdraw, int64_t now, const locator_sink *sink);
void locator_p_wave(locator *l, const picker_p_wave *p_wave, int64_t now, const locator_sink *sink);
void locator_motion(locator *l, const picker_motion *motion, int64_t now, const locator_sink *sink);
void locator_station(locator *l, const ingest_status *status, int64_t now);

/* Each engine step (100 ms of now): relocation by parameters, silence that contradicts, events that end. */
void locator_step(locator *l, int64_t now, const locator_sink *sink);

/* Events that are open, for the heartbeat: index from 0; NULL past the last. */
const locator_event *locator_open_event(const locator *l, size_t index);

#endif
