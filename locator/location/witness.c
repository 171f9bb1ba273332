#include "witness_say.h"

#include <math.h>

#include "magnitude.h"

const float witness_windows_s[WITNESS_WINDOWS] = {0.5F, 1, 2, 3, 4};

static void call_azimuth(ready_witness *ready, const witness *x);
static void call_growth(ready_witness *ready, const witness *x);
static void call_amplitudes(ready_witness *ready, const witness *x, double longest_s);
static double longest_window(const witnesses *w);

void witness_call(ready_witnesses *ready, const witnesses *w)
{
  ready->p_times = travel_time_nodes_of(w->tables, 'P');
  ready->s_times = travel_time_nodes_of(w->tables, 'S');
  ready->count = w->count;
  double longest_s = longest_window(w);
  for (size_t i = 0; i < w->count; i++) {
    ready->of[i] = (ready_witness){.east = (float)w->of[i].at.east_km, .north = (float)w->of[i].at.north_km};
    call_azimuth(&ready->of[i], &w->of[i]);
    call_growth(&ready->of[i], &w->of[i]);
    call_amplitudes(&ready->of[i], &w->of[i], longest_s);
  }
}

/* Student's t with three degrees of freedom, 0 at its top. */
ALWAYS_INLINE lanes student(lanes deviations)
{
  return -2 * log_of_all(1 + deviations * deviations / 3);
}

/* ---- where it came from ---- */

/* A share of azimuths is wrong altogether: a wave from right below, crooked ground, a sensor that points elsewhere. */
static const float wrong = 0.2F;

static void call_azimuth(ready_witness *ready, const witness *x)
{
  if (!(x->azimuth_sigma_deg > 0))
    return;
  double azimuth = x->azimuth_deg * M_PI / 180;
  ready->azimuth_sine = (float)sin(azimuth);
  ready->azimuth_cosine = (float)cos(azimuth);
  ready->azimuth_sigma = (float)(x->azimuth_sigma_deg * M_PI / 180);
  ready->anywhere = (float)(x->azimuth_sigma_deg * sqrt(2 * M_PI) / 360);
}

ALWAYS_INLINE lanes say_azimuth(const ready_witness *x, const lane_places *at)
{
  lanes east = at->east - x->east, north = at->north - x->north;
  lanes off = angle_of_all(east * x->azimuth_sine + north * x->azimuth_cosine, east * x->azimuth_cosine - north * x->azimuth_sine) / x->azimuth_sigma;
  lanes right = exp_of_all(larger(-0.5F * off * off, all(-80)));
  return log_of_all(((1 - wrong) * right + wrong * x->anywhere) / (1 - wrong + wrong * x->anywhere));
}

/* ---- how steeply it began ---- */

/* log10 B = at_1_km - 2 log10 R[km] + slope (min(M, 4.5) - 4.5), B in m/s3. The slope over distance is that of Odaka et al. (2003), for whom B says
   nothing of M: of small events it does. Level and slope from Ridgecrest 2019, Pleasant Hill 2019 and small events of Bardarbunga 2014: scatter 0.35
   to 0.42; between regions more (Okamoto & Tsuno 2015). */
static const struct {
  double window_s, at_1_km, slope, sigma;
} growth_relation[] = {{0.5, 1.28, 0.46, 0.8}, {1, 1.43, 0.56, 0.7}, {2, 1.56, 0.67, 0.55}, {3, 1.65, 0.72, 0.5}};
enum { GROWTHS = sizeof growth_relation / sizeof growth_relation[0] };
static const float grows_up_to = 4.5F;

static double largest_pd(const witness *x)
{
  double pd = 0;
  for (int k = 0; k < WITNESS_WINDOWS; k++)
    pd = fmax(pd, x->pd_m[k]);
  return pd;
}

static void call_growth(ready_witness *ready, const witness *x)
{
  if (!(x->growth_m_s3 > 0))
    return;
  int k = 0;
  while (k + 1 < GROWTHS && growth_relation[k + 1].window_s <= x->growth_s)
    k++;
  double pd_m = largest_pd(x);
  ready->grows = true;
  ready->growth_log10 = (float)log10(x->growth_m_s3);
  ready->growth_magnitude = pd_m > 0 ? (float)magnitude_from_pd(pd_m, 0) : grows_up_to;
  ready->growth_level = (float)growth_relation[k].at_1_km;
  ready->growth_slope = (float)growth_relation[k].slope;
  ready->growth_sigma = (float)growth_relation[k].sigma;
}

/* What log10 max(epicentral, nearest) adds to a magnitude from Pd. */
ALWAYS_INLINE lanes by_distance(lanes epicentral_km)
{
  return (float)magnitude_pd_slope * log10_of_all(larger(epicentral_km / (float)magnitude_pd_nearest_km, all(1)));
}

/* How many deviations it began more steeply than from there. */
ALWAYS_INLINE lanes say_growth(const ready_witness *x, const lane_places *at)
{
  lanes epicentral = distance_between(all(x->east), all(x->north), at->east, at->north);
  lanes far = larger(root(epicentral * epicentral + at->depth * at->depth), all(1));
  lanes magnitude = smaller(x->growth_magnitude + by_distance(epicentral), all(grows_up_to));
  lanes expected = x->growth_level - 2 * log10_of_all(far) + x->growth_slope * (magnitude - grows_up_to);
  return student((x->growth_log10 - expected) / x->growth_sigma);
}

/* ---- how large it was ---- */

/* The sites' magnitudes if the source were there: measured, bounds, or none (weight 0). */
typedef struct {
  size_t count;
  lanes magnitude[WITNESSES_MAXIMUM], weight[WITNESSES_MAXIMUM];
  choice at_most[WITNESSES_MAXIMUM], at_least[WITNESSES_MAXIMUM];
} claims;

static const double noise_ratio = 3, claim_sigma = 0.45, growing_sigma = 0.35;

static double longest_window(const witnesses *w)
{
  double longest = (double)witness_windows_s[0];
  for (size_t i = 0; i < w->count; i++)
    for (int k = 0; k < WITNESS_WINDOWS; k++)
      if (w->of[i].pd_m[k] > 0)
        longest = fmax(longest, (double)witness_windows_s[k]);
  return longest;
}

static void call_amplitudes(ready_witness *ready, const witness *x, double longest_s)
{
  ready->clipped = x->clipped;
  ready->seen_s = (float)fmin(x->seen_s, 1e6);
  ready->record_magnitude = x->displacement_m > 0 ? (float)(magnitude_from_displacement(x->displacement_m, 1, 0) - x->site_term) : NAN;
  for (int k = 0; k < WITNESS_WINDOWS; k++) {
    bool hidden = x->pd_m[k] < noise_ratio * x->noise_pd_m;
    ready->hidden[k] = hidden;
    ready->window_magnitude[k] = x->pd_m[k] > 0 ? (float)(magnitude_from_pd(x->pd_m[k] + (hidden ? x->noise_pd_m : 0), 0) - x->site_term) : NAN;
    ready->window_sigma[k] = (float)hypot(claim_sigma, growing_sigma * log2(longest_s / (double)witness_windows_s[k]));
  }
}

/* The whole record once S and what follows it must have passed, else the longest window before S. */
ALWAYS_INLINE void claim(const ready_witnesses *w, const ready_witness *x, const lane_places *at, claims *c)
{
  const float least_s = 3, dispersion_s_km = 0.06F;
  size_t i = c->count++;
  lanes far = distance_between(all(x->east), all(x->north), at->east, at->north), sigma = all((float)claim_sigma), magnitude = {};
  lanes lag = exact_travel(&w->s_times, &at->s, at->depth, far) - exact_travel(&w->p_times, &at->p, at->depth, far), on_the_way = by_distance(far);
  choice speaks = {}, at_most = {};
  for (int k = 0; k < WITNESS_WINDOWS; k++) {
    choice fits = always(!isnan(x->window_magnitude[k])) & (lag >= witness_windows_s[k]);
    speaks |= fits;
    magnitude = choose(fits, x->window_magnitude[k] + on_the_way, magnitude);
    sigma = choose(fits, all(x->window_sigma[k]), sigma);
    at_most = (fits & always(x->hidden[k])) | (~fits & at_most);
  }
  choice whole = always(!isnan(x->record_magnitude)) & (x->seen_s > lag + least_s + dispersion_s_km * far);
  lanes reach = larger(root(far * far + at->depth * at->depth), all(1));
  lanes of_record =
      x->record_magnitude + (log10_of_all(reach) + 0.0019F * (reach - 1) - 0.005F * at->depth) / 0.87F; /* magnitude_from_displacement() */
  c->magnitude[i] = choose(whole, of_record, magnitude);
  sigma = choose(whole, all((float)claim_sigma), sigma);
  c->weight[i] = choose(whole | speaks, 1 / (sigma * sigma), all(0));
  c->at_most[i] = at_most & ~whole;
  c->at_least[i] = always(x->clipped) & ~c->at_most[i];
}

/* Squared deviation of one of them from a magnitude; 0 where a bound is kept to, or none is made. */
ALWAYS_INLINE lanes deviation2(const claims *c, size_t i, lanes magnitude)
{
  lanes off = c->magnitude[i] - magnitude;
  choice kept = (c->at_most[i] & (off > 0)) | (c->at_least[i] & (off < 0));
  return choose(kept, all(0), off * off * c->weight[i]);
}

/* The magnitude that suits them best: weighted again and again, from the mean. */
ALWAYS_INLINE lanes common_magnitude(const claims *c)
{
  enum { ROUNDS = 4 };
  lanes magnitude = {}, count = {};
  for (size_t i = 0; i < c->count; i++) {
    choice speaks = c->weight[i] > 0;
    magnitude += choose(speaks, c->magnitude[i], all(0));
    count += choose(speaks, all(1), all(0));
  }
  magnitude /= larger(count, all(1));
  for (int round = 0; round < ROUNDS; round++) {
    lanes weights = {}, sum = {};
    for (size_t i = 0; i < c->count; i++) {
      lanes off2 = deviation2(c, i, magnitude);
      choice bound = (c->at_most[i] | c->at_least[i]) & (off2 == 0);
      lanes weight = choose(bound, all(0), c->weight[i] / (1 + off2 / 3));
      weights += weight;
      sum += choose(weight > 0, weight * c->magnitude[i], all(0));
    }
    magnitude = choose(weights > 0, sum / larger(weights, all(1e-6F)), magnitude);
  }
  return magnitude;
}

ALWAYS_INLINE lanes say_amplitudes(const ready_witnesses *w, const lane_places *at, lanes *mean)
{
  claims c = {.count = 0};
  lanes sum = {};
  for (size_t i = 0; i < w->count; i++)
    claim(w, &w->of[i], at, &c);
  *mean = common_magnitude(&c);
  for (size_t i = 0; i < c.count; i++) {
    lanes off2 = deviation2(&c, i, *mean);
    sum -= choose(off2 > 0, 2 * log_of_all(1 + off2 / 3), all(0));
  }
  return sum;
}

FOR_EACH_PROCESSOR void witness_say(const ready_witnesses *w, const lane_places *at, lanes *density, lanes *magnitude)
{
  for (size_t i = 0; i < w->count; i++) {
    if (w->of[i].azimuth_sigma > 0)
      *density += say_azimuth(&w->of[i], at);
    if (w->of[i].grows)
      *density += say_growth(&w->of[i], at);
  }
  *density += say_amplitudes(w, at, magnitude);
}
