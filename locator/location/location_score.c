/* The innermost loop of association. */
#include "location_score.h"

#include "location_lanes.h"

/* Cells side by side, and what crosses them. */
typedef struct {
  lanes east, north, depth, crossing_s;
  choice p_row, s_row; /* where their depths' rows begin in the tables */
} places;

/* What these places make of the readings. */
typedef struct {
  lanes distance[LOCATION_SEARCHED], travel[LOCATION_SEARCHED], origin[LOCATION_SEARCHED];
  lanes time;
} sight;

static const float FAR_AWAY_KM = 1e5F, NEVER = -1e9F;

static size_t set_readings(score_witnesses *w, const location_problem *problem, char phase, size_t k);
static void set_silences(score_witnesses *w, const location_problem *problem);

void score_call(score_witnesses *w, const location_problem *problem)
{
  w->p_times = travel_time_rows(problem->tables, 'P');
  w->s_times = travel_time_rows(problem->tables, 'S');
  w->settings = problem->settings;
  w->middle_depth = (float)problem->depth.middle_km;
  w->depth_sigma = (float)problem->depth.sigma_km;
  w->needed = 0;
  w->readings = problem->readings < LOCATION_SEARCHED ? problem->readings : LOCATION_SEARCHED;
  w->p_waves = set_readings(w, problem, 'P', 0);
  set_readings(w, problem, 'S', w->p_waves);
  set_silences(w, problem);
}

/* Those of one phase from place k on. Returns where the next one stands. */
static size_t set_readings(score_witnesses *w, const location_problem *problem, char phase, size_t k)
{
  const double seen = 0.8;
  for (size_t i = 0; i < w->readings; i++) {
    const location_reading *r = &problem->reading[i];
    if (r->phase != phase)
      continue;
    w->place[i] = k;
    w->east[k] = (float)r->at.east_km;
    w->north[k] = (float)r->at.north_km;
    w->time[k] = (float)(r->time_s - travel_time_elevation(problem->tables, phase, r->elevation_km));
    w->variance[k] = (float)(r->sigma_s * r->sigma_s);
    w->worth[k++] = (float)log(seen / (2.5 * r->noise_rate));
  }
  return k;
}

static void set_silences(score_witnesses *w, const location_problem *problem)
{
  size_t k = 0;
  for (; k < problem->silences; k++) {
    const location_silence *s = &problem->silence[k];
    w->silent_east[k] = (float)s->at.east_km;
    w->silent_north[k] = (float)s->at.north_km;
    w->since[k] = (float)s->since_s;
    w->sure_until[k] = (float)s->sure_until_s;
    w->seen[k] = (float)s->seen;
  }
  for (; k % LANES; k++) {
    w->silent_east[k] = w->silent_north[k] = FAR_AWAY_KM;
    w->since[k] = w->seen[k] = 0;
    w->sure_until[k] = NEVER;
  }
  w->silence_lanes = k;
}

/* ---- over lanes ---- */

ALWAYS_INLINE lanes most_off(const score_witnesses *w, lanes travel_s)
{
  return tolerance(travel_s, (float)w->settings->residual_s);
}

ALWAYS_INLINE lanes bounded(lanes travel_s)
{
  return smaller(travel_s, all(85));
}

ALWAYS_INLINE void arrange(const score_witnesses *w, const score_cell *cells, size_t count, places *at)
{
  for (size_t k = 0; k < LANES; k++) {
    const score_cell *c = &cells[k < count ? k : 0];
    at->east[k] = c->east;
    at->north[k] = c->north;
    at->depth[k] = c->depth;
    at->crossing_s[k] = 0.14F * c->half_width + 0.06F * c->half_depth;
    at->p_row[k] = (int32_t)(travel_time_row(&w->p_times, c->depth) - w->p_times.times);
    at->s_row[k] = (int32_t)(travel_time_row(&w->s_times, c->depth) - w->s_times.times);
  }
}

ALWAYS_INLINE void look(const score_witnesses *w, const places *at, size_t from, size_t to, sight *s)
{
  for (size_t i = from; i < to; i++) {
    lanes distance = distance_between(all(w->east[i]), all(w->north[i]), at->east, at->north);
    s->distance[i] = distance;
    s->travel[i] = from == 0 ? travel(&w->p_times, at->p_row, distance) : travel(&w->s_times, at->s_row, distance);
    s->origin[i] = w->time[i] - s->travel[i];
  }
}

/* How many of these readings fit at each place. */
ALWAYS_INLINE lanes count_fitting(const score_witnesses *w, const places *at, const sight *s, size_t from, size_t to)
{
  lanes sum = {};
  for (size_t i = from; i < to; i++) {
    lanes off = s->origin[i] - s->time, most = most_off(w, bounded(s->travel[i])) + 1.5F * at->crossing_s;
    sum += choose(off * off < most * most, all(1), all(0));
  }
  return sum;
}

/* Where enough fit. */
ALWAYS_INLINE choice are_enough(const score_witnesses *w, lanes p, lanes s)
{
  return (p >= w->needed) | ((p + 1 >= w->needed) & (p + s / 2 >= w->needed + 1)); /* location_enough() */
}

/* log(seen / (2.5 sigma rate)) - log(wide / variance) / 4 - off^2 / (2 wide), not below 0. */
ALWAYS_INLINE lanes gain(const score_witnesses *w, const places *at, const sight *s, size_t i, float of_phase)
{
  lanes model = model_sigma(s->travel[i], of_phase), variance = w->variance[i] + model * model, wide = variance + at->crossing_s * at->crossing_s,
        off = s->origin[i] - s->time;
  return larger(w->worth[i] - 0.25F * log_of_all(variance * wide) - 0.5F * off * off / wide, all(0));
}

/* Distances of the nearest site, and of the farthest whose P fits. */
ALWAYS_INLINE lanes nearest_of(const score_witnesses *w, const sight *s)
{
  lanes least = all(FAR_AWAY_KM);
  for (size_t i = 0; i < w->readings; i++)
    least = smaller(s->distance[i], least);
  return least;
}

ALWAYS_INLINE lanes farthest_of(const score_witnesses *w, const sight *s)
{
  lanes most = {};
  for (size_t i = 0; i < w->p_waves; i++) {
    lanes off = s->origin[i] - s->time, bound = most_off(w, s->travel[i]);
    most = larger(choose((off <= bound) & (-off <= bound), s->distance[i], all(0)), most);
  }
  return most;
}

ALWAYS_INLINE lanes worth_of(const score_witnesses *w, const places *at, const sight *s)
{
  lanes sum = {};
  for (size_t i = 0; i < w->p_waves; i++)
    sum += gain(w, at, s, i, 1);
  for (size_t i = w->p_waves; i < w->readings; i++)
    sum += gain(w, at, s, i, 1.5F);
  return sum - depth_cost(at->depth, w->middle_depth, w->depth_sigma) - remoteness_cost(nearest_of(w, s));
}

static float median_of(const float *values, size_t n)
{
  float sorted[LOCATION_SEARCHED];
  for (size_t i = 0; i < n; i++) {
    size_t k = i;
    for (; k > 0 && values[i] < sorted[k - 1]; k--)
      sorted[k] = sorted[k - 1];
    sorted[k] = values[i];
  }
  return n == 0 ? 0 : n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

ALWAYS_INLINE lanes median(const score_witnesses *w, const sight *s)
{
  lanes medians;
  for (size_t k = 0; k < LANES; k++) {
    float origins[LOCATION_SEARCHED];
    for (size_t i = 0; i < w->readings; i++)
      origins[i] = s->origin[i][k];
    medians[k] = median_of(origins, w->readings);
  }
  return medians;
}

FOR_EACH_PROCESSOR void score_readings(const score_witnesses *w, int anchor, score_cell *cells, size_t count)
{
  places at;
  sight s;
  arrange(w, cells, count, &at);
  look(w, &at, 0, w->p_waves, &s);
  look(w, &at, w->p_waves, w->readings, &s);
  s.time = anchor >= 0 ? s.origin[w->place[anchor]] : median(w, &s);
  choice enough =
      w->needed > 0 ? are_enough(w, count_fitting(w, &at, &s, 0, w->p_waves), count_fitting(w, &at, &s, w->p_waves, w->readings)) : (choice){} - 1;
  lanes score = none(enough) ? all(NEVER) : choose(enough, worth_of(w, &at, &s), all(NEVER)), farthest = farthest_of(w, &s);
  for (size_t k = 0; k < count; k++) {
    cells[k].time = s.time[k];
    cells[k].score = score[k];
    cells[k].farthest = farthest[k];
    cells[k].heard = false;
  }
}

/* As location_silence_penalty(), less than nothing. */
FOR_EACH_PROCESSOR void score_silences(const score_witnesses *w, score_cell *c)
{
  c->heard = true;
  if (c->score <= 0 || w->silence_lanes == 0)
    return;
  const float reach = c->farthest > 10 ? c->farthest : 10;
  const choice row = (choice){} + (int32_t)(travel_time_row(&w->p_times, c->depth) - w->p_times.times);
  lanes costs = {};
  for (size_t i = 0; i < w->silence_lanes; i += LANES) {
    lanes distance = distance_between(lanes_of(w->silent_east + i), lanes_of(w->silent_north + i), all(c->east), all(c->north)),
          t = travel(&w->p_times, row, distance);
    lanes part = distance / reach, share = larger(choose(part <= 1, all(1), 3 - 2 * part), all(0));
    lanes passed = lanes_of(w->sure_until + i) - c->time - t;
    share *= smaller(passed / most_off(w, t), all(1));
    lanes heard = choose(passed > 0, lanes_of(w->seen + i) * share, all(0)), chance = choose(c->time + t >= lanes_of(w->since + i), heard, all(0));
    costs += log_of_all(1 - chance);
  }
  c->score += sum_of(costs);
}
