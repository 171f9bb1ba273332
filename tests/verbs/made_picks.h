/* made_picks.h: tables of stations and of picks made from travel times, for the verb `associate`. */
#ifndef TOCSIN_TESTS_MADE_PICKS_H
#define TOCSIN_TESTS_MADE_PICKS_H

#include "command.h"
#include "locator.h"

enum { MADE_STATIONS = 25, MADE_TEXT = 1 << 16 };

typedef struct {
  double latitude_deg, longitude_deg, depth_km;
  int64_t origin_time;
} made_quake;

/* What stands beside the time in each line; 0: no amplitudes. */
typedef struct {
  double pd_magnitude;    /* pd_m, window_s and noise_pd_m of each P (Kuyuk & Allen 2013) */
  double local_magnitude; /* wood_anderson_mm of each S (Hutton & Boore 1987) */
} made_amplitudes;

/* Two earthquakes 25 s apart. */
extern const made_quake made_two[2];

/* Fixtures of a group of tests: the folder with stations.csv in it; command_folder_remove() takes it away. */
int made_stations(void **state);

double made_latitude(int station);
double made_longitude(int station);

/* P and S of every station, read 0.03 and 0.06 s wrong, in the order of stations, then the lines of `more`. The header is line 1. */
void made_picks(const char *name, const made_quake *quakes, size_t count, made_amplitudes amplitudes, const char *more);

#endif
