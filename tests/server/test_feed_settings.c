/* The section `feeds`: what is understood, and what is refused with its remedy. */
#include "feed_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"

static feed_settings plain(const char *name)
{
  feed_settings f = {.kind = FEED_SEEDLINK, .address = "seis.example", .idle_s = 30, .dead_s = 60};
  snprintf(f.name, sizeof f.name, "%s", name);
  return f;
}

static void stations_and_selectors_are_read(void **state)
{
  (void)state;
  char fault[FEED_FAULT_TEXT];
  protocol_selection *s;
  assert_int_equal(feed_read_selections("CN.SY* BH? 00HN?.D;  CN.DL ; *.?", &s, fault), 3);
  assert_string_equal(s[0].network, "CN");
  assert_string_equal(s[0].station, "SY*");
  assert_string_equal(s[0].selectors, "BH? 00HN?.D");
  assert_string_equal(s[1].station, "DL");
  assert_string_equal(s[1].selectors, "");
  assert_string_equal(s[2].network, "*");
  free(s);
  assert_int_equal(feed_read_selections("", &s, fault), 0);
  assert_null(s);
  assert_int_equal(feed_read_selections(" ; ;", &s, fault), 0);
  assert_null(s);
}

static void what_names_no_station_is_refused_with_an_example(void **state)
{
  (void)state;
  static const char *const wrong[] = {"CN", "CN.", ".SY", "CN_SY BHZ", "CN SY", "CN.SY,BHZ", "CN.SY; BHZ", "A234567890123456.X"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    char fault[FEED_FAULT_TEXT] = "";
    protocol_selection *s;
    assert_int_equal(feed_read_selections(wrong[i], &s, fault), -1);
    assert_true(strstr(fault, "NETWORK.STATION") || strstr(fault, "too long"));
  }
}

static void assert_fault(const feed_settings *f, const char *name, const char *needle)
{
  char text[FEED_FAULT_TEXT] = "";
  const char *at = feed_fault(f, 0, text);
  if (!at || strcmp(at, name) != 0 || !strstr(text, needle))
    fail_msg("fault at `%s`: \"%s\"; wanted `%s` and \"%s\"", at ? at : "", text, name, needle);
}

static void each_contradiction_is_named_at_its_setting(void **state)
{
  (void)state;
  feed_settings f = plain("two words");
  assert_fault(&f, "name", "`two words`");
  f = plain("a");
  snprintf(f.address, sizeof f.address, "seis.example:18000");
  assert_fault(&f, "address", "`port` is a setting of its own");
  f = plain("a");
  snprintf(f.user, sizeof f.user, "me");
  assert_fault(&f, "user", "tls: true");
  f.tls = true;
  assert_fault(&f, "password_file", "`password_file` must name");
  f = plain("a");
  snprintf(f.token_file, sizeof f.token_file, "t");
  assert_fault(&f, "token_file", "in the clear");
  f = plain("a");
  f.version = 2;
  assert_fault(&f, "version", "3 or 4");
  f = plain("a");
  f.dead_s = 30;
  assert_fault(&f, "idle_s", "less than `dead_s`");
  f = plain("a");
  f.kind = FEED_RAW;
  snprintf(f.selections, sizeof f.selections, "CN.SY");
  assert_fault(&f, "selections", "nothing can be selected of raw records");
}

static void addresses_of_both_families_and_names_are_taken(void **state)
{
  (void)state;
  static const char *const good[] = {"10.0.0.1", "::1", "2001:db8::7", "seis.example", "localhost"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    char text[FEED_FAULT_TEXT];
    feed_settings f = plain("a");
    snprintf(f.address, sizeof f.address, "%s", good[i]);
    assert_null(feed_fault(&f, 0, text));
  }
}

static void a_name_is_one_feeds(void **state)
{
  (void)state;
  char text[FEED_FAULT_TEXT];
  const feed_settings list[] = {plain("a"), plain("b"), plain("a")};
  assert_null(feed_fault(list, 1, text));
  assert_string_equal(feed_fault(list, 2, text), "name");
  assert_non_null(strstr(text, "entry 1"));
}

static void each_kind_has_its_usual_port(void **state)
{
  (void)state;
  feed_settings f = plain("a");
  assert_int_equal(feed_port(&f), 18000);
  f.tls = true;
  assert_int_equal(feed_port(&f), 18500);
  f.kind = FEED_DATALINK;
  assert_int_equal(feed_port(&f), 16500);
  f.tls = false;
  assert_int_equal(feed_port(&f), 16000);
  f.kind = FEED_RAW;
  assert_int_equal(feed_port(&f), 18100);
  f.port = 7;
  assert_int_equal(feed_port(&f), 7);
}

static void any_setting_that_differs_makes_another_feed(void **state)
{
  (void)state;
  feed_settings a = plain("a"), b = a;
  memcpy(b.ca_file, "\0rest of a longer text", 22);
  assert_true(feed_is_same(&a, &b));
  for (const config_row *row = feed_rows; row->name; row++) {
    b = a;
    ((char *)&b)[row->offset] ^= 1;
    assert_false(feed_is_same(&a, &b));
  }
}

static void paths_stand_at_the_feeds_numbers(void **state)
{
  (void)state;
  feed_settings list[2] = {plain("a"), plain("b")};
  snprintf(list[1].link, sizeof list[1].link, "radio");
  snprintf(list[1].provider, sizeof list[1].provider, "province");
  ingest_feed_path *paths = feed_paths(list, 2);
  assert_string_equal(paths[0].link, "");
  assert_string_equal(paths[1].link, "");
  assert_string_equal(paths[2].link, "radio");
  assert_string_equal(paths[2].provider, "province");
  free(paths);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stations_and_selectors_are_read),
      cmocka_unit_test(what_names_no_station_is_refused_with_an_example),
      cmocka_unit_test(each_contradiction_is_named_at_its_setting),
      cmocka_unit_test(addresses_of_both_families_and_names_are_taken),
      cmocka_unit_test(a_name_is_one_feeds),
      cmocka_unit_test(each_kind_has_its_usual_port),
      cmocka_unit_test(any_setting_that_differs_makes_another_feed),
      cmocka_unit_test(paths_stand_at_the_feeds_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
