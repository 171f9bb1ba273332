#include "schedule.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario_random.h"

static bool read_number(const char *text, double most, double *number)
{
  char *end;
  *number = strtod(text, &end);
  return end != text && *end == '\0' && *number >= 0 && *number <= most;
}

static const char *read_outage(const char *text, int64_t begin, schedule_rule *rule)
{
  char from[40], until[40], how[8] = "";
  int read = sscanf(text, "%39[^,],%39[^,],%7s", from, until, how);
  rule->late = strcmp(how, "late") == 0;
  if (read < 2 || (read == 3 && !rule->late) || !archive_when(from, begin, &rule->from) || !archive_when(until, begin, &rule->until))
    return "it takes NET.STA=FROM,UNTIL[,late]; each an ISO 8601 time of the recordings or +S seconds after the begin";
  return rule->from < rule->until ? NULL : "UNTIL does not lie after FROM";
}

const char *schedule_read(schedule_kind kind, const char *text, int64_t begin, schedule_rule *rule)
{
  size_t length = strcspn(text, "=");
  *rule = (schedule_rule){.kind = kind};
  if (length == 0 || length >= sizeof rule->stations || text[length] != '=' || !memchr(text, '.', length))
    return "it begins NET.STA= (* and ? are wildcards)";
  memcpy(rule->stations, text, length);
  text += length + 1;
  if (kind == SCHEDULE_OUTAGE)
    return read_outage(text, begin, rule);
  if (!read_number(text, kind == SCHEDULE_LOSS ? 1 : 86400, &rule->amount))
    return kind == SCHEDULE_LOSS ? "it takes NET.STA=P, a probability from 0 to 1" : "it takes NET.STA=S, from 0 to 86400 seconds";
  return NULL;
}

/* ---- what becomes of one packet ---- */

static bool concerns(const schedule_rule *rule, const ingest_codes *codes)
{
  char name[24];
  snprintf(name, sizeof name, "%s.%s", codes->network, codes->station);
  return fnmatch(rule->stations, name, FNM_NOESCAPE) == 0;
}

int64_t schedule_delay(const ingest_codes *codes, const schedule_rule *rules, size_t count)
{
  int64_t delay = 0;
  for (size_t i = 0; i < count; i++)
    if (rules[i].kind == SCHEDULE_DELAY && concerns(&rules[i], codes))
      delay += llround(rules[i].amount * 1e9);
  return delay;
}

/* False: it never arrives. */
static bool survives(int64_t *due, const ingest_codes *codes, const schedule_rule *rules, size_t count, scenario_random *random)
{
  bool arrives = true;
  for (size_t i = 0; i < count; i++) {
    const schedule_rule *rule = &rules[i];
    if (rule->kind == SCHEDULE_DELAY || !concerns(rule, codes))
      continue;
    if (rule->kind == SCHEDULE_LOSS) {
      arrives = scenario_random_uniform(random) >= rule->amount && arrives;
    } else if (*due >= rule->from && *due < rule->until) {
      arrives = rule->late && arrives;
      *due = rule->until;
    }
  }
  return arrives;
}

static int compare(const void *left, const void *right)
{
  const schedule_entry *a = left, *b = right;
  if (a->due != b->due)
    return a->due < b->due ? -1 : 1;
  return a->packet < b->packet ? -1 : 1;
}

bool schedule_make(schedule *s, const archive *a, const archive_span *span, const schedule_rule *rules, size_t rules_count, uint64_t seed)
{
  scenario_random random = scenario_random_of(seed, NULL, "loss");
  *s = (schedule){.entries = malloc((span->last - span->first) * sizeof *s->entries)};
  if (!s->entries)
    return false;
  for (size_t i = span->first; i < span->last; i++) {
    const archive_packet *packet = archive_at(a, i);
    int64_t due = packet->arrival + schedule_delay(&packet->record.codes, rules, rules_count);
    if (survives(&due, &packet->record.codes, rules, rules_count, &random))
      s->entries[s->count++] = (schedule_entry){due, i};
    else
      s->lost++;
  }
  qsort(s->entries, s->count, sizeof *s->entries, compare);
  return true;
}

void schedule_free(schedule *s)
{
  free(s->entries);
  *s = (schedule){0};
}
