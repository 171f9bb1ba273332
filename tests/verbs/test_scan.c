/* `tocsin scan` as an operator runs it, on files made by code and on the recordings. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "made_records.h"
#include "command.h"
#include "random.h"

static const int64_t begin = INT64_C(1600000000) * INGEST_SECOND;

/* ---- made files ---- */

typedef struct {
  const char *station;
  int encoding;
  double rate;
  int record_length, version;
} stream;

static const stream plain = {"AAA", 11, 100, 512, 2};

static void write_record(void *user, const uint8_t *bytes, size_t length)
{
  assert_int_equal(fwrite(bytes, 1, length, user), length);
}

/* Samples [first, first + count) since `begin`: the numbers first % 1000, ... */
static void put_samples(FILE *file, stream s, int64_t first, int32_t count)
{
  ingest_record record = {.start = begin + llround((double)first * 1e9 / s.rate),
                          .rate = s.rate,
                          .samples = count,
                          .encoding = (uint8_t)s.encoding,
                          .version = (uint8_t)s.version,
                          .timing_quality = -1};
  double *values = calloc((size_t)count, sizeof *values);
  for (int32_t i = 0; i < count; i++)
    values[i] = (double)((first + i) % 1000);
  record.codes = (ingest_codes){.network = "XX", .location = "00", .channel = "HNZ"};
  snprintf(record.codes.station, sizeof record.codes.station, "%s", s.station);
  assert_true(ingest_record_write(&record, values, s.record_length, write_record, file) > 0);
  free(values);
}

static void keep_record(void *user, const uint8_t *bytes, size_t length)
{
  struct {
    size_t length;
    uint8_t bytes[512];
  } *made = user;
  assert_true(length <= sizeof made->bytes);
  memcpy(made->bytes, bytes, length);
  made->length = length;
}

static void a_gap_and_an_overlap_are_counted_in_seconds(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, plain, 0, 1000);
  put_samples(file, plain, 1250, 1000);
  put_samples(file, plain, 2200, 800);
  fclose(file);
  assert_int_equal(command_run("scan --csv made"), 0);
  command_assert_said(
      "network,station,location,channel,start_utc,end_utc,rate_hz,encoding,record_bytes,records,samples,gaps,gap_s,overlaps,overlap_s\r\n");
  command_assert_said("XX,AAA,00,HNZ,2020-09-13T12:26:40.000000Z,2020-09-13T12:27:09.990000Z,100,steim2,512,");
  command_assert_said(",2800,1,2.500,1,0.500\r\n");
}

static void the_order_of_files_and_records_does_not_matter(void **state)
{
  (void)state;
  FILE *early = command_open("early", "w"), *late = command_open("late", "w");
  put_samples(early, plain, 3000, 500);
  put_samples(early, plain, 0, 1000);
  put_samples(late, plain, 5000, 100);
  put_samples(late, plain, 900, 1000);
  fclose(early);
  fclose(late);
  assert_int_equal(command_run("scan --csv early late"), 0);
  char *first = strdup(command_said());
  command_assert_said(",2600,2,26.000,1,1.000\r\n");
  assert_int_equal(command_run("scan --csv late early"), 0);
  assert_string_equal(first, command_said());
  free(first);
}

static void each_encoding_length_and_rate_is_named(void **state)
{
  (void)state;
  static const int encodings[] = {1, 3, 4, 5, 10, 11};
  FILE *file = command_open("made", "w");
  for (size_t i = 0; i < 6; i++)
    put_samples(file, (stream){"BBB", encodings[i], 100, 256, 2}, (int64_t)i * 100, 100);
  put_samples(file, (stream){"BBB", 11, 200, 4096, 2}, 1200, 100);
  fclose(file);
  assert_int_equal(command_run("scan --csv --samples made"), 0);
  command_assert_said(",100/200,int16/int32/float32/float64/steim1/steim2,256..4096,");
  command_assert_said(",700,0,0.000,0,0.000,0,599,");
  command_assert_said(",0\r\n");
}

static void samples_give_least_greatest_and_mean(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, plain, 10, 11);
  fclose(file);
  assert_int_equal(command_run("scan --csv --samples made"), 0);
  command_assert_said(",11,0,0.000,0,0.000,10,20,15,0\r\n");
}

static void garbage_is_told_by_file_place_and_length(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, (stream){"AAA", 3, 100, 512, 2}, 0, 100);
  fwrite("this is no record at all........................................", 1, 64, file);
  put_samples(file, (stream){"AAA", 3, 100, 512, 2}, 100, 100);
  fclose(file);
  assert_int_equal(command_run("scan made"), 0);
  command_assert_said("made: byte 512: no miniSEED record header; 1 times, 64 bytes in all");
  command_assert_said("1 files, 1088 bytes, 1 channels, 2 records, 200 samples, 1 kinds of fault");
}

static void a_file_cut_off_inside_a_record_says_so(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, (stream){"AAA", 3, 100, 512, 2}, 0, 200);
  fclose(file);
  char path[128];
  snprintf(path, sizeof path, "%s/made", command_folder());
  assert_int_equal(truncate(path, 900), 0);
  assert_int_equal(command_run("scan made"), 0);
  command_assert_said("made: byte 512: a record cut short by the end of the file; 1 times, 388 bytes in all");
}

static void a_record_that_cannot_be_decoded_is_named_with_its_channel(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w+");
  put_samples(file, plain, 0, 300);
  fseek(file, 64 + 8, SEEK_SET);
  fputs("\x7f\x7f", file);
  fclose(file);
  assert_int_equal(command_run("scan --json --samples made"), 0);
  command_assert_said("\"undecodable\":1");
  command_assert_said("\"stream\":\"XX.AAA.00.HNZ\"");
  assert_int_equal(command_run("scan --csv made"), 0);
  assert_string_equal(command_complained(), "");
}

static void json_is_an_object_a_line_with_numbers_as_numbers(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, plain, 0, 1000);
  put_samples(file, (stream){"CCC", 4, 50, 256, 2}, 0, 100);
  fclose(file);
  assert_int_equal(command_run("scan --json made"), 0);
  int lines = 0;
  for (const char *line = command_said(); *line; line = strchr(line, '\n') + 1, lines++) {
    json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
    assert_true(json_is_integer(json_object_get(object, "samples")));
    assert_true(json_is_number(json_object_get(object, "rate_hz")));
    assert_string_equal(json_string_value(json_object_get(object, "network")), "XX");
    assert_null(json_object_get(object, "minimum"));
    json_decref(object);
  }
  assert_int_equal(lines, 2);
}

static void the_inventory_is_held_against_the_data(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  made_inventory(command_folder(), 1);
  for (int i = 0; i < 3; i++) {
    made_record record = made_second(i == 0 ? "S000" : "STRAY", begin + i * INGEST_SECOND, 7);
    fwrite(record.bytes, 1, record.length, file);
  }
  fclose(file);
  assert_int_equal(command_run("scan --csv --inventory stations.xml made"), 0);
  command_assert_said(",overlap_s,inventory\r\nXX,S000,");
  command_assert_said(",0,0.000,ok\r\n");
  command_assert_said(",0,0.000,not in it as ground motion\r\n");
}

/* The table is for eyes: every line as wide as its header, columns under their names. */
static void the_table_is_aligned(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, plain, 0, 123456);
  put_samples(file, (stream){"LONGE", 5, 12.5, 4096, 2}, 0, 7);
  fclose(file);
  assert_int_equal(command_run("scan made"), 0);
  size_t width = strcspn(command_said(), "\n");
  const char *second = command_said() + width + 1, *third = second + width + 1;
  assert_int_equal(strcspn(second, "\n"), width);
  assert_int_equal(strcspn(third, "\n"), width);
  assert_memory_equal(second, "XX       AAA", 12);
}

static void version_3_is_read_alone_and_beside_version_2(void **state)
{
  (void)state;
  static const int encodings[] = {1, 3, 4, 5, 10, 11};
  FILE *file = command_open("made", "w");
  for (size_t i = 0; i < 6; i++)
    put_samples(file, (stream){"DDD", encodings[i], 100, 400, 3}, (int64_t)i * 500, 500);
  put_samples(file, plain, 0, 1000);
  put_samples(file, (stream){"DDD", 11, 100, 400, 3}, 3100, 500);
  fclose(file);
  assert_int_equal(command_run("scan --json --samples made"), 0);
  command_assert_said("\"station\":\"DDD\",");
  command_assert_said("\"encoding\":\"int16/int32/float32/float64/steim1/steim2\"");
  command_assert_said("\"samples\":3500,\"gaps\":1,\"gap_s\":1.0,");
  command_assert_said("\"undecodable\":0");
  assert_null(strstr(command_said(), "\"fault\""));
  assert_int_equal(command_run("scan --csv made"), 0);
  command_assert_said(",3500,1,1.000,0,0.000\r\n");
  assert_string_equal(command_complained(), "");
}

static long length_of(FILE *file)
{
  fseek(file, 0, SEEK_END);
  return ftell(file);
}

static void a_bit_that_turned_in_version_3_costs_its_record_and_is_told(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w+");
  put_samples(file, (stream){"DDD", 3, 100, 0, 3}, 0, 100);
  long second = length_of(file);
  put_samples(file, (stream){"DDD", 3, 100, 0, 3}, 100, 100);
  put_samples(file, (stream){"DDD", 3, 100, 0, 3}, 200, 100);
  fseek(file, second + 200, SEEK_SET);
  fputc(0x55, file);
  fclose(file);
  char expected[120];
  snprintf(expected, sizeof expected, "made: byte %ld: a miniSEED 3 record whose CRC does not hold; 1 times, %ld bytes in all", second, second);
  assert_int_equal(command_run("scan made"), 0);
  command_assert_said(expected);
  command_assert_said("1 channels, 2 records, 200 samples, 1 kinds of fault");
}

/* A clipped record of version 3 states it in its extra headers: where they are broken, nothing of them is believed, and the samples are. */
static void extra_headers_that_are_no_json_are_told_and_cost_no_samples(void **state)
{
  (void)state;
  static const double values[] = {1, 2, 3};
  struct {
    size_t length;
    uint8_t bytes[512];
  } made = {0};
  ingest_record record = {.codes = {"XX", "DDD", "", "HNZ"}, .start = begin, .rate = 100, .samples = 3, .encoding = 3, .version = 3, .clipped = true};
  assert_int_equal(ingest_record_write(&record, values, 0, keep_record, &made), 1);
  uint8_t *brace = memchr(made.bytes, '}', made.length);
  assert_non_null(brace);
  *brace = ']';
  memset(made.bytes + 28, 0, 4);
  uint32_t crc = ingest_crc32c(0, made.bytes, made.length);
  for (size_t i = 0; i < 4; i++)
    made.bytes[28 + i] = (uint8_t)(crc >> 8 * i);
  FILE *file = command_open("made", "w");
  fwrite(made.bytes, 1, made.length, file);
  fclose(file);
  assert_int_equal(command_run("scan made"), 0);
  command_assert_said("made: byte 0: XX.DDD..HNZ: extra headers that are no JSON; the record's samples are counted; 1 times");
  command_assert_said("1 records, 3 samples");
}

static void a_last_record_without_blockette_1000_is_read_too(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w+");
  for (int i = 0; i < 3; i++) {
    put_samples(file, (stream){"AAA", 10, 100, 512, 2}, 100 * i, 100);
    fseek(file, 512 * i + 46, SEEK_SET);
    fwrite("\0\0", 1, 2, file);
    fseek(file, 0, SEEK_END);
  }
  fclose(file);
  assert_int_equal(command_run("scan --csv --samples made"), 0);
  command_assert_said(",100,steim1,512,3,300,0,0.000,0,0.000,0,299,149.5,0\r\n");
  assert_string_equal(command_complained(), "");
}

/* Longer than any window, its records across the windows' ends. */
static void what_is_longer_than_a_window_is_read_whole(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  for (int i = 0; i < 40; i++)
    put_samples(file, (stream){i % 2 ? "AAA" : "BBB", 3, 100, i % 3 ? 4096 : 512, i % 5 ? 2 : 3}, i * 10000, 10000);
  assert_true(length_of(file) > 1 << 20);
  fclose(file);
  assert_int_equal(command_run("scan made"), 0);
  command_assert_said(" channels, ");
  command_assert_said(" 400000 samples, 0 kinds of fault");
}

/* Damaged at random, a file read as records of headers alone has the records that it has when each is looked through. */
static void headers_alone_find_the_same_records_in_damaged_files(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 12; seed++) {
    random_source random = {seed};
    FILE *file = command_open("made", "w+");
    for (int i = 0; i < 40; i++) {
      int length = 128 << random_below(&random, 4);
      for (int k = 0; k < 1 + (int)random_below(&random, 6); k++)
        put_samples(file, (stream){i % 3 ? "AAA" : "BBB", 3, 100, length, random_below(&random, 4) ? 2 : 3}, i * 1000 + k * 10, 10);
      if (random_below(&random, 3) == 0)
        fseek(file, -(long)(1 + random_below(&random, length - 1)), SEEK_CUR);
    }
    fclose(file);
    char thorough[64], quick[64];
    assert_int_equal(command_run("scan --samples made"), 0);
    snprintf(thorough, sizeof thorough, "%.60s", strstr(command_said(), " channels"));
    assert_int_equal(command_run("scan made"), 0);
    snprintf(quick, sizeof quick, "%.60s", strstr(command_said(), " channels"));
    if (strncmp(thorough, quick, strcspn(thorough, "\n")) != 0)
      fail_msg("seed %d: %s, not %s", (int)seed, quick, thorough);
  }
}

static void standard_input_is_a_file(void **state)
{
  (void)state;
  FILE *file = command_open("made", "w");
  put_samples(file, plain, 0, 200000);
  fclose(file);
  assert_int_equal(command_run("scan --csv made"), 0);
  char *from_file = strdup(command_said());
  assert_int_equal(command_run("scan --csv - <made"), 0);
  assert_string_equal(from_file, command_said());
  free(from_file);
}

static void what_cannot_be_read_ends_with_1_and_a_wrong_call_with_2(void **state)
{
  (void)state;
  assert_int_equal(command_run("scan nowhere"), 1);
  assert_non_null(strstr(command_complained(), "tocsin scan: nowhere: No such file or directory"));
  FILE *file = command_open("empty", "w");
  fclose(file);
  assert_int_equal(command_run("scan empty"), 1);
  assert_non_null(strstr(command_complained(), "no miniSEED record"));
  assert_int_equal(command_run("scan "), 2);
  assert_int_equal(command_run("scan --csv --json empty"), 2);
  assert_int_equal(command_run("scan --no-such-option empty"), 2);
}

static void help_names_every_option_and_column(void **state)
{
  (void)state;
  static const char *const words[] = {"--csv",     "--json",  "--samples", "--inventory DIR", "start_utc",   "rate_hz",     "encoding",
                                      "overlap_s", "minimum", "mean",      "undecodable",     "Exit status", "record_bytes"};
  assert_int_equal(command_run("scan --help"), 0);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    command_assert_said(words[i]);
}

static void the_recordings_are_whole(void **state)
{
  (void)state;
  char arguments[900];
  snprintf(arguments, sizeof arguments, "scan --csv --samples %s", data_path("ridgecrest-2019/CI.CCC..HNZ.mseed"));
  assert_int_equal(command_run(arguments), 0);
  command_assert_said("CI,CCC,,HNZ,2019-07-06T03:19:23.048300Z,2019-07-06T03:25:53.038300Z,100,steim2,4096,21,39000,0,0.000,0,0.000,");
  assert_string_equal(command_complained(), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_gap_and_an_overlap_are_counted_in_seconds),
      cmocka_unit_test(the_order_of_files_and_records_does_not_matter),
      cmocka_unit_test(each_encoding_length_and_rate_is_named),
      cmocka_unit_test(samples_give_least_greatest_and_mean),
      cmocka_unit_test(garbage_is_told_by_file_place_and_length),
      cmocka_unit_test(a_file_cut_off_inside_a_record_says_so),
      cmocka_unit_test(a_record_that_cannot_be_decoded_is_named_with_its_channel),
      cmocka_unit_test(json_is_an_object_a_line_with_numbers_as_numbers),
      cmocka_unit_test(the_inventory_is_held_against_the_data),
      cmocka_unit_test(the_table_is_aligned),
      cmocka_unit_test(version_3_is_read_alone_and_beside_version_2),
      cmocka_unit_test(a_bit_that_turned_in_version_3_costs_its_record_and_is_told),
      cmocka_unit_test(extra_headers_that_are_no_json_are_told_and_cost_no_samples),
      cmocka_unit_test(a_last_record_without_blockette_1000_is_read_too),
      cmocka_unit_test(what_is_longer_than_a_window_is_read_whole),
      cmocka_unit_test(headers_alone_find_the_same_records_in_damaged_files),
      cmocka_unit_test(standard_input_is_a_file),
      cmocka_unit_test(what_cannot_be_read_ends_with_1_and_a_wrong_call_with_2),
      cmocka_unit_test(help_names_every_option_and_column),
      cmocka_unit_test(the_recordings_are_whole),
  };
  return cmocka_run_group_tests(tests, command_folder_make, command_folder_remove);
}
