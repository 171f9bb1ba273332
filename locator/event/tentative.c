/* What is too weak for one station alone. Weak picks are asked last: where a pick has found no event with the sure ones for a while, the tentative
 * ones of the sites around it may bear it out. So they neither delay nor misplace an event that sure picks make, and few of them are ever searched.
 */
#include "event.h"

/* When the P waves of the nearest sites are in, and when their S waves are. */
static const int64_t TURN_NS[] = {5 * INGEST_SECOND, 9 * INGEST_SECOND};

void tentative_wait(locator *l, const kept_pick *pick)
{
  const float least_mark = -2.2F; /* weaker ones bear out others, and ask for no one */
  if (pick->label != 'P' || pick->doubtful || pick->mark < least_mark)
    return;
  for (size_t i = 0; i < l->waiting_count && i < LOCATOR_WAITING; i++)
    if (l->waiting[i].pick == pick->id)
      return;
  l->waiting[l->waiting_count++ % LOCATOR_WAITING] = (waiting_pick){pick->id, pick->told};
}

static void ask(locator *l, int64_t turn_ns, bool tentative, int64_t now, const locator_sink *sink)
{
  size_t count = l->waiting_count, first = count > LOCATOR_WAITING ? count - LOCATOR_WAITING : 0;
  for (size_t i = count; i-- > first;) {
    const waiting_pick of = l->waiting[i % LOCATOR_WAITING];
    int64_t due = of.told + turn_ns;
    if (due <= l->stepped) /* and so are all that were told before it */
      return;
    const kept_pick *pick = due <= now ? pool_find(&l->pool, of.pick) : NULL;
    if (!pick || pick->tentative != tentative)
      continue;
    kept_pick head = *pick;
    nucleate(l, &head, true, now, sink);
  }
}

/* Sure ones first, the newest of them first: its wave is the furthest on. */
void tentative_step(locator *l, int64_t now, const locator_sink *sink)
{
  for (size_t turn = 0; turn < sizeof TURN_NS / sizeof *TURN_NS; turn++) {
    ask(l, TURN_NS[turn], false, now, sink);
    ask(l, TURN_NS[turn], true, now, sink);
  }
  l->stepped = now;
}

/* Not before the sure ones have placed it, nor where they are so many that weak ones are no help. */
bool tentative_may_join(const event *e, int64_t now)
{
  const size_t enough = 8;
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].pick.told <= now - TURN_NS[0])
      return event_sure_sites(e, 'P') < enough;
  return false;
}

size_t tentative_adopt(locator *l, event *e, int64_t now)
{
  const network_site *centre = &l->network.site[e->nearest_site];
  size_t adopted = 0;
  for (size_t i = 0; i <= centre->neighbours_count && tentative_may_join(e, now); i++) {
    kept_pick *pick;
    int32_t site = i == 0 ? e->nearest_site : centre->neighbours[i - 1], sensor = l->network.site[site].first_sensor;
    for (size_t place = 0; (pick = pool_tentative(&l->pool, &l->network, &sensor, &place, now));) {
      event_match match = event_matches(l, e, pick);
      if (!match.phase || !event_convinces(l, e, pick, match.phase, now) || !event_add(l, e, pick, match.phase))
        continue;
      pick->id = 0;
      adopted++;
    }
  }
  return adopted;
}
