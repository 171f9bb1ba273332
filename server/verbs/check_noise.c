#include "check_noise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 2048, NEIGHBOURS = 8, FEWEST = 3 };

/* What noise varies by, in dB. Of 43 sensors of four regions the two horizontals agreed within 5.1, the vertical and each horizontal within 7.7, and
   a channel with the median of its neighbours of like instruments within 15. */
static const double horizontals_db = 12, vertical_db = 18, odd_db = 20, wrong_db = 26;
static const double farthest_km = 300, km_a_degree = 111.2;

typedef struct {
  bool is_there, is_told;
  ingest_spectrum spectrum;
} quiet;

typedef struct {
  const inventory_check *check;
  const recordings *recordings;
  quiet (*quiets)[INGEST_COMPONENTS]; /* by sensor */
} noise;

static quiet quietest(ingest_spectrometer *spectrometer, const recorded_channel *recorded);
static void compare_within(const noise *n, size_t sensor);
static void compare_around(const noise *n, size_t sensor, int component);

void check_noise(const inventory_check *c, const recordings *r)
{
  noise n = {c, r, calloc(r->count + 1, sizeof *n.quiets)};
  ingest_spectrometer *spectrometer = ingest_spectrometer_create();
  if (n.quiets && spectrometer) {
    for (size_t i = 0; i < r->count; i++)
      for (int k = 0; k < INGEST_COMPONENTS; k++)
        n.quiets[i][k] = quietest(spectrometer, &r->sensors[i].components[k]);
    for (size_t i = 0; i < r->count; i++)
      compare_within(&n, i);
    for (size_t i = 0; i < r->count; i++)
      for (int k = 0; k < INGEST_COMPONENTS; k++)
        if (n.quiets[i][k].is_there && !n.quiets[i][k].is_told)
          compare_around(&n, i, k);
  } else {
    tell(c->f, FAULT, "recordings", "memory is short: noise was not compared");
  }
  ingest_spectrometer_destroy(spectrometer);
  free(n.quiets);
}

/* ---- the quietest window ---- */

static bool is_whole(const float *values)
{
  for (size_t i = 0; i < WINDOW; i++)
    if (isnan(values[i]))
      return false;
  return true;
}

/* Mean over the bands, dB; NAN where a band says nothing but silence. */
static double level_of(const ingest_spectrum *spectrum)
{
  double sum = 0;
  size_t bands = 0;
  for (size_t i = 0; i < INGEST_SPECTRUM_BANDS; i++)
    if (!isnan(spectrum->db[i])) {
      sum += (double)spectrum->db[i];
      bands++;
    }
  return bands && isfinite(sum) ? sum / (double)bands : NAN;
}

static quiet quietest(ingest_spectrometer *spectrometer, const recorded_channel *recorded)
{
  quiet best = {0};
  double least = INFINITY;
  for (size_t at = 0; recorded->channel && at + WINDOW <= recorded->count; at += WINDOW / 2) {
    const float *values = recorded->values + at;
    ingest_samples samples = {.unit = recorded->channel->epoch.unit, .rate = recorded->rate, .count = WINDOW, .values = values};
    ingest_spectrum spectrum;
    double level = is_whole(values) && ingest_spectrum_take(spectrometer, &samples, &spectrum) ? level_of(&spectrum) : NAN;
    if (!(level < least))
      continue;
    least = level;
    best = (quiet){.is_there = true, .spectrum = spectrum};
  }
  return best;
}

/* ---- beside others ---- */

static double difference(const quiet *a, const quiet *b)
{
  return a->is_there && b->is_there ? ingest_spectrum_difference(&a->spectrum, &b->spectrum) : NAN;
}

/* Noise that is too high by a factor has been divided by a gain too low by it. */
static void tell_gain(const noise *n, finding kind, size_t sensor, int component, double db, const char *beside)
{
  const ingest_channel *channel = n->recordings->sensors[sensor].components[component].channel;
  double factor = pow(10, db / 20);
  inventory_tell(n->check, kind, channel,
                 "its quiet noise is %.3g times that of %s: its gain is stated as %.4g, and expected about %.2g; correct its sensitivity and stages",
                 factor, beside, channel->epoch.gain, channel->epoch.gain * factor);
  n->quiets[sensor][component].is_told = true;
}

/* One channel alone that stands out of its own sensor. */
static void compare_within(const noise *n, size_t sensor)
{
  const quiet *q = n->quiets[sensor];
  double of_horizontals = difference(&q[INGEST_NORTH], &q[INGEST_EAST]);
  double to_north = difference(&q[INGEST_VERTICAL], &q[INGEST_NORTH]), to_east = difference(&q[INGEST_VERTICAL], &q[INGEST_EAST]);
  if (fabs(of_horizontals) > horizontals_db) {
    bool is_north = !(fabs(to_north) < fabs(to_east));
    tell_gain(n, FAULT, sensor, is_north ? INGEST_NORTH : INGEST_EAST, is_north ? of_horizontals : -of_horizontals, "its sensor's other channels");
  } else if (fabs(to_north) > vertical_db && fabs(to_east) > vertical_db && (to_north > 0) == (to_east > 0)) {
    tell_gain(n, FAULT, sensor, INGEST_VERTICAL, (to_north + to_east) / 2, "its sensor's horizontals");
  }
}

static double distance_km(const ingest_sensor *a, const ingest_sensor *b)
{
  double north = (a->latitude_deg - b->latitude_deg) * km_a_degree;
  double east = remainder(a->longitude_deg - b->longitude_deg, 360) * km_a_degree * cos(a->latitude_deg * M_PI / 180);
  return sqrt(north * north + east * east);
}

/* Band codes of sensors whose corner lies above 0.1 Hz (SEED manual 2.4, appendix A). */
static bool is_short_period(const ingest_sensor *sensor)
{
  return strchr("GDES", sensor->codes.channel[0]) != NULL;
}

static bool is_like(const noise *n, size_t sensor, size_t other, int component)
{
  const ingest_sensor *a = ingest_inventory_sensor(n->recordings->inventory, sensor), *b = ingest_inventory_sensor(n->recordings->inventory, other);
  const quiet *theirs = &n->quiets[other][component];
  if (a->site == b->site || a->codes.channel[1] != b->codes.channel[1] || !theirs->is_there || theirs->is_told)
    return false;
  ingest_unit unit = n->recordings->sensors[sensor].components[component].channel->epoch.unit;
  return unit == n->recordings->sensors[other].components[component].channel->epoch.unit &&
         (unit == INGEST_UNIT_ACCELERATION || is_short_period(a) == is_short_period(b));
}

/* The nearest like sensors, and by how many dB this one's channel is above each. */
static size_t neighbours(const noise *n, size_t sensor, int component, double db[NEIGHBOURS])
{
  double distances[NEIGHBOURS];
  size_t count = 0;
  for (size_t other = 0; other < n->recordings->count; other++) {
    if (!is_like(n, sensor, other, component))
      continue;
    double d = difference(&n->quiets[sensor][component], &n->quiets[other][component]);
    double km = distance_km(ingest_inventory_sensor(n->recordings->inventory, sensor), ingest_inventory_sensor(n->recordings->inventory, other));
    if (isnan(d) || km > farthest_km || (count == NEIGHBOURS && km >= distances[NEIGHBOURS - 1]))
      continue;
    size_t at = count < NEIGHBOURS ? count++ : NEIGHBOURS - 1;
    for (; at > 0 && distances[at - 1] > km; at--) {
      distances[at] = distances[at - 1];
      db[at] = db[at - 1];
    }
    distances[at] = km;
    db[at] = d;
  }
  return count;
}

static int by_value(const void *left, const void *right)
{
  const double *a = left, *b = right;
  return (*a > *b) - (*a < *b);
}

static void compare_around(const noise *n, size_t sensor, int component)
{
  double db[NEIGHBOURS];
  size_t count = neighbours(n, sensor, component, db);
  if (count >= FEWEST) {
    qsort(db, count, sizeof *db, by_value);
    double median = (db[(count - 1) / 2] + db[count / 2]) / 2;
    if (fabs(median) > odd_db)
      tell_gain(n, fabs(median) > wrong_db ? FAULT : NOTE, sensor, component, median, "the nearest sensors like it");
    return;
  }
  const ingest_channel *channel = n->recordings->sensors[sensor].components[component].channel;
  if (ingest_noise_compare(&n->quiets[sensor][component].spectrum).verdict == INGEST_NOISE_MISGAINED)
    inventory_tell(n->check, FAULT, channel,
                   "its quiet noise lies beyond Peterson's models as no sensor's does: its gain, %.4g, is wrong; correct it", channel->epoch.gain);
}
