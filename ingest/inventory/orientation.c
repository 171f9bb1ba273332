#include "orientation.h"

#include <math.h>
#include <string.h>

#include "inventory_table.h"

static const double nominal_azimuth_deg[] = {0, 0, 90}, nominal_dip_deg[] = {-90, 0, 0};
static const double right_angle_tolerance = 0.1736;    /* sin 10 degrees */
static const double leak[] = {0.0872, 0.0175, 0.0175}; /* sin 5 and 1 degrees: what is less of another channel is left out */
static const double negligible = 1e-3, flat_deg = 20, upright_deg = 60;

typedef double matrix[INGEST_COMPONENTS][INGEST_COMPONENTS];

static bool is_triaxial(const inventory_entry *entry)
{
  return strchr("ABCUVW", entry->codes.channel[2]) && fabs(entry->epoch.dip_deg) <= upright_deg;
}

/* StationXML counts the dip downwards from the horizontal and the azimuth clockwise from north, both along the way of a positive count. */
static void point(double azimuth_deg, double dip_deg, int component, double direction[INGEST_COMPONENTS])
{
  double azimuth = (isnan(azimuth_deg) ? nominal_azimuth_deg[component] : azimuth_deg) * M_PI / 180;
  double dip = (isnan(dip_deg) ? nominal_dip_deg[component] : dip_deg) * M_PI / 180;
  direction[INGEST_VERTICAL] = -sin(dip);
  direction[INGEST_NORTH] = cos(dip) * cos(azimuth);
  direction[INGEST_EAST] = cos(dip) * sin(azimuth);
}

static bool are_at_right_angles(const matrix directions)
{
  for (int i = 0; i < INGEST_COMPONENTS; i++) {
    const double *a = directions[i], *b = directions[(i + 1) % INGEST_COMPONENTS];
    if (fabs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) > right_angle_tolerance)
      return false;
  }
  return true;
}

/* As its channels point. */
static bool point_all(const inventory_entry *const entries[INGEST_COMPONENTS], matrix directions)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    if (!entries[c])
      return false;
    point(entries[c]->epoch.azimuth_deg, entries[c]->epoch.dip_deg, c, directions[c]);
  }
  return are_at_right_angles(directions);
}

/* As two horizontals point, whatever is said of the vertical. */
static bool point_horizontals(const inventory_entry *const entries[INGEST_COMPONENTS], matrix directions)
{
  point(0, -90, INGEST_VERTICAL, directions[INGEST_VERTICAL]);
  for (int c = INGEST_NORTH; c <= INGEST_EAST; c++) {
    if (!entries[c] || fabs(entries[c]->epoch.dip_deg) > flat_deg || is_triaxial(entries[c]))
      return false;
    point(entries[c]->epoch.azimuth_deg, 0, c, directions[c]);
  }
  return are_at_right_angles(directions);
}

/* By Cramer's rule: the rows of the inverse are the cross products of the others over their volume. */
static void invert(const matrix m, matrix inverse)
{
  for (int i = 0; i < INGEST_COMPONENTS; i++) {
    const double *a = m[(i + 1) % 3], *b = m[(i + 2) % 3];
    const double cross[] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
    double volume = cross[0] * m[i][0] + cross[1] * m[i][1] + cross[2] * m[i][2];
    for (int row = 0; row < INGEST_COMPONENTS; row++)
      inverse[row][i] = cross[row] / volume;
  }
}

static void set_alone(orientation *o, int component, int sign)
{
  memset(o->weights[component], 0, sizeof o->weights[component]);
  o->weights[component][component] = sign;
  o->needs[component] = (uint8_t)(1U << component);
}

static void set_row(orientation *o, int output, const double *weights)
{
  bool is_alone = true;
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    is_alone &= c == output || fabs(weights[c]) <= leak[output];
  if (is_alone) {
    set_alone(o, output, weights[output] < 0 ? -1 : 1);
    return;
  }
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    if (fabs(weights[c]) > negligible) {
      o->weights[output][c] = weights[c];
      o->needs[output] |= (uint8_t)(1U << c);
    }
}

static void set_signs(orientation *o, const inventory_entry *const entries[INGEST_COMPONENTS], int first, int last)
{
  for (int c = first; c <= last; c++)
    if (entries[c] && !is_triaxial(entries[c]))
      set_alone(o, c, ingest_channel_sign(entries[c]));
}

/* Channels that go alone come turned by their sign. */
static void turn_inputs(orientation *o)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    for (int output = 0; output < INGEST_COMPONENTS; output++)
      if (output != c && !orientation_mixes(o, c) && o->weights[c][c] < 0)
        o->weights[output][c] = -o->weights[output][c];
}

static void narrow(const ingest_inventory *inventory, inventory_range range, int64_t time, int64_t *from, int64_t *until)
{
  for (size_t i = range.first; i < range.first + range.count; i++) {
    const int64_t bounds[] = {inventory->entries[i].epoch.start, inventory->entries[i].epoch.end};
    for (int b = 0; b < 2; b++)
      if (bounds[b] <= time)
        *from = bounds[b] > *from ? bounds[b] : *from;
      else
        *until = bounds[b] < *until ? bounds[b] : *until;
  }
}

void orientation_of(const ingest_inventory *inventory, int32_t sensor, int64_t time, orientation *o, int64_t *from, int64_t *until)
{
  const inventory_entry *entries[INGEST_COMPONENTS];
  matrix directions, weights;
  *o = (orientation){.vertical_alone = false};
  *from = INT64_MIN;
  *until = INT64_MAX;
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    entries[c] = inventory_entry_at(inventory, sensor, c, time);
    narrow(inventory, inventory->ranges[sensor * INGEST_COMPONENTS + c], time, from, until);
  }
  bool whole = point_all(entries, directions);
  if (!whole && !point_horizontals(entries, directions)) {
    set_signs(o, entries, INGEST_VERTICAL, INGEST_EAST);
    return;
  }
  invert(directions, weights);
  for (int c = INGEST_NORTH; c <= INGEST_EAST; c++)
    set_row(o, c, weights[c]);
  if (whole)
    set_row(o, INGEST_VERTICAL, weights[INGEST_VERTICAL]);
  else
    set_signs(o, entries, INGEST_VERTICAL, INGEST_VERTICAL);
  turn_inputs(o);
  o->vertical_alone = whole && orientation_mixes(o, INGEST_VERTICAL) && fabs(entries[INGEST_VERTICAL]->epoch.dip_deg) > upright_deg;
}

bool ingest_inventory_rotates(const ingest_inventory *inventory, int32_t sensor, int component, int64_t time)
{
  orientation o;
  int64_t from, until;
  orientation_of(inventory, sensor, time, &o, &from, &until);
  return orientation_mixes(&o, component);
}

bool orientation_is_same(const orientation *a, const orientation *b)
{
  for (int c = 0; c < INGEST_COMPONENTS; c++)
    for (int k = 0; k < INGEST_COMPONENTS; k++)
      if (a->weights[c][k] != b->weights[c][k])
        return false;
  return a->vertical_alone == b->vertical_alone && memcmp(a->needs, b->needs, sizeof a->needs) == 0;
}

bool orientation_ever_mixes(const ingest_inventory *inventory, int32_t sensor)
{
  int64_t from, until = INT64_MIN;
  do {
    orientation o;
    orientation_of(inventory, sensor, until, &o, &from, &until);
    for (int c = 0; c < INGEST_COMPONENTS; c++)
      if (orientation_mixes(&o, c))
        return true;
  } while (until != INT64_MAX);
  return false;
}
