#include <stdio.h>
#include <string.h>

#include "data.h"
#include "random.h"
#include "seedlink_info.h"

typedef struct {
  char names[4096];
  size_t count;
} stations;

static void keep(void *user, const char *network, const char *station)
{
  stations *s = user;
  size_t used = strlen(s->names);
  snprintf(s->names + used, sizeof s->names - used, "%s_%s ", network, station);
  s->count++;
}

/* Fed in two pieces cut at `cut`. */
static bool read_stations(const char *xml, size_t length, size_t cut, stations *s)
{
  *s = (stations){.count = 0};
  seedlink_info *info = seedlink_info_create(keep, s);
  seedlink_info_feed(info, (const uint8_t *)xml, cut, false);
  bool good = seedlink_info_feed(info, (const uint8_t *)xml + cut, length - cut, true);
  seedlink_info_destroy(info);
  return good;
}

static const char seiscomp[] =
    "<?xml version=\"1.0\"?>\n<seedlink software=\"SeedLink v3.1\" organization=\"a &amp; b\" started=\"2019/07/06 03:00:00\">"
    "<station name=\"CLC\" network=\"CI\" description=\"China Lake\" begin_seq=\"00A1B2\" end_seq=\"00FFFF\" stream_check=\"enabled\">"
    "<stream location=\"\" seedname=\"HNZ\" type=\"D\" begin_time=\"2019/07/06 03:00:00.0000\" end_time=\"2019/07/06 04:00:00.0000\"/></station>"
    "<station network=\"BK\" name=\"BRIB\"/></seedlink>";

static void stations_are_read_however_the_answer_is_cut(void **state)
{
  (void)state;
  stations s;
  for (size_t cut = 0; cut <= sizeof seiscomp - 1; cut++) {
    assert_true(read_stations(seiscomp, sizeof seiscomp - 1, cut, &s));
    assert_string_equal(s.names, "CI_CLC BK_BRIB ");
  }
}

static void codes_that_are_none_are_left_out(void **state)
{
  (void)state;
  stations s;
  const char xml[] =
      "<seedlink><station name=\"A B\" network=\"CI\"/><station name=\"*\" network=\"CI\"/><station network=\"CI\"/><station name=\"X\"/>"
      "<station name=\"A_NAME_OF_TOO_MANY_LETTERS\" network=\"CI\"/><station name=\"X&#10;END\" network=\"CI\"/><station name=\"S1\" "
      "network=\"CI\"/></seedlink>";
  assert_true(read_stations(xml, sizeof xml - 1, 7, &s));
  assert_string_equal(s.names, "CI_S1 ");
}

static void an_answer_that_breaks_off_or_bombs_is_no_answer(void **state)
{
  (void)state;
  stations s;
  const char bomb[] = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
                      "<seedlink><station name=\"&c;\" network=\"CI\"/></seedlink>";
  for (size_t length = 0; length < sizeof seiscomp - 1; length++)
    assert_false(read_stations(seiscomp, length, length / 2, &s));
  read_stations(bomb, sizeof bomb - 1, 0, &s);
  assert_int_equal(s.count, 0);
}

static void any_damage_does_no_harm(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 2000; seed++) {
    random_source random = {seed};
    char xml[sizeof seiscomp];
    stations s;
    memcpy(xml, seiscomp, sizeof xml);
    for (int i = 0; i < 3; i++)
      xml[random_below(&random, (int64_t)sizeof xml - 1)] = (char)random_next(&random);
    read_stations(xml, sizeof xml - 1, (size_t)random_below(&random, (int64_t)sizeof xml - 1), &s);
    assert_true(s.count <= 2);
  }
}

static bool has(const char *json, const char *word)
{
  return seedlink_info_has((const uint8_t *)json, strlen(json), word);
}

static void capabilities_are_whole_words(void **state)
{
  (void)state;
  assert_true(has("{\"capability\":[\"SLPROTO:4.0\",\"TIME\"]}", "TIME"));
  assert_true(has("{\"capability\":\"SLPROTO:4.0 TIME WS:13\"}", "TIME"));
  assert_false(has("{\"capability\":[\"TIMES\",\"XTIME\"]}", "TIME"));
  assert_false(has("\"TIME", "TIME") || has("TIME\"", "TIME") || has("", "TIME") || has("\"", "TIME"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stations_are_read_however_the_answer_is_cut),
      cmocka_unit_test(codes_that_are_none_are_left_out),
      cmocka_unit_test(an_answer_that_breaks_off_or_bombs_is_no_answer),
      cmocka_unit_test(any_damage_does_no_harm),
      cmocka_unit_test(capabilities_are_whole_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
