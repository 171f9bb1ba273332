/* Which picks could be of one earthquake with this one. */
#include <math.h>

#include "event.h"

static size_t gather(const locator *l, const kept_pick *pick, const event *with, candidate *candidates);
static size_t sift(const locator *l, candidate *candidates, size_t count);
static size_t sites_of(const candidate *candidates, size_t count, char label);

size_t candidates_gather(const locator *l, const kept_pick *pick, const event *with, candidate *candidates)
{
  size_t count = sift(l, candidates, gather(l, pick, with, candidates));
  bool enough =
      location_enough((float)l->settings->minimum_stations, (float)sites_of(candidates, count, 'P'), (float)sites_of(candidates, count, 'S'));
  return enough ? count : 0;
}

/* Could one earthquake have made both? Wherever it was, its P reaches the second of two sites no later than P takes from the first to it; the same
   holds of S; and S lags P by no more than it does at the distances where a birth is looked for. */
static bool compatible(const kept_pick *a, const kept_pick *b, double chord_km)
{
  const double slowest_p_km_s = 4.5, slowest_s_km_s = 2.5, slack_s = 1, longest_lag_s = 10;
  if (a->site == b->site && (a->label == b->label || (a->label == 'P') != (a->time < b->time)))
    return false;
  double later_s = (double)(b->time - a->time) / 1e9;
  if (a->label == b->label)
    return fabs(later_s) <= chord_km / (a->label == 'P' ? slowest_p_km_s : slowest_s_km_s) + slack_s;
  if (a->label == 'S')
    later_s = -later_s;
  return later_s >= -chord_km / slowest_p_km_s - slack_s && later_s <= chord_km / slowest_s_km_s + slack_s + longest_lag_s;
}

/* Puts a pick among the candidates, nearest first, if it could be the first one's companion; an S must be far nearer than a P to be among them. */
static size_t consider(const locator *l, const kept_pick *other, double widest_km, candidate *candidates, size_t count)
{
  const double cost_of_s = 1.5;
  const kept_pick *pick = &candidates[0].pick;
  double chord = sphere_chord_km(l->network.site[pick->site].point, l->network.site[other->site].point);
  if (chord > widest_km || !compatible(pick, other, chord))
    return count;
  double order = other->label == 'S' ? cost_of_s * chord : chord;
  size_t k = count;
  if (count < LOCATION_SEARCHED)
    count++;
  else if (candidates[--k].order <= order)
    return count;
  for (; candidates[k - 1].order > order; k--)
    candidates[k] = candidates[k - 1];
  candidates[k] = (candidate){order, *other};
  return count;
}

/* The pick itself, and the nearest that a wave could join to it: free ones, and those of an event. */
static size_t gather(const locator *l, const kept_pick *pick, const event *with, candidate *candidates)
{
  const double widest_km = network_neighbourhood(&l->network, pick->site), longest_s = widest_km / 2.5 + 16;
  size_t count = 1;
  candidates[0] = (candidate){-1, *pick};
  for (size_t i = 0; i < l->pool.count; i++) {
    const kept_pick *other = pool_newest(&l->pool, i);
    if (other->id != 0 && other->id != pick->id && !other->doubtful && fabs((double)(other->time - pick->time) / 1e9) <= longest_s)
      count = consider(l, other, widest_km, candidates, count);
  }
  for (size_t i = 0; with && i < with->arrivals; i++)
    if (with->arrival[i].pick.id != pick->id)
      count = consider(l, &with->arrival[i].pick, widest_km, candidates, count);
  return count;
}

/* Drops candidates that too few others could share a source with. Returns how many stay; the first, the new pick, always does. */
static size_t sift(const locator *l, candidate *candidates, size_t count)
{
  const size_t needed = (size_t)l->settings->minimum_stations;
  uint64_t friends[LOCATION_SEARCHED] = {0}, alive = (UINT64_C(1) << count) - 1, p_waves = 0;
  for (size_t i = 0; i < count; i++) {
    p_waves |= (uint64_t)(candidates[i].pick.label == 'P') << i;
    for (size_t k = 0; k < i; k++) {
      const kept_pick *a = &candidates[i].pick, *b = &candidates[k].pick;
      if (!compatible(a, b, sphere_chord_km(l->network.site[a->site].point, l->network.site[b->site].point)))
        continue;
      friends[i] |= UINT64_C(1) << k;
      friends[k] |= UINT64_C(1) << i;
    }
  }
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (size_t i = 1; i < count; i++) {
      uint64_t company = (friends[i] | UINT64_C(1) << i) & alive;
      if (!(alive >> i & 1) ||
          location_enough((float)needed, (float)__builtin_popcountll(company & p_waves), (float)__builtin_popcountll(company & ~p_waves)))
        continue;
      alive &= ~(UINT64_C(1) << i);
      dropped = true;
    }
  }
  size_t stay = 0;
  for (size_t i = 0; i < count; i++)
    if (alive >> i & 1)
      candidates[stay++] = candidates[i];
  return stay;
}

static size_t sites_of(const candidate *candidates, size_t count, char label)
{
  size_t sites = 0;
  for (size_t i = 0; i < count; i++) {
    bool first = candidates[i].pick.label == label;
    for (size_t k = 0; k < i && first; k++)
      first = candidates[k].pick.site != candidates[i].pick.site || candidates[k].pick.label != label;
    sites += first;
  }
  return sites;
}
