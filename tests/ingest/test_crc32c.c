#include "crc32c.h"

#include <stdlib.h>

#include "data.h"
#include "random.h"

static void the_known_sum_comes_out(void **state)
{
  (void)state;
  const uint8_t *digits = (const uint8_t *)"123456789";
  assert_int_equal(crc32c(0, digits, 9), 0xE3069283);
  assert_int_equal(crc32c_plain(0, digits, 9), 0xE3069283);
  assert_int_equal(crc32c(0, digits, 0), 0);
}

/* RFC 3720, appendix B.4. */
static void the_sums_of_the_standard_come_out(void **state)
{
  (void)state;
  uint8_t bytes[32] = {0};
  assert_int_equal(crc32c_plain(0, bytes, 32), 0x8A9136AA);
  for (int i = 0; i < 32; i++)
    bytes[i] = 0xff;
  assert_int_equal(crc32c_plain(0, bytes, 32), 0x62A8AB43);
  for (int i = 0; i < 32; i++)
    bytes[i] = (uint8_t)i;
  assert_int_equal(crc32c_plain(0, bytes, 32), 0x46DD794E);
}

static void the_instruction_and_plain_c_agree_on_any_bytes_at_any_place(void **state)
{
  (void)state;
  uint8_t bytes[700];
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    random_source random = {seed};
    size_t from = (size_t)random_below(&random, 16), length = (size_t)random_below(&random, sizeof bytes - 16);
    uint32_t before = (uint32_t)random_next(&random);
    for (size_t i = 0; i < length; i++)
      bytes[from + i] = (uint8_t)random_next(&random);
    if (crc32c(before, bytes + from, length) != crc32c_plain(before, bytes + from, length))
      fail_msg("seed %llu", (unsigned long long)seed);
  }
}

static void a_sum_goes_on_where_it_was_left(void **state)
{
  (void)state;
  uint8_t bytes[100];
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)(i * i);
  for (size_t cut = 0; cut <= sizeof bytes; cut++)
    assert_int_equal(crc32c(crc32c(0, bytes, cut), bytes + cut, sizeof bytes - cut), crc32c_plain(0, bytes, sizeof bytes));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_known_sum_comes_out),
      cmocka_unit_test(the_sums_of_the_standard_come_out),
      cmocka_unit_test(the_instruction_and_plain_c_agree_on_any_bytes_at_any_place),
      cmocka_unit_test(a_sum_goes_on_where_it_was_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
