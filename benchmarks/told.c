#include "told.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alert_rules.h"

double told_thread_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void told_count(told_cost *cost, double us)
{
  if (!cost)
    return;
  if (cost->count == cost->capacity) {
    cost->capacity = 2 * cost->capacity + 4096;
    double *more = realloc(cost->us, cost->capacity * sizeof *more);
    if (!more)
      exit(1);
    cost->us = more;
  }
  cost->us[cost->count++] = us;
}

/* Made picks bring no amplitudes: the magnitude is taken for large enough and well witnessed, all else must meet the rules at the same moment. */
static bool is_of_alert_class(const locator_event *event)
{
  engine_rules rules;
  const config_section sections[] = {{.name = "alerts", .rows = engine_rule_rows, .struct_size = sizeof rules, .values = &rules}, {0}};
  config_defaults(sections);
  locator_event amplified = *event;
  amplified.magnitude = (float)rules.minimum_magnitude;
  amplified.magnitude_stations = (int)rules.minimum_amplitudes;
  return event->state != LOCATOR_CANCELLED && alert_rules_event(&rules, &amplified) == ALERT_MET;
}

static void heard(void *user, const locator_event *event)
{
  made_world *w = user;
  size_t i = w->events;
  while (i > 0 && strcmp(w->event[i - 1].last.id, event->id) != 0)
    i--;
  if (i == 0) {
    if (w->events == MADE_EVENTS)
      exit(1);
    w->event[w->events] = (made_event){.first = *event, .first_told = w->now};
    i = ++w->events;
  }
  made_event *e = &w->event[i - 1];
  e->last = *event;
  e->last_told = w->now;
  e->revisions++;
  e->highest_likelihood = fmax(e->highest_likelihood, (double)event->likelihood);
  if (e->alert_told == 0 && is_of_alert_class(event))
    e->alert_told = w->now;
}

static int by_telling(const void *a, const void *b)
{
  const made_pick *x = a, *y = b;
  if (x->told != y->told)
    return x->told < y->told ? -1 : 1;
  return (x->pick.id > y->pick.id) - (x->pick.id < y->pick.id);
}

static void tell_statuses(made_world *w)
{
  for (size_t i = 0; i < ingest_inventory_sensors(w->inventory); i++) {
    ingest_status status = {
        .sensor = (int32_t)i, .state = w->state[i], .path = w->path[i], .data_until = w->now - SECONDS(w->latency_s), .arrived = w->now};
    locator_station(w->locator, &status, w->now);
  }
}

static void tell_pick(made_world *w, const made_pick *p, told_cost *picks)
{
  const locator_sink sink = {.event = heard, .user = w};
  w->now = p->told > w->now ? p->told : w->now;
  double before = told_thread_us();
  locator_pick(w->locator, &p->pick, w->now, &sink);
  told_count(picks, told_thread_us() - before);
}

void told_run(made_world *w, double until_s, double step_s, told_cost *picks, told_cost *steps)
{
  const locator_sink sink = {.event = heard, .user = w};
  qsort(w->pick + w->next, w->picks - w->next, sizeof *w->pick, by_telling);
  for (int64_t tick = w->now; tick <= MADE_EPOCH + SECONDS(until_s); tick += SECONDS(step_s)) {
    for (; w->next < w->picks && w->pick[w->next].told < tick; w->next++)
      tell_pick(w, &w->pick[w->next], picks);
    w->now = tick;
    if ((tick - MADE_EPOCH) % SECONDS(1) == 0)
      tell_statuses(w);
    double before = steps ? told_thread_us() : 0;
    locator_step(w->locator, w->now, &sink);
    if (steps)
      told_count(steps, told_thread_us() - before);
  }
}

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double told_quantile(double *values, size_t count, double share)
{
  if (count == 0)
    return (double)NAN;
  qsort(values, count, sizeof *values, ascending);
  return values[(size_t)(share * (double)(count - 1) + 0.5)];
}

void told_report(const char *name, told_cost *cost, double baseline_us)
{
  double total = 0;
  for (size_t i = 0; i < cost->count; i++)
    total += cost->us[i];
  printf("{\"name\":\"%s mean\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, total / (double)cost->count, baseline_us);
  printf("{\"name\":\"%s p99\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, told_quantile(cost->us, cost->count, 0.99), baseline_us);
  printf("{\"name\":\"%s largest\",\"value\":%.2f,\"unit\":\"us\",\"baseline\":%.4f}\n", name, told_quantile(cost->us, cost->count, 1), baseline_us);
}

double told_lookup_us(const locator_travel_times *tables)
{
  enum { LOOKUPS = 1000000 };
  double total = 0, before = told_thread_us(), distance = 0;
  for (int i = 0; i < LOOKUPS; i++) {
    distance = distance > 400 ? distance - 399.3 : distance + 0.7131;
    total += locator_travel_time(tables, 'P', distance, (double)(i % 40));
  }
  double each = (told_thread_us() - before) / LOOKUPS;
  return total > 0 ? each : (double)NAN;
}
