/* The search for a line source on made faults of 20 to 200 km: thread CPU of an update and of its longest slice, how many lengths and strikes are
 * right, beside a point source that takes the same shaking's magnitude. One JSON line a figure.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fault.h"
#include "intensity.h"
#include "random.h"

enum { FAULTS = 200, SITES_MAXIMUM = 4096, UNITS = 55000 };

typedef struct {
  int resolved, lengths, strikes, slices; /* slices: of the longest update */
  double update_ms, slice_ms, magnitude_error;
} tally;

static fault_site sites[SITES_MAXIMUM];
static size_t count;

static double thread_ms(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* Sites on a disturbed grid; scatter between (0.35) and within (0.55) events, PGA and PGV of one site alike by 0.7; the epicentre wrong by 2 km. */
static fault_line shake(random_source *r, double spacing)
{
  double length = 20 * pow(10, random_uniform(r, 0, 1)), strike = random_uniform(r, 0, 180), ahead = random_uniform(r, -0.5, 0.5) * length;
  fault_line truth = {.length_km = length,
                      .strike_deg = strike,
                      .east_km = ahead * sin(strike * M_PI / 180),
                      .north_km = ahead * cos(strike * M_PI / 180),
                      .magnitude = 4.38 + 1.49 * log10(length) + 0.2 * random_normal(r)};
  double common = random_normal(r), term[] = {0.35 * common, 0.35 * (0.7 * common + 0.7 * random_normal(r))}, half = length + 120;
  double wrong_east = 2 * random_normal(r), wrong_north = 2 * random_normal(r);
  count = 0;
  for (double east = -half; east < half; east += spacing)
    for (double north = -half; north < half; north += spacing) {
      double e = east + random_uniform(r, 0, spacing), n = north + random_uniform(r, 0, spacing), w = random_normal(r);
      double d = fault_line_distance_km(&truth, e, n), v = 0.7 * w + 0.714 * random_normal(r);
      if (hypot(e, n) > 250 || count == SITES_MAXIMUM)
        continue;
      sites[count++] = (fault_site){e - wrong_east,
                                    n - wrong_north,
                                    {[LOCATOR_PGA] = intensity_bssa14_median(LOCATOR_PGA, truth.magnitude, d) + term[0] + 0.55 * w,
                                     [LOCATOR_PGV] = intensity_bssa14_median(LOCATOR_PGV, truth.magnitude, d) + term[1] + 0.55 * v},
                                    false};
    }
  return truth;
}

static void search_one(fault_search *search, random_source *r, double spacing, tally *t)
{
  fault_line truth = shake(r, spacing), found;
  double begun = thread_ms(), slice;
  bool done;
  int slices = 0;
  fault_search_begin(search, sites, count, 2);
  do {
    slice = thread_ms();
    done = fault_search_run(search, UNITS);
    t->slice_ms = fmax(t->slice_ms, thread_ms() - slice);
    slices++;
  } while (!done);
  t->update_ms = fmax(t->update_ms, thread_ms() - begun);
  t->slices = slices > t->slices ? slices : t->slices;
  if (!fault_search_result(search, &found) || !found.resolved)
    return;
  t->resolved++;
  t->lengths += fabs(found.length_km / truth.length_km - 1) <= 0.3;
  t->strikes += fabs(remainder(found.strike_deg - truth.strike_deg, 180)) <= 15;
  t->magnitude_error += (found.magnitude - truth.magnitude) * (found.magnitude - truth.magnitude);
}

int main(void)
{
  const double spacings[] = {15, 25, 40};
  fault_search *search = fault_search_create(intensity_bssa14_median);
  if (!search)
    return 1;
  for (size_t i = 0; i < sizeof spacings / sizeof spacings[0]; i++) {
    tally t = {0};
    for (int seed = 1; seed <= FAULTS; seed++) {
      random_source r = {(uint64_t)seed};
      search_one(search, &r, spacings[i], &t);
    }
    printf("{\"name\":\"line source, sites %g km apart\",\"value\":%.1f,\"unit\":\"ms CPU an update, at "
           "most\",\"baseline\":50,\"longest_slice_ms\":%.2f,\"slices\":%d,"
           "\"faults\":%d,\"resolved\":%d,\"length_within_30_percent\":%.2f,\"strike_within_15_deg\":%.2f,\"magnitude_rms\":%.2f}\n",
           spacings[i], t.update_ms, t.slice_ms, t.slices, FAULTS, t.resolved, (double)t.lengths / t.resolved, (double)t.strikes / t.resolved,
           sqrt(t.magnitude_error / t.resolved));
  }
  fault_search_destroy(search);
  return 0;
}
