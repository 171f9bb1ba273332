/* lanes.h (inside locator/): eight numbers side by side, in one register or in two where the processor's are shorter. What is inlined here runs on
 * whatever its caller was compiled for (FOR_EACH_PROCESSOR), with the same bits.
 */
#ifndef TOCSIN_LOCATOR_LANES_H
#define TOCSIN_LOCATOR_LANES_H

#include <math.h>
#include <string.h>

#include "travel_time.h"

enum { LANES = 8 };

/* `choice`: of each lane all bits or none; also whole numbers. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t choice __attribute__((vector_size(LANES * sizeof(int32_t))));

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE lanes lanes_of(const float *from)
{
  lanes x;
  memcpy(&x, from, sizeof x);
  return x;
}

ALWAYS_INLINE lanes all(float value)
{
  return (lanes){} + value;
}

ALWAYS_INLINE choice always(bool is_so)
{
  return (choice){} - (int32_t)is_so;
}

ALWAYS_INLINE lanes choose(choice which, lanes a, lanes b)
{
  return (lanes)((which & (choice)a) | (~which & (choice)b));
}

ALWAYS_INLINE bool none(choice which)
{
  int32_t any = 0;
  for (size_t k = 0; k < LANES; k++)
    any |= which[k];
  return !any;
}

ALWAYS_INLINE lanes smaller(lanes a, lanes b)
{
  return choose(a < b, a, b);
}

ALWAYS_INLINE lanes larger(lanes a, lanes b)
{
  return choose(a > b, a, b);
}

ALWAYS_INLINE float sum_of(lanes x)
{
  return ((x[0] + x[4]) + (x[1] + x[5])) + ((x[2] + x[6]) + (x[3] + x[7]));
}

ALWAYS_INLINE lanes root(lanes x)
{
  lanes y;
  for (size_t k = 0; k < LANES; k++)
    y[k] = sqrtf(x[k]);
  return y;
}

ALWAYS_INLINE lanes distance_between(lanes east, lanes north, lanes of_east, lanes of_north)
{
  lanes x = east - of_east, y = north - of_north;
  return root(x * x + y * y);
}

/* Natural logarithm of a positive normal number within 1e-4: exponent, and a polynomial of degree 4 that is minimax over the mantissa. */
ALWAYS_INLINE lanes log_of_all(lanes value)
{
  choice bits = (choice)value;
  lanes exponent = __builtin_convertvector((bits >> 23) - 127, lanes), m = (lanes)((bits & 0x7fffff) | 0x3f800000);
  return 0.6931472F * exponent - 1.73675974F + m * (2.80698053F + m * (-1.45519477F + m * (0.44050274F - 0.05545931F * m)));
}

ALWAYS_INLINE lanes log10_of_all(lanes value)
{
  return 0.43429448F * log_of_all(value);
}

/* Of numbers from -80 to 0, within 1e-5 of itself: a power of two, and a polynomial of degree 4 over the rest. */
ALWAYS_INLINE lanes exp_of_all(lanes value)
{
  lanes twos = 1.44269504F * value;
  choice whole = __builtin_convertvector(twos, choice) - 1;
  lanes rest = twos - __builtin_convertvector(whole, lanes), power = (lanes)((whole + 127) << 23);
  return power * (1.00000252F + rest * (0.69300662F + rest * (0.24142749F + rest * (0.05203743F + 0.0135206F * rest))));
}

/* The angle 0..pi of a vector (along, |across|) to the first axis, within 2e-5; of none a right one. */
ALWAYS_INLINE lanes angle_of_all(lanes along, lanes across)
{
  const float right = 1.57079633F, straight = 3.14159265F;
  lanes x = choose(along < 0, -along, along), y = choose(across < 0, -across, across), longer = larger(larger(x, y), all(1e-6F)),
        t = smaller(x, y) / longer, t2 = t * t;
  lanes angle = t * (0.99987874F + t2 * (-0.33040557F + t2 * (0.18041268F + t2 * (-0.08540831F + 0.02093181F * t2))));
  angle = choose(y >= x, right - angle, angle);
  return choose(along < 0, straight - angle, angle);
}

/* Travel times over the table's row that begins at each lane's `row`. */
ALWAYS_INLINE lanes travel(const travel_time_grid *grid, choice row, lanes distance)
{
  lanes within = smaller(distance, all((float)(grid->length - 2))), before, after;
  choice whole = __builtin_convertvector(within, choice), at = row + whole;
  for (size_t k = 0; k < LANES; k++) {
    before[k] = grid->times[at[k]];
    after[k] = grid->times[at[k] + 1];
  }
  return before + (after - before) * (within - __builtin_convertvector(whole, lanes));
}

/* Places; where the rows of tables above their depths begin, and what part of the way to the next row they lie deeper. */
typedef struct {
  lanes east, north, depth, deeper;
  choice row, next_row;
} lane_places;

ALWAYS_INLINE void set_rows(lane_places *at, const travel_time_grid *grid)
{
  for (size_t k = 0; k < LANES; k++) {
    float past;
    size_t row = travel_time_row_above(grid, at->depth[k], &past);
    at->deeper[k] = past;
    at->row[k] = (int32_t)(row * grid->length);
    at->next_row[k] = (int32_t)((row + 1 < grid->rows ? row + 1 : row) * grid->length);
  }
}

ALWAYS_INLINE lanes travel_between_rows(const travel_time_grid *grid, const lane_places *at, lanes distance)
{
  lanes above = travel(grid, at->row, distance);
  return above + (travel(grid, at->next_row, distance) - above) * at->deeper;
}

#endif
