/* The last mile: Geiger's method with robust weights. */
#include <math.h>
#include <string.h>

#include "location.h"

enum { ROUNDS = 12, UNKNOWNS = HYPOCENTRE_UNKNOWNS };
/* Student's t with three degrees of freedom; beyond so many deviations a reading is an outlier and pulls no more. */
static const double FREEDOM = 3, OUTLIER = 6;

typedef struct {
  double matrix[UNKNOWNS][UNKNOWNS], right[UNKNOWNS];
} normal_equations;

static double misfit_at(const location_problem *problem, const hypocentre *at);
static void linearise(const location_problem *problem, const hypocentre *at, double trust, normal_equations *equations);
static void spread(const location_problem *problem, hypocentre *at);
static bool invert(double matrix[UNKNOWNS][UNKNOWNS], double inverse[UNKNOWNS][UNKNOWNS]);
static bool step(const location_problem *problem, hypocentre *at);

static double weight_of(double deviations2)
{
  return deviations2 < OUTLIER * OUTLIER ? 1 / (1 + deviations2 / FREEDOM) : 0;
}

double location_weight(double deviations)
{
  return weight_of(deviations * deviations);
}

double location_model_sigma(char phase, double travel_s)
{
  double p = travel_s < 85 ? 0.15 + 0.01 * travel_s : 1;
  return phase == 'S' ? 1.5 * p : p;
}

double location_tolerance(const locator_settings *settings, double travel_s)
{
  return fmax(settings->residual_s, 0.05 * travel_s);
}

double location_depth_cost(const depth_prior *prior, double depth_km)
{
  double d = (depth_km - prior->middle_km) / prior->sigma_km;
  return 1.5 * log(1 + d * d / 2); /* Student's t with two degrees of freedom */
}

/* The ratio of S to P varies half as much as the velocities do. A model without error is held fast. */
double location_stretch_sigma(const locator_settings *settings, int which)
{
  const double least = 1e-4;
  return fmax(settings->model_error, least) * (which == STRETCH_P ? 1 : 0.5);
}

double location_stretch_cost(const locator_settings *settings, const hypocentre *at)
{
  double sum = 0;
  for (int i = 0; i < STRETCHES; i++) {
    double deviations = at->stretch[i] / location_stretch_sigma(settings, i);
    sum += deviations * deviations / 2;
  }
  return sum;
}

location_residual location_residual_of(const locator_travel_times *tables, const location_reading *reading, const hypocentre *at)
{
  double east = reading->at.east_km - at->east_km, north = reading->at.north_km - at->north_km;
  location_residual r = {.distance_km = sqrt(east * east + north * north)};
  double modelled =
      locator_travel_time(tables, reading->phase, r.distance_km, at->depth_km) + travel_time_elevation(tables, reading->phase, reading->elevation_km);
  r.travel_s = modelled * (1 + location_stretch(at, reading->phase));
  r.residual_s = reading->time_s - at->time_s - r.travel_s;
  double model = location_model_sigma(reading->phase, r.travel_s);
  r.sigma_s = sqrt(reading->sigma_s * reading->sigma_s + model * model);
  return r;
}

hypocentre location_refine(const location_problem *problem, hypocentre start)
{
  hypocentre at = start;
  at.depth_km = fmin(fmax(at.depth_km, problem->depth.least_km), problem->depth.most_km);
  at.misfit = misfit_at(problem, &at);
  for (int round = 0; round < ROUNDS; round++)
    if (!step(problem, &at))
      break;
  spread(problem, &at);
  return at;
}

/* One step of Gauss and Newton, halved until it helps. False when none does, or what it gains is nothing. */
static bool step(const location_problem *problem, hypocentre *at)
{
  normal_equations equations;
  double inverse[UNKNOWNS][UNKNOWNS], move[UNKNOWNS] = {0};
  linearise(problem, at, 1, &equations);
  if (!invert(equations.matrix, inverse))
    return false;
  for (int i = 0; i < UNKNOWNS; i++)
    for (int k = 0; k < UNKNOWNS; k++)
      move[i] += inverse[i][k] * equations.right[k];
  double scale = fmin(1, 60 / fmax(1e-9, hypot(move[0], move[1])));
  for (int attempt = 0; attempt < 5; attempt++, scale /= 3) {
    hypocentre next = *at;
    next.east_km += scale * move[0];
    next.north_km += scale * move[1];
    next.depth_km = fmin(fmax(at->depth_km + scale * move[2], problem->depth.least_km), problem->depth.most_km);
    next.time_s += scale * move[3];
    for (int i = 0; i < STRETCHES; i++)
      next.stretch[i] += scale * move[4 + i];
    next.misfit = misfit_at(problem, &next);
    if (next.misfit < at->misfit) {
      double gain = at->misfit - next.misfit;
      *at = next;
      return gain > 1e-5;
    }
  }
  return false;
}

/* Minus the log of the posterior: Student's t for residuals, the priors of depth, place and stretch. The logarithm is taken of products: each factor
 * is below 14. */
static double misfit_at(const location_problem *problem, const hypocentre *at)
{
  enum { FACTORS = 64 };
  double sum = location_depth_cost(&problem->depth, at->depth_km) - location_seismicity(problem, at) + location_stretch_cost(problem->settings, at),
         product = 1;
  for (size_t i = 0; i < problem->readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], at);
    double d = fabs(r.residual_s / r.sigma_s), bounded = d < OUTLIER ? d : OUTLIER;
    product *= 1 + bounded * bounded / FREEDOM;
    if (i % FACTORS != FACTORS - 1)
      continue;
    sum += (FREEDOM + 1) / 2 * log(product);
    product = 1;
  }
  return sum + (FREEDOM + 1) / 2 * log(product);
}

/* The slope of past seismicity; as information it counts for no more than one epicentre's kernel. */
static void pull_to_past(const location_problem *problem, const hypocentre *at, normal_equations *equations)
{
  const double kernel_km = seismicity_kernel_km(problem->past), step_km = kernel_km / 5;
  double slope[2];
  for (int i = 0; i < 2; i++) {
    hypocentre before = *at, behind = *at;
    *(i == 0 ? &before.east_km : &before.north_km) -= step_km;
    *(i == 0 ? &behind.east_km : &behind.north_km) += step_km;
    slope[i] = (location_seismicity(problem, &behind) - location_seismicity(problem, &before)) / (2 * step_km);
  }
  double most = fmax(1, (slope[0] * slope[0] + slope[1] * slope[1]) * kernel_km * kernel_km);
  for (int a = 0; a < 2; a++) {
    equations->right[a] += slope[a];
    for (int b = 0; b < 2; b++)
      equations->matrix[a][b] += slope[a] * slope[b] / most;
  }
}

/* Readings count `trust` times, what is known without them once. */
static void linearise(const location_problem *problem, const hypocentre *at, double trust, normal_equations *equations)
{
  memset(equations, 0, sizeof *equations);
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *reading = &problem->reading[i];
    double east = at->east_km - reading->at.east_km, north = at->north_km - reading->at.north_km, distance = sqrt(east * east + north * north);
    travel_time_slopes slopes = travel_time_with_slopes(problem->tables, reading->phase, distance, at->depth_km);
    double modelled = slopes.time + travel_time_elevation(problem->tables, reading->phase, reading->elevation_km);
    double longer = 1 + location_stretch(at, reading->phase), travel_s = modelled * longer;
    double residual = reading->time_s - at->time_s - travel_s, model = location_model_sigma(reading->phase, travel_s);
    double variance = reading->sigma_s * reading->sigma_s + model * model, away = distance > 1e-6 ? longer * slopes.per_distance / distance : 0;
    double row[UNKNOWNS] = {east * away, north * away, longer * slopes.per_depth, 1, modelled, reading->phase == 'S' ? modelled : 0};
    double weight = trust * weight_of(residual * residual / variance) / variance;
    for (int a = 0; a < UNKNOWNS; a++) {
      equations->right[a] += weight * row[a] * residual;
      for (int b = 0; b <= a; b++)
        equations->matrix[a][b] += weight * row[a] * row[b];
    }
  }
  for (int a = 0; a < UNKNOWNS; a++)
    for (int b = a + 1; b < UNKNOWNS; b++)
      equations->matrix[a][b] = equations->matrix[b][a];
  double off = at->depth_km - problem->depth.middle_km, variance = problem->depth.sigma_km * problem->depth.sigma_km;
  double pull = 1.5 / (variance * (1 + off * off / variance / 2));
  equations->matrix[2][2] += pull;
  equations->right[2] -= pull * off;
  if (problem->past)
    pull_to_past(problem, at, equations);
  for (int i = 0; i < STRETCHES; i++) {
    double sigma = location_stretch_sigma(problem->settings, i);
    equations->matrix[4 + i][4 + i] += 1 / (sigma * sigma);
    equations->right[4 + i] -= at->stretch[i] / (sigma * sigma);
  }
  const double known_km = 300, known_s = 100; /* keeps a place defined when the readings are too few */
  equations->matrix[0][0] += 1 / (known_km * known_km);
  equations->matrix[1][1] += 1 / (known_km * known_km);
  equations->matrix[3][3] += 1 / (known_s * known_s);
}

/* How many unknowns the readings determine: place and time, and of the stretches what is not known without them. */
static double determined(const location_problem *problem, const hypocentre *at)
{
  double count = UNKNOWNS;
  for (int i = 0; i < STRETCHES; i++)
    count -= at->covariance[4 + i][4 + i] / pow(location_stretch_sigma(problem->settings, i), 2);
  return count;
}

static void take_inverse(const location_problem *problem, hypocentre *at, double trust)
{
  normal_equations equations;
  linearise(problem, at, trust, &equations);
  if (!invert(equations.matrix, at->covariance))
    memset(at->covariance, 0, sizeof at->covariance);
}

/* The inverse of the normal equations, readings scaled by how well they fit where there are enough of them to tell. */
static void spread(const location_problem *problem, hypocentre *at)
{
  take_inverse(problem, at, 1);
  double weights = 0, precision = 0, squares = 0, plain = 0, used = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], at);
    double d2 = r.residual_s * r.residual_s / (r.sigma_s * r.sigma_s), weight = weight_of(d2);
    weights += weight;
    precision += weight / (r.sigma_s * r.sigma_s);
    squares += weight * d2;
    plain += weight > 0 ? d2 : 0;
    used += weight > 0 ? 1 : 0;
  }
  const double prior_readings = 6, doubt = 1, unknowns = determined(problem, at);
  double scale = (prior_readings + squares) / (prior_readings + fmax(0, weights - unknowns));
  take_inverse(problem, at, 1 / scale);
  at->honesty = sqrt((doubt + plain) / (doubt + fmax(0, used - unknowns)) / scale);
  at->rms_s = precision > 0 ? sqrt(squares / precision) : 0;
}

/* Of a symmetric matrix, by Cholesky's factor and its inverse. False if it is not positive. */
static bool invert(double matrix[UNKNOWNS][UNKNOWNS], double inverse[UNKNOWNS][UNKNOWNS])
{
  double factor[UNKNOWNS][UNKNOWNS], back[UNKNOWNS][UNKNOWNS] = {{0}};
  for (int i = 0; i < UNKNOWNS; i++)
    for (int k = 0; k <= i; k++) {
      double sum = matrix[i][k];
      for (int j = 0; j < k; j++)
        sum -= factor[i][j] * factor[k][j];
      if (i == k && !(sum > 1e-12))
        return false;
      factor[i][k] = i == k ? sqrt(sum) : sum / factor[k][k];
    }
  for (int k = 0; k < UNKNOWNS; k++)
    for (int i = k; i < UNKNOWNS; i++) {
      double sum = i == k ? 1 : 0;
      for (int j = k; j < i; j++)
        sum -= factor[i][j] * back[j][k];
      back[i][k] = sum / factor[i][i];
    }
  for (int i = 0; i < UNKNOWNS; i++)
    for (int k = 0; k <= i; k++) {
      double sum = 0;
      for (int j = i; j < UNKNOWNS; j++)
        sum += back[j][i] * back[j][k];
      inverse[i][k] = inverse[k][i] = sum;
    }
  return true;
}

double location_radius68(const hypocentre *at)
{
  double mean = (at->covariance[0][0] + at->covariance[1][1]) / 2, half = (at->covariance[0][0] - at->covariance[1][1]) / 2;
  double turn = hypot(half, at->covariance[0][1]), large = fmax(mean + turn, 0), small = fmax(mean - turn, 0);
  /* Exact for a line (1.0 sigma) and a circle (1.51 sigma), within 3 % between. */
  return sqrt(large + 1.28 * small);
}
