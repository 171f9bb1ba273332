/* An event's place, anew after each change of its picks. */
#include <math.h>

#include "event.h"
#include "fault_track.h"

enum { SEARCHED_BELOW = 8, SURE_PICKS = 40, ODD_EVERY = 3, SETTLING_ROUNDS = 3 };
static const double SURE_KM = 10, SURE_RMS = 0.4, ODD_WEIGHT = 0.2;

static void recentre(const locator *l, event *e);
static void add_silences(locator *l, const event *e, int64_t now);
static bool is_near(const network *n, int32_t centre, int32_t site, double neighbourhood_km);
static bool let_go(locator *l, event *e, int64_t now);
static void begin_codas(locator *l, const event *e);
static bool is_unsure(const event *e);
static void heed_witnesses(locator *l, event *e, int64_t now);
static void update_residuals(const locator *l, event *e);

/* Of 145 analysts' S 25 were noticed as tentative P, of 102 P 45 (bardarbunga). */
double event_noise_rate(const locator *l, const event *e, const kept_pick *pick, char phase, int64_t now)
{
  const double s_as_p = pick->tentative && phase == 'S' && pick->label == 'P' ? -0.9 : 0;
  char label = pick->tentative ? 'T' : pick->label;
  double rate = network_noise_rate(&l->network, pick->site, label, pick->snr, pick->time, e->number, now);
  return fmax(rate, wake_rate(l, e, pick)) * (pick->tentative ? exp(-((double)pick->mark + s_as_p)) : 1);
}

void event_pose(locator *l, const event *e, int64_t now)
{
  location_problem *problem = &l->problem;
  problem->tables = e->region->tables;
  problem->depth = e->region->depth;
  problem->past = l->settings->past;
  problem->around = &e->around;
  problem->settings = l->settings;
  problem->readings = problem->silences = 0;
  event_path common = event_common_path(l, e);
  double neighbourhood_km = network_neighbourhood(&l->network, e->nearest_site);
  for (size_t i = 0; i < e->arrivals && problem->readings < LOCATION_READINGS; i++) {
    const event_arrival *a = &e->arrival[i];
    /* A P that was taken for an S is a weak witness. */
    double taken_for_s = a->phase == 'S' && a->pick.label == 'P' ? 0.3 : 0;
    location_reading *reading = &problem->reading[problem->readings++];
    *reading = event_reading(l, e, &a->pick, a->phase, a->at);
    reading->sigma_s = hypot(reading->sigma_s, taken_for_s);
    reading->noise_rate = event_noise_rate(l, e, &a->pick, a->phase, now);
    reading->near = is_near(&l->network, e->nearest_site, a->pick.site, neighbourhood_km) && !event_is_echo(l, e, common, i);
  }
  add_silences(l, e, now);
}

static bool is_near(const network *n, int32_t centre, int32_t site, double neighbourhood_km)
{
  return site == centre || sphere_chord_km(n->site[centre].point, n->site[site].point) <= neighbourhood_km;
}

/* The sites whose picks an event has; a bit for every 64th says at once that most others are none of them. */
typedef struct {
  uint64_t bits;
  size_t count;
  int32_t site[LOCATOR_PICKS_MAXIMUM];
} heard_sites;

static void hear_sites(heard_sites *h, const event *e)
{
  h->bits = 0;
  h->count = e->arrivals;
  for (size_t i = 0; i < e->arrivals; i++) {
    h->site[i] = e->arrival[i].pick.site;
    h->bits |= UINT64_C(1) << (h->site[i] & 63);
  }
}

static bool is_among(const heard_sites *h, int32_t site)
{
  for (size_t i = 0; h->bits >> (site & 63) & 1 && i < h->count; i++)
    if (h->site[i] == site)
      return true;
  return false;
}

static void survey(locator *l, const event *e)
{
  surroundings *s = &l->surroundings;
  const network_site *centre = &l->network.site[e->nearest_site];
  if (s->centre == e->nearest_site && s->around.latitude_deg == e->around.latitude_deg && s->around.longitude_deg == e->around.longitude_deg)
    return;
  s->centre = e->nearest_site;
  s->around = e->around;
  for (size_t i = 0; i <= centre->neighbours_count; i++)
    s->at[i] = plane_project(&e->around, l->network.site[i == 0 ? e->nearest_site : centre->neighbours[i - 1]].point);
}

/* What most saw only weakly others have missed: the part of the P that was sure. */
static double clear_part(const event *e)
{
  double sure = 1, all = 1;
  for (size_t i = 0; i < e->arrivals; i++) {
    sure += e->arrival[i].phase == 'P' && !e->arrival[i].pick.tentative;
    all += e->arrival[i].phase == 'P';
  }
  return sure / all;
}

/* The sites around the epicentre that might have seen it and have not. After a gap the picker is silent for a while: that is no silence of the Earth.
 */
static void add_silences(locator *l, const event *e, int64_t now)
{
  const double warm_up_s = 5;
  const int64_t patience = 3 * INGEST_SECOND;
  location_problem *problem = &l->problem;
  const network_site *centre = &l->network.site[e->nearest_site];
  heard_sites heard;
  double clear = clear_part(e);
  hear_sites(&heard, e);
  survey(l, e);
  for (size_t i = 0; i <= centre->neighbours_count && problem->silences < LOCATION_SILENCES; i++) {
    int32_t site = i == 0 ? e->nearest_site : centre->neighbours[i - 1];
    int64_t since, until = network_data_until(&l->network, site, &since);
    if (until == INT64_MIN || is_among(&heard, site))
      continue;
    int64_t picked = l->network.site[site].picked;
    problem->silence[problem->silences++] = (location_silence){.at = l->surroundings.at[i],
                                                               .other_pick_s = picked == INT64_MIN ? -INFINITY : (double)(picked - e->epoch) / 1e9,
                                                               .seen = clear * network_chance_of_pick(&l->network, site),
                                                               .current = now - until <= patience,
                                                               .site = site,
                                                               .since_s = (double)(since - e->epoch) / 1e9 + warm_up_s,
                                                               .sure_until_s = (double)(until - l->pick_delay - e->epoch) / 1e9};
  }
}

void event_relocate(locator *l, event *e, int64_t now)
{
  bool changed = true;
  e->placed = now;
  for (int round = 0; round < SETTLING_ROUNDS && changed; round++) {
    event_place(l, e, round == 0 && is_unsure(e), now);
    heed_witnesses(l, e, now);
    changed = let_go(l, e, now);
    changed |= event_adopt(l, e, now) > 0;
    e->changed = changed ? now : e->changed;
  }
  if (changed)
    update_residuals(l, e);
  begin_codas(l, e);
  event_weigh(l, e, now);
  event_measure(l, e, now);
  wake_note(l, e);
}

/* A site's known P spoils it for new P waves until S and its coda are over: of a large earthquake for minutes (duration magnitude, Lee et al. 1972);
   a tentative one is no louder than the noise, and so is what follows.
 */
static void begin_codas(locator *l, const event *e)
{
  const double longest_s = 900, least_magnitude = 4;
  double magnitude = (double)e->magnitude.magnitude, rings_s = magnitude >= least_magnitude ? fmin(longest_s, pow(10, (magnitude + 0.87) / 2)) : 0;
  for (size_t i = 0; i < e->arrivals; i++) {
    const event_arrival *a = &e->arrival[i];
    if (a->phase != 'P' || a->pick.tentative)
      continue;
    double s_minus_p = locator_travel_time(e->region->tables, 'S', a->distance_km, e->place.depth_km) - a->travel_s, full_s = 1.5 * s_minus_p + 10;
    int64_t from = a->pick.time;
    network_coda coda = {from, from + (int64_t)(full_s * 1e9), from + (int64_t)(fmax(full_s, rings_s) * 1e9), e->number};
    network_begin_coda(&l->network, a->pick.site, &coda);
  }
}

/* All that an epicentre may be, seen from the first pick's station. Of few picks most are right; many may be two earthquakes', and the newest pick,
   another each time, then says where one of them is. */
static location_box neighbourhood(const locator *l, const event *e, int newest)
{
  const event_arrival *first = &e->arrival[0];
  double radius_km = network_reach(&l->network, first->pick.site, l->settings->search_radius_km);
  return (location_box){.east_km = first->at.east_km,
                        .north_km = first->at.north_km,
                        .radius_km = radius_km,
                        .anchor = e->quiet || e->arrivals < SEARCHED_BELOW ? -1 : newest,
                        .finest_km = 0.8,
                        .least = -INFINITY};
}

static void swap(location_reading *a, location_reading *b)
{
  location_reading kept = *a;
  *a = *b;
  *b = kept;
}

/* The search looks at the first readings only: puts the newest at the head, then some of all times. Returns where the newest is. Of an event that is
   quiet the order of telling says no more. */
static int shuffle(location_problem *problem, const event *e)
{
  size_t newest = 0, n = problem->readings;
  for (size_t i = 1; i < n; i++)
    if (e->arrival[i].pick.told >= e->arrival[newest].pick.told)
      newest = i;
  newest = e->quiet ? 0 : newest;
  if (e->arrivals < SEARCHED_BELOW)
    return (int)newest;
  swap(&problem->reading[0], &problem->reading[newest]);
  for (size_t k = 1; n > LOCATION_SEARCHED && k < LOCATION_SEARCHED; k++)
    swap(&problem->reading[k], &problem->reading[k * n / LOCATION_SEARCHED]);
  return 0;
}

static double cost(const locator *l, const hypocentre *at)
{
  return at->misfit + location_remoteness_cost(&l->problem, at) + location_silence_penalty(&l->problem, at, location_farthest(&l->problem, at));
}

/* Few picks, or picks that do not fit well, may belong to quite another place: the whole neighbourhood is searched again, at each of the first picks
   and ever more rarely as they become many. */
static bool is_unsure(const event *e)
{
  size_t n = e->arrivals, outside = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    outside += e->arrival[i].phase == 'P' && e->arrival[i].weight < ODD_WEIGHT;
  bool milestone = n < SEARCHED_BELOW || (n & (n - 1)) == 0 || (n % 3 == 0 && (n / 3 & (n / 3 - 1)) == 0);
  bool odd = (outside > 0 && n < SURE_PICKS) || location_radius68(&e->place) > SURE_KM || e->place.rms_s > SURE_RMS;
  return e->quiet || milestone || (odd && n % ODD_EVERY == 0);
}

static const region *region_of(const locator *l, const event *e)
{
  double latitude, longitude;
  event_place_of(e, &latitude, &longitude);
  return regions_at(&l->regions, latitude, longitude);
}

/* It lies in another region than that which placed it: this one places it then, unless it puts it outside itself and fits it worse. */
static void settle_region(locator *l, event *e, int64_t now)
{
  const region *before = e->region;
  const hypocentre there = e->place;
  double cost_there = cost(l, &there);
  e->region = region_of(l, e);
  if (e->region == before)
    return;
  event_pose(l, e, now);
  e->place = location_refine(&l->problem, there);
  if (region_of(l, e) == e->region || cost(l, &e->place) < cost_there)
    return;
  e->region = before;
  e->place = there;
}

void event_place(locator *l, event *e, bool search, int64_t now)
{
  event_pose(l, e, now);
  hypocentre best = location_refine(&l->problem, e->place);
  const double alike = 0.25; /* of two such places a quiet event takes the one that does not hang on the order of its picks */
  if (search) {
    int newest = shuffle(&l->problem, e);
    hypocentre found = location_refine(&l->problem, location_search(&l->problem, neighbourhood(l, e, newest)));
    if (cost(l, &found) < cost(l, &best) + (e->quiet ? alike : 0))
      best = found;
  }
  e->place = best;
  if (l->regions.count > 0)
    settle_region(l, e, now);
  recentre(l, e);
  update_residuals(l, e);
}

/* The times of the arrivals leave so much open that what their sites say besides is heard. */
static void heed_witnesses(locator *l, event *e, int64_t now)
{
  const double vague_km = 10;
  e->vague = e->arrivals <= WITNESSES_MAXIMUM && e->place.honesty * location_radius68(&e->place) > vague_km;
  if (!e->vague)
    return;
  witnesses w;
  amplitude_witnesses(l, e, &w);
  if (w.count == 0)
    return;
  event_pose(l, e, now);
  e->place = location_witnessed(&l->problem, &w, neighbourhood(l, e, -1), &e->place);
  recentre(l, e);
  update_residuals(l, e);
}

/* Keeps the epicentre near its plane's origin, where the plane is exact. */
static void recentre(const locator *l, event *e)
{
  double latitude, longitude;
  event_place_of(e, &latitude, &longitude);
  e->epicentre = sphere_point_of(latitude, longitude);
  e->nearest_site = network_nearest(&l->network, e->nearest_site, latitude, longitude);
  if (hypot(e->place.east_km, e->place.north_km) < 25)
    return;
  e->around = plane_at(latitude, longitude);
  e->place.east_km = e->place.north_km = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    e->arrival[i].at = plane_project(&e->around, l->network.site[e->arrival[i].pick.site].point);
}

/* The wave is seen site by site outwards: well beyond the mean distance so far, and the next few sites where there are few. Without this bound an
   event would gather the noise picks of a whole country, some of which fit any time. */
static double reach_of(const locator *l, const event *e)
{
  const double least_km = 60;
  double sum = 0;
  size_t count = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].phase == 'P' && e->arrival[i].weight > 0) {
      sum += e->arrival[i].distance_km;
      count++;
    }
  return fmax(count > 0 ? 2.5 * sum / (double)count + least_km : 0, network_reach(&l->network, e->nearest_site, least_km));
}

static void update_residuals(const locator *l, event *e)
{
  for (size_t i = 0; i < e->arrivals; i++) {
    event_arrival *a = &e->arrival[i];
    location_reading reading = event_reading(l, e, &a->pick, a->phase, a->at);
    location_residual r = location_residual_of(e->region->tables, &reading, &e->place);
    a->residual_s = r.residual_s;
    a->weight = location_weight(r.residual_s / r.sigma_s);
    a->distance_km = r.distance_km;
    a->travel_s = r.travel_s;
  }
  e->reach_km = reach_of(l, e);
  e->heard_km = 0;
  for (size_t i = 0; i < e->arrivals; i++)
    if (e->arrival[i].phase == 'P' && e->arrival[i].weight > 0)
      e->heard_km = fmax(e->heard_km, e->arrival[i].distance_km);
}

/* Picks that no longer belong are free again, while enough stay. */
static bool let_go(locator *l, event *e, int64_t now)
{
  bool any = false;
  for (size_t i = e->arrivals; i-- > 0;) {
    const event_arrival *a = &e->arrival[i];
    if (fabs(a->residual_s) <= 1.5 * event_tolerance(l, e, a->phase, a->travel_s) || e->arrivals <= (size_t)l->settings->minimum_stations)
      continue;
    kept_pick pick = a->pick;
    event_remove(e, i);
    pool_add(&l->pool, &pick, &l->network, now);
    any = true;
  }
  return any;
}

/* Where the source may well be elsewhere, the magnitude is that of all those places. */
static magnitude_estimate with_place(magnitude_estimate m, const hypocentre *at)
{
  const double most = 0.5;
  m.magnitude += (float)fmin(fmax(at->magnitude_shift, -most), most);
  m.uncertainty = hypotf(m.uncertainty, (float)at->magnitude_sigma);
  m.up = hypotf(m.up, (float)at->magnitude_sigma);
  m.down = hypotf(m.down, (float)at->magnitude_sigma);
  return m;
}

void event_weigh(locator *l, event *e, int64_t now)
{
  event_pose(l, e, now);
  event_judge(l, e);
  e->weighed = now;
}

void event_measure(locator *l, event *e, int64_t now)
{
  float before = e->magnitude.magnitude;
  e->magnitude = fault_track_magnitude(e, with_place(amplitude_magnitude(l, e), &e->place));
  e->measured = now;
  if (e->magnitude.magnitude > before || (isnan(before) && !isnan(e->magnitude.magnitude)))
    begin_codas(l, e);
}
