#include "tune_plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "svg_sheet.h"

static const double width = 760, height = 720, panel_height = 270;
static const char *const blue = "#1b6ca8";
enum { LABELLED = 40 }; /* more names than this would hide the points */

static void name_trial(const tune_sweep *sweep, size_t trial, char *text, size_t room)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < sweep->count && used < room; i++)
    used += (size_t)snprintf(text + used, room - used, "%s%g", i ? ", " : "", tune_sweep_value(sweep, trial, i));
}

/* A few per cent beyond the values, so that no point lies on the frame. */
static void set_ranges(svg_sheet *s, tune_axis x, tune_axis y, size_t count)
{
  double x_most = 1, low = INFINITY, high = -INFINITY;
  for (size_t i = 0; i < count; i++) {
    x_most = fmax(x_most, x.values[i]);
    low = fmin(low, y.values[i]);
    high = fmax(high, y.values[i]);
  }
  if (low > high)
    low = high = 0;
  double margin = fmax(0.08 * (high - low), 0.02 * fmax(fabs(high), 0.1));
  s->x_most = 1.08 * x_most;
  s->y_least = low - margin;
  s->y_most = high + margin;
}

static void draw_panel(svg_sheet *s, const tune_sweep *sweep, tune_axis x, tune_axis y)
{
  size_t count = tune_sweep_trials(sweep);
  char text[160];
  set_ranges(s, x, y, count);
  svg_grid(s, svg_step(s->x_most - s->x_least, 8), svg_step(s->y_most - s->y_least, 6));
  svg_text(s->file, s->left, s->top - 8, y.name);
  for (size_t i = 0; i < count; i++) {
    if (isnan(x.values[i]) || isnan(y.values[i]))
      continue;
    double right = svg_x(s, x.values[i]), up = svg_y(s, y.values[i]);
    name_trial(sweep, i, text, sizeof text);
    fprintf(s->file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"><title>%s</title></circle>\n", right, up, blue, text);
    if (count <= LABELLED)
      svg_text(s->file, right + 6, up - 5, text);
  }
}

bool tune_plot(const char *path, const tune_sweep *sweep, tune_axis x, const tune_axis panels[TUNE_PANELS])
{
  char title[240] = "";
  for (size_t i = 0, used = 0; i < sweep->count && used < sizeof title; i++)
    used += (size_t)snprintf(title + used, sizeof title - used, "%s%s", i ? ", " : "", sweep->ranges[i].row->name);
  FILE *file = fopen(path, "w");
  if (file) {
    svg_sheet s = {.file = file, .left = 60, .top = 60, .width = width - 90, .height = panel_height};
    svg_begin(file, width, height, title);
    for (size_t i = 0; i < TUNE_PANELS; i++, s.top += panel_height + 60)
      draw_panel(&s, sweep, x, panels[i]);
    svg_text(file, s.left + s.width / 2 - 80, height - 12, x.name);
    svg_end(file);
  }
  bool good = file && !ferror(file);
  if (file)
    good &= fclose(file) == 0;
  if (!good)
    fprintf(stderr, "tocsin %s: --plot %s: %s\n", sweep->verb, path, strerror(errno));
  return good;
}
