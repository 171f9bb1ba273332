#include "check_particle_motion.h"

#include <math.h>
#include <stdlib.h>

/* Near the surface P waves come steeply from below: in their first second the vertical holds 0.4 to 0.98 of the energy (43 sensors of four regions),
   and where a horizontal holds nearly all, the two are exchanged. */
static const double short_s = 0.3, long_s = 10, first_s = 1, onset_ratio = 30;
static const double least_horizontal = 0.8, most_vertical = 0.12;
enum { MOST_ONSETS = 32 };

/* Energy of the first differences up to each sample, which whitens the noise. */
typedef struct {
  double *of[INGEST_COMPONENTS];
  size_t count;
  double rate;
} energy;

typedef struct {
  double shares[INGEST_COMPONENTS][MOST_ONSETS];
  size_t count;
} onsets;

static bool sum_energy(const recorded_sensor *sensor, energy *e);
static void find_onsets(const energy *e, onsets *found);
static void judge(const inventory_check *c, const recorded_sensor *sensor, onsets *found);

void check_particle_motion(const inventory_check *c, const recordings *r)
{
  for (size_t i = 0; i < r->count; i++) {
    energy e = {{NULL}, 0, 0};
    onsets found = {.count = 0};
    if (sum_energy(&r->sensors[i], &e)) {
      find_onsets(&e, &found);
      judge(c, &r->sensors[i], &found);
    }
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      free(e.of[k]);
  }
}

/* All three components, over the time that they share; a gap moves nothing. */
static bool sum_energy(const recorded_sensor *sensor, energy *e)
{
  const recorded_channel *c = sensor->components;
  e->rate = c[0].rate;
  e->count = c[0].count;
  for (int k = 0; k < INGEST_COMPONENTS; k++) {
    if (!c[k].channel || fabs(c[k].rate - e->rate) > 1e-3 * e->rate)
      return false;
    e->count = c[k].count < e->count ? c[k].count : e->count;
  }
  for (int k = 0; k < INGEST_COMPONENTS; k++) {
    e->of[k] = calloc(e->count + 1, sizeof *e->of[k]);
    if (!e->of[k])
      return false;
    for (size_t i = 1; i < e->count; i++) {
      double step = (double)c[k].values[i] - (double)c[k].values[i - 1];
      e->of[k][i + 1] = e->of[k][i] + (isnan(step) ? 0 : step * step);
    }
  }
  return true;
}

static double between(const energy *e, size_t from, size_t until)
{
  double sum = 0;
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    sum += e->of[k][until] - e->of[k][from];
  return sum;
}

/* Where the power of 0.3 s first exceeds that of the ten seconds before by far. After one, as long again is let pass, for its S waves and coda. */
static void find_onsets(const energy *e, onsets *found)
{
  size_t near = (size_t)(short_s * e->rate), far = (size_t)(long_s * e->rate), first = (size_t)(first_s * e->rate);
  for (size_t i = near + far; near > 0 && i + first < e->count && found->count < MOST_ONSETS; i++) {
    double before = between(e, i - near - far, i - near) / (double)far, now = between(e, i - near, i) / (double)near;
    if (!(before > 0) || now < onset_ratio * before)
      continue;
    size_t begin = i - near / 2;
    double all = between(e, begin, begin + first);
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      found->shares[k][found->count] = (e->of[k][begin + first] - e->of[k][begin]) / all;
    found->count++;
    i += 2 * far;
  }
}

static int by_value(const void *left, const void *right)
{
  const double *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static double median(double *values, size_t count)
{
  qsort(values, count, sizeof *values, by_value);
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

static void judge(const inventory_check *c, const recorded_sensor *sensor, onsets *found)
{
  if (found->count == 0)
    return;
  double vertical = median(found->shares[INGEST_VERTICAL], found->count);
  for (int k = INGEST_NORTH; k <= INGEST_EAST; k++) {
    double share = median(found->shares[k], found->count);
    if (share < least_horizontal || vertical > most_vertical)
      continue;
    inventory_tell(c, found->count > 1 ? FAULT : NOTE, sensor->components[INGEST_VERTICAL].channel,
                   "in %zu onsets of P waves it holds %.0f %% of the energy, and %s %.0f %%: the two are swapped; exchange their codes or cables",
                   found->count, 100 * vertical, sensor->components[k].channel->codes.channel, 100 * share);
  }
}
