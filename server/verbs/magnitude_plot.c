#include "magnitude_plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double width = 760, height = 420, left = 60, top = 40, lowest = 3, highest = 8.5;

typedef struct {
  FILE *file;
  double last_s;
} sheet;

static double x_of(const sheet *p, double since_s)
{
  return left + (width - left - 20) * since_s / p->last_s;
}

static double y_of(double magnitude)
{
  return top + (height - top - 50) * (highest - fmin(fmax(magnitude, lowest), highest)) / (highest - lowest);
}

static void draw_frame(const sheet *p, const char *title, double true_magnitude)
{
  double right = x_of(p, p->last_s), bottom = y_of(lowest), step = p->last_s > 60 ? 20 : p->last_s > 20 ? 10 : 2;
  fprintf(p->file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" font-size=\"13\">\n", width,
          height);
  fprintf(p->file, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%g\" y=\"24\" font-size=\"15\">", left);
  for (const char *c = title; *c; c++)
    *c == '&' ? fputs("&amp;", p->file) : *c == '<' ? fputs("&lt;", p->file) : fputc(*c, p->file);
  fputs("</text>\n", p->file);
  for (double m = lowest; m <= highest; m++)
    fprintf(p->file, "<line x1=\"%g\" y1=\"%.1f\" x2=\"%g\" y2=\"%.1f\" stroke=\"#ddd\"/>\n<text x=\"%g\" y=\"%.1f\">%g</text>\n", left, y_of(m),
            right, y_of(m), left - 22, y_of(m) + 4, m);
  for (double s = 0; s <= p->last_s; s += step)
    fprintf(p->file, "<line x1=\"%.1f\" y1=\"%g\" x2=\"%.1f\" y2=\"%g\" stroke=\"#ddd\"/>\n<text x=\"%.1f\" y=\"%g\">%g</text>\n", x_of(p, s), top,
            x_of(p, s), bottom, x_of(p, s) - 6, bottom + 18, s);
  fprintf(p->file, "<text x=\"%g\" y=\"%g\">seconds since the origin time</text>\n", left + 260, height - 8);
  fprintf(p->file, "<line x1=\"%g\" y1=\"%.1f\" x2=\"%g\" y2=\"%.1f\" stroke=\"#c0392b\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/>\n", left,
          y_of(true_magnitude), right, y_of(true_magnitude));
  fprintf(p->file, "<text x=\"%g\" y=\"%.1f\" fill=\"#c0392b\">catalogue %.1f</text>\n", right - 100, y_of(true_magnitude) - 6, true_magnitude);
}

/* The band of one standard deviation, there and back. */
static void draw_band(const sheet *p, const magnitude_moment *moments, size_t count)
{
  fputs("<polygon fill=\"#1b6ca8\" fill-opacity=\"0.18\" points=\"", p->file);
  for (size_t i = 0; i < count; i++)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", x_of(p, moments[i].since_origin_s), y_of(moments[i].magnitude + moments[i].uncertainty));
  for (size_t i = count; i-- > 0;)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", x_of(p, moments[i].since_origin_s), y_of(moments[i].magnitude - moments[i].uncertainty));
  fputs("\"/>\n", p->file);
}

static void draw_stations(const sheet *p, const magnitude_moment *moments, size_t count)
{
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < MAGNITUDE_PLOT_STATIONS; k++)
      if (isfinite(moments[i].station[k]))
        fprintf(p->file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" fill=\"#888\"/>\n", x_of(p, moments[i].since_origin_s),
                y_of(moments[i].station[k]));
}

static void draw_line(const sheet *p, const magnitude_moment *moments, size_t count)
{
  fputs("<polyline fill=\"none\" stroke=\"#1b6ca8\" stroke-width=\"2.5\" points=\"", p->file);
  for (size_t i = 0; i < count; i++)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", x_of(p, moments[i].since_origin_s), y_of(moments[i].magnitude));
  fputs("\"/>\n", p->file);
}

bool magnitude_plot(const char *path, const char *title, const magnitude_moment *moments, size_t count, double true_magnitude)
{
  sheet p = {.file = fopen(path, "w"), .last_s = count > 0 ? fmax(moments[count - 1].since_origin_s, 1) : 1};
  if (p.file) {
    draw_frame(&p, title, true_magnitude);
    draw_band(&p, moments, count);
    draw_stations(&p, moments, count);
    draw_line(&p, moments, count);
    fputs("</svg>\n", p.file);
  }
  bool good = p.file && !ferror(p.file);
  if (p.file)
    good &= fclose(p.file) == 0;
  if (!good)
    fprintf(stderr, "tocsin magnitude: --plot %s: %s\n", path, strerror(errno));
  return good;
}
