/* One event's automatic rapid report. */
#include <math.h>

#include "bulletin.h"

/* Weaker events without an alert are nobody's news. */
static const double reported_magnitude = 3.0;

static void say(bulletins *b, bulletin *of)
{
  report_notice notice = {.event = &of->event, .revision = ++of->report_revision};
  place_of(of->forecast.targets, of->event.latitude_deg, of->event.longitude_deg, &notice.place);
  texts_report(b->out->status, &of->event, &notice.place, of->event.state == LOCATOR_CANCELLED, &notice.text);
  of->report_magnitude = (double)of->event.magnitude;
  report_message(b->out, &notice);
}

static bool is_worth_it(const bulletin *of)
{
  return !isnan(of->event.magnitude) && (of->alert_revision > 0 || (double)of->event.magnitude >= reported_magnitude);
}

void report_consider(bulletins *b, bulletin *of)
{
  int64_t due = of->event.origin_time + (int64_t)(b->rules.report_after_s * 1e9);
  if (of->report_revision == 0 && b->out->now >= due && is_worth_it(of))
    say(b, of);
}

void report_end(bulletins *b, bulletin *of)
{
  bool cancelled = of->event.state == LOCATOR_CANCELLED;
  bool moved = fabs((double)of->event.magnitude - of->report_magnitude) >= b->rules.update_magnitude;
  if (of->report_revision > 0 ? cancelled || moved : !cancelled && is_worth_it(of))
    say(b, of);
}
