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

/* Depths in a phase's table: where the rows above them begin, and what part of the way to the next row they lie deeper. */
typedef struct {
  choice row;
  lanes deeper;
} lane_rows;

/* Places, and where their depths lie in both tables. */
typedef struct {
  lanes east, north, depth;
  lane_rows p, s;
} lane_places;

ALWAYS_INLINE void find_rows(lane_rows *rows, const locator_travel_times *tables, char phase, lanes depth)
{
  size_t distances = travel_time_nodes_of(tables, phase).distances;
  for (size_t k = 0; k < LANES; k++) {
    double beyond;
    rows->row[k] = (int32_t)(travel_time_row_above(tables, phase, (double)depth[k], &beyond) * distances);
    rows->deeper[k] = (float)beyond;
  }
}

/* As locator_travel_time(). */
ALWAYS_INLINE lanes exact_travel(const travel_time_nodes *nodes, const lane_rows *rows, lanes depth, lanes distance)
{
  const float fine_km = TRAVEL_TIME_FINE_KM, coarse_km = TRAVEL_TIME_COARSE_KM;
  lanes within = smaller(distance, all(nodes->max_distance_km)), index = choose(within < fine_km, within, fine_km + (within - fine_km) / coarse_km);
  choice column = __builtin_convertvector(index, choice), node = rows->row + column;
  lanes over = index - __builtin_convertvector(column, lanes), slowness[2];
  for (size_t way = 0; way < 2; way++) {
    lanes a0, a1, b0, b1;
    for (size_t k = 0; k < LANES; k++) {
      const float *shallow = nodes->slowness + 2 * (size_t)node[k] + way, *deep = shallow + nodes->next_row;
      a0[k] = shallow[0];
      a1[k] = shallow[2];
      b0[k] = deep[0];
      b1[k] = deep[2];
    }
    lanes above = a0 + (a1 - a0) * over;
    slowness[way] = above + (b0 + (b1 - b0) * over - above) * rows->deeper;
  }
  lanes deep = smaller(depth, all(nodes->max_depth_km));
  return smaller(slowness[0], slowness[1]) * root(within * within + deep * deep);
}

#endif
