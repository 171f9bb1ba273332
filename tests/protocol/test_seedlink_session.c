/* Whole conversations, cut and damaged at every byte. What the server sends does not depend on what it hears, so it is one row of bytes. */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

enum { RECORDS = 5 };

static const protocol_selection selections[] = {{"CI", "CLC", "HN?"}, {"CI", "SLA", ""}};

static wire session_3, session_4;
static size_t handshake_3, handshake_4;

/* With an answer to INFO among the records, a long record and one of miniSEED 3. */
static int make_sessions(void **state)
{
  (void)state;
  uint8_t record[2048];
  put_text(&session_3, "SeedLink v3.1 (2016.271)\r\nLiaoning\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  handshake_3 = session_3.used;
  put_record_3(&session_3, 0xFFFFFE, "CI", "CLC", 0);
  put_record_3(&session_3, 0xFFFFFF, "CI", "CLC", 1);
  put_info_3(&session_3, "<seedlink soft", false, "INF");
  put_record_3(&session_3, 0, "CI", "SLA", 2);
  put_info_3(&session_3, "ware=\"x\"/>", true, "INF");
  put_packet_3(&session_3, 1, record, made_record3(11, 300, 3, record));
  put_packet_3(&session_3, 2, record, made_record(3, 200, 1024, 4, record));
  put_text(&session_4, "SeedLink v4.0 (x) :: SLPROTO:4.0\r\nLiaoning\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  handshake_4 = session_4.used;
  put_record_4(&session_4, 1, "CI", "CLC", 0);
  put_packet_4(&session_4, "JI", -1, "", "{\"software\":\"x\"}", 16);
  put_record_4(&session_4, 2, "CI", "SLA", 1);
  put_packet_4(&session_4, "XY", 3, "CI_SLA", "unknown", 7);
  put_packet_4(&session_4, "2D", 4, "CI_CLC", record, made_record(11, 100, 512, 1, record));
  put_record_4(&session_4, 5, "CI", "CLC", 2);
  put_record_4(&session_4, 6, "CI", "CLC", 3);
  return 0;
}

static conversation *start(void)
{
  return converse(&protocol_seedlink, (protocol_client_setup){.selections = selections, .selections_count = 2, .encrypted = true});
}

static void assert_same(const conversation *c, const conversation *whole)
{
  assert_int_equal(c->records.count, whole->records.count);
  assert_int_equal(c->records.used, whole->records.used);
  assert_memory_equal(c->records.bytes, whole->records.bytes, whole->records.used);
  assert_memory_equal(c->sequences, whole->sequences, whole->records.count * sizeof *c->sequences);
  assert_string_equal(c->said, whole->said);
}

static conversation *heard_whole(const wire *session)
{
  conversation *whole = start();
  server_sends(whole, session->bytes, session->used);
  assert_true(whole->alive);
  assert_int_equal(whole->records.count, RECORDS);
  return whole;
}

static void check_cuts(const wire *session)
{
  conversation *whole = heard_whole(session);
  for (size_t cut = 0; cut <= session->used; cut++) {
    conversation *c = start();
    server_sends(c, session->bytes, cut);
    server_sends(c, session->bytes + cut, session->used - cut);
    assert_same(c, whole);
    part(c);
  }
  part(whole);
}

static void a_session_cut_at_every_byte_gives_the_same_records(void **state)
{
  (void)state;
  check_cuts(&session_3);
  check_cuts(&session_4);
}

static void any_portions_give_the_same_records(void **state)
{
  (void)state;
  const wire *sessions[] = {&session_3, &session_4};
  for (size_t s = 0; s < 2; s++) {
    conversation *whole = heard_whole(sessions[s]);
    for (uint64_t seed = 0; seed < 60; seed++) {
      random_source random = {seed};
      conversation *c = start();
      for (size_t at = 0, n; at < sessions[s]->used; at += n) {
        n = seed == 0 ? 1 : (size_t)random_below(&random, 40 << seed % 6) + 1;
        n = n < sessions[s]->used - at ? n : sessions[s]->used - at;
        server_sends(c, sessions[s]->bytes + at, n);
      }
      assert_same(c, whole);
      part(c);
    }
    part(whole);
  }
}

/* A line that broke in the middle of a packet: what was whole has arrived, and the next conversation asks for what follows. */
static void a_connection_lost_at_any_byte_resumes_without_a_hole(void **state)
{
  (void)state;
  conversation *whole = heard_whole(&session_3);
  for (size_t cut = handshake_3; cut < session_3.used; cut++) {
    char expected[32] = "DATA\r\n";
    conversation *c = start();
    server_sends(c, session_3.bytes, cut);
    assert_true(c->records.count <= RECORDS);
    assert_memory_equal(c->records.bytes, whole->records.bytes, c->records.used);
    if (c->records.count > 0)
      snprintf(expected, sizeof expected, "DATA %06X ", (unsigned)(c->sequences[c->records.count < 2 ? 0 : 1] + 1) & 0xFFFFFF);
    connect_again(c);
    server_says(c, "SeedLink v3.1 (2016.271)\r\nLiaoning\r\nOK\r\nOK\r\n");
    const char *asked = strstr(c->said + c->heard, "DATA");
    if (!asked || strncmp(asked, expected, strlen(expected)) != 0)
      fail_msg("cut at %zu: %s", cut, c->said + c->heard);
    part(c);
  }
  part(whole);
}

/* Each record that was delivered stands in what was sent, and no byte is delivered twice. */
static void assert_delivered_stand_in(const conversation *c, const uint8_t *bytes, size_t length, size_t where)
{
  size_t at = 0;
  for (size_t i = 0; i < c->records.count; i++) {
    const uint8_t *found = memmem(bytes + at, length - at, c->records.bytes + c->records.offsets[i], c->records.lengths[i]);
    if (!found)
      fail_msg("byte %zu: record %zu stands nowhere in the session", where, i);
    at = (size_t)(found - bytes) + c->records.lengths[i];
  }
}

static void check_damage(const wire *session, size_t from)
{
  static uint8_t bytes[1 << 16];
  static const uint8_t changes[] = {0x01, 0x80, 0xFF, 0x20};
  assert_true(session->used <= sizeof bytes);
  for (size_t at = from; at < session->used; at++)
    for (size_t k = 0; k < sizeof changes; k++) {
      memcpy(bytes, session->bytes, session->used);
      bytes[at] ^= changes[k];
      conversation *c = start();
      server_sends(c, bytes, session->used);
      assert_delivered_stand_in(c, bytes, session->used, at);
      time_passes(c, 60);
      assert_false(c->alive);
      part(c);
    }
}

static void any_damaged_byte_does_no_harm_and_no_record_is_made_up(void **state)
{
  (void)state;
  check_damage(&session_3, 0);
  check_damage(&session_4, 0);
}

/* The records before a damaged one, and after it as far as its header still leads to the next. */
static void a_damaged_sample_costs_at_most_its_own_record_of_miniseed_3(void **state)
{
  (void)state;
  static uint8_t bytes[1 << 16];
  size_t from = handshake_4 + 17 + 6 + 60; /* samples of the first record */
  for (size_t at = from; at < from + 100; at++) {
    memcpy(bytes, session_4.bytes, session_4.used);
    bytes[at] ^= 0x10;
    conversation *c = start();
    server_sends(c, bytes, session_4.used);
    assert_true(c->alive);
    assert_int_equal(c->records.count, RECORDS - 1);
    assert_int_equal(c->sequences[0], 2);
    part(c);
  }
}

static void garbage_of_any_kind_does_no_harm(void **state)
{
  (void)state;
  static const char likely[] = "SLSEDNERROK \r\n01AINFO*\"23J\0\1\2\377";
  for (uint64_t seed = 1; seed <= 400; seed++) {
    random_source random = {seed};
    const wire *session = seed % 2 ? &session_3 : &session_4;
    static uint8_t bytes[4096];
    size_t kept = seed % 4 < 2 ? (seed % 2 ? handshake_3 : handshake_4) : 0;
    memcpy(bytes, session->bytes, kept);
    for (size_t i = kept; i < sizeof bytes; i++)
      bytes[i] = seed % 3 ? (uint8_t)likely[random_below(&random, sizeof likely - 1)] : (uint8_t)random_next(&random);
    conversation *c = start();
    for (size_t at = 0, n; at < sizeof bytes && c->alive; at += n) {
      n = (size_t)random_below(&random, 300) + 1;
      n = n < sizeof bytes - at ? n : sizeof bytes - at;
      server_sends(c, bytes + at, n);
      time_passes(c, 1);
    }
    assert_delivered_stand_in(c, bytes, sizeof bytes, 0);
    part(c);
  }
}

static void foreign_protocols_are_named_with_the_remedy(void **state)
{
  (void)state;
  uint8_t record[512];
  static const struct {
    const char *bytes;
    size_t length;
    const char *said;
  } cases[] = {{"HTTP/1.1 400 Bad Request\r\n", 26, "a web server answers"},
               {"SSH-2.0-OpenSSH_9.2\r\n", 21, "this port speaks SSH"},
               {"\x15\x03\x01\x00\x02\x02\x46", 7, "this port speaks TLS: set tls: true"},
               {"DL\x05"
                "ERROR",
                8, "this port speaks DataLink: set kind: datalink"},
               {"-ERR unknown command 'HELLO'\r\n", 30, "this port speaks Redis"},
               {"220 ftp ready\r\n", 15, "a mail or file server"},
               {"Welcome, stranger\r\n", 19, "it says \"Welcome, stranger..\"; check address, port and kind"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    conversation *c = start();
    server_sends(c, cases[i].bytes, cases[i].length);
    ends_with(c, cases[i].said);
    part(c);
  }
  conversation *c = start();
  server_sends(c, record, record_of("CI", "CLC", "", 0, record));
  ends_with(c, "this port sends raw miniSEED: set kind: raw");
  part(c);
}

static void a_line_without_an_end_is_given_up(void **state)
{
  (void)state;
  static char line[2000];
  memset(line, 'x', sizeof line - 1);
  memcpy(line, "SeedLink v3", 11);
  conversation *c = start();
  server_says(c, line);
  ends_with(c, "a line without an end");
  part(c);
  c = start();
  server_says(c, "SeedLink v3.1 (2016.271)\r\nLiaoning\r\n");
  server_says(c, line);
  ends_with(c, "which is no reply of SeedLink; check address, port and version");
  part(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_session_cut_at_every_byte_gives_the_same_records),
      cmocka_unit_test(any_portions_give_the_same_records),
      cmocka_unit_test(a_connection_lost_at_any_byte_resumes_without_a_hole),
      cmocka_unit_test(any_damaged_byte_does_no_harm_and_no_record_is_made_up),
      cmocka_unit_test(a_damaged_sample_costs_at_most_its_own_record_of_miniseed_3),
      cmocka_unit_test(garbage_of_any_kind_does_no_harm),
      cmocka_unit_test(foreign_protocols_are_named_with_the_remedy),
      cmocka_unit_test(a_line_without_an_end_is_given_up),
  };
  return cmocka_run_group_tests(tests, make_sessions, NULL);
}
