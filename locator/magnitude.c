/* The network magnitude: one estimating equation over everything that the stations say, each with its kind and its weight.
 *
 * A window shorter than half the source's duration has not seen the event's size (Trugman et al. 2019): its weight falls with the square of what it
 * lacks, so that it never pulls down those who have seen more. What a station's noise hides is an upper bound, what it clipped a lower one: such a
 * term pulls only from its side. Whole records take over from P station by station as S passes; ML speaks for small events whose P the noise hides.
 */
#include "magnitude.h"

#include <math.h>

enum { TERMS_MAXIMUM = 2 * LOCATOR_PICKS_MAXIMUM };

typedef enum { MEASURED, UPPER_BOUND, LOWER_BOUND } term_kind;
typedef enum { P_WAVE, WHOLE_RECORD } term_source;

typedef struct {
  double magnitude, weight, seen_s; /* seen_s: how much of the source the window can have seen */
  term_kind kind;
  term_source source;
} term;

typedef struct {
  term terms[TERMS_MAXIMUM]; /* in a total order, so that sums do not depend on the order in which stations were told */
  size_t count;
  double reference_s; /* a window that several stations reach */
} network;

static const double station_sigma = 0.4, event_sigma = 0.2; /* Wu & Zhao 2006: a single Pd magnitude, the network value */
static const double record_sigma = 0.3;                     /* whole records, about their median: Ridgecrest 2019, Oaxaca 2018 */
static const double growth_sigma = 0.45;                    /* of an event that may still be growing */
static const double local_sigma = 0.4;                      /* an event's ML without station corrections */
static const double saturation_sigma = 0.4, saturates_from = 6.9, saturates_at = 7.6; /* peaks above 1/6 Hz hardly grow with greater events */
static const double noise_ratio = 3, record_noise_ratio = 1.5;                        /* a peak below so many times the noise's is no measurement */
static const double record_p_ratio = 1.5;                                             /* ... nor one of S below so many times P's */
static const double ml_nearest_km = 20;
static const double record_from = 5.6, record_full = 6.2; /* below, whole-record displacement reads high and has no say */
static const double after_s_begins_s = 1, after_s_full_s = 4;
static const double period_noise_ratio = 8, period_sigma = 0.35, period_below = 5.0, period_off = 5.6; /* where tau_c guards Pd */
static const double ml_below = 5.5, wood_anderson_gain = 2080;

/* Gutenberg & Richter's b = 1 shifts small events by ln(10) sigma^2; it must not shrink a great one. Kuyuk & Allen's relation is a regression of M on
   Pd, so that the scatter of stations is in it already: the prior knows of what all stations of an event share, no more. */
static const double prior_below = 5.0, prior_off = 5.4;

/* JMA's magnitudes of shallow events stand above their moment magnitudes (Kobe 1995 7.3 and 6.9, Kumamoto 2016 7.3 and 7.0); three-component peaks of
   Ridgecrest 2019 and Oaxaca 2018 by 0.2. */
static const double record_over_moment = 0.2;

static double ramp(double value, double from, double to)
{
  return fmin(fmax((value - from) / (to - from), 0), 1);
}

/* ---- what each station says ---- */

static double hypocentral_km(const magnitude_observation *o)
{
  return fmax(hypot(o->epicentral_km, o->depth_km), 1);
}

static double since_s_s(const magnitude_observation *o)
{
  return o->since_p_s - o->s_minus_p_s;
}

/* How far a station's whole record speaks for itself. */
static double record_growth(const magnitude_observation *o)
{
  return ramp(since_s_s(o), after_s_begins_s, after_s_full_s);
}

static bool usable(const magnitude_observation *o)
{
  return isfinite(o->epicentral_km) && isfinite(o->depth_km) && isfinite(o->since_p_s) && isfinite(o->s_minus_p_s);
}

static bool has_p_wave(const magnitude_observation *o)
{
  return usable(o) && o->window_s > 0 && o->pd_m > 0 && isfinite(o->window_s) && isfinite(o->pd_m);
}

/* A peak of the whole record that stands neither out of the noise nor out of the P wave is not yet that of S. */
static bool has_record(const magnitude_observation *o)
{
  return usable(o) && isfinite(o->jma_pgd_m) &&
         (double)o->jma_pgd_m > fmax(record_noise_ratio * (double)o->noise_pd_m, record_p_ratio * (double)o->pd_m);
}

static bool hidden_by_noise(const magnitude_observation *o)
{
  return (double)o->pd_m < noise_ratio * (double)o->noise_pd_m;
}

/* Its period over what is usual for its amplitude (Wu & Kanamori 2008: log10 tau_c = 0.296 M - 1.462); 1 where it is not known. */
static double slowness(const magnitude_observation *o)
{
  double usual_s = pow(10, 0.296 * magnitude_from_pd(o->pd_m, o->epicentral_km) - 1.462);
  return isfinite(o->tau_c_s) && o->tau_c_s > 0 && o->window_s >= 1 ? (double)o->tau_c_s / usual_s : 1;
}

/* The ground swells, or the sensor has jumped: what P there is adds little to it. */
static bool is_too_slow(const magnitude_observation *o)
{
  const double slow_s = 3, times = 3;
  return (double)o->tau_c_s > slow_s && slowness(o) > times;
}

/* So strong a wave is not so short: the gain is wrong, or something struck the sensor. */
static bool is_too_short(const magnitude_observation *o)
{
  const double times = 6;
  return slowness(o) < 1 / times;
}

/* No more than an upper bound. */
static bool is_doubtful(const magnitude_observation *o)
{
  return hidden_by_noise(o) || is_too_slow(o) || is_too_short(o);
}

/* Where noise hides the wave, the most that it can have been. */
static double p_magnitude(const magnitude_observation *o)
{
  double pd_m = (double)o->pd_m + (hidden_by_noise(o) ? (double)o->noise_pd_m : 0);
  return magnitude_from_pd(pd_m, o->epicentral_km) - (isfinite(o->site_term) ? (double)o->site_term : 0);
}

double magnitude_of_p_wave(const magnitude_observation *o)
{
  return has_p_wave(o) && !o->clipped && !is_doubtful(o) ? magnitude_from_pd(o->pd_m, o->epicentral_km) : (double)NAN;
}

static double record_magnitude(const magnitude_observation *o)
{
  return magnitude_from_displacement(o->jma_pgd_m, hypocentral_km(o), o->depth_km) - record_over_moment;
}

/* ---- terms ---- */

static int compare(double a, double b)
{
  return (a > b) - (a < b);
}

static int compare_terms(const term *a, const term *b)
{
  int by = compare(a->magnitude, b->magnitude);
  by = by ? by : compare(a->weight, b->weight);
  by = by ? by : compare(a->seen_s, b->seen_s);
  by = by ? by : (int)a->kind - (int)b->kind;
  return by ? by : (int)a->source - (int)b->source;
}

static void insert(network *n, const term *t)
{
  if (!(t->weight > 0) || n->count == TERMS_MAXIMUM) /* two terms a station, and events have no more stations */
    return;
  size_t at = n->count++;
  for (; at > 0 && compare_terms(t, &n->terms[at - 1]) < 0; at--)
    n->terms[at] = n->terms[at - 1];
  n->terms[at] = *t;
}

/* What a station's whole record must last after S to have seen half of the source that either of its waves speaks of. */
static double record_needs_s(const magnitude_observation *o)
{
  return magnitude_half_duration_s(has_p_wave(o) ? fmax(p_magnitude(o), record_magnitude(o)) : record_magnitude(o));
}

/* The P wave steps back as the whole record comes to its own. */
static void add_p_wave(network *n, const magnitude_observation *o, double share)
{
  double replaced = has_record(o) ? share * ramp(since_s_s(o), after_s_begins_s, fmax(after_s_full_s, record_needs_s(o))) : 0;
  insert(n, &(term){.magnitude = p_magnitude(o),
                    .weight = (1 - replaced) / (station_sigma * station_sigma),
                    .seen_s = o->window_s,
                    .kind = o->clipped       ? LOWER_BOUND
                            : is_doubtful(o) ? UPPER_BOUND
                                             : MEASURED,
                    .source = P_WAVE});
}

/* Until then its peak so far, whatever wave it is of, is a lower bound of what S will bring. */
static void add_record(network *n, const magnitude_observation *o, double share)
{
  double seen = ramp(since_s_s(o), 0, record_needs_s(o)), measured = share * record_growth(o) * seen * seen;
  insert(n,
         &(term){.magnitude = record_magnitude(o),
                 .weight = is_too_short(o) ? 0 : (1 - measured) * ramp(record_magnitude(o), record_from, record_full) / (record_sigma * record_sigma),
                 .kind = LOWER_BOUND,
                 .source = WHOLE_RECORD});
  insert(n, &(term){.magnitude = record_magnitude(o),
                    .weight = measured / (record_sigma * record_sigma),
                    .seen_s = since_s_s(o),
                    .kind = o->clipped ? LOWER_BOUND : MEASURED,
                    .source = WHOLE_RECORD});
}

/* Whether the event is large enough for whole records: by their mean. */
static double record_share(const magnitude_observation *observations, size_t count)
{
  network n = {.count = 0};
  double sum = 0, weights = 0;
  for (size_t i = 0; i < count; i++)
    if (has_record(&observations[i]))
      insert(&n, &(term){.magnitude = record_magnitude(&observations[i]), .weight = record_growth(&observations[i])});
  for (size_t i = 0; i < n.count; i++) {
    sum += n.terms[i].weight * n.terms[i].magnitude;
    weights += n.terms[i].weight;
  }
  return weights > 0 ? ramp(sum / weights, record_from, record_full) : 0;
}

/* A Wood-Anderson trace is displacement times its gain, so the noise of displacement bounds its own. */
static bool has_local(const magnitude_observation *o)
{
  double displacement_m = (double)o->wood_anderson_mm / 1000 / wood_anderson_gain;
  return usable(o) && !o->clipped && isfinite(displacement_m) && displacement_m > record_noise_ratio * (double)o->noise_pd_m &&
         record_growth(o) >= 1 && hypocentral_km(o) >= ml_nearest_km;
}

static size_t gather_local(network *n, const magnitude_observation *observations, size_t count)
{
  size_t stations = 0;
  for (size_t i = 0; i < count; i++) {
    const magnitude_observation *o = &observations[i];
    if (!has_local(o))
      continue;
    insert(n, &(term){.magnitude = magnitude_local(o->wood_anderson_mm, hypocentral_km(o)),
                      .weight = 1 / (station_sigma * station_sigma),
                      .seen_s = since_s_s(o)});
    stations++;
  }
  return stations;
}

/* Returns the stations that say more than an upper bound. */
static int gather(network *n, const magnitude_observation *observations, size_t count)
{
  double share = record_share(observations, count);
  int stations = 0;
  for (size_t i = 0; i < count; i++) {
    const magnitude_observation *o = &observations[i];
    bool by_record = has_record(o) && record_magnitude(o) > record_from, by_p = has_p_wave(o);
    if (by_p)
      add_p_wave(n, o, share);
    if (by_record)
      add_record(n, o, share);
    stations += by_record || (by_p && (o->clipped || !is_doubtful(o)));
  }
  return stations;
}

/* ---- the network value ---- */

/* The second longest window (the longest of fewer than three): one early false onset does not set the measure. */
static double reference_window(const network *n)
{
  double longest = 0, second = 0;
  for (size_t i = 0; i < n->count; i++) {
    double seen = n->terms[i].seen_s;
    second = fmax(second, fmin(seen, longest));
    longest = fmax(longest, seen);
  }
  return n->count < 3 ? longest : second;
}

static double weight_at(const network *n, const term *t, double magnitude)
{
  if (t->kind == LOWER_BOUND) /* it holds however short */
    return t->weight;
  double lack = fmin(t->seen_s / fmin(magnitude_half_duration_s(magnitude), n->reference_s), 1);
  return t->weight * lack * lack;
}

static bool pulls(const term *t, double magnitude)
{
  return t->kind == MEASURED || (t->kind == UPPER_BOUND ? magnitude > t->magnitude : magnitude < t->magnitude);
}

/* Huber 1964: beyond one standard deviation of a station the pull no longer grows. */
static double pull(const network *n, const term *t, double magnitude)
{
  double off = magnitude - t->magnitude;
  return pulls(t, magnitude) ? weight_at(n, t, magnitude) * fmin(fmax(off, -station_sigma), station_sigma) : 0;
}

static double solve(const network *n)
{
  double low = n->terms[0].magnitude, high = n->terms[n->count - 1].magnitude;
  for (int step = 0; step < 40; step++) {
    double middle = (low + high) / 2, sum = 0;
    for (size_t i = 0; i < n->count; i++)
      sum += pull(n, &n->terms[i], middle);
    *(sum > 0 ? &high : &low) = middle;
  }
  return (low + high) / 2;
}

/* Stations in effect (Kish 1965), and the share of whole records in the weight. */
static double effective_stations(const network *n, double magnitude, double *from_records)
{
  double weights = 0, squares = 0, records = 0;
  for (size_t i = 0; i < n->count; i++) {
    const term *t = &n->terms[i];
    double weight = t->kind == UPPER_BOUND ? 0 : weight_at(n, t, magnitude);
    weights += weight;
    squares += weight * weight;
    records += t->source == WHOLE_RECORD ? weight : 0;
  }
  *from_records = weights > 0 ? records / weights : 0;
  return squares > 0 ? weights * weights / squares : 1;
}

/* The variance of what may be missing: up to four half durations an event may still be growing; a window shorter than one has not seen it; the
   greatest look alike. */
static double unseen_variance(const network *n, double magnitude)
{
  double lack = log10(magnitude_half_duration_s(magnitude) / n->reference_s);
  double growth = growth_sigma * ramp(lack, -log10(4), 0) + fmax(lack, 0),
         saturation = saturation_sigma * ramp(magnitude, saturates_from, saturates_at);
  return growth * growth + saturation * saturation;
}

/* The median of the periods that stand well above the noise, as a magnitude: 0 stations where there are fewer than three. */
static int period_of(const magnitude_observation *observations, size_t count, double *magnitude)
{
  network n = {.count = 0};
  for (size_t i = 0; i < count; i++) {
    const magnitude_observation *o = &observations[i];
    bool clear = has_p_wave(o) && !o->clipped && o->pd_m >= period_noise_ratio * o->noise_pd_m && o->window_s >= 1;
    if (clear && isfinite(o->tau_c_s) && o->tau_c_s > 0)
      insert(&n, &(term){.magnitude = magnitude_from_tau_c(o->tau_c_s), .weight = 1});
  }
  if (n.count < 3)
    return 0;
  *magnitude = (n.terms[(n.count - 1) / 2].magnitude + n.terms[n.count / 2].magnitude) / 2;
  return (int)n.count;
}

/* A small event's periods guard against strong ground and high stress, which lift Pd and shorten periods: they never speak against a great one, whose
   first seconds hold no long periods. */
static double guarded(const magnitude_observation *observations, size_t count, double magnitude, double variance)
{
  double period = magnitude;
  int stations = period_of(observations, count, &period);
  double share = stations > 0 ? 1 - ramp(magnitude, period_below, period_off) : 0;
  double weight = share / (period_sigma * period_sigma * (1 + 1.0 / fmax(stations, 1))), own = 1 / variance;
  return share > 0 ? (own * magnitude + weight * fmin(period, magnitude)) / (own + weight) : magnitude;
}

static magnitude_estimate estimate(const network *n, const magnitude_observation *observations, size_t count, int stations)
{
  double from_records, magnitude = solve(n), effective = effective_stations(n, magnitude, &from_records);
  double variance = event_sigma * event_sigma + station_sigma * station_sigma / effective;
  magnitude = guarded(observations, count, magnitude, variance);
  double prior = log(10) * event_sigma * event_sigma * (1 - ramp(magnitude, prior_below, prior_off));
  return (magnitude_estimate){
      .magnitude = (float)(magnitude - prior),
      .uncertainty = (float)sqrt(variance + unseen_variance(n, magnitude)),
      .may_grow = n->reference_s<magnitude_half_duration_s(magnitude), .type = from_records> 0.5 ? LOCATOR_MJMA_D : LOCATOR_MPD,
      .stations = stations,
  };
}

static magnitude_estimate local_estimate(const network *n, size_t stations)
{
  return (magnitude_estimate){
      .magnitude = (float)solve(n),
      .uncertainty = (float)sqrt(local_sigma * local_sigma + station_sigma * station_sigma / (double)stations),
      .type = LOCATOR_ML,
      .stations = (int)stations,
  };
}

/* Without station corrections ML reads high near small events (by 0.9 at Pleasant Hill 2019) and low for great ones (by 0.6 at Ridgecrest 2019): it
   stands in only where few P waves were measured and all speak of a small event, and the bounds that the hidden ones set hold for it too. */
magnitude_estimate magnitude_of(const magnitude_observation *observations, size_t count)
{
  const int enough = 3;
  magnitude_estimate e = {.magnitude = NAN, .uncertainty = NAN};
  network n = {.count = 0}, local = {.count = 0};
  int stations = gather(&n, observations, count);
  n.reference_s = reference_window(&n);
  if (stations > 0)
    e = estimate(&n, observations, count, stations);
  if (stations >= enough || e.magnitude >= ml_below)
    return e;
  size_t stations_local = gather_local(&local, observations, count);
  local.reference_s = reference_window(&local);
  if (stations_local < (size_t)enough || solve(&local) >= ml_below)
    return e;
  gather_local(&n, observations, count);
  n.reference_s = reference_window(&n);
  return local_estimate(&n, stations_local);
}

magnitude_estimate magnitude_with_line(magnitude_estimate point, double line_magnitude, double line_sigma)
{
  const double relation_sigma = 0.2; /* of M about what length and level say together (Wells & Coppersmith 1994: 0.26 of length alone) */
  if (!(line_magnitude > (double)point.magnitude))
    return point;
  double line = 1 / (line_sigma * line_sigma + relation_sigma * relation_sigma), alone = 1 / ((double)point.uncertainty * (double)point.uncertainty);
  magnitude_estimate both = point;
  both.magnitude = (float)((line * line_magnitude + alone * (double)point.magnitude) / (line + alone));
  both.uncertainty = (float)sqrt(1 / (line + alone));
  return both;
}
