/* s_evidence: what the S path measures at each look after a given P; traces on stdin (traces.h), three a search, vertical first, those that are not
 * there empty, the P's time after its first sample as the vertical's START; floats on stdout: number of the search, seconds of the look and of the
 * onset found, measures. Nothing is let out, so that each search is seen to its end.
 */
#include <math.h>

#include "shear.h"
#include "traces.h"

typedef struct {
  int number;
  double rate;
} search;

static void write_measures(void *user, int64_t p_onset, int64_t now, int64_t onset, const float measures[SHEAR_MEASURES])
{
  (void)p_onset;
  const search *s = user;
  float row[3 + SHEAR_MEASURES] = {(float)s->number, (float)((double)now / s->rate), (float)((double)onset / s->rate)};
  for (int i = 0; i < SHEAR_MEASURES; i++)
    row[3 + i] = measures[i];
  fwrite(row, sizeof row[0], sizeof row / sizeof row[0], stdout);
}

static void look_after(const trace t[INGEST_COMPONENTS], int number)
{
  search of = {number, t[0].rate};
  picker_settings settings = {0};
  static shear s;
  history h[INGEST_COMPONENTS];
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    size_t capacity = history_capacity(1, (double)t[0].n + 2);
    history_init(&h[c], malloc(capacity * sizeof(float)), capacity);
    if (t[c].n == 0)
      continue;
    history_restart(&h[c], 0, (int32_t)ceil(t[0].rate / 2));
    history_append(&h[c], t[c].values, t[c].n < t[0].n ? t[c].n : t[0].n);
  }
  shear_restart(&s, &settings, t[0].rate);
  s.observer = write_measures;
  s.user = &of;
  int64_t onset = llround(t[0].start * t[0].rate);
  shear_note_p(&s, &(shear_note){.at = onset + llround(0.15 * t[0].rate), .onset = onset, .number = 1});
  shear_run(&s, h);
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    free(h[c].values);
}

int main(void)
{
  trace t[INGEST_COMPONENTS] = {0};
  for (int number = 0; next_trace(&t[0]) && next_trace(&t[1]) && next_trace(&t[2]); number++)
    look_after(t, number);
  return 0;
}
