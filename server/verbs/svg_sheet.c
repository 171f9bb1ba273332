#include "svg_sheet.h"

#include <math.h>

double svg_x(const svg_sheet *s, double value)
{
  return s->left + s->width * (value - s->x_least) / (s->x_most - s->x_least);
}

double svg_y(const svg_sheet *s, double value)
{
  return s->top + s->height * (s->y_most - value) / (s->y_most - s->y_least);
}

static void put_escaped(FILE *file, const char *text)
{
  for (const char *c = text; *c; c++)
    *c == '&' ? fputs("&amp;", file) : *c == '<' ? fputs("&lt;", file) : fputc(*c, file);
}

void svg_begin(FILE *file, double width, double height, const char *title)
{
  fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" font-size=\"13\">\n", width, height);
  fputs("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"60\" y=\"24\" font-size=\"15\">", file);
  put_escaped(file, title);
  fputs("</text>\n", file);
}

void svg_end(FILE *file)
{
  fputs("</svg>\n", file);
}

void svg_text(FILE *file, double x, double y, const char *text)
{
  fprintf(file, "<text x=\"%.1f\" y=\"%.1f\">", x, y);
  put_escaped(file, text);
  fputs("</text>\n", file);
}

static void line(const svg_sheet *s, double x1, double y1, double x2, double y2)
{
  fprintf(s->file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>\n", x1, y1, x2, y2);
}

/* Multiples of a step may be off by rounding: %.6g hides it. */
static const char *number(double value, char text[32])
{
  snprintf(text, 32, "%.6g", fabs(value) < 1e-9 ? 0 : value);
  return text;
}

void svg_grid(const svg_sheet *s, double x_step, double y_step)
{
  char text[32];
  for (double i = ceil(s->y_least / y_step - 1e-9); i * y_step <= s->y_most * (1 + 1e-9); i++) {
    line(s, s->left, svg_y(s, i * y_step), s->left + s->width, svg_y(s, i * y_step));
    svg_text(s->file, s->left - 40, svg_y(s, i * y_step) + 4, number(i * y_step, text));
  }
  for (double i = ceil(s->x_least / x_step - 1e-9); i * x_step <= s->x_most * (1 + 1e-9); i++) {
    line(s, svg_x(s, i * x_step), s->top, svg_x(s, i * x_step), s->top + s->height);
    svg_text(s->file, svg_x(s, i * x_step) - 6, s->top + s->height + 18, number(i * x_step, text));
  }
}

double svg_step(double range, int lines)
{
  double rough = range / lines, power = pow(10, floor(log10(rough))), part = rough / power;
  return power * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
}
