/* The search: every length, strike and place of the epicentre on the line, coarsely; then down the slope from the best few. */
#include "fault.h"

#include <math.h>
#include <stdlib.h>

#include "fault_weigh.h"

enum {
  LENGTHS = 12,
  STRIKES = 18,
  PLACES = 5,
  MAGNITUDES = 3,
  MIDDLE = 1,
  LINES = LENGTHS * STRIKES * PLACES,
  SCATTERED = 463, /* prime to LINES: lines of all kinds come early, so that the hopeless ones are soon known */
  POINTS = 36,
  STARTS = 3,
  PARAMETERS = 5,
  HALVINGS = 5,
};

static const double shortest_km = 8, longer_by = 1.43, strike_step_deg = 10, magnitude_step = 0.3;
static const double longest_km = 600;
static const double near_km = 50; /* stations no farther apart than this show a length (Boese et al. 2018) */
enum { NEAR_SITES = 4, FEWEST_SITES = 3 };

/* Going down from one start: a parameter at a time, one step up or down, halved when none helps. */
typedef struct {
  fault_candidate at;
  double likelihood;
  double step[PARAMETERS];
  int parameter, sign, halvings;
  bool moved;
} descent;

typedef enum { COARSE, POINT, FINE, DONE } stage;

struct fault_search {
  fault_table table;
  fault_sites sites;
  double epicentre_km;
  stage stage;
  int next; /* of the stage's candidates */
  double likelihood[LINES][MAGNITUDES];
  double best, point; /* of the lines so far, of the point sources */
  descent descent[STARTS];
};

static fault_candidate coarse(int line, int magnitude);
static size_t weigh_line(fault_search *s, int line);
static size_t weigh_point(fault_search *s, int point);
static void choose_starts(fault_search *s);
static size_t go_down(fault_search *s, descent *d);
static void spread(const fault_search *s, fault_line *best);

fault_search *fault_search_create(locator_relation *relation)
{
  fault_search *s = calloc(1, sizeof *s);
  if (s)
    fault_table_fill(&s->table, relation);
  return s;
}

void fault_search_destroy(fault_search *s)
{
  free(s);
}

static double strength(const fault_site *site)
{
  return isfinite(site->ln_peak[LOCATOR_PGA]) ? site->ln_peak[LOCATOR_PGA] : (double)-INFINITY;
}

static bool is_apart(const fault_sites *sites, const fault_site *site, double apart_km)
{
  for (size_t i = 0; i < sites->count; i++)
    if (hypot(sites->site[i].east_km - site->east_km, sites->site[i].north_km - site->north_km) < apart_km)
      return false;
  return true;
}

/* Weaker shaking falls off over longer ways, and fewer sites tell of it. False if there are more sites so far apart than there is room for. */
static bool take_sites(fault_sites *sites, const fault_site *from, size_t count, double strongest, double apart_km)
{
  const double most_ln = 3;
  sites->count = 0;
  for (size_t i = 0; i < count; i++) {
    double apart_here_km = apart_km * exp(0.5 * fmin(strongest - strength(&from[i]), most_ln));
    if (!isfinite(from[i].east_km) || !isfinite(from[i].north_km) || !is_apart(sites, &from[i], apart_here_km))
      continue;
    if (sites->count == FAULT_SITES_MAXIMUM)
      return false;
    sites->site[sites->count++] = from[i];
  }
  return true;
}

void fault_search_begin(fault_search *s, const fault_site *sites, size_t count, double epicentre_km)
{
  const double wider_by_km = 2;
  double strongest = -INFINITY;
  for (size_t i = 0; i < count; i++)
    strongest = fmax(strongest, strength(&sites[i]));
  strongest = isfinite(strongest) ? strongest : 0;
  for (double apart_km = 0; !take_sites(&s->sites, sites, count, strongest, apart_km);)
    apart_km += wider_by_km;
  fault_sites_weigh(&s->sites);
  s->epicentre_km = fmax(epicentre_km, 0.5);
  s->stage = s->sites.count < FEWEST_SITES ? DONE : COARSE;
  s->next = 0;
  s->best = s->point = -INFINITY;
}

bool fault_search_run(fault_search *s, size_t units)
{
  for (size_t spent = 0; s->stage != DONE && spent < units;) {
    if (s->stage == COARSE) {
      spent += weigh_line(s, s->next++ * SCATTERED % LINES);
      if (s->next == LINES) {
        s->stage = POINT;
        s->next = 0;
      }
    } else if (s->stage == POINT) {
      spent += weigh_point(s, s->next++);
      if (s->next == POINTS) {
        choose_starts(s);
        s->stage = FINE;
        s->next = 0;
      }
    } else {
      spent += go_down(s, &s->descent[s->next]);
      s->next += s->descent[s->next].halvings == HALVINGS;
      if (s->next == STARTS)
        s->stage = DONE;
    }
  }
  return s->stage == DONE;
}

/* Sites near the line; `over`: that have felt the worst of it. */
static int near_sites(const fault_search *s, const fault_line *line, bool over)
{
  int near = 0;
  for (size_t i = 0; i < s->sites.count; i++)
    near += !(over && s->sites.site[i].growing) && fault_line_distance_km(line, s->sites.site[i].east_km, s->sites.site[i].north_km) <= near_km;
  return near;
}

bool fault_search_result(const fault_search *s, fault_line *line)
{
  const double sure_gain = 2, sure_length = 0.8, sure_strike_deg = 35;
  if (s->stage != DONE || s->sites.count < FEWEST_SITES)
    return false;
  const descent *best = &s->descent[0];
  for (int i = 1; i < STARTS; i++)
    if (s->descent[i].likelihood > best->likelihood)
      best = &s->descent[i];
  *line = fault_candidate_line(&best->at);
  line->strike_deg = fmod(fmod(line->strike_deg, 180) + 180, 180);
  line->gain = best->likelihood - s->point;
  spread(s, line);
  line->sparse = near_sites(s, line, false) < NEAR_SITES;
  line->resolved = line->gain > sure_gain && line->ln_length_sigma < sure_length && line->strike_sigma_deg < sure_strike_deg &&
                   near_sites(s, line, true) >= NEAR_SITES;
  return true;
}

static fault_candidate coarse(int line, int magnitude)
{
  int length = line / (STRIKES * PLACES), strike = line / PLACES % STRIKES, place = line % PLACES;
  double km = shortest_km * pow(longer_by, length);
  return (fault_candidate){.ln_length = log(km),
                           .strike_deg = strike * strike_step_deg,
                           .along = place / (PLACES - 1.0),
                           .magnitude = fault_magnitude_of_length(km) + (magnitude - MIDDLE) * magnitude_step};
}

static double likelihood_of(const fault_search *s, const fault_candidate *c, double least)
{
  double prior = fault_prior(c, s->epicentre_km);
  return fault_sites_likelihood(&s->sites, &s->table, c->magnitude, least - prior) + prior;
}

/* A line that is hopeless with the magnitude of its length is no better with another. */
static size_t weigh_line(fault_search *s, int line)
{
  const double hopeless = 16;
  double *likelihood = s->likelihood[line];
  fault_candidate c = coarse(line, MIDDLE);
  fault_line shape = fault_candidate_line(&c);
  fault_sites_measure(&s->sites, &shape);
  for (int m = 0; m < MAGNITUDES; m++)
    likelihood[m] = -INFINITY;
  likelihood[MIDDLE] = likelihood_of(s, &c, s->best - hopeless);
  s->best = fmax(s->best, likelihood[MIDDLE]);
  if (isinf(likelihood[MIDDLE]))
    return s->sites.count * 2;
  for (int m = 0; m < MAGNITUDES; m++) {
    c = coarse(line, m);
    if (m != MIDDLE)
      likelihood[m] = likelihood_of(s, &c, s->best - hopeless);
  }
  return s->sites.count * (MAGNITUDES + 1);
}

/* A point source may have any magnitude. */
static size_t weigh_point(fault_search *s, int point)
{
  const fault_line shape = {.length_km = 0};
  fault_sites_measure(&s->sites, &shape);
  s->point = fmax(s->point, fault_sites_likelihood(&s->sites, &s->table, 5 + 0.1 * point, s->point));
  return s->sites.count * 2;
}

static bool is_like_a_start(const fault_search *s, int starts, const fault_candidate *c)
{
  for (int i = 0; i < starts; i++) {
    const fault_candidate *other = &s->descent[i].at;
    if (fabs(other->ln_length - c->ln_length) < 0.8 && fabs(remainder(other->strike_deg - c->strike_deg, 180)) < 25)
      return true;
  }
  return false;
}

/* The best lines that differ in length or strike. */
static void choose_starts(fault_search *s)
{
  for (int start = 0; start < STARTS; start++) {
    double best = -INFINITY;
    for (int i = 0; i < LINES * MAGNITUDES; i++) {
      fault_candidate c = coarse(i / MAGNITUDES, i % MAGNITUDES);
      if (s->likelihood[i / MAGNITUDES][i % MAGNITUDES] <= best || is_like_a_start(s, start, &c))
        continue;
      best = s->likelihood[i / MAGNITUDES][i % MAGNITUDES];
      s->descent[start] = (descent){.at = c, .likelihood = best};
    }
    double steps[PARAMETERS] = {log(longer_by) / 2, strike_step_deg / 2, 0.125, s->epicentre_km / 2, magnitude_step / 2};
    for (int i = 0; i < PARAMETERS; i++)
      s->descent[start].step[i] = steps[i];
    s->descent[start].sign = 1;
  }
}

static fault_candidate stepped(const fault_candidate *from, int parameter, double by)
{
  fault_candidate c = *from;
  double *of[PARAMETERS] = {&c.ln_length, &c.strike_deg, &c.along, &c.off_km, &c.magnitude};
  *of[parameter] += by;
  c.ln_length = fmin(fmax(c.ln_length, log(shortest_km)), log(longest_km));
  c.along = fmin(fmax(c.along, 0), 1);
  return c;
}

static size_t go_down(fault_search *s, descent *d)
{
  fault_candidate c = stepped(&d->at, d->parameter, d->sign * d->step[d->parameter]);
  fault_line shape = fault_candidate_line(&c);
  fault_sites_measure(&s->sites, &shape);
  double likelihood = likelihood_of(s, &c, d->likelihood);
  if (likelihood > d->likelihood + 1e-6) {
    d->at = c;
    d->likelihood = likelihood;
    d->moved = true;
  } else if (d->sign > 0) {
    d->sign = -1;
    return s->sites.count * 2;
  }
  d->sign = 1;
  if (++d->parameter == PARAMETERS) {
    d->parameter = 0;
    for (int i = 0; !d->moved && i < PARAMETERS; i++)
      d->step[i] /= 2;
    d->halvings += !d->moved;
    d->moved = false;
  }
  return s->sites.count * 2;
}

/* How far the coarse lines' posterior spreads about the best one, with the grid's own step in it; the magnitude is the posterior's mean. */
static void spread(const fault_search *s, fault_line *best)
{
  double sum = 0, length = 0, strike = 0, mean = 0, square = 0, top = -INFINITY;
  for (int i = 0; i < LINES * MAGNITUDES; i++)
    top = fmax(top, s->likelihood[i / MAGNITUDES][i % MAGNITUDES]);
  for (int i = 0; i < LINES * MAGNITUDES; i++) {
    fault_candidate c = coarse(i / MAGNITUDES, i % MAGNITUDES);
    double weight = exp(s->likelihood[i / MAGNITUDES][i % MAGNITUDES] - top), dl = c.ln_length - log(best->length_km),
           ds = remainder(c.strike_deg - best->strike_deg, 180), dm = c.magnitude - best->magnitude;
    sum += weight;
    length += weight * dl * dl;
    strike += weight * ds * ds;
    mean += weight * dm;
    square += weight * dm * dm;
  }
  double variance = square / sum - mean / sum * (mean / sum);
  best->ln_length_sigma = sqrt(length / sum + log(longer_by) * log(longer_by) / 12);
  best->strike_sigma_deg = sqrt(strike / sum + strike_step_deg * strike_step_deg / 12);
  best->magnitude_sigma = sqrt(fmax(variance, 0) + magnitude_step * magnitude_step / 12);
}
