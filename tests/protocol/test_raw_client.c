#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

static wire server;

static conversation *start(void)
{
  server.used = 0;
  return converse(&protocol_raw, (protocol_client_setup){.dead_s = 30});
}

static void server_sends_all(conversation *c)
{
  server_sends(c, server.bytes, server.used);
}

static void put_some_record(uint64_t seed)
{
  static uint8_t record[4096];
  put_bytes(&server, record, seed % 2 ? made_record3(11, 100, seed, record) : made_record(11, 100, 512, seed, record));
}

static void records_in_a_row_are_taken_however_they_are_cut(void **state)
{
  (void)state;
  for (size_t portion = 1; portion < 3000; portion = portion * 3 + 1) {
    conversation *c = start();
    for (uint64_t i = 0; i < 20; i++)
      put_some_record(i);
    for (size_t at = 0; at < server.used; at += portion)
      server_sends(c, server.bytes + at, portion < server.used - at ? portion : server.used - at);
    assert_int_equal(c->records.count, 20);
    assert_memory_equal(c->records.bytes, server.bytes, server.used);
    assert_int_equal(c->sequences[0], PROTOCOL_NO_SEQUENCE);
    client_says(c, "");
    part(c);
  }
}

static void garbage_is_stepped_over_and_named(void **state)
{
  (void)state;
  conversation *c = start();
  put_some_record(0);
  put_text(&server, "no record at all");
  put_some_record(2);
  server_sends_all(c);
  assert_int_equal(c->records.count, 2);
  notes_have(c, "stepped over what is no record at byte 512 (1 times so far)");
  assert_true(c->alive);
  part(c);
}

/* Without blockette 1000 only the next record would tell where it ends. */
static void a_last_record_that_states_no_length_is_taken_at_the_end(void **state)
{
  (void)state;
  uint8_t record[512];
  for (size_t cut = 0; cut < 2; cut++) {
    conversation *c = start();
    put_some_record(0);
    made_record(10, 20, 512, 1, record);
    record[46] = record[47] = 0;
    put_bytes(&server, record, sizeof record - cut);
    server_sends_all(c);
    assert_int_equal(c->records.count, 1);
    server_closes(c);
    assert_int_equal(c->records.count, 2 - cut);
    server_closes(c);
    assert_int_equal(c->records.count, 2 - cut);
    part(c);
  }
}

static void much_garbage_makes_few_notes(void **state)
{
  (void)state;
  conversation *c = start();
  size_t lines = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    put_text(&server, "x");
    put_bytes(&server, "\0", 1);
    uint8_t record[512];
    put_bytes(&server, record, made_record(11, 100, 512, i, record));
  }
  server_sends_all(c);
  for (const char *at = c->notes; (at = strchr(at, '\n')); at++)
    lines++;
  assert_int_equal(c->records.count, 1000);
  assert_true(lines >= 10 && lines <= 12);
  part(c);
}

static void a_peer_of_another_protocol_is_named(void **state)
{
  (void)state;
  static const char *const peers[][2] = {
      {"HTTP/1.1 400 Bad Request", "a web server"}, {"SSH-2.0-x", "speaks SSH"}, {"SeedLink v3.1", "set kind: seedlink"}};
  for (size_t i = 0; i < 3; i++) {
    conversation *c = start();
    server_says(c, peers[i][0]);
    ends_with(c, peers[i][1]);
    part(c);
  }
}

static void a_silent_peer_is_given_up_with_the_likely_reason(void **state)
{
  (void)state;
  conversation *c = start();
  time_passes(c, 29);
  assert_true(c->alive);
  put_some_record(0);
  server_sends_all(c);
  time_passes(c, 29);
  assert_true(c->alive);
  time_passes(c, 2);
  ends_with(c, "nothing came for 30 s");
  connect_again(c);
  assert_string_equal(protocol_raw.fault(c->client), "");
  part(c);
}

static void adapters_are_found_by_name(void **state)
{
  (void)state;
  assert_ptr_equal(protocol_adapter_named("raw"), &protocol_raw);
  assert_ptr_equal(protocol_adapter_named("seedlink"), &protocol_seedlink);
  assert_ptr_equal(protocol_adapter_named("datalink"), &protocol_datalink);
  assert_null(protocol_adapter_named("cstp"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_in_a_row_are_taken_however_they_are_cut),
      cmocka_unit_test(a_last_record_that_states_no_length_is_taken_at_the_end),
      cmocka_unit_test(garbage_is_stepped_over_and_named),
      cmocka_unit_test(much_garbage_makes_few_notes),
      cmocka_unit_test(a_peer_of_another_protocol_is_named),
      cmocka_unit_test(a_silent_peer_is_given_up_with_the_likely_reason),
      cmocka_unit_test(adapters_are_found_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
