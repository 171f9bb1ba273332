#include "tune_sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const config_row *row_named(const config_row *rows, const char *name, size_t length)
{
  for (const config_row *row = rows; row->name; row++)
    if ((row->type == CONFIG_REAL || row->type == CONFIG_INT) && strlen(row->name) == length && memcmp(row->name, name, length) == 0)
      return row;
  return NULL;
}

static bool refuse(const tune_sweep *sweep, const char *text, const char *why)
{
  fprintf(stderr, "tocsin %s: --tune %s: %s\n", sweep->verb, text, why);
  return false;
}

/* "-1:2:0.5": both ends, as far as whole steps reach. */
static bool read_steps(tune_range *range, const char *values)
{
  double part[3];
  for (size_t i = 0; i < 3; i++) {
    char *end;
    part[i] = strtod(values, &end);
    if (end == values || *end != (i < 2 ? ':' : '\0'))
      return false;
    values = end + 1;
  }
  double from = part[0], to = part[1], step = part[2];
  if (!(step > 0) || !(to >= from) || !isfinite(from) || !((to - from) / step < TUNE_VALUES - 1))
    return false;
  range->count = (size_t)floor((to - from) / step + 1e-9) + 1;
  for (size_t i = 0; i < range->count; i++)
    range->values[i] = from + (double)i * step;
  return true;
}

/* "6,8,12" */
static bool read_list(tune_range *range, const char *values)
{
  do {
    char *end;
    if (range->count == TUNE_VALUES)
      return false;
    range->values[range->count++] = strtod(values, &end);
    if (end == values || (*end && *end != ','))
      return false;
    values = *end ? end + 1 : end;
  } while (*values);
  return true;
}

static bool within(const tune_range *range)
{
  for (size_t i = 0; i < range->count; i++)
    if (!(range->values[i] >= range->row->minimum && range->values[i] <= range->row->maximum))
      return false;
  return true;
}

bool tune_sweep_add(tune_sweep *sweep, const char *text)
{
  size_t prefix = strlen(sweep->section);
  bool prefixed = strncmp(text, sweep->section, prefix) == 0 && text[prefix] == '.';
  const char *name = prefixed ? text + prefix + 1 : text, *equals = strchr(name, '=');
  char why[200];
  if (sweep->count == TUNE_SETTINGS)
    return refuse(sweep, text, "at most 8 settings can be swept at once");
  tune_range *range = &sweep->ranges[sweep->count];
  *range = (tune_range){.row = equals ? row_named(sweep->rows, name, (size_t)(equals - name)) : NULL};
  snprintf(why, sizeof why, "give NAME=FROM:TO:STEP or NAME=A,B,C, where NAME is a number in the section `%s` of the settings", sweep->section);
  if (!range->row)
    return refuse(sweep, text, why);
  if (!(strchr(equals, ':') ? read_steps(range, equals + 1) : read_list(range, equals + 1)))
    return refuse(sweep, text, "give FROM:TO:STEP with a step above 0, or values with commas between; 256 values at most");
  snprintf(why, sizeof why, "%s must lie within %g..%g", range->row->name, range->row->minimum, range->row->maximum);
  if (!within(range))
    return refuse(sweep, text, why);
  sweep->count++;
  return tune_sweep_trials(sweep) <= TUNE_TRIALS || refuse(sweep, text, "that makes more than 10,000 combinations");
}

size_t tune_sweep_trials(const tune_sweep *sweep)
{
  size_t trials = 1;
  for (size_t i = 0; i < sweep->count && trials <= TUNE_TRIALS; i++)
    trials *= sweep->ranges[i].count;
  return trials;
}

double tune_sweep_value(const tune_sweep *sweep, size_t trial, size_t setting)
{
  for (size_t i = sweep->count - 1; i > setting; i--)
    trial /= sweep->ranges[i].count;
  return sweep->ranges[setting].values[trial % sweep->ranges[setting].count];
}

void tune_sweep_apply(const tune_sweep *sweep, size_t trial, void *settings)
{
  for (size_t i = 0; i < sweep->count; i++) {
    const config_row *row = sweep->ranges[i].row;
    double value = tune_sweep_value(sweep, trial, i);
    if (row->type == CONFIG_INT)
      *(int64_t *)((char *)settings + row->offset) = llround(value);
    else
      *(double *)((char *)settings + row->offset) = value;
  }
}
