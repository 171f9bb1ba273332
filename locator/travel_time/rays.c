/* Rays through linear velocity gradients, in closed form layer by layer. */
#include "rays.h"

#include <math.h>
#include <stdlib.h>

static size_t cut_depths(const locator_model *model, double max_depth_km, double *depths, size_t *sources);
static void add_node(rays_medium *medium, double depth, double velocity, double radius_km);
static double layer_thickness(double depth_km);
static double velocity_at(const locator_model *model, char phase, double depth_km, bool below);
static void cross_layer(const rays_medium *medium, size_t layer, double p, double *x, double *t);

void rays_medium_make(rays_medium *medium, const locator_model *model, char phase, double max_depth_km, double radius_km)
{
  double depths[RAYS_NODES_MAXIMUM];
  size_t sources, count = cut_depths(model, max_depth_km, depths, &sources);
  medium->count = medium->sources = 0;
  for (size_t i = 0; i < count; i++) {
    double above = velocity_at(model, phase, depths[i], false), below = velocity_at(model, phase, depths[i], true);
    if (i > 0)
      add_node(medium, depths[i], above, radius_km);
    if (i == 0 || above != below)
      add_node(medium, depths[i], below, radius_km);
    if (i < sources)
      medium->sources = medium->count;
  }
}

/* Ascending depths below sea level: an even cutting that widens with depth, and each depth where the model bends. */
static size_t cut_depths(const locator_model *model, double max_depth_km, double *depths, size_t *sources)
{
  const double bottom = fmax(max_depth_km, 1200), least = 0.01;
  size_t count = 0, node = 0;
  *sources = 0;
  for (double depth = 0; depth < bottom && count < RAYS_NODES_MAXIMUM / 2 - 1;) {
    depths[count++] = depth;
    if (depth <= max_depth_km)
      *sources = count;
    double next = depth + (depth < max_depth_km ? layer_thickness(depth) : 10);
    next = depth < max_depth_km && next > max_depth_km ? max_depth_km : next;
    while (node < model->count && model->node[node].depth_km < depth + least)
      node++;
    if (node < model->count && model->node[node].depth_km < next + least)
      next = model->node[node].depth_km;
    depth = next;
  }
  return count;
}

static double layer_thickness(double depth_km)
{
  return depth_km < 10 ? 0.5 : depth_km < 60 ? 1 : depth_km < 150 ? 2 : 5;
}

static void add_node(rays_medium *medium, double depth, double velocity, double radius_km)
{
  double stretch = radius_km / (radius_km - depth);
  size_t i = medium->count++;
  medium->depth_km[i] = depth;
  medium->flat_km[i] = radius_km * log(stretch);
  medium->slowness[i] = 1 / (velocity * stretch);
}

static double velocity_of(const locator_model *model, char phase, size_t node)
{
  return phase == 'P' ? model->node[node].vp_km_s : model->node[node].vs_km_s;
}

static double velocity_at(const locator_model *model, char phase, double depth_km, bool below)
{
  const double same = 0.01;
  size_t n = model->count, i = 0;
  while (i < n && (below ? model->node[i].depth_km <= depth_km + same : model->node[i].depth_km < depth_km - same))
    i++;
  if (i == 0 || i == n)
    return velocity_of(model, phase, i == 0 ? 0 : n - 1);
  double top = model->node[i - 1].depth_km, span = model->node[i].depth_km - top;
  double part = fmin(fmax((depth_km - top) / span, 0), 1);
  return velocity_of(model, phase, i - 1) * (1 - part) + velocity_of(model, phase, i) * part;
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

size_t rays_parameters(const rays_medium *medium, double parameters[RAYS_PARAMETERS_MAXIMUM])
{
  enum { WITHIN_LAYER = 3, WITHIN_JUMP = 160, STEEP = 160 };
  size_t count = 0;
  double least = medium->slowness[0];
  for (size_t i = 0; i + 1 < medium->count; i++) {
    double from = medium->slowness[i], to = medium->slowness[i + 1];
    bool jump = medium->depth_km[i] == medium->depth_km[i + 1];
    size_t steps = jump ? WITHIN_JUMP : WITHIN_LAYER;
    least = fmin(least, to);
    if (count + steps + STEEP + 2 > RAYS_PARAMETERS_MAXIMUM)
      break;
    parameters[count++] = from;
    double first = asin(fmin(to / from, from / to)), widest = fmax(from, to);
    for (size_t k = 1; k < steps; k++)
      parameters[count++] = widest * sin(first + (M_PI / 2 - first) * (double)k / (double)steps);
  }
  for (size_t k = 0; k <= STEEP; k++)
    parameters[count++] = k == STEEP ? least : least * sin(M_PI / 2 * (double)k / STEEP);
  qsort(parameters, count, sizeof *parameters, ascending);
  return count;
}

void rays_trace(const rays_medium *medium, double p, rays_path *path)
{
  path->parameter = p;
  path->turns = false;
  path->reached = 0;
  double x = 0, t = 0;
  for (size_t i = 0; i < medium->count && p <= medium->slowness[i]; i++) {
    path->x[i] = x;
    path->t[i] = t;
    path->reached = i + 1;
    if (i + 1 == medium->count)
      return;
    cross_layer(medium, i, p, &x, &t);
    if (p >= medium->slowness[i + 1]) {
      path->turns = true;
      path->turning_x = x;
      path->turning_t = t;
      if (p > medium->slowness[i + 1])
        return;
    }
  }
}

/* Aki & Richards (2002), section 9.2: distance and time across a layer of linear velocity, or down to the turning point in it. Written with the
   difference of the cosines turned into a sum, so that a vanishing gradient loses nothing. */
static void cross_layer(const rays_medium *medium, size_t layer, double p, double *x, double *t)
{
  double thickness = medium->flat_km[layer + 1] - medium->flat_km[layer];
  if (thickness <= 0)
    return;
  double v1 = 1 / medium->slowness[layer], v2 = 1 / medium->slowness[layer + 1], gradient = (v2 - v1) / thickness;
  double cosine1 = sqrt(fmax(0, 1 - p * v1 * p * v1));
  if (p >= medium->slowness[layer + 1]) {
    if (p > 0 && gradient > 0) {
      *x += cosine1 / (gradient * p);
      *t += log((1 + cosine1) / (p * v1)) / gradient;
    }
    return;
  }
  double cosine2 = sqrt(fmax(0, 1 - p * v2 * p * v2));
  *x += thickness * p * (v1 + v2) / (cosine1 + cosine2);
  *t += fabs(gradient) < 1e-9 ? thickness / (v1 * cosine1) : log(v2 / v1 * (1 + cosine1) / (1 + cosine2)) / gradient;
}
