/* traces FILE...: the traces of miniSEED files on stdout, as traces.h has them. */
#include "traces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ingest.h"

enum { RECORD_SAMPLES = 1 << 16, TRACES = 4096 };

typedef struct {
  ingest_codes codes;
  int64_t start;
  double rate;
  float *values;
  size_t n;
} channel;

static channel channels[TRACES];
static size_t channel_count;

static channel *channel_of(const ingest_record *r)
{
  for (size_t i = channel_count; i-- > 0;) {
    channel *t = &channels[i];
    int64_t end = t->start + llround((double)t->n * 1e9 / t->rate);
    if (memcmp(&t->codes, &r->codes, sizeof t->codes) == 0 && fabs(t->rate - r->rate) < 1e-6 * t->rate &&
        llabs(r->start - end) < (int64_t)(0.5e9 / t->rate))
      return t;
  }
  if (channel_count == TRACES)
    exit(1);
  channels[channel_count] = (channel){.codes = r->codes, .start = r->start, .rate = r->rate};
  return &channels[channel_count++];
}

static void take_record(const uint8_t *bytes, size_t length)
{
  static double values[RECORD_SAMPLES];
  ingest_record r;
  if (ingest_record_decode(bytes, length, &r, values, RECORD_SAMPLES) || r.samples <= 0)
    return;
  channel *t = channel_of(&r);
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

int main(int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (!read_file(argv[i])) {
      perror(argv[i]);
      return 1;
    }
  for (size_t i = 0; i < channel_count; i++) {
    const channel *t = &channels[i];
    printf("%s.%s.%s %.9f %.9g %zu\n", t->codes.network, t->codes.station, t->codes.channel, (double)t->start / 1e9, t->rate, t->n);
    fwrite(t->values, sizeof *t->values, t->n, stdout);
  }
  return 0;
}
