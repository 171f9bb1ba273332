/* What an earthquake leaves behind it, far beyond where its P was picked: S, Lg and surface waves that a picker calls P. */
#include <math.h>

#include "event.h"

/* It begins so far away, and reaches beyond where P was still seen by that factor. */
static const double nearest_km = 100, beyond = 3;

void wake_note(locator *l, const event *e)
{
  const size_t well_known = 16, slot = (size_t)(e - l->event);
  bool known = e->stage != EVENT_NONE && e->arrivals >= well_known && beyond * e->heard_km >= nearest_km;
  l->wake[slot] = (wake){.event = e->number, .origin_time = event_origin_time(e), .epicentre = e->epicentre, .heard_km = e->heard_km};
  l->wakes = (l->wakes & ~(UINT64_C(1) << slot)) | (uint64_t)known << slot;
}

/* Is the site between the first and the last of this event's waves, far away, and not much farther than where its P was still seen? */
static bool is_in(const wake *of, sphere_point site, int64_t time)
{
  const double fastest_km_s = 9, slowest_km_s = 2.3, longest_s = 600;
  double after_s = (double)(time - of->origin_time) / 1e9;
  if (after_s < nearest_km / fastest_km_s || after_s > longest_s)
    return false;
  double distance_km = sphere_chord_km(of->epicentre, site);
  return distance_km > nearest_km && distance_km < beyond * of->heard_km && after_s > distance_km / fastest_km_s &&
         after_s < distance_km / slowest_km_s + 10;
}

double wake_rate(const locator *l, const event *e, const kept_pick *pick)
{
  const double picks_per_s = 0.02, usual_snr = 8;
  double stands_out = fmax((double)pick->snr, 1) / usual_snr;
  for (uint64_t wakes = l->wakes; wakes; wakes &= wakes - 1) {
    const wake *of = &l->wake[__builtin_ctzll(wakes)];
    if (of->event != e->number && is_in(of, l->network.site[pick->site].point, pick->time))
      return picks_per_s * fmin(1, 1 / (stands_out * stands_out));
  }
  return 0;
}
