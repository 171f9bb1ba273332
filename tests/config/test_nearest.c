#include "nearest.h"

#include <string.h>

#include "data.h"
#include "random.h"

static const char *const words[] = {"inventory", "key", "name", "name_zh", "listen_port", "listen_address", "threshold_1", "threshold_2", NULL};

static const char *nearest_to(const char *word)
{
  nearest n = {.word = word, .length = strlen(word)};
  for (size_t i = 0; words[i]; i++)
    nearest_offer(&n, words[i]);
  return n.best;
}

static void a_slip_of_the_finger_is_understood(void **state)
{
  (void)state;
  assert_string_equal(nearest_to("inventry"), "inventory");
  assert_string_equal(nearest_to("inevntory"), "inventory");
  assert_string_equal(nearest_to("inventoryy"), "inventory");
  assert_string_equal(nearest_to("listen-port"), "listen_port");
  assert_string_equal(nearest_to("nmae"), "name");
  assert_string_equal(nearest_to("kye"), "key");
  assert_string_equal(nearest_to("treshold_2"), "threshold_2");
}

static void of_equally_near_words_the_first_is_meant(void **state)
{
  (void)state;
  assert_string_equal(nearest_to("threshold_3"), "threshold_1");
}

static void what_resembles_nothing_gets_no_suggestion(void **state)
{
  (void)state;
  assert_null(nearest_to("telephone"));
  assert_null(nearest_to("z"));
  assert_null(nearest_to(""));
  assert_null(nearest_to("a_name_that_is_longer_than_any_setting_has_ever_been_or_ever_will_be_here"));
}

static void swap(char *a, char *b)
{
  char kept = *a;
  *a = *b;
  *b = kept;
}

/* Any word with one letter changed, dropped, doubled or swapped leads back to a word at most as far away. */
static void one_random_slip_leads_to_a_word_within_one_slip(void **state)
{
  (void)state;
  random_source r = {20750204};
  for (int i = 0; i < 2000; i++) {
    char word[64];
    nearest n = {.word = word};
    strcpy(word, words[random_below(&r, 8)]);
    size_t length = strlen(word), at = (size_t)random_below(&r, (int64_t)length - 1);
    switch (random_below(&r, 3)) {
    case 0:
      word[at] = (char)('a' + random_below(&r, 26));
      break;
    case 1:
      memmove(word + at, word + at + 1, length - at);
      break;
    default:
      swap(&word[at], &word[at + 1]);
    }
    n.length = strlen(word);
    for (size_t j = 0; words[j]; j++)
      nearest_offer(&n, words[j]);
    if (n.length >= 2 && (!n.best || n.distance > 1))
      fail_msg("draw %d: `%s` led to %s", i, word, n.best ? n.best : "nothing");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_slip_of_the_finger_is_understood),
      cmocka_unit_test(of_equally_near_words_the_first_is_meant),
      cmocka_unit_test(what_resembles_nothing_gets_no_suggestion),
      cmocka_unit_test(one_random_slip_leads_to_a_word_within_one_slip),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
