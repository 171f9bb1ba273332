#include "place.h"

#include <math.h>
#include <stdio.h>

/* Beyond it a town's name says little of where the epicentre is; within the other it is the place itself. */
static const double near_km = 300, at_km = 2;

static void write_coordinates(double latitude_deg, double longitude_deg, place *p);

void place_of(const target_table *targets, double latitude_deg, double longitude_deg, place *p)
{
  static const char *const winds_zh[] = {"北", "东北", "东", "东南", "南", "西南", "西", "西北"};
  static const char *const winds_en[] = {"N", "NE", "E", "SE", "S", "SW", "W", "NW"};
  size_t nearest;
  double distance_km, azimuth_deg;
  write_coordinates(latitude_deg, longitude_deg, p);
  if (!targets_nearest(targets, latitude_deg, longitude_deg, &nearest, &distance_km, &azimuth_deg) || distance_km > near_km) {
    snprintf(p->zh, sizeof p->zh, "%s", p->coordinates_zh);
    snprintf(p->en, sizeof p->en, "%s", p->coordinates_en);
    return;
  }
  const engine_target *target = &targets->target[nearest];
  if (distance_km < at_km) {
    snprintf(p->zh, sizeof p->zh, "%s附近", place_name_zh(target));
    snprintf(p->en, sizeof p->en, "near %s", target->name);
    return;
  }
  int wind = (int)lround(azimuth_deg / 45) % 8;
  snprintf(p->zh, sizeof p->zh, "%s%s %.0f km", place_name_zh(target), winds_zh[wind], distance_km);
  snprintf(p->en, sizeof p->en, "%.0f km %s of %s", distance_km, winds_en[wind], target->name);
}

const char *place_name_zh(const engine_target *target)
{
  return target->name_zh[0] ? target->name_zh : target->name;
}

static void write_coordinates(double latitude_deg, double longitude_deg, place *p)
{
  double latitude = fabs(latitude_deg), longitude = fabs(longitude_deg);
  snprintf(p->coordinates_zh, sizeof p->coordinates_zh, "%s %.2f 度、%s %.2f 度", latitude_deg < 0 ? "南纬" : "北纬", latitude,
           longitude_deg < 0 ? "西经" : "东经", longitude);
  snprintf(p->coordinates_en, sizeof p->coordinates_en, "%.2f %c %.2f %c", latitude, latitude_deg < 0 ? 'S' : 'N', longitude,
           longitude_deg < 0 ? 'W' : 'E');
}
