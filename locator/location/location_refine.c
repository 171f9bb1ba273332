/* The last mile: Geiger's method with robust weights. */
#include <math.h>
#include <string.h>

#include "location.h"

enum { ROUNDS = 12, UNKNOWNS = 4 };
/* Student's t with three degrees of freedom; beyond so many deviations a reading is an outlier and pulls no more. */
static const double FREEDOM = 3, OUTLIER = 6;

typedef struct {
  double matrix[UNKNOWNS][UNKNOWNS], right[UNKNOWNS];
} normal_equations;

static double misfit_at(const location_problem *problem, const hypocentre *at);
static void linearise(const location_problem *problem, const hypocentre *at, normal_equations *equations);
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

location_residual location_residual_of(const locator_travel_times *tables, const location_reading *reading, const hypocentre *at)
{
  double east = reading->at.east_km - at->east_km, north = reading->at.north_km - at->north_km;
  location_residual r = {.distance_km = sqrt(east * east + north * north)};
  r.travel_s =
      locator_travel_time(tables, reading->phase, r.distance_km, at->depth_km) + travel_time_elevation(tables, reading->phase, reading->elevation_km);
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
  linearise(problem, at, &equations);
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
    next.misfit = misfit_at(problem, &next);
    if (next.misfit < at->misfit) {
      double gain = at->misfit - next.misfit;
      *at = next;
      return gain > 1e-5;
    }
  }
  return false;
}

/* Minus the log of the posterior: Student's t for residuals, the priors of depth and place. The logarithm is taken of products: each factor is
 * below 14. */
static double misfit_at(const location_problem *problem, const hypocentre *at)
{
  enum { FACTORS = 64 };
  double sum = location_depth_cost(&problem->depth, at->depth_km) - location_seismicity(problem, at), product = 1;
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

static void linearise(const location_problem *problem, const hypocentre *at, normal_equations *equations)
{
  memset(equations, 0, sizeof *equations);
  for (size_t i = 0; i < problem->readings; i++) {
    const location_reading *reading = &problem->reading[i];
    double east = at->east_km - reading->at.east_km, north = at->north_km - reading->at.north_km, distance = sqrt(east * east + north * north);
    travel_time_slopes slopes = travel_time_with_slopes(problem->tables, reading->phase, distance, at->depth_km);
    double travel_s = slopes.time + travel_time_elevation(problem->tables, reading->phase, reading->elevation_km);
    double residual = reading->time_s - at->time_s - travel_s, model = location_model_sigma(reading->phase, travel_s);
    double variance = reading->sigma_s * reading->sigma_s + model * model, away = distance > 1e-6 ? slopes.per_distance / distance : 0;
    double row[UNKNOWNS] = {east * away, north * away, slopes.per_depth, 1}, weight = weight_of(residual * residual / variance) / variance;
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
  const double known_km = 300, known_s = 100; /* keeps a place defined when the readings are too few */
  equations->matrix[0][0] += 1 / (known_km * known_km);
  equations->matrix[1][1] += 1 / (known_km * known_km);
  equations->matrix[3][3] += 1 / (known_s * known_s);
}

/* The inverse of the normal equations, scaled by how well the readings fit where there are enough of them to tell. */
static void spread(const location_problem *problem, hypocentre *at)
{
  normal_equations equations;
  linearise(problem, at, &equations);
  if (!invert(equations.matrix, at->covariance))
    memset(at->covariance, 0, sizeof at->covariance);
  double weights = 0, squares = 0, weighted = 0, plain = 0, used = 0;
  for (size_t i = 0; i < problem->readings; i++) {
    location_residual r = location_residual_of(problem->tables, &problem->reading[i], at);
    double d2 = r.residual_s * r.residual_s / (r.sigma_s * r.sigma_s), weight = weight_of(d2);
    weights += weight;
    squares += weight * r.residual_s * r.residual_s;
    weighted += weight * d2;
    plain += weight > 0 ? d2 : 0;
    used += weight > 0 ? 1 : 0;
  }
  const double prior_readings = 6, doubt = 1;
  double scale = (prior_readings + weighted) / (prior_readings + fmax(0, weights - UNKNOWNS));
  for (int i = 0; i < UNKNOWNS; i++)
    for (int k = 0; k < UNKNOWNS; k++)
      at->covariance[i][k] *= scale;
  at->honesty = sqrt((doubt + plain) / (doubt + fmax(0, used - UNKNOWNS)) / scale);
  at->rms_s = weights > 0 ? sqrt(squares / weights) : 0;
}

/* Gauss and Jordan with the largest pivot of each column. */
static bool invert(double matrix[UNKNOWNS][UNKNOWNS], double inverse[UNKNOWNS][UNKNOWNS])
{
  double a[UNKNOWNS][2 * UNKNOWNS] = {{0}};
  for (int i = 0; i < UNKNOWNS; i++) {
    memcpy(a[i], matrix[i], sizeof matrix[i]);
    a[i][UNKNOWNS + i] = 1;
  }
  for (int column = 0; column < UNKNOWNS; column++) {
    int pivot = column;
    for (int i = column + 1; i < UNKNOWNS; i++)
      if (fabs(a[i][column]) > fabs(a[pivot][column]))
        pivot = i;
    if (!(fabs(a[pivot][column]) > 1e-12))
      return false;
    for (int k = 0; k < 2 * UNKNOWNS; k++) {
      double swap = a[column][k];
      a[column][k] = a[pivot][k];
      a[pivot][k] = swap;
    }
    for (int i = 0; i < UNKNOWNS; i++) {
      double factor = a[i][column] / a[column][column];
      for (int k = 0; k < 2 * UNKNOWNS && i != column; k++)
        a[i][k] -= factor * a[column][k];
    }
  }
  for (int i = 0; i < UNKNOWNS; i++)
    for (int k = 0; k < UNKNOWNS; k++)
      inverse[i][k] = a[i][UNKNOWNS + k] / a[i][i];
  return true;
}

double location_radius68(const hypocentre *at)
{
  double mean = (at->covariance[0][0] + at->covariance[1][1]) / 2, half = (at->covariance[0][0] - at->covariance[1][1]) / 2;
  double turn = hypot(half, at->covariance[0][1]), large = fmax(mean + turn, 0), small = fmax(mean - turn, 0);
  /* Exact for a line (1.0 sigma) and a circle (1.51 sigma), within 3 % between. */
  return sqrt(large + 1.28 * small);
}
