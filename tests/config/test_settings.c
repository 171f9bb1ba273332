/* All rooms' rows joined: each is sound, and what only their comparison shows is a fault in its line. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "data.h"
#include "files.h"
#include "mutate.h"

typedef struct {
  char *text;
  size_t length;
} paper;

static void write_down(void *user, const char *text, size_t length)
{
  paper *p = user;
  p->text = realloc(p->text, p->length + length + 1);
  assert_non_null(p->text);
  memcpy(p->text + p->length, text, length);
  p->length += length;
  p->text[p->length] = 0;
}

static settings s; /* large */

static paper example(void)
{
  paper p = {0};
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  config_example(sections, write_down, &p);
  return p;
}

static paper canonical(void)
{
  paper p = {0};
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  config_canonical(sections, write_down, &p);
  return p;
}

/* The settings and faults that a file of this text gives. */
static bool read_text(const char *text, config_faults *faults)
{
  char path[] = "/tmp/tocsin-settings-XXXXXX";
  int descriptor = mkstemp(path);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
  close(descriptor);
  bool clean = settings_read(&s, path, faults);
  unlink(path);
  return clean;
}

static void assert_only_fault(const char *text, size_t line, size_t column, const char *needle)
{
  config_faults faults = {0};
  assert_false(read_text(text, &faults));
  bool right = faults.count == 1 && faults.items[0].line == line && faults.items[0].column == column && strstr(faults.items[0].text, needle);
  for (size_t i = 0; !right && i < faults.count; i++)
    print_error("%zu:%zu: %s\n", faults.items[i].line, faults.items[i].column, faults.items[i].text);
  assert_true(right);
  config_faults_clear(&faults);
  settings_release(&s);
}

static size_t extent(const config_row *row)
{
  switch (row->type) {
  case CONFIG_BOOL:
    return sizeof(bool);
  case CONFIG_TEXT:
    return row->size;
  case CONFIG_CHOICE:
    return sizeof(int);
  case CONFIG_INT:
    return row->size ? row->size : sizeof(int64_t);
  default:
    return sizeof(double);
  }
}

static void check_row(const config_section *section, const config_row *row)
{
  const char *why = NULL;
  if (strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(row->name))
    why = "its name is not of small letters, digits and _";
  if (!row->help || !row->help[0] || strchr(row->help, '\n') || row->help[strlen(row->help) - 1] == '.')
    why = "its help is no one-line sentence without a full stop";
  if (row->type == CONFIG_CHOICE && !row->choices)
    why = "it has no choices";
  if (row->type == CONFIG_TEXT && row->size == 0)
    why = "it has no size";
  if (row->minimum > row->maximum)
    why = "its range is empty";
  if (row->offset + extent(row) > section->struct_size || (row->type != CONFIG_TEXT && row->offset % extent(row)))
    why = "it does not lie in its struct";
  if (!section->count && !row->fallback)
    why = "it has no default, and no list's entry could give it";
  if (why)
    fail_msg("%s.%s: %s", section->name, row->name, why);
}

static void every_row_is_sound(void **state)
{
  (void)state;
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  for (const config_section *section = sections; section->name; section++)
    for (const config_row *row = section->rows; row->name; row++)
      check_row(section, row);
}

static void no_two_settings_share_a_name_or_a_byte(void **state)
{
  (void)state;
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  for (const config_section *section = sections; section->name; section++)
    for (const config_row *a = section->rows; a->name; a++)
      for (const config_row *b = section->rows; b < a; b++)
        if (strcmp(a->name, b->name) == 0 || (a->offset < b->offset + extent(b) && b->offset < a->offset + extent(a)))
          fail_msg("%s: `%s` and `%s` collide", section->name, a->name, b->name);
}

static void the_sections_come_in_the_order_of_the_house(void **state)
{
  (void)state;
  static const char *const order[] = {"server",  "redis",   "budget",    "recorder", "ingest",  "paths", "picker",
                                      "locator", "regions", "intensity", "rules",    "targets", "feeds"};
  config_section sections[SETTINGS_SECTIONS];
  settings_sections(&s, sections);
  for (size_t i = 0; i < SETTINGS_SECTIONS - 1; i++)
    assert_string_equal(sections[i].name, order[i]);
  assert_null(sections[SETTINGS_SECTIONS - 1].name);
}

static void reading_the_example_gives_the_defaults_without_a_fault(void **state)
{
  (void)state;
  config_faults faults = {0};
  paper file = example();
  assert_true(settings_load(&s, NULL));
  paper expected = canonical();
  assert_true(read_text(file.text, &faults));
  paper read = canonical();
  assert_string_equal(read.text, expected.text);
  free(file.text);
  free(expected.text);
  free(read.text);
  settings_release(&s);
}

static void any_slip_in_the_example_is_a_fault_with_its_line_or_harmless(void **state)
{
  (void)state;
  config_section sections[SETTINGS_SECTIONS];
  paper file = example();
  char *text = malloc(file.length + 100);
  settings_sections(&s, sections);
  for (uint64_t seed = 1; seed <= 1500; seed++) {
    random_source r = {seed};
    config_faults faults = {0};
    memcpy(text, file.text, file.length);
    size_t length = mutate(&r, text, file.length, file.length + 100);
    if (config_parse(sections, text, length, &faults) != (faults.count == 0))
      fail_msg("seed %d: refused without a fault", (int)seed);
    for (size_t i = 0; i < faults.count; i++)
      if (faults.items[i].line == 0 || !faults.items[i].text[0])
        fail_msg("seed %d: a fault without its line", (int)seed);
    config_faults_clear(&faults);
    settings_release(&s);
  }
  free(text);
  free(file.text);
}

static void the_example_that_ships_is_what_the_program_prints(void **state)
{
  (void)state;
  size_t length;
  paper file = example();
  char *shipped = data_read(project_path("docs/examples/tocsin.yaml"), &length);
  if (length != file.length || memcmp(shipped, file.text, length) != 0)
    fail_msg("docs/examples/tocsin.yaml is out of date: tocsin check --example > docs/examples/tocsin.yaml");
  free(shipped);
  free(file.text);
}

static void a_missing_file_is_a_fault_that_says_how_to_make_one(void **state)
{
  (void)state;
  config_faults faults = {0};
  assert_false(settings_read(&s, "/nowhere/tocsin.yaml", &faults));
  assert_int_equal(faults.count, 1);
  assert_non_null(strstr(faults.items[0].text, "No such file"));
  assert_non_null(strstr(faults.items[0].text, "--example"));
  config_faults_clear(&faults);
}

static void the_hash_is_the_sha256_of_the_canonical_lines(void **state)
{
  (void)state;
  unsigned char sum[crypto_hash_sha256_BYTES];
  char hash[SETTINGS_HASH_TEXT], hex[2 * sizeof sum + 1];
  assert_true(settings_load(&s, NULL));
  paper lines = canonical();
  settings_hash(&s, hash);
  crypto_hash_sha256(sum, (const unsigned char *)lines.text, lines.length);
  sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
  assert_int_equal(strlen(hash), 8);
  assert_memory_equal(hash, hex, 8);
  free(lines.text);
}

static void the_hash_follows_the_settings_and_not_the_way_they_are_written(void **state)
{
  (void)state;
  char a[SETTINGS_HASH_TEXT], b[SETTINGS_HASH_TEXT], c[SETTINGS_HASH_TEXT];
  config_faults faults = {0};
  read_text("rules: {minimum_magnitude: 4.50}\nredis:\n  port: 7000\n", &faults);
  settings_hash(&s, a);
  read_text("# other\nredis: {port: 7000}\nrules:\n  minimum_magnitude: 45e-1\n", &faults);
  settings_hash(&s, b);
  read_text("redis: {port: 7001}\nrules:\n  minimum_magnitude: 4.5\n", &faults);
  settings_hash(&s, c);
  assert_int_equal(faults.count, 0);
  assert_string_equal(a, b);
  assert_string_not_equal(a, c);
}

static void an_id_that_names_no_channel_is_a_fault(void **state)
{
  (void)state;
  assert_only_fault("targets:\n  - {id: Shenyang, name: x, latitude_deg: 41, longitude_deg: 123}\n", 2, 10, "found `Shenyang`");
  assert_only_fault("targets:\n  - {id: 大连, name: x, latitude_deg: 41, longitude_deg: 123}\n", 2, 10, "small letters");
  assert_only_fault("targets:\n  - {id: \"\", name: x, latitude_deg: 41, longitude_deg: 123}\n", 2, 10, "small letters");
}

static void an_id_used_twice_is_a_fault_at_the_second(void **state)
{
  (void)state;
  assert_only_fault("targets:\n"
                    "  - {id: a, name: x, latitude_deg: 41, longitude_deg: 123}\n"
                    "  - {id: b, name: x, latitude_deg: 41, longitude_deg: 123}\n"
                    "  - {id: a, name: x, latitude_deg: 41, longitude_deg: 123}\n",
                    4, 10, "`targets.3.id` is `a` as that of entry 1");
}

static void coordinates_that_were_never_filled_in_are_a_fault(void **state)
{
  (void)state;
  assert_only_fault("targets:\n  - {id: a, name: x, latitude_deg: 0, longitude_deg: 0.0}\n", 2, 36, "0 N 0 E");
}

static void addresses_that_would_block_or_lead_nowhere_are_faults(void **state)
{
  (void)state;
  assert_only_fault("redis:\n  address: localhost\n", 2, 12, "must be an IP address");
  assert_only_fault("redis:\n  port: 0\n", 2, 3, "must be the path of a Unix socket");
  assert_only_fault("server:\n  listen_address: all\n", 2, 19, "must be an IP address");
  config_faults faults = {0};
  assert_true(read_text("redis: {port: 0, address: redis.sock}\nserver: {listen_address: \"::1\"}\n", &faults));
}

static void settings_that_contradict_each_other_are_faults(void **state)
{
  (void)state;
  assert_only_fault("redis:\n  retry_first_s: 20\n", 2, 18, "must not exceed `redis.retry_longest_s`");
  assert_only_fault("redis: {user: a, exercise_user: a}\n", 1, 33, "must be another user");
  assert_only_fault("redis:\n  prefix: \"to csin\"\n", 2, 11, "letters, digits");
  assert_only_fault("ingest:\n  late_after_s: 200\n", 2, 17, "must not exceed `ingest.dead_after_s`");
}

static void comparisons_are_made_beside_other_faults(void **state)
{
  (void)state;
  config_faults faults = {0};
  assert_false(read_text("redis:\n  prot: 1\n  address: localhost\ntargets:\n  - {name: x, latitude_deg: 95, longitude_deg: 0}\n", &faults));
  assert_int_equal(faults.count, 4);
  assert_non_null(strstr(faults.items[0].text, "`port`"));
  assert_non_null(strstr(faults.items[1].text, "IP address"));
  assert_non_null(strstr(faults.items[2].text, "has no `id`"));
  assert_non_null(strstr(faults.items[3].text, "-90 to 90"));
  config_faults_clear(&faults);
  settings_release(&s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_row_is_sound),
      cmocka_unit_test(no_two_settings_share_a_name_or_a_byte),
      cmocka_unit_test(the_sections_come_in_the_order_of_the_house),
      cmocka_unit_test(reading_the_example_gives_the_defaults_without_a_fault),
      cmocka_unit_test(any_slip_in_the_example_is_a_fault_with_its_line_or_harmless),
      cmocka_unit_test(the_example_that_ships_is_what_the_program_prints),
      cmocka_unit_test(a_missing_file_is_a_fault_that_says_how_to_make_one),
      cmocka_unit_test(the_hash_is_the_sha256_of_the_canonical_lines),
      cmocka_unit_test(the_hash_follows_the_settings_and_not_the_way_they_are_written),
      cmocka_unit_test(an_id_that_names_no_channel_is_a_fault),
      cmocka_unit_test(an_id_used_twice_is_a_fault_at_the_second),
      cmocka_unit_test(coordinates_that_were_never_filled_in_are_a_fault),
      cmocka_unit_test(addresses_that_would_block_or_lead_nowhere_are_faults),
      cmocka_unit_test(settings_that_contradict_each_other_are_faults),
      cmocka_unit_test(comparisons_are_made_beside_other_faults),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
