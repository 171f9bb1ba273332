/* One setting between its text and its place. */
#include "scalar.h"

#include <math.h>
#include <string.h>

#include "data.h"

typedef struct {
  unsigned char before;
  int narrow;
  int64_t wide;
  double real;
  char text[5];
  bool truth;
  int choice;
  unsigned char after;
} place;

static const char *const words[] = {"low", "high", NULL};

#define AT(member) .offset = offsetof(place, member), .size = sizeof((place *)0)->member

static const config_row narrow = {"narrow", CONFIG_INT, "", 0, 0, "-7", "", AT(narrow)};
static const config_row wide = {.name = "wide", .type = CONFIG_INT, .fallback = "9007199254740993", .offset = offsetof(place, wide)};
static const config_row real = {"real", CONFIG_REAL, "m", -1, 1e6, "0.1", "", AT(real)};
static const config_row text = {"text", CONFIG_TEXT, "", 0, 0, "a", "", AT(text)};
static const config_row truth = {"truth", CONFIG_BOOL, "", 0, 0, "on", "", AT(truth)};
static const config_row choice = {"choice", CONFIG_CHOICE, "", 0, 0, "high", "", AT(choice), words};
static const config_row *const rows[] = {&narrow, &wide, &real, &text, &truth, &choice};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool read(const config_row *row, const char *value, place *p, char why[SCALAR_WHY])
{
  return scalar_read(row, &(scalar_source){value, strlen(value), false}, p, why);
}

static void every_default_comes_back_as_text(void **state)
{
  (void)state;
  static const char *const expected[ROWS] = {"-7", "9007199254740993", "0.1", "a", "true", "high"};
  char buffer[NUMBER_TEXT];
  place p;
  memset(&p, 0xA5, sizeof p);
  for (size_t i = 0; i < ROWS; i++) {
    scalar_default(rows[i], &p);
    assert_string_equal(scalar_text(rows[i], &p, buffer), expected[i]);
  }
}

/* Each byte that a value changes is one of its own. */
static void a_value_touches_no_neighbour(void **state)
{
  (void)state;
  static const char *const values[ROWS] = {"1", "1", "1", "abcd", "no", "low"};
  char why[SCALAR_WHY];
  for (size_t i = 0; i < ROWS; i++) {
    place p, untouched;
    memset(&p, 0xA5, sizeof p);
    memset(&untouched, 0xA5, sizeof untouched);
    size_t size = rows[i] == &wide ? sizeof p.wide : rows[i]->size;
    assert_true(read(rows[i], values[i], &p, why));
    memset((char *)&p + rows[i]->offset, 0xA5, size);
    assert_memory_equal(&p, &untouched, sizeof p);
  }
}

static void a_refused_value_writes_nothing(void **state)
{
  (void)state;
  static const char *const values[ROWS] = {"2147483648", "1.0", "2e6", "abcde", "perhaps", "middle"};
  char why[SCALAR_WHY];
  for (size_t i = 0; i < ROWS; i++) {
    place p, untouched;
    memset(&p, 0xA5, sizeof p);
    memset(&untouched, 0xA5, sizeof untouched);
    assert_false(read(rows[i], values[i], &p, why));
    assert_non_null(strstr(why, values[i]));
    assert_memory_equal(&p, &untouched, sizeof p);
  }
}

static void whole_numbers_are_exact_to_the_last_digit(void **state)
{
  (void)state;
  static const char *const values[] = {"9223372036854775807", "-9223372036854775808", "9007199254740993", "0", "+5", "-0"};
  static const int64_t expected[] = {INT64_MAX, INT64_MIN, INT64_C(9007199254740993), 0, 5, 0};
  char why[SCALAR_WHY];
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    place p = {0};
    assert_true(read(&wide, values[i], &p, why));
    assert_true(p.wide == expected[i]);
  }
}

static void a_range_is_said_with_its_unit(void **state)
{
  (void)state;
  static const struct {
    double minimum, maximum;
    const char *unit, *text;
  } cases[] = {
      {0.5, 60, "s", "0.5 to 60 s"}, {0, INFINITY, "km", "at least 0 km"}, {-INFINITY, 0.1, NULL, "at most 0.1"}, {0, 0, "m", "m"}, {0, 0, NULL, ""},
      {1, 65535, "", "1 to 65535"}};
  char range[SCALAR_WHY];
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    config_row row = {.type = CONFIG_REAL, .unit = cases[i].unit, .minimum = cases[i].minimum, .maximum = cases[i].maximum};
    assert_string_equal(scalar_range(&row, range), cases[i].text);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_default_comes_back_as_text), cmocka_unit_test(a_value_touches_no_neighbour),
      cmocka_unit_test(a_refused_value_writes_nothing),   cmocka_unit_test(whole_numbers_are_exact_to_the_last_digit),
      cmocka_unit_test(a_range_is_said_with_its_unit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
