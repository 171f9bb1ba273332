#include "magnitude_plot.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "svg_sheet.h"

static const double width = 760, height = 420, lowest = 3, highest = 8.5;

/* Beyond the axes drawn on them. */
static double y_of(const svg_sheet *p, double magnitude)
{
  return svg_y(p, fmin(fmax(magnitude, lowest), highest));
}

static void draw_frame(const svg_sheet *p, const char *title, double true_magnitude)
{
  double right = p->left + p->width, truth = y_of(p, true_magnitude);
  char text[40];
  svg_begin(p->file, width, height, title);
  svg_grid(p, svg_step(p->x_most, 8), 1);
  svg_text(p->file, p->left + 260, height - 8, "seconds since the origin time");
  fprintf(p->file, "<line x1=\"%g\" y1=\"%.1f\" x2=\"%g\" y2=\"%.1f\" stroke=\"#c0392b\" stroke-width=\"2\" stroke-dasharray=\"6 4\"/>\n", p->left,
          truth, right, truth);
  snprintf(text, sizeof text, "catalogue %.1f", true_magnitude);
  svg_text(p->file, right - 100, truth - 6, text);
}

/* The band of one standard deviation, there and back. */
static void draw_band(const svg_sheet *p, const magnitude_moment *moments, size_t count)
{
  fputs("<polygon fill=\"#1b6ca8\" fill-opacity=\"0.18\" points=\"", p->file);
  for (size_t i = 0; i < count; i++)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", svg_x(p, moments[i].since_origin_s), y_of(p, moments[i].magnitude + moments[i].uncertainty));
  for (size_t i = count; i-- > 0;)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", svg_x(p, moments[i].since_origin_s), y_of(p, moments[i].magnitude - moments[i].uncertainty));
  fputs("\"/>\n", p->file);
}

static void draw_stations(const svg_sheet *p, const magnitude_moment *moments, size_t count)
{
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < MAGNITUDE_PLOT_STATIONS; k++)
      if (isfinite(moments[i].station[k]))
        fprintf(p->file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"1.6\" fill=\"#888\"/>\n", svg_x(p, moments[i].since_origin_s),
                y_of(p, moments[i].station[k]));
}

static void draw_line(const svg_sheet *p, const magnitude_moment *moments, size_t count)
{
  fputs("<polyline fill=\"none\" stroke=\"#1b6ca8\" stroke-width=\"2.5\" points=\"", p->file);
  for (size_t i = 0; i < count; i++)
    if (isfinite(moments[i].magnitude))
      fprintf(p->file, "%.1f,%.1f ", svg_x(p, moments[i].since_origin_s), y_of(p, moments[i].magnitude));
  fputs("\"/>\n", p->file);
}

bool magnitude_plot(const char *path, const char *title, const magnitude_moment *moments, size_t count, double true_magnitude)
{
  svg_sheet p = {.file = fopen(path, "w"), .left = 60, .top = 40, .width = width - 80, .height = height - 90, .y_least = lowest, .y_most = highest};
  p.x_most = count > 0 ? fmax(moments[count - 1].since_origin_s, 1) : 1;
  if (p.file) {
    draw_frame(&p, title, true_magnitude);
    draw_band(&p, moments, count);
    draw_stations(&p, moments, count);
    draw_line(&p, moments, count);
    svg_end(p.file);
  }
  bool good = p.file && !ferror(p.file);
  if (p.file)
    good &= fclose(p.file) == 0;
  if (!good)
    fprintf(stderr, "tocsin magnitude: --plot %s: %s\n", path, strerror(errno));
  return good;
}
