/* magnitude_plot.h: a magnitude against time since the origin, with its uncertainty on either side, the stations' own estimates and the truth, as
 * SVG.
 */
#ifndef TOCSIN_MAGNITUDE_PLOT_H
#define TOCSIN_MAGNITUDE_PLOT_H

#include <stdbool.h>
#include <stddef.h>

enum { MAGNITUDE_PLOT_STATIONS = 64 };

/* One second. What is NAN is not drawn. */
typedef struct {
  double since_origin_s, magnitude, up, down; /* up, down: of its uncertainty */
  const char *type;                           /* "Mpd", ... */
  double p_wave[MAGNITUDE_PLOT_STATIONS];     /* from each station's longest P window */
  double record[MAGNITUDE_PLOT_STATIONS];     /* from the displacement of its whole record */
} magnitude_moment;

/* False, said on stderr, if the file cannot be written. */
bool magnitude_plot(const char *path, const char *title, const magnitude_moment *moments, size_t count, double true_magnitude);

#endif
