#include "response.h"

#include <math.h>

static const double lowest_hz = 0.1, most_times = 10, extended_damping = 0.70710678118654752, longest_hole = 0.1, highest_of_rate = 0.125;

double response_extended_hz(double corner_hz)
{
  return fmax(corner_hz / most_times, lowest_hz);
}

double response_amplitude(double corner_hz, double damping, double frequency_hz)
{
  double f2 = frequency_hz * frequency_hz, c2 = corner_hz * corner_hz;
  return f2 / hypot(c2 - f2, 2 * damping * corner_hz * frequency_hz);
}

/* The bilinear transform of s^2 + 2 h w s + w^2, s in units of twice the rate, w so warped that the corner stays where it is (Oppenheim & Schafer
   2010, 7.2.2). */
static void transform(double corner_hz, double damping, double rate, double z[3])
{
  double k = tan(M_PI * corner_hz / rate);
  z[0] = 1 + 2 * damping * k + k * k;
  z[1] = 2 * k * k - 2;
  z[2] = 1 - 2 * damping * k + k * k;
}

static void design(response *r, double corner_hz, double damping, double rate)
{
  double below[3];
  r->corner_hz = corner_hz;
  r->damping = damping;
  r->rate = rate;
  transform(corner_hz, damping, rate, r->b);
  transform(response_extended_hz(corner_hz), extended_damping, rate, below);
  for (int i = 0; i < 3; i++)
    r->b[i] /= below[0];
  r->a[0] = below[1] / below[0];
  r->a[1] = below[2] / below[0];
}

static bool is_designed_for(const response *r, double corner_hz, double damping, double rate)
{
  return r->corner_hz == corner_hz && r->damping == damping && fabs(r->rate - rate) <= 1e-3 * rate;
}

void response_extend(response *r, double corner_hz, double damping, double rate, int64_t missing_ns, float *samples, size_t count)
{
  if (corner_hz > highest_of_rate * rate)
    return;
  bool restarts = (double)missing_ns / 1e9 > longest_hole / response_extended_hz(corner_hz);
  if (!is_designed_for(r, corner_hz, damping, rate)) {
    design(r, corner_hz, damping, rate);
    restarts = true;
  }
  if (restarts && count > 0) {
    r->reference = (double)samples[0];
    r->state[0] = r->state[1] = 0;
  }
  for (size_t i = 0; i < count; i++) {
    double x = (double)samples[i] - r->reference, y = r->b[0] * x + r->state[0];
    r->state[0] = r->b[1] * x - r->a[0] * y + r->state[1];
    r->state[1] = r->b[2] * x - r->a[1] * y;
    samples[i] = (float)(y + r->reference);
  }
}
