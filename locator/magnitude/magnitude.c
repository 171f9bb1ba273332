/* The network magnitude: one estimating equation over everything that the stations say, each with its kind and its weight.
 *
 * A window shorter than half the source's duration has not seen the event's size (Trugman et al. 2019): its weight falls with the square of what it
 * lacks, so that it never pulls down those who have seen more. What a station's noise hides is an upper bound, what it clipped a lower one: such a
 * term pulls only from its side. Whole records take over from P station by station as S passes; ML speaks for small events whose P the noise hides.
 */
#include <math.h>

#include "magnitude_station.h"

enum { TERMS_MAXIMUM = 4 * LOCATOR_PICKS_MAXIMUM };

typedef enum { MEASURED, UPPER_BOUND, LOWER_BOUND } term_kind;
typedef enum { P_WAVE, WHOLE_RECORD } term_source;

typedef struct {
  double magnitude, weight, seen_s; /* seen_s: how much of the source the window can have seen */
  double place;                     /* the variance that the unknown place adds */
  term_kind kind;
  term_source source;
} term;

typedef struct {
  term terms[TERMS_MAXIMUM]; /* in a total order, so that sums do not depend on the order in which stations were told */
  size_t count;
  double reference_s; /* a window that several stations reach */
} network;

static const double growth_sigma = 0.78; /* of those that reach a size one in six outgrows it by so much (b = 1) */
static const double local_sigma = 0.4;   /* an event's ML without station corrections */
static const double saturation_sigma = 0.4, saturates_from = 6.9, saturates_at = 7.6; /* peaks above 1/6 Hz hardly grow with greater events */
static const double record_from = 5.6, record_full = 6.2;                             /* below, whole-record displacement reads high and has no say */
static const double after_s_begins_s = 1, after_s_full_s = 4;
static const double period_noise_ratio = 8, period_sigma = 0.35, period_below = 5.0, period_off = 5.6; /* where tau_c guards Pd */
static const double alone_at_most = 0.3;
static const double brief_sigma = 0.2, brief_measures = 5.5;
static const double ml_below = 5.5;
static const double record_slope = 1 / 0.87; /* of those magnitudes over the decades of distance */

/* Gutenberg & Richter's b = 1 shifts small events by ln(10) sigma^2; it must not shrink a great one. Kuyuk & Allen's relation is a regression of M on
   Pd, so that the scatter of stations is in it already: the prior knows of what all stations of an event share, no more. */
static const double prior_below = 5.0, prior_off = 5.4;

/* What stations say, and how each stands among them. */
typedef struct {
  const magnitude_observation *observation;
  size_t count;
  double scatter;
  magnitude_standing standing[LOCATOR_PICKS_MAXIMUM];
} witnesses;

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
  by = by ? by : compare(a->place, b->place);
  by = by ? by : (int)a->kind - (int)b->kind;
  return by ? by : (int)a->source - (int)b->source;
}

static void insert(network *n, const term *t)
{
  if (!(t->weight > 0) || n->count == TERMS_MAXIMUM) /* four terms a station at most, and events have no more stations */
    return;
  size_t at = n->count++;
  for (; at > 0 && compare_terms(t, &n->terms[at - 1]) < 0; at--)
    n->terms[at] = n->terms[at - 1];
  n->terms[at] = *t;
}

/* Its P magnitude at the level of all stations. */
static double level_magnitude(const witnesses *w, size_t i)
{
  return station_p_magnitude(&w->observation[i]) - magnitude_standing_excess(&w->standing[i], w->scatter);
}

/* The greatest record of any other station that S has passed; as great as can be where fewer than two have one. */
static double greatest_other_record(const witnesses *w, size_t i)
{
  int others = 0;
  double greatest = -INFINITY;
  for (size_t k = 0; k < w->count; k++)
    if (k != i && station_has_record(&w->observation[k]) && station_record_growth(&w->observation[k]) >= 1) {
      greatest = fmax(greatest, station_record_magnitude(&w->observation[k]));
      others++;
    }
  return others >= 2 ? greatest : INFINITY;
}

/* One that stands alone above all others is of a site beside the fault. */
static double record_magnitude(const witnesses *w, size_t i)
{
  double magnitude = station_record_magnitude(&w->observation[i]) - magnitude_standing_record_excess(&w->standing[i], w->scatter);
  return fmin(magnitude, greatest_other_record(w, i) + alone_at_most);
}

/* What a station's whole record must last after S to have seen half of the source that either of its waves speaks of. */
static double record_needs_s(const witnesses *w, size_t i)
{
  const magnitude_observation *o = &w->observation[i];
  double record = record_magnitude(w, i);
  return magnitude_half_duration_s(station_has_p_wave(o) ? fmax(level_magnitude(w, i), record) : record);
}

/* Up to where it jumped. */
static void add_before_jump(network *n, const magnitude_observation *o, int jump)
{
  double place = station_place_variance(o, magnitude_pd_slope);
  insert(n, &(term){.magnitude = magnitude_from_pd(o->early_pd_m[jump - 1], station_epicentral_km(o)),
                    .weight = 1 / (station_sigma * station_sigma + place),
                    .seen_s = magnitude_early_s[jump - 1],
                    .place = place,
                    .source = P_WAVE});
}

/* The P wave steps back as the whole record comes to its own. */
static void add_p_wave(network *n, const witnesses *w, size_t i, double share)
{
  const magnitude_observation *o = &w->observation[i];
  double full_s = fmax(after_s_full_s, record_needs_s(w, i));
  double replaced = station_has_record(o) ? share * magnitude_ramp(station_since_s_s(o), after_s_begins_s, full_s) : 0;
  double trust = magnitude_standing_trust(&w->standing[i], w->scatter), place = station_place_variance(o, magnitude_pd_slope);
  insert(n, &(term){.magnitude = level_magnitude(w, i),
                    .weight = trust * (1 - replaced) / (station_sigma * station_sigma + place),
                    .seen_s = o->window_s,
                    .place = place,
                    .kind = o->clipped               ? LOWER_BOUND
                            : station_is_doubtful(o) ? UPPER_BOUND
                                                     : MEASURED,
                    .source = P_WAVE});
}

/* Where noise or a greater earthquake's coda hide the P wave, what of it is too quick for them measures a small event and bounds a great one. */
static void add_brief(network *n, const magnitude_observation *o)
{
  double magnitude = station_brief_magnitude(o), place = station_place_variance(o, magnitude_pd_slope);
  if (!isfinite(magnitude))
    return;
  insert(n, &(term){.magnitude = magnitude,
                    .weight = 1 / (station_sigma * station_sigma + brief_sigma * brief_sigma + place),
                    .seen_s = o->window_s,
                    .place = place,
                    .kind = o->clipped || magnitude > brief_measures ? LOWER_BOUND : MEASURED,
                    .source = P_WAVE});
}

/* Until then its peak so far, whatever wave it is of, is a lower bound of what S will bring. */
static void add_record(network *n, const witnesses *w, size_t i, double share)
{
  const magnitude_observation *o = &w->observation[i];
  double seen = magnitude_ramp(station_since_s_s(o), 0, record_needs_s(w, i)), measured = share * station_record_growth(o) * seen * seen;
  double magnitude = record_magnitude(w, i), trust = magnitude_standing_trust(&w->standing[i], w->scatter);
  double place = station_place_variance(o, record_slope), weight = trust / (record_sigma * record_sigma + place);
  insert(n, &(term){.magnitude = magnitude,
                    .weight = station_is_too_short(o) ? 0 : weight * (1 - measured) * magnitude_ramp(magnitude, record_from, record_full),
                    .place = place,
                    .kind = LOWER_BOUND,
                    .source = WHOLE_RECORD});
  insert(n, &(term){.magnitude = magnitude,
                    .weight = weight * measured,
                    .seen_s = station_since_s_s(o),
                    .place = place,
                    .kind = o->clipped ? LOWER_BOUND : MEASURED,
                    .source = WHOLE_RECORD});
}

/* Whether the event is large enough for whole records: by their mean. */
static double record_share(const magnitude_observation *observations, size_t count)
{
  network n;
  n.count = 0;
  double sum = 0, weights = 0;
  for (size_t i = 0; i < count; i++)
    if (station_has_record(&observations[i]))
      insert(&n, &(term){.magnitude = station_record_magnitude(&observations[i]), .weight = station_record_growth(&observations[i])});
  for (size_t i = 0; i < n.count; i++) {
    sum += n.terms[i].weight * n.terms[i].magnitude;
    weights += n.terms[i].weight;
  }
  return weights > 0 ? magnitude_ramp(sum / weights, record_from, record_full) : 0;
}

static size_t gather_local(network *n, const magnitude_observation *observations, size_t count)
{
  size_t stations = 0;
  for (size_t i = 0; i < count; i++) {
    const magnitude_observation *o = &observations[i];
    if (!station_has_local(o))
      continue;
    insert(n, &(term){.magnitude = magnitude_local(o->wood_anderson_mm, station_hypocentral_km(o)),
                      .weight = 1 / (station_sigma * station_sigma),
                      .seen_s = station_since_s_s(o)});
    stations++;
  }
  return stations;
}

static bool says_more_than_a_bound(const magnitude_observation *o)
{
  bool by_record = station_has_record(o) && station_record_magnitude(o) > record_from;
  return by_record || (station_has_p_wave(o) && (o->clipped || !station_is_doubtful(o) || isfinite(station_brief_magnitude(o))));
}

/* Does any say more? */
static bool speak(const witnesses *w)
{
  for (size_t i = 0; i < w->count; i++)
    if (says_more_than_a_bound(&w->observation[i]))
      return true;
  return false;
}

static void gather(network *n, const witnesses *w)
{
  double share = record_share(w->observation, w->count);
  for (size_t i = 0; i < w->count; i++) {
    const magnitude_observation *o = &w->observation[i];
    if (w->standing[i].jump)
      add_before_jump(n, o, w->standing[i].jump);
    else if (station_has_p_wave(o)) {
      add_p_wave(n, w, i, share);
      add_brief(n, o);
    }
    if (station_has_record(o) && station_record_magnitude(o) > record_from)
      add_record(n, w, i, share);
  }
}

/* ---- the network value ---- */

/* Between the longest window and the second (the longest of fewer than three): who has heard longest knows most, but one early false onset does not
   set the measure. */
static double reference_window(const network *n)
{
  double longest = 0, second = 0;
  for (size_t i = 0; i < n->count; i++) {
    double seen = n->terms[i].seen_s;
    second = fmax(second, fmin(seen, longest));
    longest = fmax(longest, seen);
  }
  return n->count < 3 ? longest : sqrt(longest * second);
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

/* What the terms come to at a magnitude. */
typedef struct {
  double stations;     /* in effect (Kish 1965) */
  double spread;       /* their variance about it */
  double from_records; /* share of whole records in the weight */
  double place;        /* the variance that the unknown place adds, on average */
} summary;

static summary summarise(const network *n, double magnitude)
{
  double weights = 0, squares = 0, records = 0, spread = 0, place = 0;
  for (size_t i = 0; i < n->count; i++) {
    const term *t = &n->terms[i];
    double weight = t->kind == UPPER_BOUND ? 0 : weight_at(n, t, magnitude), off = pulls(t, magnitude) ? t->magnitude - magnitude : 0;
    weights += weight;
    squares += weight * weight;
    records += t->source == WHOLE_RECORD ? weight : 0;
    spread += weight * off * off;
    place += weight * t->place;
  }
  if (!(weights > 0))
    return (summary){.stations = 1};
  return (summary){.stations = weights * weights / squares, .spread = spread / weights, .from_records = records / weights, .place = place / weights};
}

/* The probability that all would stay as they were under an event of that magnitude. */
static double stays_hidden(const network *n, double magnitude)
{
  double probability = 1;
  for (size_t i = 0; i < n->count; i++) {
    double off = (magnitude - n->terms[i].magnitude) * sqrt(weight_at(n, &n->terms[i], magnitude));
    probability *= erfc(off * M_SQRT1_2) / 2;
  }
  return probability;
}

/* A giant's first second may be as small: where windows are too short for any bound there is none. */
static double hidden_at_most(const network *n)
{
  const double least = -1, step = 0.05, unlikely = 0.05;
  for (int i = 0; i < 200; i++)
    if (stays_hidden(n, least + i * step) < unlikely)
      return least + i * step;
  return NAN;
}

/* What stations share is averaged over all that could be compared, what each adds while its wave grows over those that have heard most. A few that
   contradict each other are believed less (the spread of what each alone would say, Quenouille 1956). */
static double variance_of(const witnesses *w, const summary *s)
{
  const double lasting = 0.75, least_freedom = 0.5, one_sided = 0.5; /* one_sided: how much of what the place adds is the same for all */
  double level = s->stations;
  for (size_t i = 0; i < w->count; i++)
    level = fmax(level, w->standing[i].others + 1);
  double own = station_sigma * station_sigma * (lasting / level + (1 - lasting) / s->stations);
  return event_sigma * event_sigma + fmax(own, s->spread / fmax(s->stations - 1, least_freedom)) + one_sided * s->place;
}

/* The variance, upwards alone, of what may be missing: up to four half durations an event may still be growing; a window shorter than one has not
   seen it; the greatest look alike. */
static double unseen_variance(const network *n, double magnitude)
{
  double lack = log10(magnitude_half_duration_s(magnitude) / n->reference_s);
  double growth = growth_sigma * magnitude_ramp(lack, -log10(4), 0) + fmax(lack, 0),
         saturation = saturation_sigma * magnitude_ramp(magnitude, saturates_from, saturates_at);
  return growth * growth + saturation * saturation;
}

/* The median of the periods that stand well above the noise, as a magnitude: 0 stations where there are fewer than three. */
static int period_of(const magnitude_observation *observations, size_t count, double *magnitude)
{
  network n;
  n.count = 0;
  for (size_t i = 0; i < count; i++) {
    const magnitude_observation *o = &observations[i];
    bool clear = station_has_p_wave(o) && !o->clipped && o->pd_m >= period_noise_ratio * o->noise_pd_m && o->window_s >= 1;
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
  double share = stations > 0 ? 1 - magnitude_ramp(magnitude, period_below, period_off) : 0;
  double weight = share / (period_sigma * period_sigma * (1 + 1.0 / fmax(stations, 1))), own = 1 / variance;
  return share > 0 ? (own * magnitude + weight * fmin(period, magnitude)) / (own + weight) : magnitude;
}

static magnitude_estimate with_sides(magnitude_estimate e, double down_variance, double up_variance)
{
  e.at_most = NAN;
  e.down = (float)sqrt(down_variance);
  e.up = (float)sqrt(up_variance);
  e.uncertainty = (e.down + e.up) / 2;
  return e;
}

static magnitude_estimate estimate(const network *n, const witnesses *w)
{
  double magnitude = solve(n);
  summary s = summarise(n, magnitude);
  double variance = variance_of(w, &s);
  magnitude = guarded(w->observation, w->count, magnitude, variance);
  double prior = log(10) * event_sigma * event_sigma * (1 - magnitude_ramp(magnitude, prior_below, prior_off));
  magnitude_estimate e = {.magnitude = (float)(magnitude - prior), .type = s.from_records > 0.5 ? LOCATOR_MJMA_D : LOCATOR_MPD};
  e.may_grow = n->reference_s < magnitude_half_duration_s(magnitude);
  for (size_t i = 0; i < w->count; i++) {
    bool counts = says_more_than_a_bound(&w->observation[i]);
    e.stations += counts;
    e.corrected += counts && w->observation[i].term_events > 0;
  }
  return with_sides(e, variance, variance + unseen_variance(n, magnitude));
}

static magnitude_estimate local_estimate(const network *n, size_t stations)
{
  double variance = local_sigma * local_sigma + station_sigma * station_sigma / (double)stations;
  return with_sides((magnitude_estimate){.magnitude = (float)solve(n), .type = LOCATOR_ML, .stations = (int)stations}, variance, variance);
}

/* Without station corrections ML reads high near small events (by 0.9 at Pleasant Hill 2019) and low for great ones (by 0.6 at Ridgecrest 2019): it
   stands in only where few P waves were measured and all speak of a small event, and the bounds that the hidden ones set hold for it too. */
magnitude_estimate magnitude_of(const magnitude_observation *observations, size_t count)
{
  const int enough = 3;
  magnitude_estimate e = {.magnitude = NAN, .uncertainty = NAN, .up = NAN, .down = NAN, .at_most = NAN};
  network n, local;
  witnesses w;
  n.count = local.count = 0; /* their thousands of bytes are not cleared: it would take longer than all that follows */
  w.observation = observations;
  w.count = count < LOCATOR_PICKS_MAXIMUM ? count : LOCATOR_PICKS_MAXIMUM;
  w.scatter = magnitude_compare(observations, w.count, w.standing);
  gather(&n, &w);
  n.reference_s = reference_window(&n);
  if (speak(&w) && n.count > 0)
    e = estimate(&n, &w);
  else if (n.count > 0) {
    e.lack = LOCATOR_HIDDEN;
    n.reference_s = INFINITY; /* each by what it has heard of such a source */
    e.at_most = (float)hidden_at_most(&n);
  } else
    e.lack = LOCATOR_UNMEASURED;
  if (e.stations >= enough || e.magnitude >= ml_below)
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
  double line = 1 / (line_sigma * line_sigma + relation_sigma * relation_sigma), alone = 1 / ((double)point.up * (double)point.up);
  magnitude_estimate both = point;
  both.magnitude = (float)((line * line_magnitude + alone * (double)point.magnitude) / (line + alone));
  return with_sides(both, 1 / (line + 1 / ((double)point.down * (double)point.down)), 1 / (line + alone));
}
