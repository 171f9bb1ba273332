/* What an event means at a place: intensity and its uncertainty, when S arrives, how likely a threshold is reached. */
#include "intensity.h"

#include <math.h>

const char *const intensity_level_words[INTENSITY_LEVELS + 1] = {"blue", "yellow", "orange", "red", NULL};

/* The 68 % radius of a circular normal error holds sqrt(-2 ln 0.32) standard deviations of one coordinate. */
static const double sigmas_in_radius_68 = 1.5096;

intensity_level intensity_level_of(double intensity)
{
  int degree = intensity_degree(intensity);
  return degree >= 7 ? INTENSITY_RED : degree >= 5 ? INTENSITY_ORANGE : degree >= 3 ? INTENSITY_YELLOW : INTENSITY_BLUE;
}

/* Mpd and Mdisp are fitted to moment magnitudes, so the relation takes their Ms equivalent; ML goes in as it is (no conversion is
   settled for it, and below 6 it lies between Ms and Mw). */
static double ms_of(locator_magnitude_type type, double magnitude)
{
  return type == LOCATOR_ML ? magnitude : intensity_ms_equivalent(magnitude);
}

/* dI/dM: the relation moves with Ms as a whole, Ms with the magnitude as ms_of() says. */
static double magnitude_slope(intensity_zone zone, const locator_event *event, double km)
{
  double ms[2] = {ms_of(event->magnitude_type, event->magnitude - 0.05), ms_of(event->magnitude_type, event->magnitude + 0.05)};
  return (intensity_gb18306_long(zone, ms[1], km) - intensity_gb18306_long(zone, ms[0], km)) / 0.1;
}

/* dI/dR by the difference over 1 km. */
static double distance_slope(intensity_zone zone, double ms, double km)
{
  double nearer = fmax(km - 0.5, 0);
  return intensity_gb18306_circle(zone, ms, nearer + 1) - intensity_gb18306_circle(zone, ms, nearer);
}

static double sigma_of(const intensity_settings *settings, const locator_event *event, float magnitude_sigma, double ms, double km)
{
  intensity_zone zone = (intensity_zone)settings->zone;
  double relation = intensity_gb18306_sigma(zone);
  double magnitude = fmax(magnitude_sigma, settings->magnitude_sigma_floor) * magnitude_slope(zone, event, km);
  double place = fmax(event->horizontal_uncertainty_km, 0) / sigmas_in_radius_68 * distance_slope(zone, ms, km);
  double extrapolated = ms < settings->extrapolated_below_ms ? settings->extrapolated_sigma : 0;
  return sqrt(relation * relation + magnitude * magnitude + place * place + extrapolated * extrapolated);
}

/* The mean at a place: from the fault's middle and strike where they are known, else from the epicentre all round. */
static double mean_at(intensity_zone zone, double ms, const locator_event *event, double latitude_deg, double longitude_deg, double epicentral_km)
{
  const locator_fault *fault = &event->fault;
  if (fault->search != LOCATOR_FAULT_FOUND)
    return intensity_gb18306_circle(zone, ms, epicentral_km);
  double azimuth, middle[] = {(fault->latitude_deg[0] + fault->latitude_deg[1]) / 2, (fault->longitude_deg[0] + fault->longitude_deg[1]) / 2};
  double km = locator_distance_km(middle[0], middle[1], latitude_deg, longitude_deg, &azimuth);
  double off = (azimuth - (double)fault->strike_deg) * M_PI / 180;
  return intensity_gb18306_ellipse(zone, ms, km * cos(off), km * sin(off));
}

void intensity_predict(const intensity_settings *settings, const locator_travel_times *tables, const locator_event *event, double latitude_deg,
                       double longitude_deg, double site_term, double threshold, intensity_prediction *prediction)
{
  double km = locator_distance_km(event->latitude_deg, event->longitude_deg, latitude_deg, longitude_deg, NULL);
  double ms = ms_of(event->magnitude_type, event->magnitude);
  double mean = mean_at((intensity_zone)settings->zone, ms, event, latitude_deg, longitude_deg, km) + site_term;
  float side = threshold > mean ? event->magnitude_up : event->magnitude_down; /* of the magnitude, that leads to the threshold */
  double sigma = sigma_of(settings, event, event->magnitude_uncertainty, ms, km), to_threshold = sigma_of(settings, event, side, ms, km);
  double s_s = locator_travel_time(tables, 'S', km, event->depth_km);
  *prediction = (intensity_prediction){
      .epicentral_km = km,
      .intensity = fmin(fmax(mean, 1), 12),
      .sigma = sigma,
      .exceedance = erfc((threshold - mean) / (to_threshold * sqrt(2))) / 2,
      .s_arrival = event->origin_time + llround(s_s * 1e9),
      .extrapolated = ms < settings->extrapolated_below_ms,
  };
}
