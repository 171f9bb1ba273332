#include <math.h>

#include "stream.h"

/* A clock that is right and a packet that is not late end before now; a second is left to our own clock. */
static const int64_t ahead_ns = INGEST_SECOND, believed_ns = 10 * INGEST_SECOND;

double continuity_sample_ns(const packet *p)
{
  return 1e9 / p->record.rate;
}

bool continuity_is_same_rate(double a, double b)
{
  return fabs(a - b) <= 1e-3 * b;
}

bool continuity_is_ahead(const channel_state *c, int64_t start)
{
  return c->rate > 0 && (double)(start - c->next) > 0.5e9 / c->rate;
}

size_t continuity_overlap(const channel_state *c, const packet *p)
{
  double ahead = c->rate > 0 ? (double)(c->next - p->record.start) / continuity_sample_ns(p) : 0;
  if (ahead <= 0.5)
    return 0;
  return ahead >= p->record.samples ? (size_t)p->record.samples : (size_t)llround(ahead);
}

static bool lies_in_gap(const channel_state *c, const packet *p)
{
  double half = 0.5 * continuity_sample_ns(p);
  return (double)(p->record.start - c->gap_start) >= -half && (double)(ingest_record_end(&p->record) - c->gap_until) <= half;
}

bool continuity_was_missed(const channel_state *c, const packet *p)
{
  return lies_in_gap(c, p) || p->record.start < c->first;
}

/* Repeats from a second feed are old too: they are no step unless they go on for long with nothing new between them. */
bool continuity_steps_back(channel_state *c, const packet *p, int64_t now)
{
  if (c->next <= now + ahead_ns || ingest_record_last(&p->record) > now + ahead_ns)
    return false;
  if (lies_in_gap(c, p))
    return true;
  bool follows = c->old_next != 0 && fabs((double)(p->record.start - c->old_next)) <= 0.5 * continuity_sample_ns(p);
  if (!follows)
    c->old_since = p->record.start;
  c->old_next = ingest_record_end(&p->record);
  return c->old_next - c->old_since > believed_ns;
}

int64_t continuity_start(const channel_state *c, const packet *p, size_t skip, bool gap)
{
  int64_t stated = record_sample_time(&p->record, (int64_t)skip);
  return !gap && fabs((double)(stated - c->next)) <= 0.01 * continuity_sample_ns(p) ? c->next : stated;
}
