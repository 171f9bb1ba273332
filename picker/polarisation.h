/* polarisation.h (inside picker/): where a P wave comes from, as three components say.
 *
 * P moves the ground along its path: what the horizontals do with the vertical points away from the source when it moves up (Roberts, Christoffersson
 * & Cassidy 1989; JMA's single-station method). Measured on displacement, before scattered waves arrive (Noda et al. 2012).
 */
#ifndef TOCSIN_PICKER_POLARISATION_H
#define TOCSIN_PICKER_POLARISATION_H

#include "history.h"
#include "ingest.h"

typedef struct {
  float azimuth_deg; /* from the station to the source, clockwise from north, 0..360 */
  float sigma_deg;   /* one standard deviation; 0: unclear */
} polarisation;

/* The longest window that is looked at, from the onset. */
static const double polarisation_window_s = 0.7;

/* Of the window [onset, onset + length). False if samples of a component are missing there or before. */
bool polarisation_measure(const history components[INGEST_COMPONENTS], double rate, ingest_unit unit, int64_t onset, int64_t length, polarisation *p);

#endif
