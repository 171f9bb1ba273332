/* What no network may fall for, and what a national one must not lose: a day of noise picks, a faulty link with a broken sensor and a noisy site, and
 * a swarm of ten earthquakes a minute under 18,000 stations, told to the real locator.
 *
 *   bench_storms [HOURS [STATIONS [WORLDS]]]    of noise (24), of the national network (18000), of noise (1); one JSON line a figure
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "made_events.h"
#include "told.h"

enum { SWARM = 100, FAULTY_WORLDS = 200 };

static size_t alert_class(const made_world *w)
{
  size_t count = 0;
  for (size_t i = 0; i < w->events; i++)
    count += w->event[i].alert_told != 0;
  return count;
}

static void list_events(const char *of, const made_world *w)
{
  for (size_t i = 0; i < w->events; i++) {
    const locator_event *e = &w->event[i].last;
    fprintf(stderr, "%s: %s: likelihood %.2f at most, evidence %.1f, %d stations (%d tentative), radius %.0f km, %s%s; its sensors", of, e->id,
            w->event[i].highest_likelihood, (double)e->evidence, e->stations_used, e->stations_tentative, (double)e->horizontal_uncertainty_km,
            e->state == LOCATOR_CANCELLED ? "cancelled" : "kept", w->event[i].alert_told ? ", OF THE ALERT CLASS" : "");
    for (size_t k = 0; k < e->arrivals_count; k++)
      fprintf(stderr, " %d%c(link %d)", (int)e->arrivals[k].sensor, e->arrivals[k].phase, (int)w->path[e->arrivals[k].sensor].link);
    fputc('\n', stderr);
  }
}

/* What several storms came to. */
typedef struct {
  told_cost picks;
  size_t alerts, said, made;
  double lookup_us;
} storms_sum;

/* The worlds' clocks begin at the same instant; picks of an hour are made when it comes. */
static void noise_storm(double hours, uint64_t seed, storms_sum *sum)
{
  enum { SITES = 1000 };
  char name[32];
  made_world *w = made_wide_world(SITES, 30, seed);
  for (double hour = 0; hour < hours; hour++) {
    made_forget_told(w);
    made_noise(w, 5, hour * 3600, 3600);
    made_tentative_noise(w, hour * 3600, 3600);
    told_run(w, (hour + 1) * 3600, 0.5, &sum->picks, NULL);
  }
  snprintf(name, sizeof name, "noise of seed %d", (int)seed);
  list_events(name, w);
  sum->alerts += alert_class(w);
  sum->said += w->events;
  sum->made += w->made;
  sum->lookup_us = told_lookup_us(w->tables);
  made_world_destroy(w);
}

static void noise_storms(double hours, int worlds)
{
  enum { FIRST_SEED = 5 };
  storms_sum sum = {0};
  for (int i = 0; i < worlds; i++)
    noise_storm(hours, (uint64_t)(FIRST_SEED + i), &sum);
  printf("{\"name\":\"noise storm, events of the alert class\",\"value\":%zu,\"unit\":\"events\",\"baseline\":0,\"said\":%zu,\"picks\":%zu,"
         "\"hours\":%g,\"worlds\":%d}\n",
         sum.alerts, sum.said, sum.made, hours, worlds);
  told_report("noise storm, CPU a pick,", &sum.picks, sum.lookup_us);
  free(sum.picks.us);
}

/* What was said within 20 s of an earthquake that was not found once. */
static void list_near(const made_world *w, const made_source *source, int many)
{
  fprintf(stderr, "swarm event at %.3f %.3f, %.1f km deep, 30 s + %.0f: %s\n", source->latitude_deg, source->longitude_deg, source->depth_km,
          (double)(source->time - MADE_EPOCH) / 1e9 - 30, many ? "twice" : "missed");
  for (size_t i = 0; i < w->events; i++) {
    const made_event *e = &w->event[i];
    if (llabs(e->last.origin_time - source->time) < SECONDS(20) && made_error_km(e, *source) < 300)
      fprintf(stderr, "  near it: %s, %.0f km off, %+.1f s, %d stations, rms %.2f s, state %d (%s)\n", e->last.id, made_error_km(e, *source),
              (double)(e->last.origin_time - source->time) / 1e9, e->last.stations_used, (double)e->last.rms_s, (int)e->last.state, e->last.reason);
  }
}

static void national_swarm(int stations)
{
  told_cost picks = {0}, steps = {0};
  made_world *w = made_wide_world(stations, 23, 11);
  made_source sources[SWARM];
  size_t once = 0, twice = 0, kept = 0;
  made_swarm(w, 23 * sqrt(stations) / 2, sources, SWARM);
  made_noise(w, 5, 0, 660);
  made_tentative_noise(w, 0, 660);
  told_run(w, 800, 0.1, &picks, &steps);
  for (int i = 0; i < SWARM; i++) {
    int many;
    made_find(w, sources[i], &many);
    once += many == 1;
    twice += many > 1;
    if (many != 1)
      list_near(w, &sources[i], many);
  }
  for (size_t i = 0; i < w->events; i++)
    kept += w->event[i].last.state != LOCATOR_CANCELLED;
  printf("{\"name\":\"national swarm, found once\",\"value\":%zu,\"unit\":\"events\",\"baseline\":%d,\"twice\":%zu,\"missed\":%zu,\"kept\":%zu,"
         "\"said\":%zu,\"stations\":%d,\"picks\":%zu}\n",
         once, SWARM, twice, SWARM - once - twice, kept, w->events, stations, w->picks);
  double lookup_us = told_lookup_us(w->tables);
  told_report("national swarm, CPU a pick,", &picks, lookup_us);
  told_report("national swarm, CPU a step,", &steps, lookup_us);
  free(picks.us);
  free(steps.us);
  made_world_destroy(w);
}

/* Three stations behind one link say what an earthquake would; a broken sensor picks ten times a minute, a noisy site once a minute. */
static void faulty_link(void)
{
  size_t alerts = 0, said = 0;
  for (uint64_t seed = 1; seed <= FAULTY_WORLDS; seed++) {
    made_world *w = made_world_create((made_network)(seed % MADE_NETWORKS), seed * 17);
    static const double half_km[MADE_NETWORKS] = {30, 200, 450};
    made_source source = made_source_near(w, half_km[seed % MADE_NETWORKS], 60);
    made_quake(w, source, 900, 0, 0);
    made_sort_by_time(w);
    for (size_t i = 0; i < 3; i++)
      w->path[w->pick[i].pick.sensor].link = 3;
    size_t broken = (size_t)w->pick[3].pick.sensor, noisy = (size_t)w->pick[4].pick.sensor;
    w->picks = 3;
    for (double at_s = 0; at_s < 120; at_s += 6)
      made_add_pick(w, broken, 'P', MADE_EPOCH + SECONDS(at_s + random_uniform(&w->random, 0, 6)), 0.1);
    for (double at_s = 0; at_s < 120; at_s += 60)
      made_add_pick(w, noisy, 'P', MADE_EPOCH + SECONDS(at_s + random_uniform(&w->random, 0, 60)), 0.1);
    told_run(w, 240, 0.1, NULL, NULL);
    alerts += alert_class(w);
    said += w->events;
    list_events("faulty link", w);
    made_world_destroy(w);
  }
  printf("{\"name\":\"faulty link, broken sensor and noisy site, events of the alert class\",\"value\":%zu,\"unit\":\"events\",\"baseline\":0,"
         "\"said\":%zu,\"worlds\":%d}\n",
         alerts, said, FAULTY_WORLDS);
}

int main(int argc, char **argv)
{
  double hours = argc > 1 ? strtod(argv[1], NULL) : 24;
  int stations = argc > 2 ? atoi(argv[2]) : 18000;
  faulty_link();
  noise_storms(fmin(fmax(hours, 0), 40), argc > 3 ? atoi(argv[3]) : 1);
  if (stations >= 100 && stations <= MADE_SENSORS)
    national_swarm(stations);
  return 0;
}
