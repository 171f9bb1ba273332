/* stationxml_poles.h: what the poles and zeros of a sensor say of its lowest frequencies, for this folder's own use. */
#ifndef TOCSIN_INGEST_STATIONXML_POLES_H
#define TOCSIN_INGEST_STATIONXML_POLES_H

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef CMPLX /* glibc gives it to gcc alone */
#define CMPLX(real, imaginary) __builtin_complex((double)(real), (double)(imaginary))
#endif

enum { STATIONXML_ROOTS = 32 };

typedef enum { STATIONXML_RADIANS, STATIONXML_HERTZ, STATIONXML_NOT_LAPLACE } stationxml_transfer;

/* H(s) = A0 prod(s - z) / prod(s - p), A0 such that |H| = 1 at a frequency. Zeroed but for the factor, NAN: none stated yet. */
typedef struct {
  stationxml_transfer transfer;
  double factor, frequency_hz;
  double complex zeros[STATIONXML_ROOTS], poles[STATIONXML_ROOTS];
  int zero_count, pole_count; /* more than there is room for are counted all the same */
} stationxml_poles;

/* The transfer function's type from its text. */
stationxml_transfer stationxml_transfer_read(const char *text);

void stationxml_poles_add_zero(stationxml_poles *p, double complex zero);
void stationxml_poles_add_pole(stationxml_poles *p, double complex pole);

/* Of a velocity sensor. FLAT: its response is flat down to response_low_enough_hz; CORNER: it falls off below a corner higher than that, as one of
   two poles and two zeros does; COMPLICATED: it falls off in another way. */
typedef enum { STATIONXML_FLAT, STATIONXML_CORNER, STATIONXML_COMPLICATED } stationxml_shape;
stationxml_shape stationxml_poles_shape(const stationxml_poles *p, double *corner_hz, double *damping);

/* True where the factor stated is not the one that poles and zeros give at its frequency, within 5 %; said in `text`. */
bool stationxml_poles_doubt(const stationxml_poles *p, char *text, size_t room);

#endif
