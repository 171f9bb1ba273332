#include "stage.h"

#include <inttypes.h>
#include <stdio.h>

#include "log.h"

void stage_init(stage *s, const char *name, const char *word, double budget_ms)
{
  *s = (stage){.name = name, .word = word, .budget = (int64_t)(budget_ms * 1e6)};
}

void stage_add(stage *s, int64_t time)
{
  if (!histogram_add(&s->recent, time, s->budget))
    return;
  s->over_budget++;
  log_limited(4, s->name,
              "%s took %.3f ms, over its budget of %.3f ms; %" PRIu64 " times so far; if it stays so, use fewer stations or a faster machine",
              s->name, (double)time / 1e6, (double)s->budget / 1e6, s->over_budget);
}

static double milliseconds(const stage *s, double fraction)
{
  return (double)histogram_percentile(&s->recent, fraction) / 1e6;
}

char *stage_report(stage *s, char *text, size_t size)
{
  snprintf(text, size, "%s %" PRIu64 " p50 %.3f p99 %.3f p99.9 %.3f max %.3f ms, %" PRIu64 " over budget", s->word, s->recent.count,
           milliseconds(s, 0.5), milliseconds(s, 0.99), milliseconds(s, 0.999), (double)s->recent.maximum / 1e6, s->recent.over_budget);
  histogram_clear(&s->recent);
  return text;
}
