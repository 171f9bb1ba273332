/* Is it an earthquake, here? Picks seen, picks missed, and the two other things that they could be: noise, and a wave from afar. */
#include <math.h>

#include "location.h"

/* Earthquakes that a network notices, a km2 and second: one in three days in 100 x 100 km. */
static const double EARTHQUAKE_RATE = 4e-10;
static const double SEEN = 0.85; /* chance that a site near an earthquake picks its P */

double location_likelihood(const hypocentre *at, double log_odds, double afar)
{
  double noise = exp(-fmax(-50, fmin(50, log_odds))), distant = exp(fmin(50, afar));
  const double somewhere_km = 150; /* an epicentre known no better than this is no place */
  double unknown = location_radius68(at) / somewhere_km;
  return 1 / ((1 + noise + distant) * (1 + unknown * unknown));
}

/* Chance that a site so far away picks P: good up to the farthest that did, none beyond one and a half. */
static double chance_of_pick(double seen, double distance_km, double farthest_km)
{
  double part = distance_km / fmax(farthest_km, 10);
  return part <= 1 ? seen : fmax(0, seen * (1.5 - part) / 0.5);
}

double location_farthest(const location_problem *problem, const hypocentre *at)
{
  double farthest = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], at);
    if (problem->reading[i].phase == 'P' && fabs(r.residual_s) <= location_tolerance(problem->settings, r.travel_s))
      farthest = fmax(farthest, r.distance_km);
  }
  return farthest;
}

/* Gutenberg and Richter (1944) with amplitudes that fall like distance^-1.7: what is seen from farther away must be larger, hence rarer. */
double location_remoteness_at(double nearest_km)
{
  const double near_km = 20;
  return 1.7 * log(1 + nearest_km / near_km);
}

double location_remoteness_cost(const location_problem *problem, const hypocentre *at)
{
  double nearest2 = INFINITY, nearest = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    double east = problem->reading[i].at.east_km - at->east_km, north = problem->reading[i].at.north_km - at->north_km;
    if (east * east + north * north >= nearest2)
      continue;
    nearest2 = east * east + north * north;
    nearest = sqrt(nearest2);
  }
  return problem->readings > 0 ? location_remoteness_at(nearest) : 0;
}

/* What a silence is worth, however far the earthquake is seen: how much of the time in which its P may come has passed, 0..1. */
typedef struct {
  double distance_km, passed;
} unheard;

/* Satriano, Lomax & Zollo (2008): where the wave must have passed and nobody saw it, the source is not. The edge is soft by the tolerance. Nothing
   where it is so far away that it would not have been seen. */
static unheard unheard_of(const location_problem *problem, const location_silence *s, const hypocentre *at, double farthest_km)
{
  double east = s->at.east_km - at->east_km, north = s->at.north_km - at->north_km, distance = sqrt(east * east + north * north);
  if (distance >= 1.5 * farthest_km && distance >= 15)
    return (unheard){distance, 0};
  double travel = locator_travel_time(problem->tables, 'P', distance, at->depth_km);
  double passed_s = s->sure_until_s - at->time_s - travel, margin_s = location_tolerance(problem->settings, travel);
  if (passed_s <= 0 || at->time_s + travel < s->since_s)
    return (unheard){distance, 0};
  return (unheard){distance, fmin(1, passed_s / margin_s)};
}

static double cost_of(const location_silence *s, unheard u, double farthest_km)
{
  return u.passed > 0 ? -log(1 - chance_of_pick(s->seen, u.distance_km, farthest_km) * u.passed) : 0;
}

double location_silence_cost(const location_problem *problem, const location_silence *s, const hypocentre *at, double farthest_km)
{
  return cost_of(s, unheard_of(problem, s, at, farthest_km), farthest_km);
}

double location_silence_penalty(const location_problem *problem, const hypocentre *at, double farthest_km)
{
  double sum = 0;
  for (size_t i = 0; i < problem->silences; i++)
    sum += location_silence_cost(problem, &problem->silence[i], at, farthest_km);
  return sum;
}

/* When the newest P that fits came: so far the wave is known to be. */
static double newest_s(const location_problem *problem, const hypocentre *at)
{
  double newest = -INFINITY;
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *reading = &problem->reading[i];
    location_residual r = location_residual_of(problem->tables, reading, at);
    if (reading->phase == 'P' && fabs(r.residual_s) <= location_tolerance(problem->settings, r.travel_s))
      newest = fmax(newest, reading->time_s);
  }
  return newest;
}

static double awaited_cost(const location_problem *problem, const location_silence *s, const hypocentre *at, double farthest_km, double passed_s)
{
  const double edge_s = 0.5; /* others may still be on their way together with the newest */
  double distance = hypot(s->at.east_km - at->east_km, s->at.north_km - at->north_km);
  if (!s->current || (distance >= 1.5 * farthest_km && distance >= 15))
    return 0;
  double arrival_s = at->time_s + locator_travel_time(problem->tables, 'P', distance, at->depth_km),
         overdue = fmin(1, (passed_s - arrival_s) / edge_s);
  if (overdue <= 0 || arrival_s < s->since_s)
    return 0;
  return fmax(0, -log(1 - overdue * chance_of_pick(s->seen, distance, farthest_km)) - location_silence_cost(problem, s, at, farthest_km));
}

double location_awaited_penalty(const location_problem *problem, const hypocentre *at, double farthest_km)
{
  double sum = 0, passed_s = newest_s(problem, at);
  for (size_t i = 0; i < problem->silences; i++)
    sum += awaited_cost(problem, &problem->silence[i], at, farthest_km, passed_s);
  return sum;
}

/* Log of the density of a reading's time here over that of noise; 0 where noise is as likely. */
static double gain_of(const location_reading *reading, location_residual r)
{
  double d = r.residual_s / r.sigma_s;
  return reading->near ? fmax(0, log(SEEN / (sqrt(2 * M_PI) * r.sigma_s * reading->noise_rate)) - d * d / 2) : 0;
}

/* What a place makes of readings and silences, whatever its reach. */
typedef struct {
  double farthest_km; /* location_farthest() */
  double distance_km[LOCATION_READINGS], gain[LOCATION_READINGS];
  unheard unheard[LOCATION_SILENCES];
} view;

static void view_from(const location_problem *problem, const hypocentre *at, view *v)
{
  v->farthest_km = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *reading = &problem->reading[i];
    location_residual r = location_residual_of(problem->tables, reading, at);
    v->distance_km[i] = r.distance_km;
    v->gain[i] = gain_of(reading, r);
    if (reading->phase == 'P' && fabs(r.residual_s) <= location_tolerance(problem->settings, r.travel_s))
      v->farthest_km = fmax(v->farthest_km, r.distance_km);
  }
  for (size_t i = 0; i < problem->silences; i++)
    v->unheard[i] = unheard_of(problem, &problem->silence[i], at, v->farthest_km);
}

/* Gain of each reading within reach that counts, one farther counts as noise. */
static double gains_within(const location_problem *problem, const view *v, double reach_km)
{
  double sum = 0;
  for (size_t i = 0; i < problem->readings; i++)
    sum += v->distance_km[i] <= 1.25 * reach_km ? v->gain[i] : 0;
  return sum;
}

static double penalty_within(const location_problem *problem, const view *v, double reach_km)
{
  double sum = 0;
  for (size_t i = 0; i < problem->silences; i++)
    sum += cost_of(&problem->silence[i], v->unheard[i], reach_km);
  return sum;
}

/* How far the earthquake is seen is not known: of the farthest reading's distance and parts of it the one that explains picks and silences best, so
   that one false pick far away does not make witnesses of all silent sites between. */
static void choose_reach(const location_problem *problem, const hypocentre *at, location_odds *odds)
{
  view v;
  view_from(problem, at, &v);
  double farthest = v.farthest_km, best = -INFINITY;
  for (double reach = farthest; reach >= 0.3 * farthest && reach > 0; reach *= 0.75) {
    double gains = gains_within(problem, &v, reach), penalty = penalty_within(problem, &v, reach);
    if (gains - penalty <= best)
      continue;
    best = gains - penalty;
    odds->picks = gains;
    odds->silences = -penalty;
    odds->reach_km = reach;
  }
}

/* Of rows and columns `which` of a covariance, by Cholesky's factor; 0 if it is none. */
static double determinant_of(const double covariance[HYPOCENTRE_UNKNOWNS][HYPOCENTRE_UNKNOWNS], const int *which, int count)
{
  double factor[HYPOCENTRE_UNKNOWNS][HYPOCENTRE_UNKNOWNS], product = 1;
  for (int i = 0; i < count; i++) {
    for (int k = 0; k <= i; k++) {
      double sum = covariance[which[i]][which[k]];
      for (int j = 0; j < k; j++)
        sum -= factor[i][j] * factor[k][j];
      if (i == k && !(sum > 0))
        return 0;
      factor[i][k] = i == k ? sqrt(sum) : sum / factor[k][k];
    }
    product *= factor[i][i] * factor[i][i];
  }
  return product;
}

/* Each pick's density under both, the silences, and the volume of places and times that fit, in units of how often earthquakes fill it there; of the
   stretches the part of what they may be that fits. */
location_odds location_odds_of(const location_problem *problem, const hypocentre *at)
{
  static const int volume_of[] = {0, 1, 3, 4, 5};
  double determinant = determinant_of(at->covariance, volume_of, sizeof volume_of / sizeof *volume_of);
  for (int i = 0; i < STRETCHES; i++)
    determinant /= pow(location_stretch_sigma(problem->settings, i), 2);
  double volume = pow(2 * M_PI, 1.5) * sqrt(fmin(fmax(determinant, 1e-6), 1e6));
  location_odds odds = {.picks = -INFINITY,
                        .rarity = log(EARTHQUAKE_RATE * volume) + location_seismicity(problem, at) - location_stretch_cost(problem->settings, at),
                        .depth = -location_depth_cost(&problem->depth, at->depth_km),
                        .remoteness = -location_remoteness_cost(problem, at)};
  choose_reach(problem, at, &odds);
  return odds;
}

double location_log_odds(const location_problem *problem, const hypocentre *at)
{
  location_odds odds = location_odds_of(problem, at);
  return odds.rarity + odds.depth + odds.remoteness + (odds.picks + odds.silences);
}

/* ---- a plane wave ---- */

typedef struct {
  double east, north, time;
} plane_wave; /* slowness s/km, arrival at the origin s */

/* Weighted least squares of time over place, no slower than `slowest_km_s`. False if the sites lie on a line. */
static bool fit_plane_wave(const location_problem *problem, const double *weights, double slowest_km_s, plane_wave *wave)
{
  double n = 0, e = 0, o = 0, t = 0, ee = 0, oo = 0, eo = 0, et = 0, ot = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *r = &problem->reading[i];
    n += weights[i];
    e += weights[i] * r->at.east_km;
    o += weights[i] * r->at.north_km;
    t += weights[i] * r->time_s;
  }
  if (n <= 0)
    return false;
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *r = &problem->reading[i];
    double de = r->at.east_km - e / n, dn = r->at.north_km - o / n, dt = r->time_s - t / n;
    ee += weights[i] * de * de;
    oo += weights[i] * dn * dn;
    eo += weights[i] * de * dn;
    et += weights[i] * de * dt;
    ot += weights[i] * dn * dt;
  }
  double determinant = ee * oo - eo * eo;
  if (!(determinant > 1e-3 * ee * oo) || determinant <= 0)
    return false;
  wave->east = (et * oo - ot * eo) / determinant;
  wave->north = (ot * ee - et * eo) / determinant;
  double faster = fmin(1, 1 / (slowest_km_s * fmax(1e-9, hypot(wave->east, wave->north))));
  wave->east *= faster;
  wave->north *= faster;
  wave->time = t / n - wave->east * e / n - wave->north * o / n;
  return true;
}

/* A wave from afar passes everybody: sites that it should have reached and that saw nothing speak against it, those whose other pick it explains for
 * it. */
static double others_for(const location_problem *problem, const plane_wave *wave)
{
  const double seen_from_afar = 0.6, margin_s = 1, explained = 3;
  double sum = 0;
  for (size_t i = 0; i < problem->silences; i++) {
    const location_silence *s = &problem->silence[i];
    double arrival_s = wave->time + wave->east * s->at.east_km + wave->north * s->at.north_km, passed_s = s->sure_until_s - arrival_s;
    if (fabs(s->other_pick_s - arrival_s) < margin_s)
      sum += explained;
    else if (passed_s > 0 && arrival_s > s->since_s && fabs(s->other_pick_s - arrival_s) > 5 * margin_s)
      sum += log(1 - seen_from_afar * fmin(1, passed_s / margin_s));
  }
  return sum;
}

/* Log odds of a distant earthquake against one here, which must take an S that fits here for noise: its own comes minutes later. How much better the
   best plane wave faster than any local P fits (10 km/s: P from 20 degrees and more), and how deep the source here would have to be to look like one.
   Where both fit alike, it may well be the distant one. */
double location_afar(const location_problem *problem, const hypocentre *at)
{
  const double slowest_distant_km_s = 10, when_alike = 0;
  double weights[LOCATION_READINGS], here = 0, across = 0, s_waves = 0;
  plane_wave wave;
  size_t used = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], at);
    bool counts = problem->reading[i].phase == 'P' && location_weight(r.residual_s / r.sigma_s) > 0;
    weights[i] = counts ? 1 / (r.sigma_s * r.sigma_s) : 0;
    here += weights[i] * r.residual_s * r.residual_s;
    used += counts;
    s_waves += problem->reading[i].phase == 'S' ? gain_of(&problem->reading[i], r) : 0;
  }
  if (used < 4 || !fit_plane_wave(problem, weights, slowest_distant_km_s, &wave))
    return -50;
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *r = &problem->reading[i];
    double off = r->time_s - wave.time - wave.east * r->at.east_km - wave.north * r->at.north_km;
    across += weights[i] * off * off;
  }
  return when_alike + location_depth_cost(&problem->depth, at->depth_km) + (here - across) / 2 + others_for(problem, &wave) - s_waves;
}
