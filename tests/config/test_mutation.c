/* Whatever a file's bytes are, reading ends, stays within them, and gives settings within their ranges or a fault. */
#include "sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "random.h"

static const char base[] = "alarm:\n  armed: true # a comment\n  port: 6379\n  level: 0.25\n  wait_s: 2.5\n  name: \"front: #1\"\n  kind: bell\n"
                           "doors:\n  - {id: a, label: 大连, latitude_deg: 1.5}\n  - id: b\n    latitude_deg: -2\nlamp:\n  watts: 60\n";

static bool is_within_range(const sample *s)
{
  const alarm_settings *a = &s->alarm;
  bool good = a->port >= 1 && a->port <= 65535 && a->crew >= -5 && a->level >= 0 && a->level <= 1 && a->wait_s >= 0.5 && isfinite(a->wait_s) &&
              isfinite(a->depth_km) && a->kind >= 0 && a->kind <= ALARM_SIREN && memchr(a->name, 0, sizeof a->name);
  for (size_t i = 0; i < s->doors_count; i++)
    good = good && fabs(s->doors[i].latitude_deg) <= 90 && memchr(s->doors[i].id, 0, sizeof s->doors[i].id);
  return good;
}

static bool has_places(const sample *s)
{
  bool good = true;
  for (size_t i = 0; i < s->faults.count; i++)
    good = good && s->faults.items[i].line > 0 && s->faults.items[i].column > 0 && s->faults.items[i].text[0];
  return good;
}

static void any_bytes_give_settings_in_range_or_a_fault_with_its_line(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 20000; seed++) {
    random_source r = {seed};
    char text[sizeof base + 100];
    size_t length = sizeof base - 1;
    memcpy(text, base, length);
    for (int64_t n = random_below(&r, 6); n >= 0; n--)
      length = mutate(&r, text, length, sizeof text);
    sample *s = sample_of(text, length);
    if (!is_within_range(s) || !has_places(s))
      fail_msg("seed %d: settings out of range, or a fault without a place, from:\n%.*s", (int)seed, (int)length, text);
    sample_release(s);
  }
}

static void any_end_of_the_file_is_survived(void **state)
{
  (void)state;
  for (size_t length = 0; length < sizeof base; length++)
    sample_release(sample_of(base, length));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_bytes_give_settings_in_range_or_a_fault_with_its_line),
      cmocka_unit_test(any_end_of_the_file_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
