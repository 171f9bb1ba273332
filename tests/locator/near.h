/* near.h: two numbers are equal within a tolerance, in double precision. */
#ifndef TOCSIN_TESTS_NEAR_H
#define TOCSIN_TESTS_NEAR_H

#include <math.h>

#include "data.h"

static inline void assert_near(double is, double should_be, double tolerance)
{
  if (!(fabs(is - should_be) <= tolerance))
    fail_msg("%.9g is not within %.3g of %.9g", is, tolerance, should_be);
}

#endif
