/* 1-D velocity models: those that ship, and the reader of others. */
#include <stdio.h>
#include <string.h>

#include "locator.h"
#include "rows.h"

enum { NODES_MAXIMUM = sizeof((locator_model *)0)->node / sizeof((locator_model *)0)->node[0] };

/* iasp91 to 760 km (Kennett & Engdahl 1991). */
static const locator_model iasp91 = {
    23, {{0, 5.80, 3.36},      {20, 5.80, 3.36},    {20, 6.50, 3.75},   {35, 6.50, 3.75},       {35, 8.04, 4.47},      {77.5, 8.045, 4.485},
         {120, 8.05, 4.50},    {165, 8.175, 4.509}, {210, 8.30, 4.518}, {210, 8.30, 4.522},     {260, 8.4825, 4.609},  {310, 8.665, 4.696},
         {360, 8.8475, 4.783}, {410, 9.03, 4.87},   {410, 9.36, 5.07},  {460, 9.528, 5.176},    {510, 9.696, 5.282},   {560, 9.864, 5.388},
         {610, 10.032, 5.494}, {660, 10.20, 5.60},  {660, 10.79, 5.95}, {710, 10.9229, 6.0797}, {760, 11.0558, 6.2095}}};

/* Shandong's crust (Cui et al. 2017), the nearest published to Liaoning; below 120 km as iasp91. */
static const locator_model north_china = {
    21, {{0, 6.13, 3.54},     {22, 6.13, 3.54},       {22, 6.88, 3.95},      {33, 6.88, 3.95},    {33, 7.93, 4.46},     {120, 8.05, 4.50},
         {165, 8.175, 4.509}, {210, 8.30, 4.518},     {260, 8.4825, 4.609},  {310, 8.665, 4.696}, {360, 8.8475, 4.783}, {410, 9.03, 4.87},
         {410, 9.36, 5.07},   {460, 9.528, 5.176},    {510, 9.696, 5.282},   {560, 9.864, 5.388}, {610, 10.032, 5.494}, {660, 10.20, 5.60},
         {660, 10.79, 5.95},  {710, 10.9229, 6.0797}, {760, 11.0558, 6.2095}}};

static bool add_line(char *line, size_t number, locator_model *model, char *fault);
static bool is_header(const char *line);
static bool is_node(const locator_model *model, size_t number, double depth, double vp, double vs, char *fault);

bool locator_model_named(const char *name, locator_model *model)
{
  if (strcmp(name, "iasp91") == 0)
    *model = iasp91;
  else if (strcmp(name, "north-china") == 0)
    *model = north_china;
  else
    return false;
  return true;
}

bool locator_model_parse(const char *bytes, size_t length, locator_model *model, char *fault)
{
  model->count = 0;
  rows r = {.bytes = bytes, .length = length};
  rows_state state;
  while ((state = rows_next(&r)) == ROWS_LINE)
    if (!add_line(r.text, r.number, model, fault))
      return false;
  if (state == ROWS_BROKEN) {
    snprintf(fault, ROWS_FAULT, "line %zu: not a row of a table; write depth_km,vp_km_s,vs_km_s", r.number);
    return false;
  }
  if (model->count > 0)
    return true;
  snprintf(fault, ROWS_FAULT, "line %zu: no velocity given; add at least one row depth_km,vp_km_s,vs_km_s", r.number);
  return false;
}

/* The header holds no node. */
static bool add_line(char *line, size_t number, locator_model *model, char *fault)
{
  if (model->count == 0 && is_header(line))
    return true;
  char *field[3], whole[ROWS_TEXT];
  double values[3];
  memcpy(whole, line, sizeof whole);
  bool numbers = rows_split(line, field, 3) == 3;
  for (size_t i = 0; i < 3 && numbers; i++)
    numbers = rows_number(field[i], &values[i]);
  if (!numbers) {
    snprintf(fault, ROWS_FAULT, "line %zu: `%.40s` is not depth_km,vp_km_s,vs_km_s in numbers", number, whole);
    return false;
  }
  if (!is_node(model, number, values[0], values[1], values[2], fault))
    return false;
  size_t i = model->count++;
  model->node[i].depth_km = values[0];
  model->node[i].vp_km_s = values[1];
  model->node[i].vs_km_s = values[2];
  return true;
}

static bool is_header(const char *line)
{
  return strncmp(line, "depth_km", 8) == 0;
}

static bool is_node(const locator_model *model, size_t number, double depth, double vp, double vs, char *fault)
{
  if (model->count == NODES_MAXIMUM)
    snprintf(fault, ROWS_FAULT, "line %zu: more than %d rows; leave out what the travel times do not need", number, (int)NODES_MAXIMUM);
  else if (depth < -9 || depth > 3000)
    snprintf(fault, ROWS_FAULT, "line %zu: depth %g km; it must be within -9..3000", number, depth);
  else if (model->count > 0 && depth < model->node[model->count - 1].depth_km)
    snprintf(fault, ROWS_FAULT, "line %zu: depth %g km is above the row before it; order the rows by depth", number, depth);
  else if (!(vp >= 0.3 && vp <= 15))
    snprintf(fault, ROWS_FAULT, "line %zu: P velocity %g km/s; it must be within 0.3..15", number, vp);
  else if (!(vs >= 0.1 && vs < vp))
    snprintf(fault, ROWS_FAULT, "line %zu: S velocity %g km/s; it must be at least 0.1 and below the P velocity %g", number, vs, vp);
  else
    return true;
  return false;
}
