/* What the sites have felt goes into the search for a line; what it finds, into the event. */
#include "fault_track.h"

#include <math.h>
#include <stdlib.h>

const char *const locator_fault_search_texts[LOCATOR_FAULT_SEARCHES] = {"", "sparse", "unclear", "found"};

enum { UNITS_A_STEP = 55000, GATHERED_MAXIMUM = 4096 };

static const double reach_km = 300;
static const int64_t every = INGEST_SECOND;

/* A vector maximum of three components over the RotD50 of the horizontals: RotD100 / RotD50 is 1.2 (Boore & Kishida 2017), and the vertical adds
   little. */
static const double vector_over_rotd50 = 1.25;

struct fault_track {
  fault_search *search;
  uint64_t event; /* its number; 0: no search is under way */
  plane around;   /* whose origin the sites are counted from */
  fault_site site[GATHERED_MAXIMUM];
};

fault_track *fault_track_create(locator_relation *relation)
{
  fault_track *track = calloc(1, sizeof *track);
  if (!track)
    return NULL;
  track->search = fault_search_create(relation);
  if (track->search)
    return track;
  free(track);
  return NULL;
}

void fault_track_destroy(fault_track *track)
{
  if (!track)
    return;
  fault_search_destroy(track->search);
  free(track);
}

/* When the strongest shaking is over: some seconds after S, and later while the source may still be going. */
static double over_s(const event *e, double distance_km)
{
  double s = locator_travel_time(e->region->tables, 'S', distance_km, e->place.depth_km);
  return s + 3 + 0.06 * distance_km + magnitude_half_duration_s(e->magnitude.magnitude);
}

/* A sensor's strongest shaking in all windows that P, S and what follows may have opened. */
static picker_motion shaking_of(const network_sensor *sensor, int64_t p, int64_t over)
{
  const int64_t around_p = 5 * INGEST_SECOND;
  picker_motion all = {0};
  for (size_t k = 0; k < NETWORK_WAVES && k < sensor->motions; k++) {
    const picker_motion *m = &sensor->motion[k];
    bool begins = m->since <= (over > p + around_p ? over : p + around_p);
    if (!begins || m->until <= p || !(m->pga_m_s2 > 0 && m->pgv_m_s > 0))
      continue;
    all.components = all.components > m->components ? all.components : m->components;
    all.pga_m_s2 = fmaxf(all.pga_m_s2, m->pga_m_s2);
    all.pgv_m_s = fmaxf(all.pgv_m_s, m->pgv_m_s);
    all.clipped |= m->clipped;
  }
  return all;
}

/* Of a site's sensors one that is not clipped and has the most components; 0 components: none has shaken. */
static picker_motion shaking_at(const locator *l, const network_site *site, int64_t p, int64_t over)
{
  picker_motion best = {0};
  for (int32_t i = site->first_sensor; i >= 0; i = l->network.sensor[i].next) {
    picker_motion m = shaking_of(&l->network.sensor[i], p, over);
    if (m.components > 0 && (best.components == 0 || (m.clipped ? 0 : m.components) > (best.clipped ? 0 : best.components)))
      best = m;
  }
  return best;
}

static size_t gather(const locator *l, const event *e, const plane *around, fault_site *sites)
{
  size_t count = 0;
  for (size_t i = 0; i < l->network.sites && count < GATHERED_MAXIMUM; i++) {
    const network_site *site = &l->network.site[i];
    if (sphere_chord_km(e->epicentre, site->point) > reach_km)
      continue;
    plane_point at = plane_project(around, site->point);
    double distance_km = hypot(at.east_km, at.north_km);
    double p_s = locator_travel_time(e->region->tables, 'P', distance_km, e->place.depth_km), ends_s = over_s(e, distance_km);
    int64_t origin = event_origin_time(e), over = origin + (int64_t)(ends_s * 1e9), since;
    picker_motion m = shaking_at(l, site, origin + (int64_t)(p_s * 1e9), over);
    if (m.components == 0)
      continue;
    sites[count++] = (fault_site){
        .east_km = at.east_km,
        .north_km = at.north_km,
        .ln_peak = {[LOCATOR_PGA] = log((double)m.pga_m_s2 / vector_over_rotd50), [LOCATOR_PGV] = log((double)m.pgv_m_s / vector_over_rotd50)},
        .growing = m.clipped || network_data_until(&l->network, (int32_t)i, &since) < over};
  }
  return count;
}

static event *event_numbered(locator *l, uint64_t number)
{
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++)
    if (l->event[i].stage == EVENT_OPEN && l->event[i].number == number)
      return &l->event[i];
  return NULL;
}

/* The great event whose line is the oldest, and a second old. */
static event *event_due(locator *l, int64_t now)
{
  event *due = NULL;
  for (size_t i = 0; i < EVENTS_MAXIMUM; i++) {
    event *e = &l->event[i];
    bool great = e->stage == EVENT_OPEN && (double)e->magnitude.magnitude >= l->settings->fault_magnitude;
    if (great && now - e->fault_begun >= every && l->measured >= e->fault_begun && (!due || e->fault_begun < due->fault_begun))
      due = e;
  }
  return due;
}

/* A number that changes when anything is felt anew, or is over. */
static double felt(const fault_site *sites, size_t count)
{
  double sum = (double)count;
  for (size_t i = 0; i < count; i++)
    sum += sites[i].ln_peak[LOCATOR_PGA] + sites[i].ln_peak[LOCATOR_PGV] + sites[i].growing;
  return sum;
}

static void begin(locator *l, event *e, int64_t now)
{
  fault_track *t = l->faults;
  double latitude, longitude;
  event_place_of(e, &latitude, &longitude);
  t->around = plane_at(latitude, longitude);
  e->fault_begun = now;
  size_t count = gather(l, e, &t->around, t->site);
  double before = e->fault_felt;
  e->fault_felt = felt(t->site, count);
  if (before == e->fault_felt)
    return;
  t->event = e->number;
  fault_search_begin(t->search, t->site, count, location_radius68(&e->place) / 1.5);
}

static void conclude(const fault_track *t, event *e)
{
  fault_line line;
  bool any = fault_search_result(t->search, &line);
  e->fault_search = !any || line.sparse ? LOCATOR_FAULT_SPARSE : line.resolved ? LOCATOR_FAULT_FOUND : LOCATOR_FAULT_UNCLEAR;
  if (e->fault_search != LOCATOR_FAULT_FOUND)
    return;
  e->fault = line;
  e->fault_around = t->around;
}

void fault_track_step(locator *l, int64_t now)
{
  fault_track *t = l->faults;
  if (t->event == 0) {
    event *due = event_due(l, now);
    if (due)
      begin(l, due, now);
    return;
  }
  if (!fault_search_run(t->search, UNITS_A_STEP))
    return;
  event *e = event_numbered(l, t->event);
  t->event = 0;
  if (e)
    conclude(t, e);
}

magnitude_estimate fault_track_magnitude(const event *e, magnitude_estimate point)
{
  return e->fault_search == LOCATOR_FAULT_FOUND ? magnitude_with_line(point, e->fault.magnitude, e->fault.magnitude_sigma) : point;
}

locator_fault fault_track_told(const event *e)
{
  locator_fault told = {.search = e->fault_search};
  if (told.search != LOCATOR_FAULT_FOUND)
    return told;
  told.length_km = (float)e->fault.length_km;
  told.strike_deg = (float)e->fault.strike_deg;
  told.ln_length_sigma = (float)e->fault.ln_length_sigma;
  told.strike_uncertainty_deg = (float)e->fault.strike_sigma_deg;
  for (int end = 0; end < 2; end++) {
    plane_point at;
    fault_line_end(&e->fault, end, &at.east_km, &at.north_km);
    plane_unproject(&e->fault_around, at, &told.latitude_deg[end], &told.longitude_deg[end]);
  }
  return told;
}

/* Where its two ends lie against the other's, whichever is called the first. */
static double shift_km(const locator_fault *a, const locator_fault *b)
{
  double apart[2] = {0, 0};
  for (int end = 0; end < 2; end++)
    for (int turned = 0; turned < 2; turned++)
      apart[turned] = fmax(apart[turned], sphere_chord_km(sphere_point_of(a->latitude_deg[end], a->longitude_deg[end]),
                                                          sphere_point_of(b->latitude_deg[end ^ turned], b->longitude_deg[end ^ turned])));
  return fmin(apart[0], apart[1]);
}

bool fault_track_differs(const locator_fault *told, const locator_fault *now)
{
  const double share = 0.2, least_km = 5;
  bool was = told->search == LOCATOR_FAULT_FOUND, is = now->search == LOCATOR_FAULT_FOUND;
  bool begun = told->search == LOCATOR_FAULT_NOT_SOUGHT && now->search != LOCATOR_FAULT_NOT_SOUGHT;
  return begun || was != is || (is && shift_km(told, now) > fmax(share * (double)now->length_km, least_km));
}
