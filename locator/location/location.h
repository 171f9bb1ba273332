/* location.h (inside locator/): one earthquake's place and time from a set of readings, and how sure both are.
 *
 * Places are in one plane (geometry.h), times in seconds after one instant; which ones is the caller's affair.
 */
#ifndef TOCSIN_LOCATOR_LOCATION_H
#define TOCSIN_LOCATOR_LOCATION_H

#include "geometry.h"
#include "locator.h"
#include "region.h"
#include "seismicity.h"
#include "travel_time.h"
#include "witness.h"

enum { LOCATION_READINGS = 80, LOCATION_SEARCHED = 20, LOCATION_SILENCES = 65 };

/* One onset. `sigma_s` is the picker's; the model's error is added where the travel time is known. */
typedef struct {
  plane_point at;
  double elevation_km, time_s, sigma_s;
  double noise_rate; /* picks a second to be expected without an earthquake */
  char phase;
  bool near; /* among the sites whose silence would count: only those are counted for it */
} location_reading;

/* A site whose data are in from `since_s` up to `sure_until_s`, without a pick of this event; its newest other pick, -INFINITY: none. */
typedef struct {
  plane_point at;
  double since_s, sure_until_s, other_pick_s;
  double seen;  /* chance that it picks the P of an earthquake near it */
  bool current; /* more of its data is about to come */
  int32_t site; /* whose it is; the caller's affair */
} location_silence;

typedef struct {
  const locator_travel_times *tables;
  const locator_settings *settings;
  depth_prior depth;
  const locator_seismicity *past; /* NULL: none, else in the plane `around` */
  const plane *around;
  size_t readings, silences;
  location_reading reading[LOCATION_READINGS];
  location_silence silence[LOCATION_SILENCES];
} location_problem;

/* The Earth is slower or faster than the model nearly alike for all stations: P waves take longer by one part of their travel times, S waves by
   another more. Both are sought with the place, no farther from 0 than the setting `model_error` makes likely. */
enum { STRETCH_P, STRETCH_S_MORE, STRETCHES };

enum { HYPOCENTRE_UNKNOWNS = 4 + STRETCHES };

typedef struct {
  double east_km, north_km, depth_km, time_s, stretch[STRETCHES];
  double covariance[HYPOCENTRE_UNKNOWNS][HYPOCENTRE_UNKNOWNS]; /* in that order */
  double misfit;                                               /* what location_refine() makes small */
  double rms_s;                                                /* of the residuals, each weighted by its variance */
  double honesty; /* what standard deviations are to be multiplied by before they are told: the readings fit better or worse than is usual */
  double magnitude_shift,
      magnitude_sigma; /* what magnitudes at this place lack of their mean over all places that it may be, and their scatter there */
} hypocentre;

/* Where the search looks. */
typedef struct {
  double east_km, north_km, radius_km;
  int anchor;
  double needed;
  double finest_km, least;                        /* done when the best cell is narrower, or scores less */
  double known_east_km, known_north_km, known_km; /* a circle in which it does not look; 0: none */
} location_box;

/* Observed less predicted, and the standard deviation of that difference: the pick's and the model's. */
typedef struct {
  double residual_s, sigma_s, travel_s, distance_km;
} location_residual;
location_residual location_residual_of(const locator_travel_times *tables, const location_reading *reading, const hypocentre *at);

/* By what part waves of that phase take longer there than in the model. */
static inline double location_stretch(const hypocentre *at, char phase)
{
  return at->stretch[STRETCH_P] + (phase == 'S' ? at->stretch[STRETCH_S_MORE] : 0);
}

/* How far off a pick may be. */
double location_tolerance(const locator_settings *settings, double travel_s);

/* Standard deviation of a predicted time that each station has for itself: of first arrivals in a 1-D model against the Earth. */
double location_model_sigma(char phase, double travel_s);

/* The most likely cell of an octree over the box (Lomax & Curtis 2001) for the equal differential times to reading `box.anchor` (Font et al. 2004;
   Satriano et al. 2008), or, without one (-1), to the median origin time. Looks at the first LOCATION_SEARCHED readings only. Bounded: about 800
   cells. */
hypocentre location_search(const location_problem *problem, location_box box);

/* Geiger's method from `start` with robust weights and the depth's prior; covariance of the result. */
hypocentre location_refine(const location_problem *problem, hypocentre start);

/* Of few readings, with what their sites say besides: the likeliest place in the box and how all others lie around it; `from`, where the times
   alone put it, unless another is far more likely. The box's middle and radius count. About 350 places are looked at. */
hypocentre location_witnessed(const location_problem *problem, const witnesses *others, location_box box, const hypocentre *from);

/* Robust weight, 0..1, of a residual of so many standard deviations. */
double location_weight(double deviations);

/* Enough sites for a birth: with a P each, or one P fewer where S waves of further picks more than make up for it. */
static inline bool location_enough(float needed, float p, float s)
{
  return p >= needed || (p + 1 >= needed && p + s / 2 >= needed + 1);
}

/* Minus the log likelihood of the silent sites' silence. */
double location_silence_penalty(const location_problem *problem, const hypocentre *at, double farthest_km);
/* The part of one of them. */
double location_silence_cost(const location_problem *problem, const location_silence *silence, const hypocentre *at, double farthest_km);

/* What the sites up to `farthest_km` that the wave has passed, and whose data are about to come, will cost beside that if they stay silent. */
double location_awaited_penalty(const location_problem *problem, const hypocentre *at, double farthest_km);

/* Distance of the farthest reading that fits. */
double location_farthest(const location_problem *problem, const hypocentre *at);

/* How far the Earth lies from the model in each kind of stretch, one standard deviation. */
double location_stretch_sigma(const locator_settings *settings, int which);
/* Cost of the stretch, the prior's log. */
double location_stretch_cost(const locator_settings *settings, const hypocentre *at);

/* Cost of a depth, the prior's log: wide tails, so that a deep earthquake is not pulled up. */
double location_depth_cost(const depth_prior *prior, double depth_km);

/* Log of the prior of past seismicity at a place. */
static inline double location_seismicity(const location_problem *problem, const hypocentre *at)
{
  return problem->past ? seismicity_at(problem->past, problem->around, (plane_point){at->east_km, at->north_km}) : 0;
}

/* Cost of lying far from the nearest reading's site. */
double location_remoteness_at(double nearest_km);
double location_remoteness_cost(const location_problem *problem, const hypocentre *at);

/* Log odds of an earthquake here against noise, part by part, and how far away it is then taken to be seen. */
typedef struct {
  double picks, silences, rarity, depth, remoteness, reach_km;
} location_odds;
location_odds location_odds_of(const location_problem *problem, const hypocentre *at);
/* Together. */
double location_log_odds(const location_problem *problem, const hypocentre *at);

/* Log odds of a wave from afar against an earthquake here. */
double location_afar(const location_problem *problem, const hypocentre *at);

/* Probability of an earthquake here, of those two. */
double location_likelihood(const hypocentre *at, double log_odds, double afar);

/* Radius of the circle that holds the epicentre with 68 %. */
double location_radius68(const hypocentre *at);

#endif
