/* network.h (inside picker/): small networks of one hidden layer, as train/network.py makes them. */
#ifndef TOCSIN_PICKER_NETWORK_H
#define TOCSIN_PICKER_NETWORK_H

enum { NETWORK_UNITS = 160 }; /* at most */

typedef struct {
  int inputs, units;
  const float *of_input; /* for each input a row of units */
  const float *of_unit;
  float constant;
} network;

/* Logarithm of the odds; `bias`: of each unit. */
float network_log_odds(const network *n, const float *bias, const float *inputs);

#endif
