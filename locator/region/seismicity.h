/* seismicity.h (inside locator/): how likely an earthquake is at a place before anything is picked. */
#ifndef TOCSIN_LOCATOR_SEISMICITY_H
#define TOCSIN_LOCATOR_SEISMICITY_H

#include "geometry.h"

/* Natural logarithm of how many times likelier than on average an earthquake is at a point of a plane; 0 where `s` is NULL. About 15 ns. */
double seismicity_at(const locator_seismicity *s, const plane *around, plane_point point);

/* The most that it is in the square of that half width around the point, or a little more. About 30 ns. */
double seismicity_within(const locator_seismicity *s, const plane *around, plane_point point, double half_width_km);

double seismicity_kernel_km(const locator_seismicity *s);

#endif
