#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "private_redis.h"
#include "random.h"
#include "record_inputs.h"
#include "record_reader.h"
#include "record_segment.h"

enum { ENTRIES = 12, ROOM = 1 << 16 };

struct world {
  char folder[64];
  record_segment segment;
};

static void prepare(struct world *w)
{
  temporary_folder(w->folder, sizeof w->folder);
  w->segment = (record_segment){.folder = w->folder, .descriptor = -1};
}

/* A segment of so many packets of 1, 2, 3 ... bytes each a second from `now` on; its name in `path`. */
static void write_segment(struct world *w, int64_t run, int number, int64_t now, int packets, char path[RECORD_PATH_TEXT])
{
  char text[160];
  uint8_t place[512], bytes[256];
  int length =
      snprintf(text, sizeof text, "software=tocsin 0.1\nbuild=abc\nprocessor=none\nstatus=exercise\nrun=%lld\nsegment=%d\n", (long long)run, number);
  record_head head = {.kind = RECORD_HEADER, .length = (uint32_t)length, .now = now};
  assert_true(record_segment_open(&w->segment, &head, text, NULL, 0));
  for (int i = 0; i < packets; i++) {
    head = (record_head){.kind = RECORD_PACKET, .feed = i, .length = (uint32_t)i + 1, .number = (uint32_t)i, .now = now + i * INGEST_SECOND};
    memset(bytes, i, head.length);
    record_put(place, &head, bytes);
    record_seal(place);
    assert_true(record_segment_add(&w->segment, place, record_size(head.length)));
  }
  record_segment_close(&w->segment, path);
}

/* The numbers of the packets that can be read; each is whole. */
static size_t read_packets(const char *folder, uint32_t *numbers, size_t room, uint64_t *damages)
{
  record_head head;
  const uint8_t *bytes;
  size_t n = 0;
  record_reader *r = record_reader_open(folder);
  assert_non_null(r);
  while (record_reader_next(r, &head, &bytes)) {
    if (head.kind != RECORD_PACKET)
      continue;
    assert_int_equal(head.length, head.number + 1);
    for (uint32_t i = 0; i < head.length; i++)
      assert_int_equal(bytes[i], (uint8_t)head.number);
    assert_true(n < room);
    numbers[n++] = head.number;
  }
  *damages = record_reader_damages(r);
  record_reader_close(r);
  return n;
}

static void rewrite(const char *path, const uint8_t *bytes, size_t length)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  fclose(file);
}

static void a_segment_cut_at_any_byte_gives_every_entry_before_it(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT];
  uint32_t numbers[ENTRIES];
  uint64_t damages;
  size_t length, header = 0, before = 0;
  prepare(&w);
  write_segment(&w, 1, 0, 1000 * INGEST_SECOND, ENTRIES, path);
  uint8_t *bytes = (uint8_t *)data_read(path, &length);
  record_head head;
  assert_true(record_check(bytes + RECORD_MAGIC_LENGTH, length, &head));
  header = RECORD_MAGIC_LENGTH + record_size(head.length);
  for (size_t cut = header; cut < length; cut++) {
    rewrite(path, bytes, cut);
    size_t n = read_packets(w.folder, numbers, ENTRIES, &damages);
    assert_true(n == before || n == before + 1);
    for (size_t i = 0; i < n; i++)
      assert_int_equal(numbers[i], i);
    before = n;
  }
  assert_int_equal(before, ENTRIES - 1);
  free(bytes);
  remove_folder(w.folder);
}

static void a_damaged_byte_costs_one_entry_and_is_counted(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT];
  uint32_t numbers[ENTRIES];
  uint64_t damages;
  size_t length;
  prepare(&w);
  write_segment(&w, 1, 0, 1000 * INGEST_SECOND, ENTRIES, path);
  uint8_t *bytes = (uint8_t *)data_read(path, &length);
  random_source r = {.state = 11};
  for (int round = 0; round < 300; round++) {
    record_head head;
    assert_true(record_check(bytes + RECORD_MAGIC_LENGTH, length, &head));
    size_t header = RECORD_MAGIC_LENGTH + record_size(head.length);
    size_t at = header + (size_t)random_below(&r, (int64_t)(length - header));
    uint8_t good = bytes[at];
    bytes[at] ^= (uint8_t)(1 + random_below(&r, 255));
    rewrite(path, bytes, length);
    size_t n = read_packets(w.folder, numbers, ENTRIES, &damages);
    assert_in_range(n, ENTRIES - 1, ENTRIES); /* a byte of padding harms nobody */
    assert_int_equal(damages, ENTRIES - n);
    bytes[at] = good;
  }
  free(bytes);
  remove_folder(w.folder);
}

static void runs_and_segments_come_in_their_order_whatever_their_names(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT];
  record_head head;
  const uint8_t *bytes;
  prepare(&w);
  write_segment(&w, 7, 0, 500 * INGEST_SECOND, 1, path);
  write_segment(&w, 3, 1, 900 * INGEST_SECOND, 1, path);
  write_segment(&w, 3, 0, 900 * INGEST_SECOND, 1, path); /* the same instant: it gets a name of its own */
  record_reader *r = record_reader_open(w.folder);
  static const struct {
    int64_t run;
    uint64_t segment;
  } wanted[] = {{3, 0}, {3, 1}, {7, 0}};
  for (size_t i = 0; i < 3; i++) {
    assert_true(record_reader_next(r, &head, &bytes));
    assert_int_equal(head.kind, RECORD_HEADER);
    assert_int_equal(record_reader_origin(r)->run, wanted[i].run);
    assert_int_equal(record_reader_origin(r)->segment, wanted[i].segment);
    assert_string_equal(record_reader_origin(r)->software, "tocsin 0.1");
    assert_true(record_reader_next(r, &head, &bytes));
  }
  assert_false(record_reader_next(r, &head, &bytes));
  record_reader_close(r);
  remove_folder(w.folder);
}

static void what_is_no_segment_is_left_out_and_nothing_is_no_recording(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT];
  uint32_t numbers[ENTRIES];
  uint64_t damages;
  prepare(&w);
  assert_null(record_reader_open(w.folder));
  assert_null(record_reader_open("/nonexistent"));
  snprintf(path, sizeof path, "%s/a.rec", w.folder);
  rewrite(path, (const uint8_t *)"tocsinR1 but no header", 22);
  write_segment(&w, 1, 0, 0, 2, path);
  assert_int_equal(read_packets(w.folder, numbers, ENTRIES, &damages), 2);
  remove_folder(w.folder);
}

static void a_segment_that_a_crash_left_gets_its_name_and_an_empty_one_goes(void **state)
{
  (void)state;
  struct world w;
  char path[RECORD_PATH_TEXT], current[RECORD_PATH_TEXT];
  prepare(&w);
  write_segment(&w, 1, 0, 1562383193 * INGEST_SECOND, 1, path);
  assert_string_equal(strrchr(path, '/') + 1, "2019-07-06T03-19-53.000000Z.rec");
  snprintf(current, sizeof current, "%s/" RECORD_CURRENT, w.folder);
  assert_int_equal(rename(path, current), 0);
  record_segment_recover(w.folder);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_not_equal(access(current, F_OK), 0);
  write_segment(&w, 1, 1, 0, 0, path);
  assert_string_equal(path, "");
  assert_int_not_equal(access(current, F_OK), 0);
  remove_folder(w.folder);
}

static void commands_and_results_come_back_as_they_were(void **state)
{
  (void)state;
  uint8_t bytes[RECORD_INPUT_ROOM];
  const engine_command_input commands[] = {{.kind = ENGINE_SET_CLOCK, .clock = ENGINE_CLOCK_FREE},
                                           {.kind = ENGINE_SKIP},
                                           {.kind = ENGINE_CANCEL_EVENT, .event = "20190706T031953-3577N11760W"},
                                           {.kind = ENGINE_SET_FEED, .feed = 3, .path = {.link = "relay 3", .provider = "city"}}};
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    engine_command_input back;
    record_head head = {.kind = RECORD_COMMAND, .detail = (uint16_t)commands[i].kind, .length = record_command_put(&commands[i], bytes)};
    assert_true(record_command_get(&head, bytes, &back));
    assert_int_equal(back.kind, commands[i].kind);
    assert_int_equal(back.clock, commands[i].clock);
    assert_string_equal(back.event, commands[i].event);
    assert_int_equal(back.feed, commands[i].feed);
    assert_memory_equal(&back.path, &commands[i].path, sizeof back.path);
    head.length = 1000;
    assert_false(record_command_get(&head, bytes, &back));
  }
  record_result back;
  const engine_spectrum_result spectrum = {.sensor = 3, .component = 2, .noise = {INGEST_NOISE_DEAF, 0.25f, 0.5f}};
  record_head head = {.kind = RECORD_RESULT, .detail = ENGINE_JOB_SPECTRUM, .length = record_result_put(ENGINE_JOB_SPECTRUM, &spectrum, bytes)};
  assert_true(record_result_get(&head, bytes, &back));
  assert_memory_equal(&back.spectrum, &spectrum, sizeof spectrum);
  head.detail = 999;
  assert_false(record_result_get(&head, bytes, &back));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_segment_cut_at_any_byte_gives_every_entry_before_it),
      cmocka_unit_test(a_damaged_byte_costs_one_entry_and_is_counted),
      cmocka_unit_test(runs_and_segments_come_in_their_order_whatever_their_names),
      cmocka_unit_test(what_is_no_segment_is_left_out_and_nothing_is_no_recording),
      cmocka_unit_test(a_segment_that_a_crash_left_gets_its_name_and_an_empty_one_goes),
      cmocka_unit_test(commands_and_results_come_back_as_they_were),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
