/* evidence: what the picker measures at each look at each trigger of the vertical channels of miniSEED files, as CSV on stdout. Nothing is let out,
 * so that every trigger is seen to its end. train.py calls it.
 *
 *   evidence [-d N] [-v] [-n K] FILE...
 *     -d N   every N samples become their mean (where at least 25 samples/s are left)
 *     -v     differences of the samples: another kind of sensor
 *     -n K   white noise is added, K times the deviation of the sample's differences in the second and third second
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vertical.h"

enum { RECORD_SAMPLES = 1 << 16 };

typedef struct {
  int decimate;
  bool differentiate;
  double noise;
} changes;

typedef struct {
  ingest_codes codes;
  int64_t start;
  double rate;
  float *values;
  size_t n, capacity;
} trace;

static void print_evidence(void *user, int64_t first, int64_t trigger, int look, const candidate_evidence *e)
{
  const trace *t = user;
  printf("%s.%s,%.4f,%.4f,%d,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g\n", t->codes.network, t->codes.station,
         (double)t->start / 1e9 + (double)first / t->rate, (double)t->start / 1e9 + (double)trigger / t->rate, look, (double)e->peak, (double)e->mean,
         (double)e->bands_up, (double)e->contrast, (double)e->spike, (double)e->lasting, (double)e->quiet_1, (double)e->quiet_5, (double)e->recent,
         (double)e->band, (double)e->low, (double)e->middle, (double)e->high);
}

/* Roughly normal: twelve uniform draws (splitmix64; Steele et al. 2014). */
static double draw(uint64_t *state)
{
  double sum = -6;
  for (int i = 0; i < 12; i++) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    sum += (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
  return sum;
}

static void add_noise(trace *t, double times)
{
  size_t from = (size_t)t->rate, to = (size_t)(3 * t->rate);
  double square = 0;
  uint64_t state = 1;
  for (size_t i = from; i < to && i < t->n; i++)
    square += pow((double)t->values[i] - (double)t->values[i - 1], 2);
  double deviation = times * sqrt(square / (double)(to - from));
  for (size_t i = from; i < t->n; i++)
    t->values[i] += (float)(deviation * draw(&state));
}

static void change(trace *t, const changes *c)
{
  if (c->differentiate)
    for (size_t i = t->n; i-- > 1;)
      t->values[i] -= t->values[i - 1];
  if (c->differentiate && t->n > 1)
    t->values[0] = t->values[1];
  if (c->noise > 0)
    add_noise(t, c->noise);
  if (c->decimate < 2 || t->rate / c->decimate < 25)
    return;
  size_t n = t->n / (size_t)c->decimate;
  for (size_t i = 0; i < n; i++) {
    double sum = 0;
    for (int k = 0; k < c->decimate; k++)
      sum += (double)t->values[i * (size_t)c->decimate + (size_t)k];
    t->values[i] = (float)(sum / c->decimate);
  }
  t->n = n;
  t->rate /= c->decimate;
}

static void look_at(trace *t, const changes *c)
{
  picker_settings settings = {0};
  settings.s_picks = true;
  for (const config_row *row = picker_rows; row->name; row++)
    if (row->type == CONFIG_REAL)
      *(double *)((char *)&settings + row->offset) = strtod(row->fallback, NULL);
  settings.threshold_2 = 1e6;
  change(t, c);
  if (t->n == 0 || t->rate < 20 || t->rate > 500)
    return;
  size_t capacity = history_capacity(1, (double)t->n);
  vertical *v = aligned_alloc(64, (sizeof *v + 63) / 64 * 64);
  float *ring = malloc(capacity * sizeof *ring);
  history h;
  history_init(&h, ring, capacity);
  history_restart(&h, 0, (int32_t)ceil(t->rate / 2));
  history_append(&h, t->values, t->n);
  vertical_restart(v, &settings, t->rate);
  v->observer = print_evidence;
  v->user = t;
  for (int64_t at = 0; at < h.end;)
    vertical_run(v, &h, &at, h.end);
  free(ring);
  free(v);
}

static bool follows(const trace *t, const ingest_record *r)
{
  int64_t end = t->start + llround((double)t->n * 1e9 / t->rate);
  return t->n > 0 && memcmp(&t->codes, &r->codes, sizeof t->codes) == 0 && fabs(t->rate - r->rate) < 1e-6 * t->rate &&
         llabs(r->start - end) < (int64_t)(0.5e9 / t->rate);
}

static void take_record(trace *t, const uint8_t *bytes, size_t length, const changes *c)
{
  static double values[RECORD_SAMPLES];
  ingest_record r;
  if (ingest_record_decode(bytes, length, &r, values, RECORD_SAMPLES) || r.codes.channel[2] != 'Z')
    return;
  if (!follows(t, &r)) {
    look_at(t, c);
    t->codes = r.codes;
    t->start = r.start;
    t->rate = r.rate;
    t->n = 0;
  }
  if (t->n + (size_t)r.samples > t->capacity) {
    t->capacity = 2 * (t->n + (size_t)r.samples);
    t->values = realloc(t->values, t->capacity * sizeof *t->values);
  }
  for (int32_t i = 0; i < r.samples; i++)
    t->values[t->n++] = (float)values[i];
}

static uint8_t *read_file(const char *path, size_t *length)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    return NULL;
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc((size_t)size + 1);
  *length = fread(bytes, 1, (size_t)size, file);
  fclose(file);
  return bytes;
}

static bool take_file(const char *path, const changes *c)
{
  size_t length;
  uint8_t *bytes = read_file(path, &length);
  trace t = {0};
  if (!bytes)
    return false;
  for (size_t at = 0; at < length;) {
    ingest_frame_result frame = ingest_frame(bytes + at, length - at);
    if (frame.framing == INGEST_FRAME_PARTIAL)
      break;
    if (frame.framing == INGEST_FRAME_RECORD)
      take_record(&t, bytes + at, frame.length, c);
    at += frame.length;
  }
  look_at(&t, c);
  free(t.values);
  free(bytes);
  return true;
}

int main(int argc, char **argv)
{
  changes c = {.decimate = 1};
  for (int option; (option = getopt(argc, argv, "d:vn:")) != -1;) {
    if (option == '?')
      return 2;
    c.decimate = option == 'd' ? (int)strtol(optarg, NULL, 10) : c.decimate;
    c.differentiate |= option == 'v';
    c.noise = option == 'n' ? strtod(optarg, NULL) : c.noise;
  }
  for (int i = optind; i < argc; i++)
    if (!take_file(argv[i], &c)) {
      perror(argv[i]);
      return 1;
    }
  return 0;
}
