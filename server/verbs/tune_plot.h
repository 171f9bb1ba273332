/* tune_plot.h: what a sweep costs and brings, as SVG. */
#ifndef TOCSIN_TUNE_PLOT_H
#define TOCSIN_TUNE_PLOT_H

#include "tune_sweep.h"

/* A value a trial; NAN: none. */
typedef struct {
  const char *name;
  const double *values;
} tune_axis;

enum { TUNE_PANELS = 2 };

/* Two panels, each against `x`: a point a trial. False, said on stderr, if the file cannot be written. */
bool tune_plot(const char *path, const tune_sweep *sweep, tune_axis x, const tune_axis panels[TUNE_PANELS]);

#endif
