/* How the stations are: up to when their data are in, how far they can be believed, how noisy they pick. */
#include <math.h>

#include "network.h"

/* What such a sensor does not see, nobody missed; a late one's data are good up to where they reach. */
static bool is_believed(ingest_state state)
{
  return state == INGEST_GOOD || state == INGEST_LATE;
}

void network_status(network *n, const ingest_status *status)
{
  if (status->sensor < 0 || (size_t)status->sensor >= n->sensors)
    return;
  network_sensor *sensor = &n->sensor[status->sensor];
  bool believed = is_believed(status->state);
  if (sensor->data_until == INT64_MIN || status->gaps != sensor->gaps)
    sensor->data_since = status->data_until;
  sensor->gaps = status->gaps;
  sensor->data_until = believed ? status->data_until : INT64_MIN;
  sensor->state = status->state;
  sensor->path = status->path;
  n->has_paths |= status->path.logger >= 0 || status->path.link >= 0 || status->path.provider >= 0;
}

int64_t network_data_until(const network *n, int32_t site, int64_t *since)
{
  int64_t until = INT64_MIN;
  *since = INT64_MIN;
  for (int32_t i = n->site[site].first_sensor; i >= 0; i = n->sensor[i].next)
    if (n->sensor[i].data_until > until) {
      until = n->sensor[i].data_until;
      *since = n->sensor[i].data_since;
    }
  return until;
}

static size_t counter_of(char label)
{
  return label == 'S' ? 1 : label == 'T' ? 2 : 0;
}

static double noise_picks_at(const network_site *site, char label, int64_t now)
{
  double age_s = (double)(now - site->noise_time[counter_of(label)]) / 1e9;
  return (double)site->noise_picks[counter_of(label)] * exp(-fmax(0, age_s) / 3600);
}

void network_count_noise(network *n, int32_t site, char label, int64_t now)
{
  network_site *of = &n->site[site];
  of->noise_picks[counter_of(label)] = (float)(noise_picks_at(of, label, now) + 1);
  of->noise_time[counter_of(label)] = now;
}

void network_begin_coda(network *n, int32_t site, const network_coda *coda)
{
  network_site *of = &n->site[site];
  of->coda = *coda;
  if (coda->event == of->great.event || coda->until >= of->great.until)
    of->great = *coda;
}

void network_forget_coda(network *n, int32_t site, uint64_t event)
{
  network_site *of = &n->site[site];
  if (of->coda.event == event)
    of->coda.until = INT64_MIN;
  if (of->great.event == event)
    of->great.until = INT64_MIN;
}

/* What a coda brings rarely stands far out of it: triggers fall off with the square of their signal-to-noise ratio. */
static double coda_rate(const network_coda *coda, double usual_snr, float snr, int64_t time, uint64_t event)
{
  const double full_per_s = 0.12;
  if (time <= coda->from || time >= coda->until || coda->event == event)
    return 0;
  double faded = fmin(1, (double)(coda->full_until - coda->from) / (double)(time - coda->from)), stands_out = fmax((double)snr, 1) / usual_snr;
  return full_per_s * faded * fmin(1, 1 / (stands_out * stands_out));
}

bool network_after_great_one(const network *n, int32_t site, int64_t time)
{
  const network_coda *great = &n->site[site].great;
  return great->until > great->full_until && time > great->from && time < great->until;
}

double network_noise_rate(const network *n, int32_t site, char label, float snr, int64_t time, uint64_t event, int64_t now)
{
  const double usual_per_hour = 8;
  const network_site *of = &n->site[site];
  const double coda_snr = 8, aftershock_snr = 30; /* a great one brings aftershocks */
  double great = network_after_great_one(n, site, time) ? coda_rate(&of->great, aftershock_snr, snr, time, event) : 0;
  double coda = fmax(coda_rate(&of->coda, coda_snr, snr, time, event), great);
  const double tentative_for_sure = 4; /* noise brings so many tentative picks for a sure one */
  double share = label == 'T' ? tentative_for_sure : 1;
  return coda > 0 ? coda : (usual_per_hour + noise_picks_at(of, label, now) / share) / 3600;
}

void network_count_event(network *n, int32_t site, bool seen)
{
  const float kept = 0.98F;
  network_site *of = &n->site[site];
  of->looked = kept * of->looked + 1;
  of->seen = kept * of->seen + (seen ? 1 : 0);
}

/* As good as sites usually are, until it has shown otherwise. */
double network_chance_of_pick(const network *n, int32_t site)
{
  const double usual = 0.85, events = 20;
  return ((double)n->site[site].seen + usual * events) / ((double)n->site[site].looked + events);
}
