#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

static wire server;
static const char hello[] = "ID DataLink 4.5 (server) :: DLPROTO:1.1 PACKETSIZE:512 AUTH";
static const protocol_selection one[] = {{.network = "IU", .station = "ANMO", .selectors = "00BH? !BHN"}};

/* ---- frames (libdali's DataLink 1.0 and 1.1) ---- */

static void put_frame(const char *header, const void *data, size_t length)
{
  uint8_t preheader[3] = {'D', 'L', (uint8_t)strlen(header)};
  put_bytes(&server, preheader, sizeof preheader);
  put_text(&server, header);
  put_bytes(&server, data, length);
}

static void put_ok(long value)
{
  char header[40];
  snprintf(header, sizeof header, "OK %ld 0", value);
  put_frame(header, "", 0);
}

static void put_error(const char *reason)
{
  char header[40];
  snprintf(header, sizeof header, "ERROR 0 %zu", strlen(reason));
  put_frame(header, reason, strlen(reason));
}

static void put_packet(const char *stream, int64_t id, int second)
{
  uint8_t record[512];
  char header[200];
  int64_t start = (INT64_C(1577836800) + second) * 1000000;
  size_t length = record_of("IU", "ANMO", "00", second, record);
  snprintf(header, sizeof header, "PACKET %s %lld %lld %lld %lld %zu", stream, (long long)id, (long long)start + 1500000, (long long)start,
           (long long)start + 1000000, length);
  put_frame(header, record, length);
}

static void deliver(conversation *c)
{
  server_sends(c, server.bytes, server.used);
  server.used = 0;
}

static void say_frame(conversation *c, const char *header)
{
  put_frame(header, "", 0);
  deliver(c);
}

/* The frame that the client said, its data behind it. */
static void client_frames(conversation *c, const char *header, const char *data)
{
  char expected[2048];
  snprintf(expected, sizeof expected, "DL%c%s%s", (int)strlen(header), header, data);
  client_says(c, expected);
}

static conversation *start(protocol_client_setup setup)
{
  server.used = 0;
  return converse(&protocol_datalink, setup);
}

static conversation *start_plain(void)
{
  return start((protocol_client_setup){.selections = one, .selections_count = 1});
}

/* Up to STREAM, whatever is asked. */
static conversation *start_streaming(void)
{
  conversation *c = start_plain();
  put_frame(hello, "", 0);
  put_ok(3);
  put_ok(3);
  deliver(c);
  c->heard = c->said_length;
  return c;
}

/* ---- what must be true ---- */

static void the_handshake_selects_and_streams(void **state)
{
  (void)state;
  conversation *c = start_plain();
  client_frames(c, "ID tocsin:tocsin:0:c", "");
  say_frame(c, hello);
  assert_string_equal(c->adapter->peer(c->client), hello + 3);
  static const char match[] = "^(?:FDSN:)?IU_ANMO_(?:00_B_?H_?[^_/])/MSEED3?(?:/|$)",
                    reject[] = "^(?:FDSN:)?IU_ANMO_(?:[^_/]*_B_?H_?N)/MSEED3?(?:/|$)";
  char header[40];
  snprintf(header, sizeof header, "MATCH %zu", strlen(match));
  client_frames(c, header, match);
  put_ok(3);
  deliver(c);
  snprintf(header, sizeof header, "REJECT %zu", strlen(reject));
  client_frames(c, header, reject);
  put_ok(2);
  deliver(c);
  client_frames(c, "STREAM", "");
  part(c);
}

static void everything_is_asked_for_without_a_selection(void **state)
{
  (void)state;
  conversation *c = start((protocol_client_setup){0});
  client_frames(c, "ID tocsin:tocsin:0:c", "");
  say_frame(c, hello);
  client_frames(c, "MATCH 15", "/MSEED3?(?:/|$)");
  part(c);
}

static void packets_are_taken_however_they_are_cut(void **state)
{
  (void)state;
  for (size_t portion = 1; portion < 3000; portion = portion * 3 + 1) {
    conversation *c = start_streaming();
    for (int i = 0; i < 10; i++)
      put_packet(i % 2 ? "FDSN:IU_ANMO_00_B_H_Z/MSEED" : "IU_ANMO_00_BHZ/MSEED", 100 + i, i);
    for (size_t at = 0; at < server.used; at += portion)
      server_sends(c, server.bytes + at, portion < server.used - at ? portion : server.used - at);
    assert_int_equal(c->records.count, 10);
    assert_int_equal(c->sequences[9], 109);
    assert_string_equal(c->stations[0], "IU_ANMO");
    assert_string_equal(c->stations[1], "IU_ANMO");
    part(c);
  }
}

static void one_frame_of_each_kind_may_be_cut_at_every_offset(void **state)
{
  (void)state;
  wire all = {.used = 0};
  server.used = 0;
  put_frame(hello, "", 0);
  put_ok(3);
  put_ok(3);
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 7, 0);
  all = server;
  for (size_t cut = 0; cut <= all.used; cut++) {
    conversation *c = start_plain();
    server_sends(c, all.bytes, cut);
    server_sends(c, all.bytes + cut, all.used - cut);
    assert_true(c->alive);
    assert_int_equal(c->records.count, 1);
    part(c);
  }
}

static void other_payloads_are_left_alone(void **state)
{
  (void)state;
  static const char json[] = "{\"kind\":\"alert\"}";
  static uint8_t large[100000];
  char header[200];
  conversation *c = start_streaming();
  snprintf(header, sizeof header, "PACKET XX_ALERT/JSON 5 1577836800000000 1577836800000000 1577836800000000 %zu", sizeof json);
  put_frame(header, json, sizeof json);
  snprintf(header, sizeof header, "PACKET IU_ANMO/MSEEDX 6 1577836800000000 1577836800000000 1577836800000000 %zu", sizeof large);
  put_frame(header, large, sizeof large);
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED/RAW", 7, 0);
  for (size_t at = 0; at < server.used; at += 1000)
    server_sends(c, server.bytes + at, server.used - at < 1000 ? server.used - at : 1000);
  assert_true(c->alive);
  assert_int_equal(c->records.count, 1);
  assert_int_equal(protocol_resume_find(c->resume, "")->sequence, 7);
  part(c);
}

static void a_packet_without_a_whole_record_is_named(void **state)
{
  (void)state;
  conversation *c = start_streaming();
  put_frame("PACKET FDSN:IU_ANMO_00_B_H_Z/MSEED 5 1 1 1 7", "no data", 7);
  deliver(c);
  assert_true(c->alive);
  notes_have(c, "holds no whole record");
  part(c);
}

static void it_resumes_after_the_packet_taken_last(void **state)
{
  (void)state;
  conversation *c = start_streaming();
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 41, 0);
  deliver(c);
  connect_again(c);
  client_frames(c, "ID tocsin:tocsin:0:c", "");
  say_frame(c, hello);
  client_frames(c, "POSITION SET 41 1577836801500000", "");
  put_ok(41);
  put_ok(3);
  put_ok(2);
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 41, 0); /* a server that counts that one in */
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 42, 1);
  deliver(c);
  assert_int_equal(c->records.count, 2);
  assert_int_equal(c->sequences[1], 42);
  part(c);
}

static void a_reset_ring_is_resumed_by_time_and_then_from_now(void **state)
{
  (void)state;
  conversation *c = start_streaming();
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 41, 0);
  deliver(c);
  connect_again(c);
  c->heard = c->said_length;
  say_frame(c, hello);
  client_frames(c, "POSITION SET 41 1577836801500000", "");
  put_error("Packet not found");
  deliver(c);
  client_frames(c, "POSITION AFTER 1577836501500000", "");
  put_error("no such time");
  deliver(c);
  client_frames(c, "POSITION SET LATEST", "");
  notes_have(c, "resuming by its time");
  put_ok(1);
  put_ok(3);
  put_ok(2);
  deliver(c);
  assert_true(c->alive);
  part(c);
}

static void credentials_are_sent_over_tls_alone(void **state)
{
  (void)state;
  conversation *c = start((protocol_client_setup){.user = "me", .password = "secret", .encrypted = true});
  client_frames(c, "ID tocsin:tocsin:0:c", "");
  say_frame(c, hello);
  client_frames(c, "AUTH USERPASS 9", "me\rsecret");
  put_error("unknown");
  deliver(c);
  ends_with(c, "check user, password or token");
  assert_null(strstr(c->adapter->fault(c->client), "secret"));
  part(c);

  c = start((protocol_client_setup){.token = "abc", .encrypted = true});
  c->heard = c->said_length;
  say_frame(c, hello);
  client_frames(c, "AUTH JWT 3", "abc");
  part(c);

  c = start((protocol_client_setup){.user = "me", .password = "secret"});
  say_frame(c, hello);
  ends_with(c, "set tls: true");
  assert_null(strstr(c->said, "secret"));
  part(c);
}

static void refusals_are_named_with_their_remedy(void **state)
{
  (void)state;
  conversation *c = start_plain();
  say_frame(c, hello);
  put_error("bad regex");
  deliver(c);
  ends_with(c, "refuses MATCH: bad regex; check network, station and selectors");
  part(c);

  c = start_streaming();
  put_error("too slow");
  deliver(c);
  ends_with(c, "too slow");
  part(c);

  c = start_streaming();
  say_frame(c, "ENDSTREAM");
  ends_with(c, "ended the stream");
  part(c);

  c = start_plain();
  say_frame(c, hello);
  put_ok(0);
  deliver(c);
  notes_have(c, "names no stream");
  part(c);
}

static void foreign_protocols_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *said, *fault;
  } foreign[] = {{"HTTP/1.1 400 Bad Request\r\n", "web server"},
                 {"SeedLink v3.1 (2016.271)\r\n", "kind: seedlink"},
                 {"ERROR\r\n", "no DataLink server"},
                 {"\x15\x03\x03\0\x02\x02\x46", "set tls: true"},
                 {"what is this?", "no DataLink server"}};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    conversation *c = start_plain();
    server_sends(c, foreign[i].said, i == 3 ? 7 : strlen(foreign[i].said));
    ends_with(c, foreign[i].fault);
    part(c);
  }
}

static void lost_framing_and_hostile_sizes_end_the_conversation(void **state)
{
  (void)state;
  static const char *const headers[] = {
      "PACKET A/MSEED 1 1 1 1 99999999999999999999", "PACKET A/MSEED 1 1 1 1 -5", "OK 1 x", "PACKET A/MSEED 1 0", "NONSENSE",
      "PACKET A/MSEED 99999999999999999999 1 1 1 0"};
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
    conversation *c = start_streaming();
    say_frame(c, headers[i]);
    ends_with(c, "connecting anew");
    part(c);
  }
  conversation *c = start_streaming();
  put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", 1, 0);
  put_text(&server, "garbage");
  deliver(c);
  assert_int_equal(c->records.count, 1);
  ends_with(c, "no frame begins");
  part(c);
}

static void a_server_that_never_answers_is_given_up(void **state)
{
  (void)state;
  conversation *c = start_plain();
  time_passes(c, 29);
  assert_true(c->alive);
  time_passes(c, 2);
  ends_with(c, "no answer to ID");
  part(c);
}

static void an_idle_server_is_asked_for_a_sign_of_life(void **state)
{
  (void)state;
  conversation *c = start_streaming();
  time_passes(c, 11);
  client_frames(c, "ID tocsin:tocsin:0:c", "");
  say_frame(c, hello);
  time_passes(c, 9);
  client_says(c, "");
  assert_true(c->alive);
  time_passes(c, 40);
  ends_with(c, "not even an answer to ID");
  part(c);
}

static void garbage_never_breaks_it(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 300; seed++) {
    random_source r = {.state = seed};
    conversation *c = seed % 2 ? start_streaming() : start_plain();
    for (int i = 0; i < 5; i++)
      put_packet("FDSN:IU_ANMO_00_B_H_Z/MSEED", i, i);
    for (int i = 0; i < 20; i++)
      server.bytes[random_below(&r, (int64_t)server.used)] = (uint8_t)random_next(&r);
    server_sends(c, server.bytes, server.used);
    assert_true(c->records.count <= 5);
    part(c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_handshake_selects_and_streams),
      cmocka_unit_test(everything_is_asked_for_without_a_selection),
      cmocka_unit_test(packets_are_taken_however_they_are_cut),
      cmocka_unit_test(one_frame_of_each_kind_may_be_cut_at_every_offset),
      cmocka_unit_test(other_payloads_are_left_alone),
      cmocka_unit_test(a_packet_without_a_whole_record_is_named),
      cmocka_unit_test(it_resumes_after_the_packet_taken_last),
      cmocka_unit_test(a_reset_ring_is_resumed_by_time_and_then_from_now),
      cmocka_unit_test(credentials_are_sent_over_tls_alone),
      cmocka_unit_test(refusals_are_named_with_their_remedy),
      cmocka_unit_test(foreign_protocols_are_named),
      cmocka_unit_test(lost_framing_and_hostile_sizes_end_the_conversation),
      cmocka_unit_test(a_server_that_never_answers_is_given_up),
      cmocka_unit_test(an_idle_server_is_asked_for_a_sign_of_life),
      cmocka_unit_test(garbage_never_breaks_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
