/* near.h: equality of doubles within a tolerance, with both values in the message. */
#ifndef TOCSIN_TESTS_NEAR_H
#define TOCSIN_TESTS_NEAR_H

#include <math.h>

#include "data.h"

#define assert_near(value, truth, tolerance) near_(value, truth, tolerance, #value, __FILE__, __LINE__)

static inline void near_(double value, double truth, double tolerance, const char *what, const char *file, int line)
{
  if (fabs(value - truth) <= tolerance)
    return;
  print_error("%s is %.9g, not %.9g within %g\n", what, value, truth, tolerance);
  _fail(file, line);
}

#endif
