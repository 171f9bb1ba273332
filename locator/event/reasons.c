/* Why an event is believed: its likelihood, with all that went into it. */
#include <math.h>

#include "event.h"

static void list_silent(const locator *l, event *e);

void event_judge(locator *l, event *e)
{
  location_odds odds = location_odds_of(&l->problem, &e->place);
  double afar = location_afar(&l->problem, &e->place);
  locator_reasons *of = &e->reasons;
  e->evidence = odds.rarity + odds.depth + odds.remoteness + (odds.picks + odds.silences);
  e->likelihood = location_likelihood(&e->place, e->evidence, afar);
  of->picks = (float)odds.picks;
  of->silences = (float)odds.silences;
  of->rarity = (float)odds.rarity;
  of->depth = (float)odds.depth;
  of->remoteness = (float)odds.remoteness;
  of->afar = (float)afar;
  of->reach_km = (float)odds.reach_km;
  of->awaited = (float)-location_awaited_penalty(&l->problem, &e->place, odds.reach_km);
  list_silent(l, e);
}

double event_told_likelihood(const event *e)
{
  return location_likelihood(&e->place, e->evidence + (double)e->reasons.awaited, (double)e->reasons.afar);
}

/* Heavier silences stand before it; of equal ones those found first. */
static void insert(locator_reasons *of, int32_t sensor, float distance_km, float log_odds)
{
  int at = of->silent < LOCATOR_SITES_LISTED ? of->silent : LOCATOR_SITES_LISTED;
  for (; at > 0 && of->silent_site[at - 1].log_odds > log_odds; at--)
    if (at < LOCATOR_SITES_LISTED)
      of->silent_site[at] = of->silent_site[at - 1];
  if (at < LOCATOR_SITES_LISTED) {
    of->silent_site[at].sensor = sensor;
    of->silent_site[at].distance_km = distance_km;
    of->silent_site[at].log_odds = log_odds;
  }
  of->silent++;
}

static void list_silent(const locator *l, event *e)
{
  const double least = 0.05;
  e->reasons.silent = 0;
  for (size_t i = 0; i < l->problem.silences; i++) {
    const location_silence *s = &l->problem.silence[i];
    double cost = location_silence_cost(&l->problem, s, &e->place, (double)e->reasons.reach_km);
    if (cost >= least)
      insert(&e->reasons, l->network.site[s->site].first_sensor, (float)hypot(s->at.east_km - e->place.east_km, s->at.north_km - e->place.north_km),
             (float)-cost);
  }
}

double event_birth_likelihood(const locator *l)
{
  double least = l->settings->minimum_likelihood;
  return least + 0.25 * (1 - least);
}
