#include "made_picks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "random.h"

const made_quake made_two[2] = {{41.35, 123.52, 12, INT64_C(1600000000) * INGEST_SECOND}, {41.75, 123.9, 9, INT64_C(1600000025) * INGEST_SECOND}};

double made_latitude(int i)
{
  return 41 + 0.2 * (i % 5) + 0.03 * (i / 5);
}

double made_longitude(int i)
{
  return 123 + 0.25 * (i / 5) + 0.02 * (i % 5);
}

int made_stations(void **state)
{
  char text[4096] = "network,station,latitude_deg,longitude_deg,elevation_m\n";
  if (command_folder_make(state))
    return -1;
  for (int i = 0; i < MADE_STATIONS; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "XX,S%02d,%.4f,%.4f,0\n", i, made_latitude(i), made_longitude(i));
  command_write("stations.csv", text);
  return 0;
}

static void add_amplitudes(char *text, char phase, double km, double depth_km, made_amplitudes a)
{
  double hypocentral = hypot(km, depth_km);
  char *end = text + strlen(text);
  if (a.pd_magnitude != 0 && phase == 'P')
    snprintf(end, 80, ",%.4e,3,1e-9,", pow(10, (a.pd_magnitude - 5.39 - 1.38 * log10(fmax(km, 10))) / 1.23) / 100);
  else if (a.local_magnitude != 0 && phase == 'S')
    snprintf(end, 80, ",,,,%.4e", pow(10, a.local_magnitude - 1.110 * log10(hypocentral / 100) - 0.00189 * (hypocentral - 100) - 3));
  else
    snprintf(end, 80, ",,,,");
}

static void add_picks(char *text, const locator_travel_times *tables, made_quake q, made_amplitudes amplitudes, random_source *r)
{
  for (int i = 0; i < MADE_STATIONS; i++)
    for (const char *phase = "PS"; *phase; phase++) {
      char time[INGEST_TIME_TEXT];
      double km = locator_distance_km(q.latitude_deg, q.longitude_deg, made_latitude(i), made_longitude(i), NULL);
      double travel_s = locator_travel_time(tables, *phase, km, q.depth_km) + (*phase == 'P' ? 0.03 : 0.06) * random_normal(r);
      ingest_time_format(q.origin_time + (int64_t)(travel_s * 1e9), time);
      snprintf(text + strlen(text), 80, "XX,S%02d,%c,%s", i, *phase, time);
      add_amplitudes(text, *phase, km, q.depth_km, amplitudes);
      strcat(text, "\n");
    }
}

void made_picks(const char *name, const made_quake *quakes, size_t count, made_amplitudes amplitudes, const char *more)
{
  static char text[MADE_TEXT];
  locator_model model;
  random_source r = {21};
  assert_true(count <= 12 && strlen(more) < MADE_TEXT / 4);
  assert_true(locator_model_named("iasp91", &model));
  locator_travel_times *tables = locator_travel_times_create(&model, 600, 100);
  snprintf(text, sizeof text, "network,station,phase,time_utc,pd_m,window_s,noise_pd_m,wood_anderson_mm\n");
  for (size_t i = 0; i < count; i++)
    add_picks(text, tables, quakes[i], amplitudes, &r);
  strcat(text, more);
  command_write(name, text);
  locator_travel_times_destroy(tables);
}
