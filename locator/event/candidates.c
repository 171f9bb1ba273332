/* Which picks could be of one earthquake with this one. */
#include <math.h>

#include "event.h"

static size_t gather(const locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now, candidate *candidates);
static size_t sift(const locator *l, candidate *candidates, size_t count);
static bool any_is_tentative(const candidate *candidates, size_t count);

size_t candidates_gather(const locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now, candidate *candidates)
{
  size_t count = sift(l, candidates, gather(l, pick, with, tentative, now, candidates));
  return !tentative || any_is_tentative(candidates, count) ? count : 0;
}

/* Could one earthquake have made both? Wherever it was, its P reaches the second of two sites no later than P takes from the first to it; the same
   holds of S; and S lags P by no more than it does at the distances where a birth is looked for. */
static bool compatible(const candidate *x, const candidate *y, double chord_km)
{
  const double slowest_p_km_s = 4.5, slowest_s_km_s = 2.5, slack_s = 1, longest_lag_s = 10;
  const kept_pick *a = &x->pick, *b = &y->pick;
  if (a->site == b->site && (x->phase == y->phase || a->id == b->id || (x->phase == 'P') != (a->time < b->time)))
    return false;
  double later_s = (double)(b->time - a->time) / 1e9;
  if (x->phase == y->phase)
    return fabs(later_s) <= chord_km / (x->phase == 'P' ? slowest_p_km_s : slowest_s_km_s) + slack_s;
  if (x->phase == 'S')
    later_s = -later_s;
  return later_s >= -chord_km / slowest_p_km_s - slack_s && later_s <= chord_km / slowest_s_km_s + slack_s + longest_lag_s;
}

/* Puts a pick among the candidates, nearest first, if it could be the first one's companion; an S or a tentative pick must be far nearer than a sure
 * P to be among them. */
static size_t consider_as(const locator *l, const kept_pick *other, char phase, double widest_km, candidate *candidates, size_t count)
{
  const double cost_of_less = 1.5;
  double chord = sphere_chord_km(l->network.site[candidates[0].pick.site].point, l->network.site[other->site].point);
  candidate added = {phase == 'S' || other->tentative ? cost_of_less * chord : chord, *other, phase};
  if (chord > widest_km || !compatible(&candidates[0], &added, chord))
    return count;
  size_t k = count;
  if (count < LOCATION_SEARCHED)
    count++;
  else if (candidates[--k].order <= added.order)
    return count;
  for (; candidates[k - 1].order > added.order; k--)
    candidates[k] = candidates[k - 1];
  candidates[k] = added;
  return count;
}

/* A tentative P may as well be the S of a P that was too weak to be noticed. */
static size_t consider(const locator *l, const kept_pick *other, double widest_km, candidate *candidates, size_t count)
{
  if (other->tentative && other->label == 'P')
    count = consider_as(l, other, 'S', widest_km, candidates, count);
  return consider_as(l, other, other->label, widest_km, candidates, count);
}

/* A weak P is of a source near by: those of the nearest sites. */
static size_t gather_tentative(const locator *l, const kept_pick *pick, double widest_km, double longest_s, int64_t now, candidate *candidates,
                               size_t count)
{
  enum { NEAREST = 16 };
  const network_site *centre = &l->network.site[pick->site];
  for (size_t i = 0; i < NEAREST && i < centre->neighbours_count; i++) {
    const kept_pick *other;
    int32_t sensor = l->network.site[centre->neighbours[i]].first_sensor;
    for (size_t place = 0; (other = pool_tentative(&l->pool, &l->network, &sensor, &place, now));)
      if (!other->doubtful && fabs((double)(other->time - pick->time) / 1e9) <= longest_s)
        count = consider(l, other, widest_km, candidates, count);
  }
  return count;
}

/* The pick itself, and the nearest that a wave could join to it: free ones, and those of an event. */
static size_t gather(const locator *l, const kept_pick *pick, const event *with, bool tentative, int64_t now, candidate *candidates)
{
  const double widest_km = network_neighbourhood(&l->network, pick->site), longest_s = widest_km / 2.5 + 16;
  size_t count = 1;
  candidates[0] = (candidate){-1, *pick, pick->label};
  for (size_t i = 0; i < l->pool.count; i++) {
    const kept_pick *other = pool_newest(&l->pool, i);
    if (other->id != 0 && other->id != pick->id && !other->doubtful && fabs((double)(other->time - pick->time) / 1e9) <= longest_s)
      count = consider(l, other, widest_km, candidates, count);
  }
  if (tentative)
    count = gather_tentative(l, pick, widest_km, longest_s, now, candidates, count);
  for (size_t i = 0; with && i < with->arrivals; i++)
    if (with->arrival[i].pick.id != pick->id)
      count = consider(l, &with->arrival[i].pick, widest_km, candidates, count);
  return count;
}

/* Who could share a source with whom, in bits. */
typedef struct {
  uint64_t friends[LOCATION_SEARCHED], p_waves;
  float needed;
  int patience; /* groups still looked at */
} society;

static bool are_enough(const society *s, uint64_t group)
{
  return location_enough(s->needed, (float)__builtin_popcountll(group & s->p_waves), (float)__builtin_popcountll(group & ~s->p_waves));
}

/* Do some of the others make the group large enough, each a friend of each? Where that takes too long to say: perhaps. */
static bool can_grow(society *s, uint64_t group, uint64_t others)
{
  if (are_enough(s, group) || s->patience-- <= 0)
    return true;
  if (!are_enough(s, group | others))
    return false;
  uint64_t next = others & -others;
  return can_grow(s, group | next, others & s->friends[__builtin_ctzll(next)]) || can_grow(s, group, others & ~next);
}

static void meet(const locator *l, const candidate *candidates, size_t count, society *s)
{
  *s = (society){.needed = (float)l->settings->minimum_stations, .patience = 200};
  for (size_t i = 0; i < count; i++) {
    s->p_waves |= (uint64_t)(candidates[i].phase == 'P') << i;
    for (size_t k = 0; k < i; k++) {
      const sphere_point here = l->network.site[candidates[i].pick.site].point, there = l->network.site[candidates[k].pick.site].point;
      if (!compatible(&candidates[i], &candidates[k], sphere_chord_km(here, there)))
        continue;
      s->friends[i] |= UINT64_C(1) << k;
      s->friends[k] |= UINT64_C(1) << i;
    }
  }
}

/* Drops candidates that could not share a source with the new pick, the first, and enough others. Returns how many stay, 0: the new pick has too few.
 */
static size_t sift(const locator *l, candidate *candidates, size_t count)
{
  society all;
  meet(l, candidates, count, &all);
  uint64_t alive = (UINT64_C(1) << count) - 1;
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (size_t i = 1; i < count; i++)
      if (alive >> i & 1 && !are_enough(&all, (all.friends[i] | UINT64_C(1) << i) & alive)) {
        alive &= ~(UINT64_C(1) << i);
        dropped = true;
      }
  }
  if (!can_grow(&all, 1, alive & all.friends[0]))
    return 0;
  size_t stay = 0;
  for (size_t i = 0; i < count; i++)
    if (alive >> i & 1)
      candidates[stay++] = candidates[i];
  return stay;
}

static bool any_is_tentative(const candidate *candidates, size_t count)
{
  bool any = false;
  for (size_t i = 0; i < count; i++)
    any |= candidates[i].pick.tentative;
  return any;
}
