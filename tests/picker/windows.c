#include "windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static void copy_text(char *to, size_t size, const char *from)
{
  strncpy(to, from, size - 1);
  to[size - 1] = '\0';
}

size_t windows_read(const char *relative, const char *source, window windows[WINDOWS_MAXIMUM])
{
  size_t count = 0;
  csv c = csv_open(relative);
  bool has_source = strstr(c.header, ",source,") != NULL, has_rate = strstr(c.header, ",rate_hz,") != NULL;
  while (csv_next(&c)) {
    window w = {.s_s = NAN};
    assert_true(ingest_time_parse(csv_text(&c, "window_start_utc"), &w.start));
    copy_text(w.network, sizeof w.network, csv_text(&c, "network"));
    copy_text(w.station, sizeof w.station, csv_text(&c, "station"));
    copy_text(w.source, sizeof w.source, has_source ? csv_text(&c, "source") : "ncedc-picks");
    double rate = has_rate ? csv_number(&c, "rate_hz") : 100;
    w.p_s = csv_number(&c, "p_sample") / rate;
    if (*csv_text(&c, "s_sample"))
      w.s_s = csv_number(&c, "s_sample") / rate;
    if (source && strcmp(source, w.source) != 0)
      continue;
    assert_true(count < WINDOWS_MAXIMUM);
    windows[count++] = w;
  }
  return count;
}

bool window_components(const traces *all, const window *w, const trace *of[INGEST_COMPONENTS])
{
  int horizontals = 0;
  memset(of, 0, INGEST_COMPONENTS * sizeof *of);
  for (size_t i = 0; i < all->count; i++) {
    const trace *x = &all->items[i];
    if (strcmp(x->codes.station, w->station) != 0 || strcmp(x->codes.network, w->network) != 0 || llabs(x->start - w->start) > INGEST_SECOND)
      continue;
    if (x->codes.channel[2] == 'Z')
      of[INGEST_VERTICAL] = x;
    else if (horizontals < 2)
      of[++horizontals] = x;
  }
  return of[INGEST_VERTICAL] != NULL;
}

/* Samples of x that have come by then. */
static size_t come_until(const trace *x, int64_t until)
{
  if (until == INT64_MAX)
    return x->n;
  double count = floor((double)(until - x->start) / 1e9 * x->rate + 1e-3) + 1;
  return count <= 0 ? 0 : count < (double)x->n ? (size_t)count : x->n;
}

void window_feed(told *t, const trace *const of[INGEST_COMPONENTS], bool s_picks, int64_t until)
{
  picker_settings settings = default_picker_settings();
  settings.s_picks = s_picks;
  const trace *z = of[INGEST_VERTICAL];
  size_t packet = (size_t)z->rate;
  picker *p = picker_create(&settings, 0, z->rate);
  picker_sink sink = sink_into(t);
  memset(t, 0, sizeof *t);
  for (size_t from = 0; from < z->n; from += packet)
    for (int c = 0; c < (s_picks ? INGEST_COMPONENTS : 1); c++) {
      size_t n = of[c] ? come_until(of[c], until) : 0;
      if (from >= n)
        continue;
      ingest_samples piece = {.component = c,
                              .gap = from == 0,
                              .unit = INGEST_UNIT_VELOCITY,
                              .start = of[c]->start + llround((double)from * 1e9 / of[c]->rate),
                              .rate = of[c]->rate,
                              .count = from + packet < n ? packet : n - from,
                              .values = of[c]->values + from};
      picker_feed(p, &piece, &sink);
    }
  picker_destroy(p);
}

double window_seconds(const window *w, int64_t time)
{
  return (double)(time - w->start) / 1e9;
}
