#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data.h"
#include "files.h"

static char folder[64];

static const char *in_folder(const char *name)
{
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void write_file(const char *name, const char *text, size_t length)
{
  FILE *file = fopen(in_folder(name), "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, length, file), length);
  fclose(file);
}

static int make_folder(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/tocsin-files-XXXXXX");
  return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
  (void)state;
  char **list = files_list(folder, "");
  for (char **path = list; path && *path; path++)
    unlink(*path);
  files_list_free(list);
  return rmdir(folder);
}

static const char station[] =
    "<FDSNStationXML><Network code=\"XX\"><Station code=\"AAA\"><Latitude>41</Latitude><Longitude>123</Longitude>"
    "<Channel code=\"HNZ\" locationCode=\"\"><Response><InstrumentSensitivity><Value>100</Value><InputUnits><Name>M/S**2</Name>"
    "</InputUnits></InstrumentSensitivity></Response></Channel></Station></Network></FDSNStationXML>";

static void a_file_is_read_whole_with_a_nul_behind(void **state)
{
  (void)state;
  static char text[300000];
  for (size_t n = 0; n < sizeof text; n = 3 * n + 1) {
    memset(text, 'x', n);
    write_file("file", text, n);
    size_t length = 99;
    uint8_t *bytes = files_read(in_folder("file"), &length);
    assert_non_null(bytes);
    assert_int_equal(length, n);
    assert_memory_equal(bytes, text, n);
    assert_int_equal(bytes[n], 0);
    free(bytes);
  }
}

static void a_missing_file_or_a_folder_says_why(void **state)
{
  (void)state;
  size_t length;
  assert_null(files_read(in_folder("missing"), &length));
  assert_int_equal(errno, ENOENT);
  assert_null(files_read(folder, &length));
  assert_int_equal(errno, EISDIR);
}

static void a_folder_is_listed_bytewise_and_by_suffix(void **state)
{
  (void)state;
  static const char *const names[] = {"b.xml", "a.xml", "B.xml", "c.txt", ".hidden.xml", "a10.xml", "a9.xml"};
  static const char *const expected[] = {"B.xml", "a.xml", "a10.xml", "a9.xml", "b.xml"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    write_file(names[i], "", 0);
  char **list = files_list(folder, ".xml");
  for (size_t i = 0; i < 5; i++)
    assert_string_equal(list[i], in_folder(expected[i]));
  assert_null(list[5]);
  files_list_free(list);
  unlink(in_folder(".hidden.xml"));
}

static void a_file_is_a_list_of_itself_and_nothing_is_none(void **state)
{
  (void)state;
  write_file("one.dat", "", 0);
  char **list = files_list(in_folder("one.dat"), ".xml");
  assert_string_equal(list[0], in_folder("one.dat"));
  assert_null(list[1]);
  files_list_free(list);
  assert_null(files_list(in_folder("missing"), ".xml"));
}

static void a_folder_of_stationxml_is_an_inventory_in_spite_of_a_broken_file(void **state)
{
  (void)state;
  write_file("a.xml", "<FDSNStationXML><Netw", 21);
  write_file("b.xml", station, strlen(station));
  ingest_inventory *inventory = files_inventory(folder);
  assert_non_null(inventory);
  assert_int_equal(ingest_inventory_sensors(inventory), 1);
  ingest_inventory_destroy(inventory);
  inventory = files_inventory(in_folder("b.xml"));
  assert_non_null(inventory);
  ingest_inventory_destroy(inventory);
}

static void an_inventory_without_a_usable_station_is_none(void **state)
{
  (void)state;
  assert_null(files_inventory(NULL));
  assert_null(files_inventory(""));
  assert_null(files_inventory(in_folder("missing")));
  assert_null(files_inventory(folder));
  write_file("a.xml", "hello", 5);
  assert_null(files_inventory(folder));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_file_is_read_whole_with_a_nul_behind, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_missing_file_or_a_folder_says_why, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_folder_is_listed_bytewise_and_by_suffix, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_file_is_a_list_of_itself_and_nothing_is_none, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(a_folder_of_stationxml_is_an_inventory_in_spite_of_a_broken_file, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(an_inventory_without_a_usable_station_is_none, make_folder, remove_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
