/* GB 18306-2015: mean intensity of China's zonation map (Xiao & Yu 2011), I = a + b Ms + c log10(R + r0) along either axis of the ellipse. */
#include "intensity.h"

#include <math.h>

typedef struct {
  double a, b, c, r0_km;
} axis;

static const struct {
  axis along, across;
  double sigma;
} zones[INTENSITY_ZONES] = {
    [INTENSITY_EAST] = {{5.7123, 1.3626, -4.2903, 25}, {3.6588, 1.3626, -3.5406, 13}, 0.5826},
    [INTENSITY_MODERATE] = {{5.8410, 1.0710, -3.6570, 15}, {3.9440, 1.0710, -2.8450, 7}, 0.5200},
    [INTENSITY_XINJIANG] = {{5.6018, 1.4347, -4.4899, 25}, {3.6113, 1.4347, -3.8477, 13}, 0.5924},
    [INTENSITY_QINGZANG] = {{6.4580, 1.2746, -4.4709, 25}, {3.3682, 1.2746, -3.3119, 9}, 0.6636},
};

const char *const intensity_zone_words[INTENSITY_ZONES + 1] = {"east", "moderate", "xinjiang", "qingzang", NULL};

static double on_axis(const axis *x, double ms, double km)
{
  return x->a + x->b * ms + x->c * log10(fmax(km, 0) + x->r0_km);
}

/* The semi-axis of an intensity (the inverse of on_axis()) and how fast it falls as the intensity grows. */
static double semi_axis(const axis *x, double ms, double intensity, double *slope)
{
  double r = pow(10, (intensity - x->a - x->b * ms) / x->c);
  *slope = r * log(10) / x->c;
  return fmax(r - x->r0_km, 0);
}

double intensity_gb18306_long(intensity_zone zone, double ms, double epicentral_km)
{
  return on_axis(&zones[zone].along, ms, epicentral_km);
}

double intensity_gb18306_short(intensity_zone zone, double ms, double epicentral_km)
{
  return on_axis(&zones[zone].across, ms, epicentral_km);
}

/* Solves semi-axis * semi-axis = R^2 for the intensity. The root lies between the intensities of the two axes at R, where one semi-axis is R and
   the other lies on the far side of it. The product of two falling convex functions falls and is convex, so Newton's steps from the lower end climb
   to the root without passing it; they stop at 1e-10 of a degree. */
double intensity_gb18306_circle(intensity_zone zone, double ms, double epicentral_km)
{
  double along = intensity_gb18306_long(zone, ms, epicentral_km), across = intensity_gb18306_short(zone, ms, epicentral_km);
  double intensity = fmin(along, across), high = fmax(along, across), step = 1;
  while (step > 1e-10 && intensity < high) {
    double a_slope, b_slope;
    double a = semi_axis(&zones[zone].along, ms, intensity, &a_slope), b = semi_axis(&zones[zone].across, ms, intensity, &b_slope);
    double slope = a_slope * b + a * b_slope;
    step = slope < 0 ? (epicentral_km * epicentral_km - a * b) / slope : 0;
    intensity = fmin(intensity + fmax(step, 0), high);
  }
  return intensity;
}

/* (along / a)^2 + (across / b)^2 = 1 for the intensity, by bisection: what the two axes say at the place's distance holds the root between. */
double intensity_gb18306_ellipse(intensity_zone zone, double ms, double along_km, double across_km)
{
  double km = hypot(along_km, across_km), ends[] = {intensity_gb18306_long(zone, ms, km), intensity_gb18306_short(zone, ms, km)};
  double low = fmin(ends[0], ends[1]), high = fmax(ends[0], ends[1]);
  while (high - low > 1e-7) {
    double slope, middle = (low + high) / 2;
    double a = semi_axis(&zones[zone].along, ms, middle, &slope), b = semi_axis(&zones[zone].across, ms, middle, &slope);
    bool inside = a > 0 && b > 0 && along_km * along_km * b * b + across_km * across_km * a * a <= a * a * b * b;
    *(inside ? &low : &high) = middle;
  }
  return (low + high) / 2;
}

double intensity_gb18306_sigma(intensity_zone zone)
{
  return zones[zone].sigma;
}

/* Scordilis 2006: Mw = 0.67 Ms + 2.07 for Ms up to 6.1, 0.99 Ms + 0.08 above. */
double intensity_ms_equivalent(double mw)
{
  double ms = (mw - 2.07) / 0.67;
  return ms <= 6.1 ? ms : (mw - 0.08) / 0.99;
}
