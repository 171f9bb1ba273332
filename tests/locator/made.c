#include "made.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void made_add_site(ingest_inventory *inventory, const char *network, const char *station, const char *band, double latitude_deg, double longitude_deg,
                   double elevation_m)
{
  static const char components[] = "ZNE";
  for (size_t i = 0; i < 3; i++) {
    ingest_codes codes = {0};
    snprintf(codes.network, sizeof codes.network, "%s", network);
    snprintf(codes.station, sizeof codes.station, "%s", station);
    snprintf(codes.channel, sizeof codes.channel, "%.2s%c", band, components[i]);
    ingest_epoch epoch = {INT64_MIN, INT64_MAX, 4e5, 1, 100, i == 2 ? 90 : 0, i == 0 ? -90 : 0, INGEST_UNIT_ACCELERATION};
    assert_true(ingest_inventory_add_channel(inventory, &codes, latitude_deg, longitude_deg, elevation_m, 0, &epoch));
  }
}

static void settings_default(locator_settings *settings)
{
  config_section sections[] = {{"locator", "", locator_rows, sizeof *settings, settings, NULL}, {0}};
  config_defaults(sections);
}

made_world *made_world_of(ingest_inventory *inventory, const locator_model *model, uint64_t seed)
{
  made_world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  w->random.state = seed;
  w->inventory = inventory;
  ingest_inventory_seal(inventory, NULL, NULL);
  settings_default(&w->settings);
  w->settings.minimum_magnitude = -9;
  w->tables = locator_travel_times_create(model, 1500, w->settings.maximum_depth_km);
  assert_non_null(w->tables);
  w->locator = locator_create(&w->settings, w->tables, inventory, SECONDS(0.6));
  assert_non_null(w->locator);
  for (size_t i = 0; i < MADE_SENSORS; i++)
    w->path[i] = (ingest_path){-1, -1, -1};
  w->latency_s = 0.5;
  w->now = MADE_EPOCH;
  w->pick = calloc(MADE_PICKS, sizeof *w->pick);
  w->event = calloc(MADE_EVENTS, sizeof *w->event);
  assert_true(w->pick && w->event);
  return w;
}

made_world *made_world_create(made_network network, uint64_t seed)
{
  static const struct {
    int across;
    double spacing_km;
  } kinds[MADE_NETWORKS] = {{6, 10}, {8, 50}, {6, 150}};
  random_source random = {seed ^ 0x5eed};
  ingest_inventory *inventory = ingest_inventory_create();
  assert_non_null(inventory);
  int across = kinds[network].across;
  double spacing = kinds[network].spacing_km;
  for (int i = 0; i < across * across; i++) {
    char name[16];
    snprintf(name, sizeof name, "S%03d", i);
    double east = spacing * (i % across - (across - 1) / 2.0 + random_uniform(&random, -0.35, 0.35));
    double north = spacing * ((double)(i / across) - (across - 1) / 2.0 + random_uniform(&random, -0.35, 0.35));
    made_add_site(inventory, "LN", name, "HN", 41.5 + north / 111.2, 123 + east / 83.4, random_uniform(&random, 0, 300));
  }
  locator_model model;
  assert_true(locator_model_named("iasp91", &model));
  return made_world_of(inventory, &model, seed);
}

void made_world_destroy(made_world *w)
{
  locator_destroy(w->locator);
  locator_travel_times_destroy(w->tables);
  ingest_inventory_destroy(w->inventory);
  free(w->pick);
  free(w->event);
  free(w);
}

made_source made_source_near(made_world *w, double radius_km, double after_s)
{
  double turn = random_uniform(&w->random, 0, 2 * M_PI), away = radius_km * sqrt(random_uniform(&w->random, 0, 1));
  return (made_source){41.5 + away * cos(turn) / 111.2, 123 + away * sin(turn) / 83.4, random_uniform(&w->random, 3, 20),
                       MADE_EPOCH + SECONDS(after_s)};
}

void made_add_pick(made_world *w, size_t sensor, char phase, int64_t time, double sigma_s)
{
  assert_true(w->picks < MADE_PICKS);
  made_pick *p = &w->pick[w->picks++];
  double extra = w->delay_s ? w->delay_s(sensor) : 0;
  *p = (made_pick){{.id = ((uint64_t)sensor << 32) + ++w->made,
                    .sensor = (int32_t)sensor,
                    .phase = phase,
                    .time = time,
                    .uncertainty_s = (float)sigma_s,
                    .snr = 10,
                    .data_until = time + SECONDS(0.4)},
                   time + SECONDS(0.4 + w->latency_s + extra)};
}

void made_forget_told(made_world *w)
{
  w->picks -= w->next;
  memmove(w->pick, w->pick + w->next, w->picks * sizeof *w->pick);
  w->next = 0;
}

void made_quake(made_world *w, made_source source, double reach_km, double missing, double with_s)
{
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    const ingest_sensor *s = ingest_inventory_sensor(w->inventory, i);
    double distance = locator_distance_km(source.latitude_deg, source.longitude_deg, s->latitude_deg, s->longitude_deg, NULL);
    if (distance > reach_km)
      continue;
    double sigma = random_uniform(&w->random, 0.05, 0.1);
    double p = locator_travel_time(w->tables, 'P', distance, source.depth_km) + s->elevation_m / 5800 + sigma * random_normal(&w->random);
    double t = locator_travel_time(w->tables, 'S', distance, source.depth_km) + s->elevation_m / 3360 + 2 * sigma * random_normal(&w->random);
    if (random_uniform(&w->random, 0, 1) >= missing)
      made_add_pick(w, i, 'P', source.time + SECONDS(p), sigma);
    if (random_uniform(&w->random, 0, 1) < with_s)
      made_add_pick(w, i, 'S', source.time + SECONDS(t), 2 * sigma);
  }
}

void made_noise(made_world *w, double per_hour, double from_s, double seconds)
{
  size_t sensors = ingest_inventory_sensors(w->inventory), count = (size_t)(per_hour / 3600 * seconds * (double)sensors + 0.5);
  for (size_t i = 0; i < count; i++)
    made_add_pick(w, (size_t)random_below(&w->random, (int64_t)sensors), 'P',
                  MADE_EPOCH + SECONDS(random_uniform(&w->random, from_s, from_s + seconds)), 0.1);
}

void made_make_tentative(made_world *w, double odds)
{
  w->pick[w->picks - 1].pick.tentative = true;
  w->pick[w->picks - 1].pick.odds = (float)odds;
}

void made_tentative_noise(made_world *w, double from_s, double seconds)
{
  const double per_hour = 15, weakest = -3, weaker = 0.75, s_after = 0.15, latest_s = 12, sigma_s = 0.1;
  size_t sensors = ingest_inventory_sensors(w->inventory), count = (size_t)(per_hour / 3600 * seconds * (double)sensors + 0.5);
  for (size_t i = 0; i < count; i++) {
    size_t sensor = (size_t)random_below(&w->random, (int64_t)sensors);
    int64_t time = MADE_EPOCH + SECONDS(random_uniform(&w->random, from_s, from_s + seconds));
    double odds = -log(1 - random_uniform(&w->random, 0, 1) * (1 - exp(weaker * weakest))) / weaker + weakest;
    made_add_pick(w, sensor, 'P', time, sigma_s);
    made_make_tentative(w, odds);
    if (random_uniform(&w->random, 0, 1) >= s_after)
      continue;
    made_add_pick(w, sensor, 'S', time + SECONDS(random_uniform(&w->random, 1, latest_s)), sigma_s);
    made_make_tentative(w, 0);
  }
}

/* ---- running ---- */

static bool is_sound(const locator_event *e)
{
  bool sound = isfinite(e->latitude_deg) && isfinite(e->longitude_deg) && isfinite(e->depth_km) && isfinite(e->horizontal_uncertainty_km) &&
               isfinite(e->depth_uncertainty_km) && e->likelihood >= 0 && e->likelihood <= 1 && e->arrivals_count <= LOCATOR_PICKS_MAXIMUM;
  for (size_t i = 1; sound && i < e->arrivals_count; i++)
    sound = e->arrivals[i - 1].time <= e->arrivals[i].time;
  return sound;
}

static void heard(void *user, const locator_event *event)
{
  made_world *w = user;
  size_t i = 0;
  while (i < w->events && strcmp(w->event[i].last.id, event->id) != 0)
    i++;
  if (i == w->events) {
    assert_true(w->events < MADE_EVENTS);
    w->event[w->events++] = (made_event){.first = *event, .first_told = w->now};
  }
  made_event *e = &w->event[i];
  w->faults += event->revision != e->revisions + 1 || !is_sound(event) || (e->revisions > 0 && e->last.state != LOCATOR_OPEN);
  e->revisions++;
  e->last = *event;
  e->last_told = w->now;
  e->highest_likelihood = fmax(e->highest_likelihood, (double)event->likelihood);
}

static void missed(void *user, const locator_event *event)
{
  made_world *w = user;
  if (w->near_misses < MADE_NEAR_MISSES)
    w->near_miss[w->near_misses++] = *event;
}

static int by_telling(const void *a, const void *b)
{
  const made_pick *x = a, *y = b;
  if (x->told != y->told)
    return x->told < y->told ? -1 : 1;
  return (x->pick.id > y->pick.id) - (x->pick.id < y->pick.id);
}

static int by_time(const void *a, const void *b)
{
  const made_pick *x = a, *y = b;
  if (x->pick.time != y->pick.time)
    return x->pick.time < y->pick.time ? -1 : 1;
  return (x->pick.id > y->pick.id) - (x->pick.id < y->pick.id);
}

void made_sort_by_time(made_world *w)
{
  qsort(w->pick + w->next, w->picks - w->next, sizeof *w->pick, by_time);
}

static void tell_statuses(made_world *w)
{
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    double extra = w->delay_s ? w->delay_s(i) : 0;
    ingest_status status = {
        .sensor = (int32_t)i, .state = w->state[i], .path = w->path[i], .data_until = w->now - SECONDS(w->latency_s + extra), .arrived = w->now};
    locator_station(w->locator, &status, w->now);
  }
}

void made_run(made_world *w, double until_s)
{
  const locator_sink sink = {.event = heard, .user = w, .near_miss = missed};
  qsort(w->pick + w->next, w->picks - w->next, sizeof *w->pick, by_telling);
  for (int64_t tick = w->now; tick <= MADE_EPOCH + SECONDS(until_s); tick += SECONDS(0.1)) {
    while (w->next < w->picks && w->pick[w->next].told < tick) {
      w->now = w->pick[w->next].told > w->now ? w->pick[w->next].told : w->now;
      locator_pick(w->locator, &w->pick[w->next++].pick, w->now, &sink);
    }
    w->now = tick;
    if ((tick - MADE_EPOCH) % SECONDS(0.5) == 0)
      tell_statuses(w);
    locator_step(w->locator, w->now, &sink);
  }
}

double made_error_km(const made_event *e, made_source source)
{
  return locator_distance_km(source.latitude_deg, source.longitude_deg, e->last.latitude_deg, e->last.longitude_deg, NULL);
}

const made_event *made_find(const made_world *w, made_source source, int *how_many)
{
  const made_event *nearest = NULL;
  *how_many = 0;
  for (size_t i = 0; i < w->events; i++) {
    const made_event *e = &w->event[i];
    if (e->last.state == LOCATOR_CANCELLED || llabs(e->last.origin_time - source.time) > SECONDS(5) || made_error_km(e, source) > 60)
      continue;
    ++*how_many;
    if (!nearest || made_error_km(e, source) < made_error_km(nearest, source))
      nearest = e;
  }
  return nearest;
}
