#include "growth.h"

#include <math.h>

static const double least_over_noise = 5, least_samples = 5;

void growth_add(growth *g, double acceleration, double since_s)
{
  double size = fabs(acceleration);
  if (since_s < 0) {
    g->noise = fmax(g->noise, size);
    return;
  }
  g->top = fmax(g->top, size);
  if (since_s < growth_from_s || since_s > growth_until_s || !(g->top > 0))
    return;
  double y = log(g->top / since_s);
  g->count++;
  g->t += since_s;
  g->tt += since_s * since_s;
  g->y += y;
  g->yt += y * since_s;
}

double growth_rate(const growth *g)
{
  double determinant = g->count * g->tt - g->t * g->t;
  if (g->count < least_samples || g->top < least_over_noise * g->noise || !(determinant > 0))
    return 0;
  return exp((g->y * g->tt - g->yt * g->t) / determinant);
}
