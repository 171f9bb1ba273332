/* Welch (1967): mean periodogram of half-overlapping, tapered segments; what McNamara and Buland (2004) do with noise, on a shorter window. */
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest.h"

enum { SHORTEST = 256, LENGTHS = 6, LONGEST = SHORTEST << (LENGTHS - 1) };

static const double first_period_s = 0.02, pi = 3.14159265358979323846;

struct ingest_spectrometer {
  fftwf_plan plans[LENGTHS]; /* of 256, 512, ... samples */
  float *segment;
  fftwf_complex *transformed;
  double power[LONGEST / 2 + 1];
};

static void add_periodogram(ingest_spectrometer *s, const float *values, int length_index);
static void average_bands(const ingest_spectrometer *s, const ingest_samples *samples, size_t length, double scale, ingest_spectrum *spectrum);

double ingest_spectrum_period(size_t band)
{
  return first_period_s * exp2((double)band / 4);
}

ingest_spectrometer *ingest_spectrometer_create(void)
{
  ingest_spectrometer *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  s->segment = fftwf_alloc_real(LONGEST);
  s->transformed = fftwf_alloc_complex(LONGEST / 2 + 1);
  bool good = s->segment && s->transformed;
  for (int i = 0; good && i < LENGTHS; i++) {
    s->plans[i] = fftwf_plan_dft_r2c_1d(SHORTEST << i, s->segment, s->transformed, FFTW_ESTIMATE);
    good = s->plans[i] != NULL;
  }
  if (good)
    return s;
  ingest_spectrometer_destroy(s);
  return NULL;
}

void ingest_spectrometer_destroy(ingest_spectrometer *s)
{
  if (!s)
    return;
  for (int i = 0; i < LENGTHS; i++)
    if (s->plans[i])
      fftwf_destroy_plan(s->plans[i]);
  fftwf_free(s->segment);
  fftwf_free(s->transformed);
  free(s);
}

bool ingest_spectrum_take(ingest_spectrometer *s, const ingest_samples *samples, ingest_spectrum *spectrum)
{
  const double hann_power = 0.375; /* mean square of the window */
  int index = 0;
  if (samples->count < 2 * SHORTEST || !(samples->rate > 0))
    return false;
  while (index + 1 < LENGTHS && (size_t)SHORTEST << (index + 2) <= samples->count)
    index++;
  size_t length = (size_t)SHORTEST << index, segments = 0;
  memset(s->power, 0, sizeof s->power);
  for (size_t at = 0; at + length <= samples->count; at += length / 2, segments++)
    add_periodogram(s, samples->values + at, index);
  average_bands(s, samples, length, 2 / (samples->rate * (double)length * hann_power * (double)segments), spectrum);
  return true;
}

/* The straight line that fits best is taken out first: a slow drift would leak into all periods. */
static void add_periodogram(ingest_spectrometer *s, const float *values, int length_index)
{
  int length = SHORTEST << length_index;
  double middle = 0.5 * (length - 1), sum = 0, moment = 0;
  for (int i = 0; i < length; i++) {
    sum += (double)values[i];
    moment += (i - middle) * (double)values[i];
  }
  double n = length, mean = sum / n, slope = 12 * moment / (n * (n * n - 1));
  for (int i = 0; i < length; i++)
    s->segment[i] = (float)(((double)values[i] - mean - slope * (i - middle)) * (0.5 - 0.5 * cos(2 * pi * i / n)));
  fftwf_execute(s->plans[length_index]);
  for (int i = 0; i <= length / 2; i++) {
    double re = (double)s->transformed[i][0], im = (double)s->transformed[i][1];
    s->power[i] += re * re + im * im;
  }
}

/* From three lines of the transform upwards, as the window is that wide, to four fifths of the highest frequency, where digitisers' filters begin. */
static void average_bands(const ingest_spectrometer *s, const ingest_samples *samples, size_t length, double scale, ingest_spectrum *spectrum)
{
  const double half_width = exp2(0.25), first_line = 3, usable = 0.4;
  double line_hz = samples->rate / (double)length;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double centre = 1 / (ingest_spectrum_period(band) * line_hz), power = 0;
    size_t from = (size_t)ceil(fmax(centre / half_width, first_line)), lines = 0;
    spectrum->db[band] = NAN;
    if (centre < first_line || centre * line_hz > usable * samples->rate)
      continue;
    for (size_t i = from; (double)i < centre * half_width && 2 * i < length; i++, lines++) {
      double omega = 2 * pi * (double)i * line_hz;
      power += s->power[i] * (samples->unit == INGEST_UNIT_VELOCITY ? omega * omega : 1);
    }
    if (lines > 0 && power > 0)
      spectrum->db[band] = (float)(10 * log10(scale * power / (double)lines));
  }
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double ingest_spectrum_difference(const ingest_spectrum *a, const ingest_spectrum *b)
{
  double differences[INGEST_SPECTRUM_BANDS];
  size_t count = 0;
  for (size_t band = 0; band < INGEST_SPECTRUM_BANDS; band++) {
    double difference = (double)a->db[band] - (double)b->db[band];
    if (!isnan(difference))
      differences[count++] = difference;
  }
  if (count == 0)
    return NAN;
  qsort(differences, count, sizeof *differences, by_size);
  return 0.5 * (differences[(count - 1) / 2] + differences[count / 2]);
}
