/* place.h: where an epicentre is, in words. */
#ifndef TOCSIN_ENGINE_PLACE_H
#define TOCSIN_ENGINE_PLACE_H

#include "targets.h"

typedef struct {
  char zh[192], en[192];                       /* "海城市东北 12 km", "12 km NE of Haicheng"; coordinates where no target is near */
  char coordinates_zh[64], coordinates_en[48]; /* "北纬 40.70 度、东经 122.80 度", "40.70 N 122.80 E" */
} place;

void place_of(const target_table *targets, double latitude_deg, double longitude_deg, place *p);

/* The target's name in Chinese, the other one where it has none. */
const char *place_name_zh(const engine_target *target);

#endif
