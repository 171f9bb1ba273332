/* An event in the words of locator.h. */
#include <math.h>
#include <string.h>

#include "event.h"
#include "fault_track.h"

/* Depths are known a little worse than the linear theory says (made earthquakes: 61 % within one deviation without it). */
static const double OF_DEPTH = 1.2;

const char *const locator_magnitude_type_texts[LOCATOR_MAGNITUDE_TYPES] = {"", "Mpd", "Mdisp", "ML"};
const char *const locator_magnitude_lack_texts[LOCATOR_MAGNITUDE_LACKS] = {"", "unmeasured", "hidden"};

static void describe_arrivals(const event *e, locator_event *says);
static double azimuthal_gap(const event *e);

void event_describe(const locator *l, const event *e, locator_event *says)
{
  memset(says, 0, sizeof *says);
  says->state = LOCATOR_OPEN;
  says->origin_time = event_origin_time(e);
  event_place_of(e, &says->latitude_deg, &says->longitude_deg);
  says->origin_time_uncertainty_s = (float)(e->place.honesty * sqrt(fmax(0, e->place.covariance[3][3])));
  says->horizontal_uncertainty_km = (float)(e->place.honesty * location_radius68(&e->place));
  says->depth_km = (float)e->place.depth_km;
  says->depth_uncertainty_km = (float)fmin(e->region->depth.sigma_km, OF_DEPTH * e->place.honesty * sqrt(fmax(0, e->place.covariance[2][2])));
  says->depth_fixed = says->depth_uncertainty_km > 0.85F * (float)e->region->depth.sigma_km;
  says->magnitude = e->magnitude.magnitude;
  says->magnitude_uncertainty = e->magnitude.uncertainty;
  says->magnitude_up = e->magnitude.up;
  says->magnitude_down = e->magnitude.down;
  says->magnitude_may_grow = e->magnitude.may_grow;
  says->magnitude_type = e->magnitude.type;
  says->magnitude_lack = isnan(e->magnitude.magnitude) && e->magnitude.lack == LOCATOR_SIZED ? LOCATOR_UNMEASURED : e->magnitude.lack;
  says->magnitude_at_most = e->magnitude.at_most;
  says->magnitude_stations = e->magnitude.stations;
  says->magnitude_corrected = e->magnitude.corrected;
  says->fault = fault_track_told(e);
  says->azimuthal_gap_deg = (float)azimuthal_gap(e);
  says->rms_s = (float)e->place.rms_s;
  says->likelihood = (float)event_told_likelihood(e);
  says->evidence = (float)e->evidence;
  says->reasons = e->reasons;
  says->data_until = l->data_until;
  says->tables = e->region->tables;
  describe_arrivals(e, says);
}

static void describe_arrivals(const event *e, locator_event *says)
{
  says->arrivals_count = e->arrivals;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *a = &e->arrival[i];
    says->arrivals[i] = (locator_arrival){.pick = a->pick.id,
                                          .sensor = a->pick.sensor,
                                          .phase = a->phase,
                                          .time = a->pick.time,
                                          .residual_s = (float)a->residual_s,
                                          .weight = (float)a->weight,
                                          .distance_km = (float)a->distance_km,
                                          .polarity = a->pick.polarity,
                                          .tentative = a->pick.tentative};
    bool first_of_site = true, sure = false;
    for (size_t k = 0; k < i; k++)
      first_of_site &= e->arrival[k].pick.site != a->pick.site || e->arrival[k].weight <= 0;
    for (size_t k = 0; k < e->arrivals; k++)
      sure |= e->arrival[k].pick.site == a->pick.site && e->arrival[k].weight > 0 && !e->arrival[k].pick.tentative;
    says->stations_used += a->weight > 0 && first_of_site;
    says->stations_tentative += a->weight > 0 && first_of_site && !sure;
  }
}

static void insert(double *sorted, size_t count, double value)
{
  for (; count > 0 && sorted[count - 1] > value; count--)
    sorted[count] = sorted[count - 1];
  sorted[count] = value;
}

static double azimuthal_gap(const event *e)
{
  double azimuths[LOCATOR_PICKS_MAXIMUM];
  size_t count = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].weight > 0)
      insert(azimuths, count++, atan2(e->arrival[i].at.east_km - e->place.east_km, e->arrival[i].at.north_km - e->place.north_km) * (180 / M_PI));
  if (count == 0)
    return 360;
  double gap = 360 - (azimuths[count - 1] - azimuths[0]);
  for (size_t i = 1; i < count; i++)
    gap = fmax(gap, azimuths[i] - azimuths[i - 1]);
  return gap;
}
