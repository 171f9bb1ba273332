/* Time runs by its logarithm: what is decided is decided in the first seconds. */
#include "magnitude_plot.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "svg_sheet.h"

static const double width = 860, height = 520, earliest_s = 1;
static const char *const network_colour = "#1b6ca8", *const p_colour = "#8a8f94", *const record_colour = "#d9923b", *const truth_colour = "#b5302a";

typedef struct {
  svg_sheet sheet;
  const magnitude_moment *moments;
  size_t count;
} picture;

static double x_of(const picture *p, double since_origin_s)
{
  return svg_x(&p->sheet, log10(fmax(since_origin_s, earliest_s)));
}

/* Beyond the axes drawn on them. */
static double y_of(const picture *p, double magnitude)
{
  return svg_y(&p->sheet, fmin(fmax(magnitude, p->sheet.y_least), p->sheet.y_most));
}

/* Whole magnitudes about all that the network said, and the truth. */
static void set_scale(picture *p, double true_magnitude)
{
  double least = true_magnitude - 0.5, most = true_magnitude + 0.5, last_s = 10;
  for (size_t i = 0; i < p->count; i++) {
    const magnitude_moment *m = &p->moments[i];
    last_s = fmax(last_s, m->since_origin_s);
    if (!isfinite(m->magnitude))
      continue;
    least = fmin(least, m->magnitude - m->down);
    most = fmax(most, m->magnitude + m->up);
  }
  p->sheet.x_least = log10(earliest_s);
  p->sheet.x_most = log10(last_s);
  p->sheet.y_least = floor(least);
  p->sheet.y_most = ceil(most);
}

static void draw_words(const picture *p, double x, double y, const char *anchor, const char *colour, const char *words)
{
  fprintf(p->sheet.file, "<g text-anchor=\"%s\" fill=\"%s\">", anchor, colour);
  svg_text(p->sheet.file, x, y, words);
  fputs("</g>\n", p->sheet.file);
}

static void draw_line(const picture *p, double x1, double y1, double x2, double y2, const char *style)
{
  fprintf(p->sheet.file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2, style);
}

static void draw_axes(const picture *p)
{
  static const double seconds[] = {1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 300, 500, 1000, 2000, 3000};
  const svg_sheet *s = &p->sheet;
  double right = s->left + s->width, bottom = s->top + s->height;
  char text[32];
  for (int half = (int)(2 * s->y_least); half <= (int)(2 * s->y_most); half++) {
    bool whole = half % 2 == 0;
    draw_line(p, s->left, y_of(p, half / 2.0), right, y_of(p, half / 2.0), whole ? "stroke=\"#cfd3d6\"" : "stroke=\"#eceef0\"");
    snprintf(text, sizeof text, "%d", half / 2);
    if (whole)
      draw_words(p, s->left - 10, y_of(p, half / 2.0) + 4, "end", "#444", text);
  }
  for (size_t i = 0; i < sizeof seconds / sizeof seconds[0] && log10(seconds[i]) <= s->x_most; i++) {
    draw_line(p, x_of(p, seconds[i]), s->top, x_of(p, seconds[i]), bottom, "stroke=\"#eceef0\"");
    snprintf(text, sizeof text, "%g", seconds[i]);
    draw_words(p, x_of(p, seconds[i]), bottom + 18, "middle", "#444", text);
  }
  draw_words(p, s->left + s->width / 2, bottom + 38, "middle", "#444", "seconds since the origin time");
  fprintf(s->file, "<g transform=\"rotate(-90 18 %.1f)\">", s->top + s->height / 2);
  draw_words(p, 18, s->top + s->height / 2, "middle", "#444", "magnitude");
  fputs("</g>\n", s->file);
}

static void draw_truth(const picture *p, double true_magnitude)
{
  char text[40], style[80];
  double y = y_of(p, true_magnitude);
  snprintf(style, sizeof style, "stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"6 4\"", truth_colour);
  draw_line(p, p->sheet.left, y, p->sheet.left + p->sheet.width, y, style);
  snprintf(text, sizeof text, "catalogue %.1f", true_magnitude);
  draw_words(p, p->sheet.left + 6, y - 6, "start", truth_colour, text);
}

/* One standard deviation on either side, there and back. */
static void draw_band(const picture *p)
{
  fprintf(p->sheet.file, "<polygon fill=\"%s\" fill-opacity=\"0.16\" points=\"", network_colour);
  for (size_t i = 0; i < p->count; i++)
    if (isfinite(p->moments[i].magnitude))
      fprintf(p->sheet.file, "%.1f,%.1f ", x_of(p, p->moments[i].since_origin_s), y_of(p, p->moments[i].magnitude + p->moments[i].up));
  for (size_t i = p->count; i-- > 0;)
    if (isfinite(p->moments[i].magnitude))
      fprintf(p->sheet.file, "%.1f,%.1f ", x_of(p, p->moments[i].since_origin_s), y_of(p, p->moments[i].magnitude - p->moments[i].down));
  fputs("\"/>\n", p->sheet.file);
}

/* A station's estimates, second by second, as they can be seen. */
static void draw_station(const picture *p, size_t station, bool record, const char *colour)
{
  bool begun = false;
  for (size_t i = 0; i < p->count; i++) {
    double magnitude = record ? p->moments[i].record[station] : p->moments[i].p_wave[station];
    if (!isfinite(magnitude) || magnitude < p->sheet.y_least)
      continue;
    if (!begun)
      fprintf(p->sheet.file, "<polyline fill=\"none\" stroke=\"%s\" stroke-opacity=\"0.55\" points=\"", colour);
    begun = true;
    fprintf(p->sheet.file, "%.1f,%.1f ", x_of(p, p->moments[i].since_origin_s), y_of(p, magnitude));
  }
  if (begun)
    fputs("\"/>\n", p->sheet.file);
}

/* A dot each second, a ring and a word where its type changes. */
static void draw_network(const picture *p)
{
  const char *type = "";
  fprintf(p->sheet.file, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-linejoin=\"round\" points=\"", network_colour);
  for (size_t i = 0; i < p->count; i++)
    if (isfinite(p->moments[i].magnitude))
      fprintf(p->sheet.file, "%.1f,%.1f ", x_of(p, p->moments[i].since_origin_s), y_of(p, p->moments[i].magnitude));
  fputs("\"/>\n", p->sheet.file);
  for (size_t i = 0; i < p->count; i++) {
    const magnitude_moment *m = &p->moments[i];
    if (!isfinite(m->magnitude) || strcmp(m->type, type) == 0)
      continue;
    type = m->type;
    double x = x_of(p, m->since_origin_s), y = y_of(p, m->magnitude);
    fprintf(p->sheet.file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4.5\" fill=\"white\" stroke=\"%s\" stroke-width=\"2.5\"/>\n", x, y, network_colour);
    draw_words(p, x - 9, y - 8, "end", network_colour, type);
  }
}

/* What it came to in the end. */
static void draw_last(const picture *p)
{
  for (size_t i = p->count; i-- > 0;) {
    const magnitude_moment *m = &p->moments[i];
    if (!isfinite(m->magnitude))
      continue;
    char text[64];
    snprintf(text, sizeof text, "%s %.1f", m->type, m->magnitude);
    fputs("<g font-weight=\"bold\">", p->sheet.file);
    draw_words(p, x_of(p, m->since_origin_s) + 8, y_of(p, m->magnitude) + 4, "start", network_colour, text);
    fputs("</g>\n", p->sheet.file);
    snprintf(text, sizeof text, "+%.1f", m->up);
    draw_words(p, x_of(p, m->since_origin_s) + 8, y_of(p, m->magnitude + m->up) + 4, "start", network_colour, text);
    snprintf(text, sizeof text, "-%.1f", m->down);
    draw_words(p, x_of(p, m->since_origin_s) + 8, y_of(p, m->magnitude - m->down) + 4, "start", network_colour, text);
    return;
  }
}

static void draw_key(const picture *p, double left, const char *colour, double stroke, const char *words)
{
  char style[64];
  snprintf(style, sizeof style, "stroke=\"%s\" stroke-width=\"%g\"", colour, stroke);
  draw_line(p, left, 46, left + 24, 46, style);
  draw_words(p, left + 30, 50, "start", "#444", words);
}

static void draw(const picture *p, const char *title, double true_magnitude)
{
  svg_begin(p->sheet.file, width, height, title);
  draw_key(p, 60, network_colour, 2.5, "network, one standard deviation");
  draw_key(p, 310, p_colour, 1, "P wave of a station");
  draw_key(p, 480, record_colour, 1, "whole record of a station");
  draw_axes(p);
  draw_band(p);
  for (size_t k = 0; k < MAGNITUDE_PLOT_STATIONS; k++) {
    draw_station(p, k, true, record_colour);
    draw_station(p, k, false, p_colour);
  }
  draw_truth(p, true_magnitude);
  draw_network(p);
  draw_last(p);
  svg_end(p->sheet.file);
}

bool magnitude_plot(const char *path, const char *title, const magnitude_moment *moments, size_t count, double true_magnitude)
{
  picture p = {
      .sheet = {.file = fopen(path, "w"), .left = 60, .top = 66, .width = width - 150, .height = height - 124}, .moments = moments, .count = count};
  set_scale(&p, true_magnitude);
  if (p.sheet.file)
    draw(&p, title, true_magnitude);
  bool good = p.sheet.file && !ferror(p.sheet.file);
  if (p.sheet.file)
    good &= fclose(p.sheet.file) == 0;
  if (!good)
    fprintf(stderr, "tocsin magnitude: --plot %s: %s\n", path, strerror(errno));
  return good;
}
