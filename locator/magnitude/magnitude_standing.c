/* How a station stands among the others. Stations that have heard the P wave for different times cannot be held against each other; windows of one
 * length can: all have then seen as much of the source. What a wrong gain, strong ground or the radiation add, they add in each window, and the
 * station with the longest one is brought to the level of all before its growth counts (a mixed model: a common growth curve, a term a station).
 */
#include <math.h>

#include "magnitude_station.h"

static const double noise_ratio = 3;
static const int fewest_others = 2;
static const double median_variance = 1.57; /* over that of a mean */
static const double most_scatter = 0.5;
static const double scatter_prior = 3; /* stations' worth of what is known beforehand of their scatter */

typedef struct {
  size_t count;
  double magnitude[LOCATOR_PICKS_MAXIMUM]; /* ascending */
} level;

/* Its magnitude in that window; NAN where that is no measurement. */
static double early_magnitude(const magnitude_observation *o, int window)
{
  bool clear = station_has_p_wave(o) && !o->clipped && o->early_pd_m[window] > 0 && isfinite(o->early_pd_m[window]) &&
               (double)o->early_pd_m[window] >= noise_ratio * (double)o->noise_pd_m;
  double term = isfinite(o->site_term) ? (double)o->site_term : 0;
  return clear ? magnitude_from_pd(o->early_pd_m[window], station_epicentral_km(o)) - term : (double)NAN;
}

static void add(level *l, double value)
{
  if (l->count == LOCATOR_PICKS_MAXIMUM)
    return;
  size_t at = l->count++;
  for (; at > 0 && value < l->magnitude[at - 1]; at--)
    l->magnitude[at] = l->magnitude[at - 1];
  l->magnitude[at] = value;
}

static double median(const level *l)
{
  return (l->magnitude[(l->count - 1) / 2] + l->magnitude[l->count / 2]) / 2;
}

/* The median of all but one of that value. */
static double median_without(const level *l, double value)
{
  size_t own = 0, others = l->count - 1;
  while (own + 1 < l->count && l->magnitude[own] != value)
    own++;
  size_t low = (others - 1) / 2, high = others / 2;
  return (l->magnitude[low + (low >= own)] + l->magnitude[high + (high >= own)]) / 2;
}

/* In all windows that enough others have, too, each by how well their median is known. `counted`: it is among the levels itself. */
static magnitude_standing stand(const magnitude_observation *o, const level *levels, bool counted)
{
  magnitude_standing s = {0};
  double sum = 0, weights = 0;
  for (int w = 0; w < MAGNITUDE_EARLY; w++) {
    double own = early_magnitude(o, w);
    int others = (int)levels[w].count - counted;
    if (!isfinite(own) || others < fewest_others)
      continue;
    double weight = others / (others + median_variance), excess = own - (counted ? median_without(&levels[w], own) : median(&levels[w]));
    sum += weight * excess;
    weights += weight;
    s.most = fmax(s.most, fabs(excess));
    s.others = s.others > others ? s.others : others;
  }
  s.excess = weights > 0 ? sum / weights : 0;
  return s;
}

/* How much its magnitude grew from the window before; NAN where that cannot be said. */
static double growth(const magnitude_observation *o, int window)
{
  return early_magnitude(o, window) - early_magnitude(o, window - 1);
}

/* A sensor that jumped leaps more than any source does, and does so alone. Of 1,000 made earthquakes' 17,000 windows none grew more. */
static int jump_of(const magnitude_observation *observations, size_t count, size_t i)
{
  static const double most[MAGNITUDE_EARLY] = {0, 1.1, 1.8, 1.8, 1.8};
  for (int w = 1; w < MAGNITUDE_EARLY; w++) {
    bool shared = !(growth(&observations[i], w) > most[w]);
    for (size_t k = 0; k < count && !shared; k++)
      shared = k != i && growth(&observations[k], w) > most[w] / 2;
    if (!shared)
      return w;
  }
  return 0;
}

/* Against those that are not `left_out`; returns the scatter. */
static double compare_with(const magnitude_observation *observations, size_t count, const bool *left_out, magnitude_standing *standings)
{
  const double sigma_over_median = 1.4826; /* of normal residuals' sizes */
  level levels[MAGNITUDE_EARLY] = {0}, excesses = {0};
  for (size_t i = 0; i < count; i++)
    for (int w = 0; w < MAGNITUDE_EARLY; w++)
      if (!left_out[i] && isfinite(early_magnitude(&observations[i], w)))
        add(&levels[w], early_magnitude(&observations[i], w));
  for (size_t i = 0; i < count; i++) {
    int jump = standings[i].jump;
    standings[i] = stand(&observations[i], levels, !left_out[i]);
    standings[i].jump = jump;
    if (standings[i].others > 0 && !left_out[i])
      add(&excesses, fabs(standings[i].excess));
  }
  double own = excesses.count > 0 ? fmin(sigma_over_median * median(&excesses), most_scatter) : 0, n = (double)excesses.count;
  return sqrt((scatter_prior * station_sigma * station_sigma + n * own * own) / (scatter_prior + n));
}

double magnitude_compare(const magnitude_observation *observations, size_t count, magnitude_standing *standings)
{
  bool left_out[LOCATOR_PICKS_MAXIMUM] = {0};
  for (size_t i = 0; i < count; i++) {
    standings[i] = (magnitude_standing){.jump = jump_of(observations, count, i)};
    left_out[i] = standings[i].jump > 0;
  }
  double scatter = compare_with(observations, count, left_out, standings);
  for (size_t i = 0; i < count; i++)
    left_out[i] = magnitude_standing_trust(&standings[i], scatter) < 0.5;
  return compare_with(observations, count, left_out, standings);
}

double magnitude_standing_excess(const magnitude_standing *s, double scatter)
{
  const double lasting = 0.75; /* share of a station's variance that is the same in all windows */
  double rest = (1 - lasting) * s->excess, most = 0.5 * scatter;
  return s->excess - fmin(fmax(rest, -most), most);
}

double magnitude_standing_trust(const magnitude_standing *s, double scatter)
{
  const double doubted = 2.5, refused = 3.5;
  if (s->jump)
    return 0;
  double off = s->others > 0 ? s->most / (scatter * sqrt(1 + median_variance / s->others)) : 0;
  return 1 - magnitude_ramp(off, doubted, refused);
}

double magnitude_standing_record_excess(const magnitude_standing *s)
{
  const double usual = 0.5;
  return fmax(s->excess - usual, 0);
}
