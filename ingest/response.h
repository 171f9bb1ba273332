/* response.h: short-period seismometers and geophones made to answer to longer periods, for this folder's own use.
 *
 * A velocity sensor of corner f0 and damping h gives H(s) = s^2 / (s^2 + 2 h w0 s + w0^2) of the ground's velocity (Aki & Richards 2002, 12.1). Its
 * samples go through (s^2 + 2 h w0 s + w0^2) / (s^2 + 2 h1 w1 s + w1^2), so that what comes out is that of a sensor of corner
 * f1 = max(f0 / 10, 0.1 Hz) and damping 0.707: right within 3.5 % above 2 f1, 3 dB low at f1. Noise below f0 grows with it, 100 times at most. A
 * corner above an eighth of the rate is left as it is.
 */
#ifndef TOCSIN_INGEST_RESPONSE_H
#define TOCSIN_INGEST_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A corner up to here is low enough as it is. */
static const double response_low_enough_hz = 0.2;

/* Of one channel. Zeroed: nothing came yet. */
typedef struct {
  double corner_hz, damping, rate; /* what it is designed for */
  double b[3], a[2];               /* of the filter, after division by a0 */
  double state[2];
  double reference; /* the first sample after a restart: the filter sees deviations from it, so that a constant stays one */
} response;

/* The corner that the stream has in the end. */
double response_extended_hz(double corner_hz);

/* |H| at a frequency, 1 far above the corner. */
double response_amplitude(double corner_hz, double damping, double frequency_hz);

/* Extends samples in place. `missing_ns` are missing before the first (0: it follows); a hole longer than a tenth of the extended corner's period
   starts the filter anew, as does another sensor or rate. */
void response_extend(response *r, double corner_hz, double damping, double rate, int64_t missing_ns, float *samples, size_t count);

#endif
