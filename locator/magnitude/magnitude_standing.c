/* How a station stands among the others. Stations that have heard the P wave for different times cannot be held against each other; windows of one
 * length can: all have then seen as much of the source. What a wrong gain, strong ground or the radiation add, they add in each window, and the
 * station with the longest one is brought to the level of all before its growth counts (a mixed model: a common growth curve, a term a station).
 * A gain that is wrong lifts the noise before P as much as the wave, which nothing in the ground does.
 */
#include <math.h>

#include "magnitude_station.h"

static const double noise_ratio = 3;
static const int fewest_others = 2;
static const double doubted = 2.5, refused = 3.5;                   /* standard deviations */
static const double median_variance = 1.57;                         /* over that of a mean */
static const double most_scatter = 0.5, sigma_over_median = 1.4826; /* of normal residuals' sizes */
static const double scatter_prior = 3;                              /* stations' worth of what is known beforehand of their scatter */

/* However great it will be, an event begins like the others (Colombelli et al. 2014; Meier et al. 2016): where the greatest stand on average in the
   first windows, of made ones and of Ridgecrest 2019. */
static const double universal[MAGNITUDE_EARLY] = {5.8, 6.1, 6.7};
enum { UNIVERSAL = 3 };

/* One station in fifty has a gain that is too high by any factor; log10 noise of sites differs by so much where nothing else is known. */
static const double wrong_gain = 0.02, any_gain = 1.5, noise_scatter = 0.4, amplitude_slope = 1.23;

typedef struct {
  size_t count;
  double magnitude[LOCATOR_PICKS_MAXIMUM]; /* ascending */
} level;

static double suspicion(const magnitude_standing *s, double scatter);

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

/* The median of the others: of all but one of the value itself, if it is among them; and of what the greatest events reach, if it is beyond. */
static double median_of_others(const level *all, double own, bool counted, int window, int *others)
{
  level l = {.count = 0};
  bool beyond = window < UNIVERSAL && own > universal[window];
  for (size_t i = 0; i < all->count; i++) {
    bool itself = counted && all->magnitude[i] == own;
    counted &= !itself;
    if (!itself)
      add(&l, all->magnitude[i]);
  }
  if (beyond)
    add(&l, universal[window]);
  *others = (int)l.count >= fewest_others ? (int)l.count : 0;
  return l.count > 0 ? median(&l) : (double)NAN;
}

/* In all windows that enough others have, too, each by how well their median is known. `counted`: it is among the levels itself. */
static magnitude_standing stand(const magnitude_observation *o, const level *levels, bool counted)
{
  magnitude_standing s = {0};
  double sum = 0, weights = 0;
  for (int w = 0; w < MAGNITUDE_EARLY; w++) {
    int others = 0;
    double own = early_magnitude(o, w), middle = isfinite(own) ? median_of_others(&levels[w], own, counted, w, &others) : 0;
    if (others == 0)
      continue;
    double weight = others / (others + median_variance), excess = own - middle;
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

/* A sensor that jumped leaps more than any source does, or beyond where any stands so soon. Of 599 made earthquakes' 33,281 windows none grew more,
   one in 1,500 grew so and stood there. */
static bool leaps(const magnitude_observation *o, int window)
{
  static const double most[MAGNITUDE_EARLY] = {0, 1.1, 1.8, 1.8, 1.8}, much[UNIVERSAL] = {0, 0.5, 0.8}, beyond[UNIVERSAL] = {0, 0.3, 0.7};
  double by = growth(o, window);
  return by > most[window] || (window < UNIVERSAL && by > much[window] && early_magnitude(o, window) > universal[window] + beyond[window]);
}

/* The first window in which it leaps alone; 0: none. */
static int jump_of(const magnitude_observation *observations, size_t count, size_t i)
{
  for (int w = 1; w < MAGNITUDE_EARLY; w++) {
    bool shared = !leaps(&observations[i], w);
    for (size_t k = 0; k < count && !shared; k++)
      shared = k != i && growth(&observations[k], w) > growth(&observations[i], w) / 2;
    if (!shared)
      return w;
  }
  return 0;
}

/* Against those that are not `left_out`; returns the scatter. */
static double compare_with(const magnitude_observation *observations, size_t count, const bool *left_out, magnitude_standing *standings)
{
  level levels[MAGNITUDE_EARLY] = {0}, excesses = {0};
  for (size_t i = 0; i < count; i++)
    for (int w = 0; w < MAGNITUDE_EARLY; w++)
      if (!left_out[i] && isfinite(early_magnitude(&observations[i], w)))
        add(&levels[w], early_magnitude(&observations[i], w));
  for (size_t i = 0; i < count; i++) {
    magnitude_standing before = standings[i];
    standings[i] = stand(&observations[i], levels, !left_out[i]);
    standings[i].jump = before.jump;
    standings[i].noise = before.noise;
    standings[i].noise_sigma = before.noise_sigma;
    if (standings[i].others > 0 && !left_out[i])
      add(&excesses, fabs(standings[i].excess));
  }
  double own = excesses.count > 0 ? fmin(sigma_over_median * median(&excesses), most_scatter) : 0, n = (double)excesses.count;
  return sqrt((scatter_prior * station_sigma * station_sigma + n * own * own) / (scatter_prior + n));
}

/* How loud its noise is against the others', as it would change a magnitude; nothing where fewer than two others' is known. */
static void compare_noise(const magnitude_observation *observations, size_t count, size_t i, magnitude_standing *s)
{
  level others = {.count = 0}, off = {.count = 0};
  for (size_t k = 0; k < count; k++)
    if (k != i && observations[k].noise_pd_m > 0)
      add(&others, log10((double)observations[k].noise_pd_m));
  if ((int)others.count < fewest_others || !(observations[i].noise_pd_m > 0))
    return;
  double middle = median(&others), n = (double)others.count;
  for (size_t k = 0; k < others.count; k++)
    add(&off, fabs(others.magnitude[k] - middle));
  double own = sigma_over_median * median(&off), sigma = sqrt((scatter_prior * noise_scatter * noise_scatter + n * own * own) / (scatter_prior + n));
  s->noise = amplitude_slope * (log10((double)observations[i].noise_pd_m) - middle);
  s->noise_sigma = amplitude_slope * sigma * sqrt(1 + median_variance / n);
}

double magnitude_compare(const magnitude_observation *observations, size_t count, magnitude_standing *standings)
{
  enum { FEW = 12 };
  bool left_out[LOCATOR_PICKS_MAXIMUM] = {0};
  for (size_t i = 0; i < count; i++) {
    standings[i] = (magnitude_standing){.jump = jump_of(observations, count, i)};
    compare_noise(observations, count, i, &standings[i]);
    left_out[i] = standings[i].jump > 0;
  }
  double scatter = compare_with(observations, count, left_out, standings);
  for (size_t round = 0; round < (count < FEW ? count / 3 : 1); round++) {
    size_t worst = count;
    for (size_t i = 0; i < count; i++) {
      bool wrong = !left_out[i] && suspicion(&standings[i], scatter) > 0;
      if (count >= FEW)
        left_out[i] |= wrong;
      else if (wrong && (worst == count || suspicion(&standings[i], scatter) > suspicion(&standings[worst], scatter)))
        worst = i;
    }
    if (worst < count)
      left_out[worst] = true;
    scatter = compare_with(observations, count, left_out, standings);
  }
  return scatter;
}

static double standing_variance(const magnitude_standing *s, double scatter)
{
  return scatter * scatter * (1 + median_variance / s->others);
}

/* Log odds that its gain is too high: amplitude and noise stand out together. A quiet sensor where waves are weak is a good one on rock. */
static double gain_odds(const magnitude_standing *s, double scatter)
{
  if (s->others == 0 || !(s->noise_sigma > 0) || s->excess < 0 || s->noise < 0)
    return -INFINITY;
  double a = standing_variance(s, scatter), b = s->noise_sigma * s->noise_sigma, t = any_gain * any_gain;
  double sound = s->excess * s->excess / a + s->noise * s->noise / b + log(a * b);
  double both = a * b + t * (a + b); /* determinant of the covariance [a+t t; t b+t] */
  double wrong = ((b + t) * s->excess * s->excess - 2 * t * s->excess * s->noise + (a + t) * s->noise * s->noise) / both + log(both);
  return log(wrong_gain) + (sound - wrong) / 2;
}

static double gain_is_wrong(const magnitude_standing *s, double scatter)
{
  return 1 / (1 + exp(-gain_odds(s, scatter)));
}

/* Standard deviations by which it stands out most. */
static double stands_out(const magnitude_standing *s, double scatter)
{
  return s->others > 0 ? s->most / sqrt(standing_variance(s, scatter)) : 0;
}

/* Above 0: it is rather broken. */
static double suspicion(const magnitude_standing *s, double scatter)
{
  double off = stands_out(s, scatter), middle = (doubted + refused) / 2;
  return fmax(gain_odds(s, scatter), (off * off - middle * middle) / 2);
}

double magnitude_standing_excess(const magnitude_standing *s, double scatter)
{
  const double lasting = 0.75; /* share of a station's variance that is the same in all windows */
  double rest = (1 - lasting) * s->excess, most = 0.5 * scatter;
  return s->excess - (1 - gain_is_wrong(s, scatter)) * fmin(fmax(rest, -most), most);
}

double magnitude_standing_record_excess(const magnitude_standing *s, double scatter)
{
  const double usual = 0.5;
  double gain = gain_is_wrong(s, scatter);
  return gain * s->excess + (1 - gain) * fmax(s->excess - usual, 0);
}

double magnitude_standing_trust(const magnitude_standing *s, double scatter)
{
  const double mended = 0.5;
  if (s->jump)
    return 0;
  double gain = gain_is_wrong(s, scatter);
  return mended * gain + (1 - gain) * (1 - magnitude_ramp(stands_out(s, scatter), doubted, refused));
}
