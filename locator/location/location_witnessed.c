/* A place that its arrivals' times leave vague, with what their sites say besides: the whole posterior, sampled by an octree whose cells are split
 * where most probability is (Lomax & Curtis 2001). The likeliest place and the spread of all others around it are the answer: readings that are few,
 * or all on one side of the source, leave no ellipse that a linear method would find. */
#include <math.h>

#include "location.h"
#include "location_lanes.h"
#include "witness_say.h"

enum { ACROSS = 8, SPLITS = 32, POLISH = 6, LEAVES_MAXIMUM = ACROSS * ACROSS + (SPLITS + POLISH) * 8 };

typedef struct {
  double east_km, north_km, depth_km, half_width_km, half_depth_km;
  double time_s, density; /* log of it, silences not counted while `heard` is false */
  double magnitude;       /* that the amplitudes mean there */
  double farthest_km;     /* distance of the farthest P that fits */
  bool heard;
} leaf;

/* A reading as the leaves need it. */
typedef struct {
  float east, north, elevation_s, time, variance, trust;
  bool is_s;
} ready_reading;

typedef struct {
  const location_problem *problem;
  ready_witnesses others;
  ready_reading reading[LOCATION_READINGS];
  size_t count;
  leaf leaf[LEAVES_MAXIMUM];
} sampled;

/* Eight leaves side by side, and what becomes of them. */
typedef struct {
  lane_places at;
  lanes crossing_s, time, density, magnitude, farthest;
} abreast;

static void call(sampled *s, const location_problem *problem, const witnesses *others);
static void plant(sampled *s, location_box box);
static void weigh(const sampled *s, leaf *leaves, size_t count);
static void weigh_abreast(const sampled *s, abreast *x);
static size_t heaviest(sampled *s);
static size_t densest(sampled *s);
static void split(sampled *s, size_t which);
static hypocentre sum_up(sampled *s, const hypocentre *from);
static void spread_about(sampled *s, const leaf *middle, hypocentre *h);

hypocentre location_witnessed(const location_problem *problem, const witnesses *others, location_box box, const hypocentre *from)
{
  sampled s;
  call(&s, problem, others);
  plant(&s, box);
  for (int i = 0; i < SPLITS; i++)
    split(&s, heaviest(&s));
  for (int i = 0; i < POLISH; i++)
    split(&s, densest(&s));
  return sum_up(&s, from);
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

static void call(sampled *s, const location_problem *problem, const witnesses *others)
{
  s->problem = problem;
  s->count = 0;
  witness_call(&s->others, others);
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *r = &problem->reading[i];
    s->reading[i] = (ready_reading){.east = (float)r->at.east_km,
                                    .north = (float)r->at.north_km,
                                    .elevation_s = (float)travel_time_elevation(problem->tables, r->phase, r->elevation_km),
                                    .time = (float)r->time_s,
                                    .variance = (float)(r->sigma_s * r->sigma_s),
                                    .trust = (float)trust(problem, r),
                                    .is_s = r->phase == 'S'};
  }
}

static void plant(sampled *s, location_box box)
{
  const depth_prior *depth = &s->problem->depth;
  double half = box.radius_km / ACROSS, deepest = fmin(depth->most_km, fmax(60, 2 * depth->least_km));
  for (int i = 0; i < ACROSS * ACROSS; i++)
    s->leaf[s->count++] = (leaf){.east_km = box.east_km + half * (2 * (i % ACROSS) + 1) - box.radius_km,
                                 .north_km = box.north_km + half * (2 * (i / ACROSS) + 1) - box.radius_km,
                                 .depth_km = (depth->least_km + deepest) / 2,
                                 .half_width_km = half,
                                 .half_depth_km = (deepest - depth->least_km) / 2};
  for (size_t i = 0; i < s->count; i += LANES)
    weigh(s, &s->leaf[i], LANES);
}

/* ---- what a leaf is worth ---- */

/* Up to eight; what is missing is the first again. */
static void weigh(const sampled *s, leaf *leaves, size_t count)
{
  const location_problem *p = s->problem;
  abreast x;
  for (size_t k = 0; k < LANES; k++) {
    const leaf *of = &leaves[k < count ? k : 0];
    x.at.east[k] = (float)of->east_km;
    x.at.north[k] = (float)of->north_km;
    x.at.depth[k] = (float)of->depth_km;
    x.crossing_s[k] = (float)(0.14 * of->half_width_km + 0.06 * of->half_depth_km);
  }
  weigh_abreast(s, &x);
  for (size_t k = 0; k < count; k++) {
    leaf *of = &leaves[k];
    of->time_s = (double)x.time[k];
    of->density = (double)x.density[k] + (p->past ? seismicity_at(p->past, p->around, (plane_point){of->east_km, of->north_km}) : 0);
    of->magnitude = (double)x.magnitude[k];
    of->farthest_km = (double)x.farthest[k];
    of->heard = false;
  }
}

/* What the readings mean to the leaves: origin times, and their variances there. */
typedef struct {
  lanes distance[LOCATION_READINGS], origin[LOCATION_READINGS], travel[LOCATION_READINGS], variance[LOCATION_READINGS];
} outlook;

ALWAYS_INLINE void look(const sampled *s, const abreast *x, outlook *o)
{
  for (size_t i = 0; i < s->problem->readings; i++) {
    const ready_reading *r = &s->reading[i];
    o->distance[i] = distance_between(all(r->east), all(r->north), x->at.east, x->at.north);
    o->travel[i] =
        exact_travel(r->is_s ? &s->others.s_times : &s->others.p_times, r->is_s ? &x->at.s : &x->at.p, x->at.depth, o->distance[i]) + r->elevation_s;
    o->origin[i] = r->time - o->travel[i];
    lanes model = model_sigma(o->travel[i], r->is_s ? 1.5F : 1);
    o->variance[i] = r->variance + model * model + x->crossing_s * x->crossing_s;
  }
}

/* Each reading's origin time; S and P of one earthquake agree. */
ALWAYS_INLINE lanes origin_time(const outlook *o, size_t count)
{
  enum { ROUNDS = 4 };
  lanes time = {};
  float spread = 10;
  for (int round = 0; round < ROUNDS; round++, spread /= 3) {
    lanes weights = {}, sum = {};
    for (size_t i = 0; i < count; i++) {
      lanes off = round == 0 ? all(0) : o->origin[i] - time, wide = larger(o->variance[i], all(spread * spread));
      lanes weight = 1 / (o->variance[i] * (1 + off * off / wide));
      weights += weight;
      sum += weight * o->origin[i];
    }
    time = sum / weights;
  }
  return time;
}

/* Student's t with three degrees of freedom as in location_refine(), of deviations averaged over the leaf, as if the wave crossed it within one. */
FOR_EACH_PROCESSOR static void weigh_abreast(const sampled *s, abreast *x)
{
  const float outlier = 6, least_s = (float)s->problem->settings->residual_s;
  outlook o;
  find_rows(&x->at.p, s->problem->tables, 'P', x->at.depth);
  find_rows(&x->at.s, s->problem->tables, 'S', x->at.depth);
  look(s, x, &o);
  x->time = origin_time(&o, s->problem->readings);
  lanes nearest = all(1e5F);
  x->farthest = all(0);
  x->density = -depth_cost(x->at.depth, (float)s->problem->depth.middle_km, (float)s->problem->depth.sigma_km);
  for (size_t i = 0; i < s->problem->readings; i++) {
    lanes off = o.origin[i] - x->time, most = tolerance(o.travel[i], least_s);
    choice fits = always(!s->reading[i].is_s) & (off * off <= most * most);
    x->density -= s->reading[i].trust * 2 * log_of_all(1 + smaller(off * off / o.variance[i], all(outlier * outlier)) / 3);
    x->farthest = larger(x->farthest, choose(fits, o.distance[i], all(0)));
    nearest = smaller(nearest, o.distance[i]);
  }
  x->density -= remoteness_cost(nearest);
  witness_say(&s->others, &x->at, &x->density, &x->magnitude);
}

static double mass(const leaf *x)
{
  return x->density + log(x->half_width_km * x->half_width_km * x->half_depth_km);
}

/* Silences only lower a density: only leaves that would be the heaviest without them are asked. */
static void hear(const sampled *s, leaf *x)
{
  hypocentre at = {.east_km = x->east_km, .north_km = x->north_km, .depth_km = x->depth_km, .time_s = x->time_s};
  x->density -= location_silence_penalty(s->problem, &at, x->farthest_km);
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
  leaf of[8];
  for (size_t i = 0; i < parts; i++) {
    leaf *x = &of[i];
    *x = whole;
    x->half_width_km = whole.half_width_km / 2;
    x->east_km += i & 1 ? x->half_width_km : -x->half_width_km;
    x->north_km += i & 2 ? x->half_width_km : -x->half_width_km;
    if (parts == 8) {
      x->half_depth_km = whole.half_depth_km / 2;
      x->depth_km += i & 4 ? x->half_depth_km : -x->half_depth_km;
    }
  }
  weigh(s, of, parts);
  s->leaf[which] = of[0];
  for (size_t i = 1; i < parts; i++)
    s->leaf[s->count++] = of[i];
}

/* The place that the times alone gave, unless another is far more likely with all that is known; around it the second moments of all leaves, each
   with its own extent. */
static hypocentre sum_up(sampled *s, const hypocentre *from)
{
  const double far_more_likely = 1.5;
  leaf middle = {.east_km = from->east_km, .north_km = from->north_km, .depth_km = from->depth_km};
  const leaf *best = &s->leaf[densest(s)];
  weigh(s, &middle, 1);
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
  for (int i = 0; i < STRETCHES; i++)
    h->covariance[4 + i][4 + i] = pow(location_stretch_sigma(s->problem->settings, i), 2);
  h->magnitude_shift = magnitude / total;
  h->magnitude_sigma = sqrt(fmax(0, magnitude2 / total - h->magnitude_shift * h->magnitude_shift));
}
