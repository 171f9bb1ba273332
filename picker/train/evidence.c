/* evidence [THRESHOLD_1]: what the picker measures at each look at each trigger of verticals, traces on stdin (traces.h), floats on stdout: number of
 * the trace, seconds of the trigger that it grew out of and of the trigger, number of the look, measures, trace. Nothing is let out, so that every
 * trigger is seen to its end. */
#include <math.h>
#include <string.h>

#include "judge.h"
#include "traces.h"
#include "vertical.h"

typedef struct {
  int number;
  double rate;
} source;

static void write_evidence(void *user, int64_t first, int64_t trigger, int look, const candidate_evidence *e)
{
  const source *s = user;
  float row[4 + JUDGE_MEASURES + WAVEFORM_VALUES] = {(float)s->number, (float)((double)first / s->rate), (float)((double)trigger / s->rate),
                                                     (float)look};
  judge_measure(e, row + 4);
  memcpy(row + 4 + JUDGE_MEASURES, &e->trace, sizeof e->trace);
  fwrite(row, sizeof row[0], sizeof row / sizeof row[0], stdout);
}

static void look_at(const trace *t, int number, const char *threshold)
{
  picker_settings settings = {0};
  for (const config_row *row = picker_rows; row->name; row++)
    if (row->type == CONFIG_REAL)
      *(double *)((char *)&settings + row->offset) = strtod(row->fallback, NULL);
  settings.threshold_2 = 1e6;
  if (threshold)
    settings.threshold_1 = strtod(threshold, NULL);
  if (t->n == 0 || t->rate < 20 || t->rate > 500)
    return;
  size_t capacity = history_capacity(1, (double)t->n);
  vertical *v = aligned_alloc(64, (sizeof *v + 63) / 64 * 64);
  float *ring = malloc(capacity * sizeof *ring);
  source user = {number, t->rate};
  history h;
  history_init(&h, ring, capacity);
  history_restart(&h, 0, (int32_t)ceil(t->rate / 2));
  history_append(&h, t->values, t->n);
  vertical_restart(v, &settings, t->rate);
  v->observer = write_evidence;
  v->user = &user;
  for (int64_t at = 0; at < h.end;)
    vertical_run(v, &h, &at, h.end);
  free(ring);
  free(v);
}

int main(int argc, char **argv)
{
  trace t = {0};
  for (int number = 0; next_trace(&t); number++)
    look_at(&t, number, argc > 1 ? argv[1] : NULL);
  free(t.values);
  return 0;
}
