/* Peterson (1993), Observations and modeling of seismic background noise, USGS Open-File Report 93-322, tables 3 and 4: A + B log10(period). */
#include <math.h>

#include "ingest.h"

typedef struct {
  double period_s, a, b; /* from this period to the next row's */
} model_row;

static const model_row low[] = {{0.10, -162.36, 5.64},     {0.17, -166.70, 0},       {0.40, -170.00, -8.30},   {0.80, -166.40, 28.90},
                                {1.24, -168.60, 52.48},    {2.40, -159.98, 29.81},   {4.30, -141.10, 0},       {5.00, -71.36, -99.77},
                                {6.00, -97.26, -66.49},    {10.00, -132.18, -31.57}, {12.00, -205.27, 36.16},  {15.60, -37.65, -104.33},
                                {21.90, -114.37, -47.10},  {31.60, -160.58, -16.28}, {45.00, -187.50, 0},      {70.00, -216.47, 15.70},
                                {101.00, -185.00, 0},      {154.00, -168.34, -7.61}, {328.00, -217.43, 11.90}, {600.00, -258.28, 26.60},
                                {10000.00, -346.88, 48.75}};

static const model_row high[] = {{0.10, -108.73, -17.23}, {0.22, -150.34, -80.50}, {0.32, -122.31, -23.87}, {0.80, -116.85, 32.51},
                                 {3.80, -108.48, 18.08},  {4.60, -74.66, -32.95},  {6.30, 0.66, -127.18},   {7.90, -93.37, -22.42},
                                 {15.40, 73.54, -162.98}, {20.00, -151.52, 10.01}, {354.80, -206.66, 31.63}};

static const double longest_s = 100000;

static double level(const model_row *rows, size_t count, double period_s)
{
  if (!(period_s >= rows[0].period_s && period_s <= longest_s))
    return NAN;
  size_t row = 0;
  while (row + 1 < count && period_s >= rows[row + 1].period_s)
    row++;
  return rows[row].a + rows[row].b * log10(period_s);
}

double ingest_noise_low(double period_s)
{
  return level(low, sizeof low / sizeof *low, period_s);
}

double ingest_noise_high(double period_s)
{
  return level(high, sizeof high / sizeof *high, period_s);
}

/* ---- a spectrum between them ---- */

const char *const ingest_noise_verdict_words[] = {"unknown", "normal", "noisy", "deaf", "misgained"};

ingest_noise ingest_noise_compare(const ingest_spectrum *spectrum)
{
  const double far_above_db = 40, far_below_db = 20, half = 0.5;
  int known = 0, above = 0, below = 0, far_above = 0, far_below = 0;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double period = ingest_spectrum_period(band), db = (double)spectrum->db[band];
    if (isnan(db) || period < low[0].period_s)
      continue;
    known++;
    above += db > ingest_noise_high(period);
    below += db < ingest_noise_low(period);
    far_above += db > ingest_noise_high(period) + far_above_db;
    far_below += db < ingest_noise_low(period) - far_below_db;
  }
  if (known == 0)
    return (ingest_noise){INGEST_NOISE_UNKNOWN, NAN, NAN};
  ingest_noise noise = {INGEST_NOISE_NORMAL, (float)above / (float)known, (float)below / (float)known};
  if (far_above == known || far_below == known)
    noise.verdict = INGEST_NOISE_MISGAINED;
  else if (below >= half * known)
    noise.verdict = INGEST_NOISE_DEAF;
  else if (above >= half * known)
    noise.verdict = INGEST_NOISE_NOISY;
  return noise;
}
