/* s_evidence: what the S path measures at each look after given P times, as CSV on stdout: line number of the P, time, onset found, measures. Nothing
 * is let out, so that each search is seen to its end. train_s.py calls it.
 *
 *   s_evidence [-v] FILE < LINES      each line: NETWORK.STATION and the P in seconds since 1970
 *     -v   the vertical alone
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shear.h"

enum { RECORD_SAMPLES = 1 << 16, TRACES = 4096 };

typedef struct {
  ingest_codes codes;
  int64_t start;
  double rate;
  float *values;
  size_t n;
} trace;

typedef struct {
  const trace *z;
  int line;
} search;

static trace traces[TRACES];
static size_t trace_count;

static void print_measures(void *user, int64_t p_onset, int64_t now, int64_t onset, const float measures[SHEAR_MEASURES])
{
  const search *s = user;
  double start = (double)s->z->start / 1e9;
  printf("%d,%.4f,%.4f,%.4f", s->line, start + (double)p_onset / s->z->rate, start + (double)now / s->z->rate, start + (double)onset / s->z->rate);
  for (int i = 0; i < SHEAR_MEASURES; i++)
    printf(",%.4g", (double)measures[i]);
  putchar('\n');
}

static trace *trace_of(const ingest_record *r)
{
  for (size_t i = trace_count; i-- > 0;) {
    trace *t = &traces[i];
    int64_t end = t->start + llround((double)t->n * 1e9 / t->rate);
    if (memcmp(&t->codes, &r->codes, sizeof t->codes) == 0 && fabs(t->rate - r->rate) < 1e-6 * t->rate &&
        llabs(r->start - end) < (int64_t)(0.5e9 / t->rate))
      return t;
  }
  if (trace_count == TRACES)
    exit(1);
  traces[trace_count] = (trace){.codes = r->codes, .start = r->start, .rate = r->rate};
  return &traces[trace_count++];
}

static void take_record(const uint8_t *bytes, size_t length)
{
  static double values[RECORD_SAMPLES];
  ingest_record r;
  if (ingest_record_decode(bytes, length, &r, values, RECORD_SAMPLES))
    return;
  trace *t = trace_of(&r);
  t->values = realloc(t->values, (t->n + (size_t)r.samples) * sizeof *t->values);
  for (int32_t i = 0; i < r.samples; i++)
    t->values[t->n++] = (float)values[i];
}

static bool read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    return false;
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(size + 1);
  size_t length = fread(bytes, 1, size, file);
  fclose(file);
  for (size_t at = 0; at < length;) {
    ingest_frame_result frame = ingest_frame(bytes + at, length - at);
    if (frame.framing == INGEST_FRAME_PARTIAL)
      break;
    if (frame.framing == INGEST_FRAME_RECORD)
      take_record(bytes + at, frame.length);
    at += frame.length;
  }
  free(bytes);
  return true;
}

/* station: NETWORK.STATION */
static bool is_of(const trace *t, const char *station)
{
  size_t n = strlen(t->codes.network);
  return strncmp(station, t->codes.network, n) == 0 && station[n] == '.' && strcmp(station + n + 1, t->codes.station) == 0;
}

/* The vertical and two horizontals of the station that hold the time; false: no vertical. */
static bool components_at(const char *station, double time, const trace *found[INGEST_COMPONENTS])
{
  int horizontals = 0;
  for (size_t i = 0; i < trace_count; i++) {
    const trace *t = &traces[i];
    double after = time - (double)t->start / 1e9;
    if (!is_of(t, station) || after < 0 || after > (double)t->n / t->rate || t->rate < 20 || t->rate > 500)
      continue;
    if (t->codes.channel[2] == 'Z')
      found[0] = t;
    else if (horizontals < 2)
      found[1 + horizontals++] = t;
  }
  return found[0] != NULL;
}

static void look_after(const char *station, double time, int line, bool vertical_only)
{
  const trace *found[INGEST_COMPONENTS] = {0};
  if (!components_at(station, time, found))
    return;
  search of = {found[0], line};
  const trace *z = found[0];
  picker_settings settings = {0};
  static shear s;
  history h[INGEST_COMPONENTS];
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    size_t capacity = history_capacity(1, (double)z->n + 2);
    history_init(&h[c], malloc(capacity * sizeof(float)), capacity);
    if (!found[c] || (c && vertical_only))
      continue;
    history_restart(&h[c], llround((double)(found[c]->start - z->start) * z->rate / 1e9), (int32_t)ceil(z->rate / 2));
    history_append(&h[c], found[c]->values, found[c]->n < z->n ? found[c]->n : z->n);
  }
  shear_restart(&s, &settings, z->rate);
  s.observer = print_measures;
  s.user = &of;
  int64_t onset = llround((time - (double)z->start / 1e9) * z->rate);
  shear_note_p(&s, &(shear_note){.at = onset + llround(0.15 * z->rate), .onset = onset, .number = 1});
  shear_run(&s, h);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    free(h[c].values);
}

int main(int argc, char **argv)
{
  bool vertical_only = argc == 3 && strcmp(argv[1], "-v") == 0;
  char station[32], time[32];
  if (argc < 2 || !read_file(argv[argc - 1]))
    return 2;
  for (int line = 0; scanf("%31s %31s", station, time) == 2; line++)
    look_after(station, strtod(time, NULL), line, vertical_only);
  return 0;
}
