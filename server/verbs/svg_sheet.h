/* svg_sheet.h: axes of a plot as SVG, and where a value lies between them. */
#ifndef TOCSIN_SVG_SHEET_H
#define TOCSIN_SVG_SHEET_H

#include <stdio.h>

/* One pair of axes; lengths in pixels. */
typedef struct {
  FILE *file;
  double left, top, width, height; /* of the field between the axes */
  double x_least, x_most, y_least, y_most;
} svg_sheet;

double svg_x(const svg_sheet *s, double value);
double svg_y(const svg_sheet *s, double value);

/* The picture's first lines: a white ground and a title. svg_end() writes the last. */
void svg_begin(FILE *file, double width, double height, const char *title);
void svg_end(FILE *file);

/* Text with what XML reserves escaped. */
void svg_text(FILE *file, double x, double y, const char *text);

/* Lines across the field at each multiple of the steps, with their values. */
void svg_grid(const svg_sheet *s, double x_step, double y_step);

/* The step, 1, 2 or 5 times a power of ten, of which about `lines` fit into `range`. */
double svg_step(double range, int lines);

#endif
