/* A place that its arrivals' times leave vague, with what their sites say besides: the whole posterior, sampled by an octree whose cells are split
 * where most probability is (Lomax & Curtis 2001). The likeliest place and the spread of all others around it are the answer: readings that are few,
 * or all on one side of the source, leave no ellipse that a linear method would find. */
#include <math.h>

#include "location.h"

enum { ACROSS = 8, SPLITS = 32, POLISH = 6, LEAVES_MAXIMUM = ACROSS * ACROSS + (SPLITS + POLISH) * 8 };

typedef struct {
  double east_km, north_km, depth_km, half_width_km, half_depth_km;
  double time_s, density; /* log of it, silences not counted while `heard` is false */
  double magnitude;       /* that the amplitudes mean there */
  bool heard;
} leaf;

typedef struct {
  const location_problem *problem;
  const witnesses *others;
  double trust[LOCATION_READINGS]; /* in each reading */
  size_t count;
  leaf leaf[LEAVES_MAXIMUM];
} sampled;

static double trust(const location_problem *p, const location_reading *reading);
static void plant(sampled *s, location_box box);
static void weigh(const sampled *s, leaf *x);
static size_t heaviest(sampled *s);
static size_t densest(sampled *s);
static void split(sampled *s, size_t which);
static hypocentre sum_up(sampled *s, const hypocentre *from);
static void spread_about(sampled *s, const leaf *middle, hypocentre *h);

hypocentre location_witnessed(const location_problem *problem, const witnesses *others, location_box box, const hypocentre *from)
{
  sampled s = {.problem = problem, .others = others};
  for (size_t i = 0; i < problem->readings; i++)
    s.trust[i] = trust(problem, &problem->reading[i]);
  plant(&s, box);
  for (int i = 0; i < SPLITS; i++)
    split(&s, heaviest(&s));
  for (int i = 0; i < POLISH; i++)
    split(&s, densest(&s));
  return sum_up(&s, from);
}

static void plant(sampled *s, location_box box)
{
  const depth_prior *depth = &s->problem->depth;
  double half = box.radius_km / ACROSS, deepest = fmin(depth->most_km, fmax(60, 2 * depth->least_km));
  for (int i = 0; i < ACROSS * ACROSS; i++) {
    leaf *x = &s->leaf[s->count++];
    *x = (leaf){.east_km = box.east_km + half * (2 * (i % ACROSS) + 1) - box.radius_km,
                .north_km = box.north_km + half * (2 * (i / ACROSS) + 1) - box.radius_km,
                .depth_km = (depth->least_km + deepest) / 2,
                .half_width_km = half,
                .half_depth_km = (deepest - depth->least_km) / 2};
    weigh(s, x);
  }
}

/* Each reading's origin time; S and P of one earthquake agree. */
static double origin_time(const double *origins, const double *sigmas, size_t count)
{
  enum { ROUNDS = 4 };
  double time = 0, spread = 10;
  for (int round = 0; round < ROUNDS; round++, spread /= 3) {
    double weights = 0, sum = 0;
    for (size_t i = 0; i < count; i++) {
      double sigma = fmax(sigmas[i], spread), off = round == 0 ? 0 : (origins[i] - time) / sigma,
             weight = 1 / (sigmas[i] * sigmas[i] * (1 + off * off));
      weights += weight;
      sum += weight * origins[i];
    }
    time = sum / weights;
  }
  return time;
}

/* An S in the first seconds of its own P's coda is too often none to be more than a hint. */
static double trust(const location_problem *p, const location_reading *reading)
{
  const double coda_s = 1.5;
  for (size_t i = 0; i < p->readings && reading->phase == 'S'; i++) {
    const location_reading *own = &p->reading[i];
    if (own->phase == 'P' && own->at.east_km == reading->at.east_km && own->at.north_km == reading->at.north_km)
      return fmin(1, fmax(0, (reading->time_s - own->time_s) / coda_s));
  }
  return 1;
}

/* Student's t with three degrees of freedom as in location_refine(), of deviations averaged over the leaf, as if the wave crossed it within one. */
static void weigh(const sampled *s, leaf *x)
{
  const location_problem *p = s->problem;
  const double outlier = 6, crossing_s = 0.14 * x->half_width_km + 0.06 * x->half_depth_km;
  double origins[LOCATION_READINGS], sigmas[LOCATION_READINGS];
  hypocentre at = {.east_km = x->east_km, .north_km = x->north_km, .depth_km = x->depth_km};
  for (size_t i = 0; i < p->readings; i++) {
    location_residual r = location_residual_of(p->tables, &p->reading[i], &at);
    origins[i] = r.residual_s;
    sigmas[i] = hypot(r.sigma_s, crossing_s);
  }
  x->time_s = origin_time(origins, sigmas, p->readings);
  x->density = -location_depth_cost(&p->depth, x->depth_km) - location_remoteness_cost(p, &at);
  for (size_t i = 0; i < p->readings; i++) {
    double off = fmin(fabs(origins[i] - x->time_s) / sigmas[i], outlier);
    x->density -= s->trust[i] * 2 * log(1 + off * off / 3);
  }
  plane_point epicentre = {x->east_km, x->north_km};
  x->density += p->past ? seismicity_at(p->past, p->around, epicentre) : 0;
  x->density += witness_azimuths(s->others, epicentre) + witness_growths(s->others, epicentre, x->depth_km) +
                witness_amplitudes(s->others, epicentre, x->depth_km, &x->magnitude);
  x->heard = false;
}

static double mass(const leaf *x)
{
  return x->density + log(x->half_width_km * x->half_width_km * x->half_depth_km);
}

/* Silences only lower a density: only leaves that would be the heaviest without them are asked. */
static void hear(const sampled *s, leaf *x)
{
  hypocentre at = {.east_km = x->east_km, .north_km = x->north_km, .depth_km = x->depth_km, .time_s = x->time_s};
  x->density -= location_silence_penalty(s->problem, &at, location_farthest(s->problem, &at));
  x->heard = true;
}

static size_t first_heard(sampled *s, double value(const leaf *x))
{
  for (;;) {
    size_t best = 0;
    for (size_t i = 1; i < s->count; i++)
      if (value(&s->leaf[i]) > value(&s->leaf[best]))
        best = i;
    if (s->leaf[best].heard)
      return best;
    hear(s, &s->leaf[best]);
  }
}

static size_t heaviest(sampled *s)
{
  return first_heard(s, mass);
}

static double density(const leaf *x)
{
  return x->density;
}

static size_t densest(sampled *s)
{
  return first_heard(s, density);
}

static void split(sampled *s, size_t which)
{
  const leaf whole = s->leaf[which];
  size_t parts = 2 * whole.half_depth_km >= whole.half_width_km ? 8 : 4;
  for (size_t i = 0; i < parts; i++) {
    leaf x = whole;
    x.half_width_km = whole.half_width_km / 2;
    x.east_km += i & 1 ? x.half_width_km : -x.half_width_km;
    x.north_km += i & 2 ? x.half_width_km : -x.half_width_km;
    if (parts == 8) {
      x.half_depth_km = whole.half_depth_km / 2;
      x.depth_km += i & 4 ? x.half_depth_km : -x.half_depth_km;
    }
    weigh(s, &x);
    s->leaf[i == 0 ? which : s->count++] = x;
  }
}

/* The place that the times alone gave, unless another is far more likely with all that is known; around it the second moments of all leaves, each
   with its own extent. */
static hypocentre sum_up(sampled *s, const hypocentre *from)
{
  const double far_more_likely = 1.5;
  leaf middle = {.east_km = from->east_km, .north_km = from->north_km, .depth_km = from->depth_km};
  const leaf *best = &s->leaf[densest(s)];
  weigh(s, &middle);
  hear(s, &middle);
  if (middle.density < best->density - far_more_likely)
    middle = *best;
  hypocentre h = {.east_km = middle.east_km,
                  .north_km = middle.north_km,
                  .depth_km = middle.depth_km,
                  .time_s = middle.time_s,
                  .misfit = -middle.density,
                  .rms_s = from->rms_s,
                  .honesty = 1};
  spread_about(s, &middle, &h);
  return h;
}

/* Sites that would be larger elsewhere, where the source may well be, tell of that magnitude, too. */
static void spread_about(sampled *s, const leaf *middle, hypocentre *h)
{
  double top = mass(&s->leaf[heaviest(s)]), total = 0, square[4][4] = {{0}}, magnitude = 0, magnitude2 = 0;
  for (size_t i = 0; i < s->count; i++) {
    const leaf *x = &s->leaf[i];
    double weight = exp(mass(x) - top), width2 = x->half_width_km * x->half_width_km / 3, larger = x->magnitude - middle->magnitude;
    double off[4] = {x->east_km - middle->east_km, x->north_km - middle->north_km, x->depth_km - middle->depth_km, x->time_s - middle->time_s},
           own[4] = {width2, width2, x->half_depth_km * x->half_depth_km / 3, 0};
    total += weight;
    magnitude += weight * larger;
    magnitude2 += weight * larger * larger;
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < 4; b++)
        square[a][b] += weight * (off[a] * off[b] + (a == b ? own[a] : 0));
  }
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++)
      h->covariance[a][b] = square[a][b] / total;
  h->magnitude_shift = magnitude / total;
  h->magnitude_sigma = sqrt(fmax(0, magnitude2 / total - h->magnitude_shift * h->magnitude_shift));
}
