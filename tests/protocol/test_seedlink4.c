/* Version 4, as the FDSN's specification says it (SeedLink 4.0). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

static const char offer[] = "SeedLink v4.0 (x/1.0) :: SLPROTO:4.0 SLPROTO:3.1 CAP\r\nSite\r\n";
static const char ringserver[] = "SeedLink v4.0 (RingServer/4.5.3) :: SLPROTO:4.0 SLPROTO:3.1 CAP WS:13\r\nRing\r\n";
static const char opening[] = "HELLO\r\nSLPROTO 4.0\r\nUSERAGENT tocsin/" TOCSIN_VERSION "\r\n";

static const protocol_selection two_stations[] = {{"CI", "CLC", "BH? HNZ.D"}, {"CI", "SLA", ""}};
static const protocol_selection whole_network[] = {{"CI", "*", "HN? !--HNE"}};

static wire server;

static conversation *start_with(protocol_client_setup setup, const protocol_selection *selections, size_t count)
{
  setup.selections = selections;
  setup.selections_count = count;
  server.used = 0;
  return converse(&protocol_seedlink, setup);
}

static conversation *start(const protocol_selection *selections, size_t count)
{
  return start_with((protocol_client_setup){.encrypted = true}, selections, count);
}

static void says(conversation *c, const char *more)
{
  char expected[4096];
  snprintf(expected, sizeof expected, "%s%s", opening, more);
  client_says(c, expected);
}

static void server_sends_all(conversation *c)
{
  server_sends(c, server.bytes, server.used);
  server.used = 0;
}

static conversation *streaming(void)
{
  conversation *c = start(two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\n");
  says(c, "STATION CI_SLA\r\nDATA\r\nEND\r\n");
  return c;
}

static void commands_go_ahead_and_end_waits_for_the_replies(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 2);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  says(c, "STATION CI_CLC\r\nSELECT *_B_H_? *_H_N_Z\r\nDATA\r\nSTATION CI_SLA\r\nDATA\r\n");
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\n");
  client_says(c, "");
  server_says(c, "OK\r\n");
  client_says(c, "END\r\n");
  part(c);
}

static void no_more_than_64_commands_are_under_way(void **state)
{
  (void)state;
  enum { MANY = 200 };
  static protocol_selection many[MANY];
  for (size_t i = 0; i < MANY; i++)
    snprintf(many[i].station, sizeof many[i].station, "S%zu", i);
  conversation *c = start(many, MANY);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  size_t commands = 0;
  for (const char *at = c->said + c->heard; (at = strchr(at, '\n')); at++)
    commands++;
  assert_int_equal(commands, 3 + 64);
  for (int i = 0; i < 2 * MANY; i++)
    server_says(c, "OK\r\n");
  assert_non_null(strstr(c->said, "STATION *_S199\r\nDATA\r\nEND\r\n"));
  part(c);
}

static void selectors_become_those_of_version_4_with_exclusions_first(void **state)
{
  (void)state;
  static const struct {
    const char *selectors, *said;
  } cases[] = {{"BHZ", " *_B_H_Z"},     {"00BHZ.D", " 00_B_H_Z"},          {"--BH?", " _B_H_?"},
               {"??HN?", " *_H_N_?"},   {"HN? !HNE", " !*_H_N_E *_H_N_?"}, {"!LH? !10???", " !*_L_H_? !10_?_?_? *"},
               {"LOG.L", " *_L_O_G.2L"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char expected[256];
    protocol_selection one = {.network = "CI", .station = "CLC"};
    snprintf(one.selectors, sizeof one.selectors, "%s", cases[i].selectors);
    conversation *c = start(&one, 1);
    server_says(c, offer);
    server_says(c, "OK\r\nOK\r\n");
    snprintf(expected, sizeof expected, "STATION CI_CLC\r\nSELECT%s\r\nDATA\r\n", cases[i].said);
    says(c, expected);
    part(c);
  }
}

static void many_selectors_are_said_in_several_lines_of_at_most_255_bytes(void **state)
{
  (void)state;
  protocol_selection one = {.network = "CI", .station = "CLC"};
  for (int i = 0; i < 40; i++)
    snprintf(one.selectors + strlen(one.selectors), sizeof one.selectors - strlen(one.selectors), "%02dBHZ ", i);
  conversation *c = start(&one, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  size_t patterns = 0;
  for (const char *line = c->said, *end; (end = strchr(line, '\n')); line = end + 1)
    assert_true(end - line < 255);
  for (const char *at = c->said; (at = strstr(at, "_B_H_Z")); at++)
    patterns++;
  assert_int_equal(patterns, 40);
  part(c);
}

static void stations_resume_each_after_their_last_packet_and_new_ones_by_the_pattern(void **state)
{
  (void)state;
  conversation *c = start(whole_network, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  says(c, "STATION CI_*\r\nSELECT !_H_N_E *_H_N_?\r\nDATA\r\nEND\r\n");
  put_record_4(&server, INT64_C(5000000000), "CI", "SLA", 0);
  put_record_4(&server, 7, "CI", "CLC", 1);
  server_sends_all(c);
  assert_int_equal(c->records.count, 2);
  assert_string_equal(c->stations[0], "CI_SLA");
  connect_again(c);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  put_packet_4(&server, "JI", 0, "", "{\"capability\":[\"SLPROTO:4.0\"]}", 30);
  server_sends_all(c);
  says(c, "INFO CAPABILITIES\r\nSTATION CI_CLC\r\nSELECT !_H_N_E *_H_N_?\r\nDATA 8\r\nSTATION CI_SLA\r\nSELECT !_H_N_E *_H_N_?\r\nDATA 5000000001\r\n"
          "STATION CI_*\r\nSELECT !_H_N_E *_H_N_?\r\nDATA\r\n");
  part(c);
}

static void the_first_selection_that_names_a_station_counts(void **state)
{
  (void)state;
  static const protocol_selection twice[] = {{"CI", "S*", "HN?"}, {"CI", "SLA", "BH?"}, {"", "CLC", ""}, {"*", "*", "LH?"}};
  conversation *c = start(twice, 4);
  protocol_position known[] = {{"CI_SLA", 7, 0}, {"CI_CLC", 8, 0}, {"BK_CMB", 9, 0}};
  for (size_t i = 0; i < 3; i++)
    assert_true(protocol_resume_set(c->resume, &known[i]));
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\nERROR\r\n");
  says(c, "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nSELECT *_H_N_?\r\nDATA 8\r\nSTATION CI_S*\r\nSELECT *_H_N_?\r\nDATA\r\n"
          "STATION CI_CLC\r\nDATA 9\r\nSTATION *_CLC\r\nDATA\r\nSTATION BK_CMB\r\nSELECT *_L_H_?\r\nDATA 10\r\n"
          "STATION *_*\r\nSELECT *_L_H_?\r\nDATA\r\n");
  part(c);
}

static void a_server_that_knows_times_is_told_the_time_too(void **state)
{
  (void)state;
  conversation *c = streaming();
  put_record_4(&server, 7, "CI", "SLA", 1);
  server_sends_all(c);
  connect_again(c);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  put_packet_4(&server, "JI", 0, "", "{\"capability\":[\"SLPROTO:4.0\",\"TIME\"]}", 37);
  server_sends_all(c);
  says(c, "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nDATA 8 2020-01-01T00:00:01.000000Z\r\n");
  part(c);
}

static void a_refused_question_about_capabilities_does_no_harm(void **state)
{
  (void)state;
  static const char *const answers[] = {"ERROR UNSUPPORTED what\r\n", NULL};
  for (size_t i = 0; i < 2; i++) {
    conversation *c = streaming();
    put_record_4(&server, 7, "CI", "SLA", 1);
    server_sends_all(c);
    connect_again(c);
    server_says(c, offer);
    server_says(c, "OK\r\nOK\r\n");
    if (answers[i])
      put_text(&server, answers[i]);
    else
      put_packet_4(&server, "JE", 0, "", "{\"error\":{\"code\":\"LIMIT\",\"message\":\"TIME\"}}", 43);
    server_sends_all(c);
    says(c, "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nDATA 8\r\n");
    part(c);
  }
}

static void ringserver_resumes_the_pattern_at_the_newest_packet(void **state)
{
  (void)state;
  conversation *c = start(whole_network, 1);
  server_says(c, ringserver);
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  put_record_4(&server, 40, "CI", "SLA", 3);
  put_record_4(&server, 41, "CI", "CLC", 1);
  server_sends_all(c);
  connect_again(c);
  server_says(c, ringserver);
  server_says(c, "OK\r\nOK\r\n");
  put_packet_4(&server, "JI", 0, "", "{\"capability\":[\"SLPROTO:4.0\",\"TIME\",\"SEQWILDCARD\"]}", 51);
  server_sends_all(c);
  says(c, "INFO CAPABILITIES\r\nSTATION CI_*\r\nSELECT !_H_N_E *_H_N_?\r\nDATA 42 2020-01-01T00:00:01.000000Z\r\n");
  part(c);
}

static void every_error_code_comes_with_its_remedy(void **state)
{
  (void)state;
  static const char *const codes[][2] = {
      {"UNSUPPORTED", "set version: 3"},        {"UNEXPECTED", "did not expect this here"}, {"UNAUTHORIZED", "ask the server's operator for access"},
      {"LIMIT", "ask for fewer stations"},      {"ARGUMENTS", "check selections"},          {"AUTH", "check user, password_file, token_file"},
      {"INTERNAL", "its operator can tell why"}};
  for (size_t i = 0; i < 7; i++) {
    char reply[64];
    conversation *c = start(two_stations + 1, 1);
    server_says(c, offer);
    server_says(c, "OK\r\nOK\r\n");
    snprintf(reply, sizeof reply, "ERROR %s some text\r\n", codes[i][0]);
    server_says(c, reply);
    ends_with(c, codes[i][1]);
    ends_with(c, "the server refused STATION CI_SLA");
    part(c);
  }
}

static void a_refused_user_agent_does_no_harm(void **state)
{
  (void)state;
  conversation *c = start(two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nERROR UNSUPPORTED no\r\n");
  says(c, "STATION CI_SLA\r\nDATA\r\n");
  assert_true(c->alive);
  part(c);
}

/* As many replies are good as `good` says, then one refuses: alive, or at an end with a remedy, and the next conversation stands. */
static void a_refusal_at_any_step_is_survived(void **state)
{
  (void)state;
  enum { STEPS = 7 };
  for (int refused = 0; refused < STEPS; refused++)
    for (int code = 0; code < 3; code++) {
      static const char *const refusals[] = {"ERROR\r\n", "ERROR LIMIT x\r\n", "ERROR NEWCODE something\r\n"};
      conversation *c = start(two_stations, 2);
      server_says(c, offer);
      for (int i = 0; i < STEPS && c->alive; i++)
        server_says(c, i == refused ? refusals[code] : "OK\r\n");
      if (!c->alive)
        ends_with(c, "; ");
      connect_again(c);
      server_says(c, offer);
      for (int i = 0; i < STEPS + 1 && c->alive; i++)
        server_says(c, "OK\r\n");
      assert_non_null(strstr(c->said + c->heard, "DATA\r\nEND\r\n"));
      part(c);
    }
}

/* What was sent after a refused command can mean something else: the next conversation waits for each reply. */
static void after_a_refusal_each_reply_is_awaited(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 2);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\nERROR ARGUMENTS no\r\n");
  ends_with(c, "connecting anew, one command at a time");
  connect_again(c);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  says(c, "STATION CI_CLC\r\n");
  server_says(c, "ERROR ARGUMENTS no\r\n");
  client_says(c, "STATION CI_SLA\r\n");
  server_says(c, "OK\r\nOK\r\n");
  client_says(c, "DATA\r\nEND\r\n");
  assert_true(c->alive);
  part(c);
}

static void a_sequence_that_is_refused_is_left_out(void **state)
{
  (void)state;
  conversation *c = streaming();
  put_record_4(&server, 7, "CI", "SLA", 1);
  server_sends_all(c);
  for (int i = 0; i < 2; i++) {
    connect_again(c);
    server_says(c, offer);
    server_says(c, "OK\r\nOK\r\nERROR\r\n");
    server_says(c, i == 0 ? "ERROR\r\n" : "OK\r\nERROR ARGUMENTS seq\r\nOK\r\n");
  }
  says(c, "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nDATA 8\r\nDATA\r\nEND\r\n");
  part(c);
}

static void version_4_that_is_offered_and_then_refused_gives_way_to_version_3(void **state)
{
  (void)state;
  conversation *c = start(two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "ERROR UNSUPPORTED no\r\n");
  ends_with(c, "connecting anew with SeedLink 3");
  connect_again(c);
  server_says(c, offer);
  client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\n");
  part(c);
}

static void version_4_that_is_set_and_not_offered_is_a_fault(void **state)
{
  (void)state;
  conversation *c = start_with((protocol_client_setup){.version = 4}, two_stations, 1);
  server_says(c, "SeedLink v3.1 (2016.271)\r\n");
  ends_with(c, "does not speak SeedLink 4; set version: 3");
  part(c);
}

static void users_and_tokens_go_over_tls_only_and_stand_in_no_message(void **state)
{
  (void)state;
  static const char note[] = "are not sent over a connection without TLS";
  conversation *c = start_with((protocol_client_setup){.encrypted = true, .user = "me", .password = "s3cret"}, two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  says(c, "AUTH USERPASS me s3cret\r\n");
  server_says(c, "ERROR AUTH wrong\r\n");
  ends_with(c, "the server refused the authentication: AUTH wrong");
  assert_null(strstr(protocol_seedlink.fault(c->client), "s3cret"));
  assert_null(strstr(c->notes, "s3cret"));
  part(c);
  c = start_with((protocol_client_setup){.token = "t0ken", .plain_authentication = true}, two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\nOK\r\n");
  says(c, "AUTH JWT t0ken\r\nSTATION CI_SLA\r\nDATA\r\n");
  part(c);
  c = start_with((protocol_client_setup){.user = "me", .password = "s3cret"}, two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  says(c, "STATION CI_SLA\r\nDATA\r\n");
  notes_have(c, note);
  part(c);
  c = start_with((protocol_client_setup){.encrypted = true, .user = "me", .password = "two words\r\nEND"}, two_stations + 1, 1);
  server_says(c, offer);
  server_says(c, "OK\r\nOK\r\n");
  says(c, "STATION CI_SLA\r\nDATA\r\n");
  notes_have(c, "nor with blanks in them");
  part(c);
}

static void records_of_both_formats_are_taken_and_the_rest_is_stepped_over(void **state)
{
  (void)state;
  static uint8_t record[INGEST_RECORD_MAXIMUM], large[200000];
  conversation *c = streaming();
  put_packet_4(&server, "2D", 1, "CI_SLA", record, record_of("CI", "SLA", "", 0, record));
  put_packet_4(&server, "XX", 2, "CI_SLA", "anything", 8);
  put_packet_4(&server, "2D", 3, "CI_SLA", large, sizeof large);
  put_packet_4(&server, "JI", -1, "", large, sizeof large);
  put_packet_4(&server, "JI", -1, "", "{}", 2);
  put_packet_4(&server, "3D", 4, "CI_SLA", "no record", 9);
  put_packet_4(&server, "3D", 5, "", "", 0);
  put_record_4(&server, 6, "CI", "SLA", 1);
  server_sends_all(c);
  assert_int_equal(c->records.count, 2);
  assert_int_equal(c->sequences[1], 6);
  notes_have(c, "a record longer than 65,536 bytes");
  notes_have(c, "(2 so far)");
  assert_true(c->alive);
  part(c);
}

static void a_record_of_another_length_than_its_packet_is_left_out(void **state)
{
  (void)state;
  uint8_t record[600] = {0};
  conversation *c = streaming();
  record_of("CI", "SLA", "", 0, record);
  put_packet_4(&server, "2D", 1, "CI_SLA", record, 511);
  put_packet_4(&server, "2D", 2, "CI_SLA", record, 600);
  put_record_4(&server, 3, "CI", "SLA", 1);
  server_sends_all(c);
  assert_int_equal(c->records.count, 1);
  assert_int_equal(c->sequences[0], 3);
  part(c);
}

static void what_breaks_the_stream_is_named(void **state)
{
  (void)state;
  static const char *const ends[] = {"END", "ERROR AUTH Authentication required for streaming\r\n", "OK\r\n"};
  static const char *const faults[] = {"(END)", "user, password or token are missing or wrong",
                                       "no packet of SeedLink 4 begins where one must (\"OK..\")"};
  static const uint8_t huge[17] = {'S', 'E', '2', 'D', 255, 255, 255, 255};
  for (size_t i = 0; i < 3; i++) {
    conversation *c = streaming();
    server_says(c, ends[i]);
    ends_with(c, faults[i]);
    part(c);
  }
  conversation *c = streaming();
  server_sends(c, huge, sizeof huge);
  ends_with(c, "states more than 64 MiB");
  part(c);
}

static void a_sequence_that_is_no_number_or_a_station_too_long_is_not_remembered(void **state)
{
  (void)state;
  uint8_t record[512];
  conversation *c = streaming();
  put_packet_4(&server, "2D", -2, "CI_SLA", record, record_of("CI", "SLA", "", 0, record));
  put_packet_4(&server, "2D", 9, "CI_A_STATION_OF_TOO_MANY_LETTERS", record, sizeof record);
  server_sends_all(c);
  assert_int_equal(c->records.count, 2);
  assert_int_equal(c->sequences[0], PROTOCOL_NO_SEQUENCE);
  assert_string_equal(c->stations[1], "");
  assert_int_equal(protocol_resume_count(c->resume), 1);
  part(c);
}

static void silence_is_asked_about_and_then_taken_for_death(void **state)
{
  (void)state;
  conversation *c = streaming();
  time_passes(c, 11);
  client_says(c, "INFO ID\r\n");
  put_packet_4(&server, "JI", -1, "", "{\"software\":\"x\"}", 16);
  server_sends_all(c);
  time_passes(c, 45);
  client_says(c, "INFO ID\r\n");
  ends_with(c, "not even an answer to INFO ID");
  part(c);
}

/* Its ring was made anew, and its numbers have not yet come so far. */
static void a_server_that_answers_but_sends_nothing_after_a_number_is_asked_without_it(void **state)
{
  (void)state;
  static const char capabilities[] = "{\"capability\":[\"SLPROTO:4.0\",\"TIME\"]}";
  conversation *c = streaming();
  put_record_4(&server, 7000, "CI", "SLA", 1);
  server_sends_all(c);
  for (int connection = 0; connection < 2; connection++) {
    connect_again(c);
    server_says(c, offer);
    server_says(c, "OK\r\nOK\r\n");
    put_packet_4(&server, "JI", 0, "", capabilities, sizeof capabilities - 1);
    server_sends_all(c);
    says(c, connection == 0 ? "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nDATA 7001 2020-01-01T00:00:01.000000Z\r\n"
                            : "INFO CAPABILITIES\r\nSTATION CI_SLA\r\nDATA ALL 2020-01-01T00:00:01.000000Z\r\n");
    server_says(c, "OK\r\nOK\r\n");
    for (int s = 0; s < 200 && c->alive; s++) {
      time_passes(c, 1);
      put_packet_4(&server, "JI", -1, "", "{}", 2);
      server_sends_all(c);
    }
    assert_true(c->alive == (connection == 1));
    c->heard = c->said_length;
  }
  part(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commands_go_ahead_and_end_waits_for_the_replies),
      cmocka_unit_test(no_more_than_64_commands_are_under_way),
      cmocka_unit_test(selectors_become_those_of_version_4_with_exclusions_first),
      cmocka_unit_test(many_selectors_are_said_in_several_lines_of_at_most_255_bytes),
      cmocka_unit_test(stations_resume_each_after_their_last_packet_and_new_ones_by_the_pattern),
      cmocka_unit_test(the_first_selection_that_names_a_station_counts),
      cmocka_unit_test(a_server_that_knows_times_is_told_the_time_too),
      cmocka_unit_test(a_refused_question_about_capabilities_does_no_harm),
      cmocka_unit_test(ringserver_resumes_the_pattern_at_the_newest_packet),
      cmocka_unit_test(every_error_code_comes_with_its_remedy),
      cmocka_unit_test(a_refused_user_agent_does_no_harm),
      cmocka_unit_test(a_refusal_at_any_step_is_survived),
      cmocka_unit_test(after_a_refusal_each_reply_is_awaited),
      cmocka_unit_test(a_sequence_that_is_refused_is_left_out),
      cmocka_unit_test(version_4_that_is_offered_and_then_refused_gives_way_to_version_3),
      cmocka_unit_test(version_4_that_is_set_and_not_offered_is_a_fault),
      cmocka_unit_test(users_and_tokens_go_over_tls_only_and_stand_in_no_message),
      cmocka_unit_test(records_of_both_formats_are_taken_and_the_rest_is_stepped_over),
      cmocka_unit_test(a_record_of_another_length_than_its_packet_is_left_out),
      cmocka_unit_test(what_breaks_the_stream_is_named),
      cmocka_unit_test(a_sequence_that_is_no_number_or_a_station_too_long_is_not_remembered),
      cmocka_unit_test(silence_is_asked_about_and_then_taken_for_death),
      cmocka_unit_test(a_server_that_answers_but_sends_nothing_after_a_number_is_asked_without_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
