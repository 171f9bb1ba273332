/* magnitude_station.h (inside locator/): what one station's amplitudes are worth, and how it stands among the others. */
#ifndef TOCSIN_LOCATOR_MAGNITUDE_STATION_H
#define TOCSIN_LOCATOR_MAGNITUDE_STATION_H

#include "magnitude.h"

static const double station_sigma = 0.4, event_sigma = 0.2; /* Wu & Zhao 2006: a single Pd magnitude, the network value */
static const double record_sigma = 0.3;                     /* whole records, about their median: Ridgecrest 2019, Oaxaca 2018 */

/* 0 up to `from`, 1 beyond `to`. */
double magnitude_ramp(double value, double from, double to);

double station_epicentral_km(const magnitude_observation *o);
double station_hypocentral_km(const magnitude_observation *o);
double station_since_s_s(const magnitude_observation *o);
/* How far its whole record speaks for itself. */
double station_record_growth(const magnitude_observation *o);

bool station_has_p_wave(const magnitude_observation *o);
bool station_has_record(const magnitude_observation *o);
bool station_has_local(const magnitude_observation *o);
/* So strong a wave is not so short: the gain is wrong, or something struck the sensor. */
bool station_is_too_short(const magnitude_observation *o);
/* Its P wave is no more than an upper bound. */
bool station_is_doubtful(const magnitude_observation *o);

double station_p_magnitude(const magnitude_observation *o);
/* What its P wave above 0.5 Hz says where the rest of it is doubtful; NAN: nothing. */
double station_brief_magnitude(const magnitude_observation *o);
double station_record_magnitude(const magnitude_observation *o);

/* What the unknown place adds to the variance of a magnitude of slope `per_decade` in distance. */
double station_place_variance(const magnitude_observation *o, double per_decade);

/* ---- magnitude_standing.c ---- */

/* How a station's P wave stands among the others' in windows of one length, and its noise. */
typedef struct {
  double excess;             /* its magnitude less the median of theirs; 0: there is nothing to compare */
  double most;               /* |excess| in the window in which it stands out most */
  int others;                /* so many; what the greatest events reach counts as one */
  int jump;                  /* number of the window in which it alone leapt, so that it counts up to the one before; 0: none */
  double noise, noise_sigma; /* its noise over the others', as magnitudes; noise_sigma 0: not known */
} magnitude_standing;

/* Of each of the observations; returns the stations' own scatter, one standard deviation. */
double magnitude_compare(const magnitude_observation *observations, size_t count, magnitude_standing *standings);

/* What of its excess is its own and not the event's, to be taken off its P magnitude. */
double magnitude_standing_excess(const magnitude_standing *s, double scatter);
/* What is taken off its whole record's: so much more than strong ground or the radiation add. */
double magnitude_standing_record_excess(const magnitude_standing *s, double scatter);
/* How far it can be believed at all, 0 to 1. */
double magnitude_standing_trust(const magnitude_standing *s, double scatter);

#endif
