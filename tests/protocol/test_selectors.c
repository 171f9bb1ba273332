#include <string.h>

#include "data.h"
#include "protocol.h"
#include "selectors.h"

static ingest_codes codes(const char *location, const char *channel)
{
  ingest_codes c = {"CI", "CLC", "", ""};
  strcpy(c.location, location);
  strcpy(c.channel, channel);
  return c;
}

static bool wants(const char *selectors, const char *location, const char *channel)
{
  ingest_codes c = codes(location, channel);
  return selectors_want(selectors, &c);
}

static void a_selection_names_stations_by_patterns_and_empty_ones_name_all(void **state)
{
  (void)state;
  const protocol_selection exact = {"CI", "CLC", ""}, some = {"C?", "*L*", ""}, all = {"", "", ""};
  assert_true(selectors_name(&exact, "CI", "CLC") && !selectors_name(&exact, "CI", "CLCX") && !selectors_name(&exact, "BK", "CLC"));
  assert_true(selectors_name(&some, "CI", "SLA") && !selectors_name(&some, "CI", "WRV2") && !selectors_name(&some, "C", "SLA"));
  assert_true(selectors_name(&all, "XX", "ANY"));
  assert_true(selectors_have_wildcards(&some) && selectors_have_wildcards(&all) && !selectors_have_wildcards(&exact));
}

static void words_too_long_to_be_selectors_are_stepped_over(void **state)
{
  (void)state;
  const char *at = "  BHZ   a_word_that_is_far_too_long_to_be_any_selector !LH? ";
  char word[SELECTORS_WORD];
  assert_true(selectors_next(&at, word));
  assert_string_equal(word, "BHZ");
  assert_true(selectors_next(&at, word));
  assert_string_equal(word, "!LH?");
  assert_false(selectors_next(&at, word));
}

static void a_blank_location_is_taken_out_where_it_cannot_be_said(void **state)
{
  (void)state;
  char text[SELECTORS_WORD];
  assert_true(selectors_without_blank("--BHZ", text));
  assert_string_equal(text, "BHZ");
  assert_true(selectors_without_blank("!00BHZ.D", text));
  assert_string_equal(text, "!00BHZ.D");
  assert_false(selectors_without_blank("!--LH?", text));
  assert_true(selectors_name_blank("HN? !--LH?") && !selectors_name_blank("HN? !LH? 10BH?"));
}

static void channels_are_wanted_by_what_is_named_and_not_excluded(void **state)
{
  (void)state;
  assert_true(wants("", "", "BHZ"));
  assert_true(wants("BH? HN?", "10", "HNZ"));
  assert_false(wants("BH? HN?", "10", "LHZ"));
  assert_true(wants("!LH?", "", "BHZ") && !wants("!LH?", "", "LHZ"));
  assert_true(wants("--HN?", "", "HNZ") && !wants("--HN?", "10", "HNZ"));
  assert_false(wants("HN? !--HNE", "", "HNE"));
  assert_true(wants("HN? !--HNE", "10", "HNE"));
  assert_true(wants("no_selector", "", "BHZ"));
}

/* Each line holds as many as fit; going on from what did not, every one is said once. */
static void selectors_of_version_4_are_all_said_once_however_many_there_are(void **state)
{
  (void)state;
  protocol_selection asked = {.network = "CI", .station = "CLC"};
  for (size_t count = 1; count <= 42; count++) {
    char line[SELECTORS_LINE];
    strcat(asked.selectors, count % 3 ? "10BHZ " : "!LHZ ");
    size_t said = 0, lines = 0;
    for (int from = 0; (from = selectors_to_4(asked.selectors, from, line)) > 0 && lines < 10; lines++) {
      assert_true(strlen(line) < SELECTORS_LINE);
      for (const char *at = line; (at = strchr(at, ' ')); at++)
        said++;
    }
    assert_int_equal(said, count);
    assert_true(lines <= 1 + count / 10);
  }
}

static void what_no_server_could_understand_is_named(void **state)
{
  (void)state;
  static const struct {
    protocol_selection selection;
    const char *fault;
  } cases[] = {{{"CI", "*", "BH? 00HNZ.D !LH? --BHZ ??"}, "`??` is no selector"},
               {{"C I", "*", ""}, "`C I` is no code"},
               {{"CI", "CI_CLC", ""}, "`CI_CLC` is no code"},
               {{"CI", "CLC\r\nEND", ""}, "is no code"},
               {{"CI", "", "BHZ.Q"}, "`BHZ.Q` is no selector (the type of a selector is one of D E C O T L)"},
               {{"CI", "", "a_selector_that_is_too_long_to_be_any_at_all"}, "is no selector (it is too long)"},
               {{"CI", "CL?", "BH? 00HNZ.D !LH? --BHZ ??HN? HHZ.?"}, NULL},
               {{"", "", ""}, NULL}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char fault[160] = "";
    assert_true(protocol_selection_fault(&cases[i].selection, fault) == (cases[i].fault != NULL));
    if (cases[i].fault && !strstr(fault, cases[i].fault))
      fail_msg("\"%s\" lacks \"%s\"", fault, cases[i].fault);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_selection_names_stations_by_patterns_and_empty_ones_name_all),
      cmocka_unit_test(words_too_long_to_be_selectors_are_stepped_over),
      cmocka_unit_test(a_blank_location_is_taken_out_where_it_cannot_be_said),
      cmocka_unit_test(channels_are_wanted_by_what_is_named_and_not_excluded),
      cmocka_unit_test(what_no_server_could_understand_is_named),
      cmocka_unit_test(selectors_of_version_4_are_all_said_once_however_many_there_are),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
