#include "filters.h"

#include <complex.h>
#include <math.h>

static const double PI = 3.14159265358979323846;

/* An analogue frequency (rad/s) that the bilinear transformation maps onto frequency_hz. */
static double prewarped(double rate, double frequency_hz)
{
  return 2 * rate * tan(PI * frequency_hz / rate);
}

/* The section whose poles are the images of s and its conjugate; its numerator is left at 1. */
static filters_section section_of_pole(double complex s, double rate)
{
  double complex z = (2 * rate + s) / (2 * rate - s);
  return (filters_section){.b0 = 1, .a1 = -2 * creal(z), .a2 = creal(z) * creal(z) + cimag(z) * cimag(z)};
}

static double section_gain(const filters_section *f, double radians)
{
  double complex z1 = cexp(-I * radians);
  return cabs((f->b0 + z1 * (f->b1 + z1 * f->b2)) / (1 + z1 * (f->a1 + z1 * f->a2)));
}

filters_section filters_highpass(double rate, double corner_hz)
{
  double w = prewarped(rate, corner_hz);
  filters_section f = section_of_pole(w * cexp(I * 0.75 * PI), rate);
  double gain = (1 - f.a1 + f.a2) / 4;
  f.b0 = gain;
  f.b1 = -2 * gain;
  f.b2 = gain;
  return f;
}

filters_section filters_lowpass(double rate, double corner_hz)
{
  double w = prewarped(rate, corner_hz);
  filters_section f = section_of_pole(w * cexp(I * 0.75 * PI), rate);
  double gain = (1 + f.a1 + f.a2) / 4;
  f.b0 = gain;
  f.b1 = 2 * gain;
  f.b2 = gain;
  return f;
}

void filters_bandpass(double rate, double low_hz, double high_hz, filters_section sections[FILTERS_BANDPASS_SECTIONS])
{
  double low = prewarped(rate, low_hz), high = prewarped(rate, high_hz);
  double band = high - low, square = low * high;
  double centre = 2 * atan(sqrt(square) / (2 * rate));
  for (int k = 0; k < 2; k++) {
    /* low-pass pole p becomes the two roots of s^2 - p band s + square (Oppenheim & Schafer 2010, appendix B) */
    double complex half = cexp(I * PI * (5 + 2 * k) / 8) * band / 2;
    double complex root = csqrt(half * half - square);
    sections[2 * k] = section_of_pole(half + root, rate);
    sections[2 * k + 1] = section_of_pole(half - root, rate);
  }
  for (int k = 0; k < FILTERS_BANDPASS_SECTIONS; k++) {
    sections[k].b2 = -1;
    double gain = section_gain(&sections[k], centre);
    sections[k].b0 = 1 / gain;
    sections[k].b2 = -1 / gain;
  }
}

double filters_gain(const filters_section *sections, size_t count, double rate, double frequency_hz)
{
  double gain = 1;
  for (size_t i = 0; i < count; i++)
    gain *= section_gain(&sections[i], 2 * PI * frequency_hz / rate);
  return gain;
}

double filters_smoothing(double rate, double corner_hz)
{
  return 1 - exp(-2 * PI * corner_hz / rate);
}
