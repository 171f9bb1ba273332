/* How much a site's P magnitudes stand above the networks': soft ground, a wrong gain. A random effect, shrunk towards none (Abrahamson & Youngs
 * 1992): the mean residual times n / (n + within / between).
 */
#include "magnitude.h"

#include <math.h>

/* Within: a single Pd magnitude's scatter 0.4 less what is the site's; between sites 0.25 (Wu & Zhao 2006; Kuyuk & Allen 2013). */
static const double within_over_between = (0.4 * 0.4 - 0.25 * 0.25) / (0.25 * 0.25);
static const double most_first = 0.5, most = 1, most_residual = 1.5;
enum { FIRST_EVENTS = 5 };

void magnitude_term_learn(magnitude_term *t, double residual)
{
  if (!isfinite(residual))
    return;
  t->sum += (float)fmin(fmax(residual, -most_residual), most_residual);
  t->events++;
}

double magnitude_term_value(const magnitude_term *t)
{
  double bound = t->events < FIRST_EVENTS ? most_first : most;
  return fmin(fmax((double)t->sum / (t->events + within_over_between), -bound), bound);
}
