/* What one station says of the magnitude, and where that is no measurement but a bound. */
#include "magnitude_station.h"

#include <math.h>

const float magnitude_early_s[MAGNITUDE_EARLY] = {0.5F, 1, 2, 3, 4};

static const double noise_ratio = 3, record_noise_ratio = 1.5; /* a peak below so many times the noise's is no measurement */
static const double record_p_ratio = 1.5;                      /* ... nor one of S below so many times P's */
static const double ml_nearest_km = 20, wood_anderson_gain = 2080;
static const double brief_bounds = 5; /* what is above 0.5 Hz of a greater event tells less of its size */
static const double after_s_begins_s = 1, after_s_full_s = 4;

/* JMA's magnitudes of shallow events stand above their moment magnitudes (Kobe 1995 7.3 and 6.9, Kumamoto 2016 7.3 and 7.0); three-component peaks of
   Ridgecrest 2019 and Oaxaca 2018 by 0.2. */
static const double record_over_moment = 0.2;

double magnitude_ramp(double value, double from, double to)
{
  return fmin(fmax((value - from) / (to - from), 0), 1);
}

magnitude_window magnitude_window_of(const picker_p_wave *p)
{
  return (magnitude_window){p->window_s, p->pd_m, p->noise_pd_m, p->tau_c_s, p->brief_pd_m, p->brief_noise_m, p->clipped};
}

void magnitude_take_window(magnitude_observation *o, const magnitude_window *w)
{
  o->clipped |= w->clipped;
  if (w->clipped && o->window_s > 0)
    return;
  o->window_s = w->window_s;
  o->pd_m = w->pd_m;
  o->noise_pd_m = w->noise_pd_m;
  o->tau_c_s = w->tau_c_s;
  o->brief_pd_m = w->brief_pd_m;
  o->brief_noise_m = w->brief_noise_m;
  for (int i = 0; i < MAGNITUDE_EARLY; i++)
    if (w->window_s == magnitude_early_s[i])
      o->early_pd_m[i] = w->pd_m;
}

/* A place that is not known is on average farther away than its middle. */
double station_epicentral_km(const magnitude_observation *o)
{
  return isfinite(o->place_sigma_km) ? hypot(o->epicentral_km, o->place_sigma_km) : o->epicentral_km;
}

double station_hypocentral_km(const magnitude_observation *o)
{
  return fmax(hypot(station_epicentral_km(o), o->depth_km), 1);
}

double station_since_s_s(const magnitude_observation *o)
{
  return o->since_p_s - o->s_minus_p_s;
}

/* How far a station's whole record speaks for itself. */
double station_record_growth(const magnitude_observation *o)
{
  return magnitude_ramp(station_since_s_s(o), after_s_begins_s, after_s_full_s);
}

static bool usable(const magnitude_observation *o)
{
  return isfinite(o->epicentral_km) && isfinite(o->depth_km) && isfinite(o->since_p_s) && isfinite(o->s_minus_p_s);
}

bool station_has_p_wave(const magnitude_observation *o)
{
  return usable(o) && o->window_s > 0 && o->pd_m > 0 && isfinite(o->window_s) && isfinite(o->pd_m);
}

/* A peak of the whole record that stands neither out of the noise nor out of the P wave is not yet that of S. */
bool station_has_record(const magnitude_observation *o)
{
  return usable(o) && isfinite(o->jma_pgd_m) &&
         (double)o->jma_pgd_m > fmax(record_noise_ratio * (double)o->noise_pd_m, record_p_ratio * (double)o->pd_m);
}

static bool hidden_by_noise(const magnitude_observation *o)
{
  return (double)o->pd_m < noise_ratio * (double)o->noise_pd_m;
}

/* Its period over what is usual for its amplitude (Wu & Kanamori 2008: log10 tau_c = 0.296 M - 1.462); 1 where it is not known. */
static double slowness(const magnitude_observation *o)
{
  double usual_s = pow(10, 0.296 * magnitude_from_pd(o->pd_m, station_epicentral_km(o)) - 1.462);
  return isfinite(o->tau_c_s) && o->tau_c_s > 0 && o->window_s >= 1 ? (double)o->tau_c_s / usual_s : 1;
}

/* The ground swells, or the sensor has jumped: what P there is adds little to it. */
static bool is_too_slow(const magnitude_observation *o)
{
  const double slow_s = 3, times = 3;
  return (double)o->tau_c_s > slow_s && slowness(o) > times;
}

/* So strong a wave is not so short: the gain is wrong, or something struck the sensor. */
bool station_is_too_short(const magnitude_observation *o)
{
  const double times = 6;
  return slowness(o) < 1 / times;
}

/* No more than an upper bound. */
bool station_is_doubtful(const magnitude_observation *o)
{
  return hidden_by_noise(o) || is_too_slow(o) || station_is_too_short(o);
}

/* Displacement above 0.5 Hz lacks little of a small event, more of a great one: of 1,000 made earthquakes 0.25 to 0.45, of Pleasant Hill 2019 0.2, of
   Ridgecrest 2019 0.5. */
static double magnitude_from_brief(double brief_m, double km)
{
  const double lacks = 0.25, lacks_more = 0.2, small = 5, great = 6.2;
  double magnitude = magnitude_from_pd(brief_m, km);
  return magnitude + lacks + lacks_more * magnitude_ramp(magnitude, small, great);
}

static double site_term(const magnitude_observation *o)
{
  return isfinite(o->site_term) ? (double)o->site_term : 0;
}

static bool brief_is_clear(const magnitude_observation *o)
{
  return o->brief_pd_m > 0 && isfinite(o->brief_pd_m) && (double)o->brief_pd_m >= noise_ratio * (double)o->brief_noise_m;
}

/* Where noise hides the wave, the most that it can have been: in all its length, or above 0.5 Hz as long as that is a small event's. */
double station_p_magnitude(const magnitude_observation *o)
{
  double km = station_epicentral_km(o), pd_m = (double)o->pd_m + (hidden_by_noise(o) ? (double)o->noise_pd_m : 0), most = magnitude_from_pd(pd_m, km);
  if (hidden_by_noise(o) && o->brief_noise_m > 0 && !brief_is_clear(o)) {
    double brief = magnitude_from_brief((double)o->brief_pd_m + (double)o->brief_noise_m, km);
    most = brief < brief_bounds ? fmin(most, brief) : most;
  }
  return most - site_term(o);
}

double station_brief_magnitude(const magnitude_observation *o)
{
  bool speaks = station_has_p_wave(o) && brief_is_clear(o) && station_is_doubtful(o) && !station_is_too_short(o);
  return speaks ? magnitude_from_brief(o->brief_pd_m, station_epicentral_km(o)) - site_term(o) : (double)NAN;
}

double magnitude_of_p_wave(const magnitude_observation *o)
{
  return station_has_p_wave(o) && !o->clipped && !station_is_doubtful(o) ? magnitude_from_pd(o->pd_m, station_epicentral_km(o)) : (double)NAN;
}

double station_record_magnitude(const magnitude_observation *o)
{
  return magnitude_from_displacement(o->jma_pgd_m, station_hypocentral_km(o), o->depth_km) - record_over_moment;
}

/* The peak on a Wood-Anderson is that of S if it stands out of P. Where nothing is known of P there, the noise of displacement bounds its own: the
   trace is displacement times its gain. */
static bool stands_out(const magnitude_observation *o)
{
  double noise_mm = record_noise_ratio * (double)o->noise_pd_m * wood_anderson_gain * 1000;
  double needed_mm = o->wood_anderson_p_mm > 0 ? record_p_ratio * (double)o->wood_anderson_p_mm : noise_mm;
  return (double)o->wood_anderson_mm > needed_mm;
}

bool station_has_local(const magnitude_observation *o)
{
  return usable(o) && !o->clipped && isfinite(o->wood_anderson_mm) && stands_out(o) && station_record_growth(o) >= 1 &&
         station_hypocentral_km(o) >= ml_nearest_km;
}

/* d log10 R of a place that is not known, in quadrature. */
double station_place_variance(const magnitude_observation *o, double per_decade)
{
  double sigma_km = isfinite(o->place_sigma_km) ? fmax(o->place_sigma_km, 0) : 0;
  double decades = M_LOG10E * sigma_km / station_hypocentral_km(o);
  return per_decade * per_decade * decades * decades;
}
