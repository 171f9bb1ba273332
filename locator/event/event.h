/* event.h (inside locator/): the locator's own state and what its parts do with it. */
#ifndef TOCSIN_LOCATOR_EVENT_H
#define TOCSIN_LOCATOR_EVENT_H

#include "fault.h"
#include "location.h"
#include "magnitude.h"
#include "network.h"
#include "pool.h"
#include "region.h"

enum { EVENTS_MAXIMUM = 64, MINTED_KEPT = 256 };

/* A pick in an event, as the phase it was taken for. */
typedef struct {
  kept_pick pick;
  char phase;
  plane_point at;
  double residual_s, weight, distance_km, travel_s;
  magnitude_observation seen; /* of a P: what its site's sensors measured so far; since_p_s 0: nothing */
} event_arrival;

typedef enum { EVENT_NONE, EVENT_OPEN, EVENT_PAST } event_stage; /* PAST: final, kept so that its late waves make no new event */

typedef struct {
  event_stage stage;
  uint64_t number; /* counted up; older events have lower ones */
  plane around;    /* where it was first placed, moved along when it goes far */
  int64_t epoch;   /* instant from which place.time_s counts */
  hypocentre place;
  const region *region; /* whose model and depths place it */
  int32_t nearest_site;
  sphere_point epicentre;
  double reach_km; /* picks from farther away do not belong yet */
  double heard_km; /* of the farthest P that fits */
  double likelihood, evidence;
  locator_reasons reasons; /* for both, and for its witnesses */
  magnitude_estimate magnitude;
  locator_fault_search fault_search; /* what the last search for a line came to */
  fault_line fault;                  /* if it was found, in the plane `fault_around` */
  plane fault_around;
  int64_t fault_begun; /* when the last search began */
  double fault_felt;   /* what it went by, in one number */
  size_t arrivals;     /* sorted by time */
  event_arrival arrival[LOCATOR_PICKS_MAXIMUM];
  int64_t changed;           /* when an arrival or what is published last changed */
  int64_t placed;            /* when it was last placed anew */
  int64_t weighed, measured; /* when likelihood and magnitude were last computed */
  bool quiet;                /* no pick came for a while, and it was looked for in its whole neighbourhood since */
  bool stale;                /* its picks are others than when it was placed */
  bool vague;                /* its place rests on what the sites of its P waves measure, not on their times alone */
  uint32_t dissents;         /* picks of its sites that it does not explain */
  locator_event told;        /* as last published; revision 0: never, and of an open event nothing else in it holds */
} event;

typedef struct fault_track fault_track; /* fault_track.h */

/* What wake.c knows of one event. */
typedef struct {
  uint64_t event; /* its number */
  int64_t origin_time;
  sphere_point epicentre;
  double heard_km;
} wake;

/* The nearest miss of late. */
typedef struct {
  bool waits, told;
  int64_t since, small; /* when it came, and when a small event was last told */
  locator_event event;
} near_miss;

/* A site's neighbourhood in an event's plane, from the site itself outwards: an event is looked at several times before its plane changes. */
typedef struct {
  int32_t centre; /* -1: none yet */
  plane around;
  plane_point at[NETWORK_NEIGHBOURS + 1];
} surroundings;

/* A free pick, and when it was told. */
enum { LOCATOR_WAITING = 1024 };
typedef struct {
  uint64_t pick;
  int64_t told;
} waiting_pick;

struct locator {
  const locator_settings *settings;
  regions regions;
  const locator_corrections *corrections;
  const ingest_inventory *inventory;
  int64_t pick_delay;
  network network;
  pool pool;
  fault_track *faults; /* NULL: none are looked for */
  event event[EVENTS_MAXIMUM];
  wake wake[EVENTS_MAXIMUM]; /* of each event */
  uint64_t wakes;            /* a bit each: it is well known, and reaches far */
  uint64_t events_made, events_minted;
  int64_t measured;   /* when amplitudes last came */
  int64_t data_until; /* newest sample behind what is being decided */
  location_problem problem;
  surroundings surroundings;             /* of the last problem */
  waiting_pick waiting[LOCATOR_WAITING]; /* a ring */
  size_t waiting_count;                  /* that ever stood in it */
  int64_t stepped;                       /* the last step */
  bool retrying;                         /* a cancelled event's picks are being tried again */
  event trial, joined;                   /* working memory */
  near_miss missed;
  char minted[MINTED_KEPT][LOCATOR_ID_TEXT]; /* the last ids, a ring */
};

/* ---- arrivals.c ---- */

int64_t event_origin_time(const event *e);
void event_place_of(const event *e, double *latitude_deg, double *longitude_deg);
/* The arrival of that site and phase, or NULL. */
const event_arrival *event_arrival_at(const event *e, int32_t site, char phase);
/* False if the event is full or has that site's phase already. */
bool event_add(const locator *l, event *e, const kept_pick *pick, char phase);
void event_remove(event *e, size_t index);
/* Its newest sure P picks, the newest first. */
enum { EVENT_NEWEST = 4 };
size_t event_newest_p(const event *e, kept_pick picks[EVENT_NEWEST]);
/* The pick taken for that phase, less its site's correction; the site in the event's plane at `at`; without its noise. */
location_reading event_reading(const locator *l, const event *e, const kept_pick *pick, char phase, plane_point at);
/* How far off a pick of that phase may be. */
double event_tolerance(const locator *l, const event *e, char phase, double travel_s);
/* The event has the other's picks and place from now on; they are no longer free. */
void event_become(locator *l, event *e, const event *other, int64_t now);
size_t event_sites(const event *e, char phase);      /* distinct sites with that phase and a weight above 0 */
size_t event_sure_sites(const event *e, char phase); /* of these, those whose pick is not tentative */

/* ---- describe.c ---- */

/* All that can be said of it but its name. */
void event_describe(const locator *l, const event *e, locator_event *says);

/* ---- event.c: the life of an event as the world hears of it ---- */

/* Says it if it is new, `must` be said or changed by more than the steps. */
void event_tell(locator *l, event *e, const char *reason, bool must, int64_t now, const locator_sink *sink);
/* Ends it: final, or cancelled (its picks are free again), perhaps in favour of another. */
void event_finish(locator *l, event *e, int64_t now, const locator_sink *sink);
void event_cancel(locator *l, event *e, const char *reason, const event *by, int64_t now, const locator_sink *sink);
/* A free slot: the longest past event gives way, or the one that has been still for longest ends. */
event *event_slot(locator *l, int64_t now, const locator_sink *sink);

/* ---- match.c: which pick belongs to which event ---- */

/* The phase of the event that a pick fits, and how badly: 0 perfectly, 1 just; phase 0: none. */
typedef struct {
  char phase;
  double misfit;
} event_match;
event_match event_matches(const locator *l, const event *e, const kept_pick *pick);
/* Is a tentative pick likelier this event's than noise, as well as the event's place is known? */
bool event_convinces(const locator *l, const event *e, const kept_pick *pick, char phase, int64_t now);
/* Takes all free picks that fit. Returns how many. */
size_t event_adopt(locator *l, event *e, int64_t now);

/* ---- voices.c: who speaks for himself ---- */

/* What several sites of an event may owe their picks to, other than an earthquake. */
typedef struct {
  size_t kind;
  int32_t id; /* -1: nothing */
} event_path;
event_path event_common_path(const locator *l, const event *e);
/* Counts its voices into its reasons: distinct sites with a phase, those behind the common path once, those whose P is doubted not at all. */
void event_hear(const locator *l, event *e);
/* Is this a P whose site soon picked an S that is not this event's? */
bool event_is_doubted(const locator *l, const event *e, size_t arrival);
/* Is an earlier arrival behind the common path as well as this one? */
bool event_is_echo(const locator *l, const event *e, event_path common, size_t arrival);

/* ---- wake.c ---- */

/* Picks a second to be expected there and then of what other events' waves became; 0: none. */
double wake_rate(const locator *l, const event *e, const kept_pick *pick);
/* The event moved, grew or was cancelled. */
void wake_note(locator *l, const event *e);

/* ---- relocate.c: place and likelihood ---- */

/* Picks a second like that one, taken for that phase, to be expected at its site without this event. */
double event_noise_rate(const locator *l, const event *e, const kept_pick *pick, char phase, int64_t now);
/* Readings and silences of an event into l->problem. */
void event_pose(locator *l, const event *e, int64_t now);
/* Places it by its picks as they are, from where it was; `search`: and from the best of the whole neighbourhood. */
void event_place(locator *l, event *e, bool search, int64_t now);
/* Places it anew, lets go what does not fit, adopts what does, weighs it. */
void event_relocate(locator *l, event *e, int64_t now);
/* Likelihood from picks and silences as they are now. */
void event_weigh(locator *l, event *e, int64_t now);
/* Magnitude from amplitudes as they are now. */
void event_measure(locator *l, event *e, int64_t now);

/* ---- reasons.c ---- */

/* Evidence and likelihood of the problem posed for it, with the reasons. */
void event_judge(locator *l, event *e);
/* What the world is told: an alert cannot be taken back, so sites that are about to speak are taken to be silent. The event lives by what is known.
 */
double event_told_likelihood(const event *e);
/* A birth needs more than staying alive does. */
double event_birth_likelihood(const locator *l);

/* ---- near_miss.c ---- */

/* The trial was no event. If it nearly was one it is kept for a while. */
void near_miss_note(locator *l, int64_t now);
/* An event ends that was never published. */
void near_miss_small(locator *l, locator_event *says, int64_t now, const locator_sink *sink);
/* Tells it when its time has come and no event has its picks. */
void near_miss_step(locator *l, int64_t now, const locator_sink *sink);

/* ---- amplitude.c ---- */

void amplitude_p_wave(locator *l, const picker_p_wave *p_wave);
void amplitude_motion(locator *l, const picker_motion *motion);
/* The sensor's newest shaking; all 0 before the first. */
picker_motion amplitude_shaking(const network_sensor *sensor);
/* Brings the arrivals' amplitudes up to date. */
magnitude_estimate amplitude_magnitude(const locator *l, event *e);
/* What the sites of its P waves say of its place. */
void amplitude_witnesses(const locator *l, const event *e, witnesses *w);
/* An event is over: its sites' terms learn from it. */
void amplitude_learn(locator *l, const event *e);

/* ---- candidates.c: which picks could be of one earthquake ---- */

typedef struct {
  double order;
  kept_pick pick;
  char phase;
} candidate;

/* The pick, at the head, and what may belong with it: of the free picks and, unless it is NULL, of `with`'s; tentative ones of the nearest sites only
   where they are asked for, and then 0 without one. At most LOCATION_SEARCHED; 0: too few.
 */
size_t candidates_gather(const locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now, candidate *candidates);

/* ---- conceive.c: which picks make an event ---- */

/* An event in l->trial of that pick, free picks (tentative ones, too?) and, unless it is NULL, those of `with`. False if they make none. */
bool event_conceive(locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now);

/* ---- tentative.c ---- */

/* A pick that made no event: it will ask the tentative ones around. */
void tentative_wait(locator *l, const kept_pick *pick);
/* Those whose turn has come since the last step do so. */
void tentative_step(locator *l, int64_t now, const locator_sink *sink);
/* May tentative picks be taken into this event? */
bool tentative_may_join(const event *e, int64_t now);
/* Takes those of the sites around the epicentre that fit. Returns how many. */
size_t tentative_adopt(locator *l, event *e, int64_t now);

/* ---- review.c ---- */

/* A pick that no event took, of a site whose other phase is in one: twice and again ever more rarely such an event is thought over, and becomes
   another if that explains more. The event, if so, else NULL. */
event *review(locator *l, const kept_pick *dissenter, int64_t now);

/* A contradicted event becomes another of at least half of its P picks, if they and free ones make one. */
bool reconsider(locator *l, event *e, int64_t now);

/* ---- merge.c ---- */

/* Events whose picks this one explains end in its favour. True if there was one. */
bool merge_into(locator *l, event *e, int64_t now, const locator_sink *sink);
/* If one source explains this event's picks together with another's, perhaps at a third place, they become one: the one that stays, else NULL. */
event *merge_halves(locator *l, event *e, int64_t now, const locator_sink *sink);
/* An open event that explains the picks of `newborn` (not yet published) together with its own: it takes them and is returned; else NULL. */
event *merge_before_birth(locator *l, const event *newborn, int64_t now);

/* ---- settle.c ---- */

/* Tries to make an event of this free pick and others near it, tentative ones among them or not. */
void nucleate(locator *l, const kept_pick *pick, bool tentative, int64_t now, const locator_sink *sink);

/* After a relocation: cancelled if it no longer holds, else merged and told. */
void event_settle(locator *l, event *e, const char *reason, int64_t now, const locator_sink *sink);

#endif
