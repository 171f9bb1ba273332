#include "associate_corrections.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One arrival of a well-placed event. */
typedef struct {
  const char *site_code;
  char phase;
  double seconds;
} residual;

static int by_site(const void *a, const void *b)
{
  const residual *x = a, *y = b;
  int order = strcmp(x->site_code, y->site_code);
  if (order != 0)
    return order;
  return x->phase != y->phase ? (x->phase > y->phase) - (x->phase < y->phase) : (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* A place that few stations make takes their delays for its own. */
static bool is_well_placed(const locator_event *e)
{
  const size_t enough = 10;
  const float near_km = 5;
  return e->arrivals_count >= enough && e->horizontal_uncertainty_km <= near_km;
}

/* Sorted; NULL if memory is short. */
static residual *gather(const associate_catalogue *c, const ingest_inventory *inventory, size_t *count)
{
  residual *all = malloc((c->count * LOCATOR_PICKS_MAXIMUM + 1) * sizeof *all);
  *count = 0;
  for (size_t i = 0; all && i < c->count; i++)
    for (size_t k = 0; k < c->events[i].arrivals_count && is_well_placed(&c->events[i]); k++) {
      const locator_arrival *a = &c->events[i].arrivals[k];
      if (a->weight > 0)
        all[(*count)++] = (residual){ingest_inventory_sensor(inventory, (size_t)a->sensor)->site_code, a->phase, (double)a->residual_s};
    }
  if (*count > 0)
    qsort(all, *count, sizeof *all, by_site);
  return all;
}

/* Mean with the weights of Student's t of three degrees of freedom, as the locator's, from the median on; `*scatter` from the median deviation (of
   a sorted list half of what lies between its quartiles, times 1.48 for a normal one). */
static double robust_mean(const residual *of, size_t n, double *scatter)
{
  enum { ROUNDS = 8 };
  const double least_s = 0.05;
  double mean = (of[(n - 1) / 2].seconds + of[n / 2].seconds) / 2;
  *scatter = fmax(least_s, 1.4826 * (of[n - 1 - n / 4].seconds - of[n / 4].seconds) / 2);
  for (int round = 0; round < ROUNDS; round++) {
    double weights = 0, sum = 0;
    for (size_t i = 0; i < n; i++) {
      double d = (of[i].seconds - mean) / *scatter, weight = 1 / (1 + d * d / 3);
      weights += weight;
      sum += weight * of[i].seconds;
    }
    mean = sum / weights;
  }
  return mean;
}

/* Few readings count for little: so many of no delay are added to them. */
static void write_site(FILE *out, const residual *of, size_t n, double in_use_s)
{
  const double readings_of_none = 5;
  const size_t least = 3;
  double scatter_s, mean_s = robust_mean(of, n, &scatter_s), seconds = in_use_s + mean_s * (double)n / ((double)n + readings_of_none);
  const char *dot = strchr(of->site_code, '.');
  if (dot && (n >= least || in_use_s != 0))
    fprintf(out, "%.*s,%s,%c,%.3f,%zu,%.3f\n", (int)(dot - of->site_code), of->site_code, dot + 1, of->phase, seconds, n, scatter_s);
}

bool associate_corrections_write(const associate_catalogue *c, const ingest_inventory *inventory, const locator_corrections *in_use, const char *path)
{
  size_t count, end;
  residual *all = gather(c, inventory, &count);
  FILE *out = all ? fopen(path, "w") : NULL;
  bool good = out && fputs("network,station,phase,seconds,readings,scatter_s\n", out) >= 0;
  for (size_t i = 0; good && i < count; i = end) {
    for (end = i + 1; end < count && strcmp(all[end].site_code, all[i].site_code) == 0 && all[end].phase == all[i].phase;)
      end++;
    write_site(out, &all[i], end - i, locator_correction_s(in_use, all[i].site_code, all[i].phase));
  }
  good = good && ferror(out) == 0;
  good = out && fclose(out) == 0 && good;
  if (!good)
    fprintf(stderr, "tocsin associate: --corrections-out %s: %s\n", path, strerror(errno));
  free(all);
  return good;
}
