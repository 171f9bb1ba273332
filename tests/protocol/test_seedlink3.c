/* Version 3 as SeisComP's seedlink speaks it (exact codes, 512 bytes, a row of sequence numbers a station) and as ringserver does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"

static const char seiscomp[] = "SeedLink v3.1 (2016.271)\r\nLiaoning\r\n";
static const char ringserver[] = "SeedLink v3.1 (RingServer/4.5) :: SLPROTO:3.1 CAP\r\nRing\r\n";

static const protocol_selection two_stations[] = {{"CI", "CLC", "BH? HNZ.D"}, {"CI", "SLA", ""}};
static const protocol_selection one_station[] = {{"CI", "CLC", ""}};
static const protocol_selection whole_network[] = {{"CI", "*", "HN?"}};

static wire server;

static conversation *start(const protocol_selection *selections, size_t count)
{
  return converse(&protocol_seedlink, (protocol_client_setup){.selections = selections, .selections_count = count});
}

static void forget(void)
{
  server.used = 0;
}

static void server_sends_all(conversation *c)
{
  server_sends(c, server.bytes, server.used);
  forget();
}

/* Past the handshake of one station. */
static conversation *streaming(void)
{
  conversation *c = start(one_station, 1);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nDATA\r\nEND\r\n");
  forget();
  return c;
}

static void stations_are_asked_for_one_reply_at_a_time(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 2);
  client_says(c, "HELLO\r\n");
  server_says(c, "SeedLink v3.1 (2016.271)\r\n");
  client_says(c, "");
  server_says(c, "Liaoning\r\n");
  static const char *const commands[] = {"STATION CLC CI\r\n", "SELECT BH?\r\n", "SELECT HNZ.D\r\n", "DATA\r\n", "STATION SLA CI\r\n", "DATA\r\n"};
  for (size_t i = 0; i < 6; i++) {
    client_says(c, commands[i]);
    server_says(c, "OK\r\n");
  }
  client_says(c, "END\r\n");
  assert_true(c->alive);
  assert_string_equal(protocol_seedlink.peer(c->client), "SeedLink v3.1 (2016.271)");
  part(c);
}

static void records_come_with_station_and_sequence_and_move_the_position(void **state)
{
  (void)state;
  conversation *c = streaming();
  put_record_3(&server, 0xFFFFFE, "CI", "CLC", 0);
  put_record_3(&server, 0xFFFFFF, "CI", "CLC", 1);
  put_record_3(&server, 0, "CI", "CLC", 2);
  server_sends_all(c);
  assert_int_equal(c->records.count, 3);
  assert_string_equal(c->stations[2], "CI_CLC");
  assert_int_equal(c->sequences[1], 0xFFFFFF);
  const protocol_position *at = protocol_resume_find(c->resume, "CI_CLC");
  assert_int_equal(at->sequence, 0);
  assert_true(at->time == INT64_C(1577836802) * INGEST_SECOND);
  part(c);
}

static void resume(int64_t last, const char *expected)
{
  conversation *c = streaming();
  put_record_3(&server, last, "CI", "CLC", 61);
  server_sends_all(c);
  connect_again(c);
  server_says(c, seiscomp);
  server_says(c, "OK\r\n");
  client_says(c, expected);
  part(c);
}

static void a_new_connection_resumes_after_the_last_packet(void **state)
{
  (void)state;
  resume(0x1A, "HELLO\r\nSTATION CLC CI\r\nDATA 00001B 2020,01,01,00,01,01\r\n");
  resume(0xFFFFFE, "HELLO\r\nSTATION CLC CI\r\nDATA FFFFFF 2020,01,01,00,01,01\r\n");
  resume(0xFFFFFF, "HELLO\r\nSTATION CLC CI\r\nDATA 000000 2020,01,01,00,01,01\r\n");
}

static void a_refused_position_is_asked_for_without_its_time_and_then_from_now_on(void **state)
{
  (void)state;
  conversation *c = streaming();
  put_record_3(&server, 5, "CI", "CLC", 0);
  server_sends_all(c);
  connect_again(c);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nERROR\r\nERROR\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nDATA 000006 2020,01,01,00,00,00\r\nDATA 000006\r\nDATA\r\nEND\r\n");
  notes_have(c, "the server refused DATA 000006; asking for later packets");
  assert_true(c->alive);
  part(c);
}

static void a_refused_station_is_left_out_and_the_others_come(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 2);
  server_says(c, seiscomp);
  server_says(c, "ERROR\r\nOK\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nSTATION SLA CI\r\nDATA\r\nEND\r\n");
  notes_have(c, "the server refused STATION CLC CI; this station is left out");
  part(c);
}

static void a_refused_selector_is_named_and_the_station_is_asked_for_all_the_same(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 1);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nERROR\r\nOK\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nSELECT BH?\r\nSELECT HNZ.D\r\nDATA\r\nEND\r\n");
  notes_have(c, "the server refused SELECT BH?");
  part(c);
}

static void a_server_that_has_none_of_the_stations_is_given_up(void **state)
{
  (void)state;
  conversation *c = start(two_stations, 2);
  server_says(c, seiscomp);
  server_says(c, "ERROR\r\nERROR\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nSTATION SLA CI\r\n");
  ends_with(c, "none of the stations that are asked for; check selections");
  part(c);
}

static void a_station_whose_data_are_refused_to_the_end_is_left_out(void **state)
{
  (void)state;
  conversation *c = start(two_stations + 1, 1);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nERROR\r\n");
  ends_with(c, "none of the stations");
  notes_have(c, "the server refused DATA");
  part(c);
}

static void extended_replies_say_why(void **state)
{
  (void)state;
  conversation *c = start(one_station, 1);
  server_says(c, ringserver);
  server_says(c, "OK\r\nERROR\rLIMIT Station limit reached\r\n");
  client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\nSTATION CLC CI\r\n");
  notes_have(c, "LIMIT Station limit reached: the server takes no more of these; ask for fewer stations");
  part(c);
}

static void a_refusal_of_extended_replies_or_batch_does_no_harm(void **state)
{
  (void)state;
  static protocol_selection many[60];
  for (size_t i = 0; i < 60; i++) {
    snprintf(many[i].network, sizeof many[i].network, "CI");
    snprintf(many[i].station, sizeof many[i].station, "S%zu", i);
  }
  conversation *c = start(many, 60);
  server_says(c, ringserver);
  server_says(c, "ERROR\r\nERROR\r\nOK\r\nOK\r\n");
  client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\nBATCH\r\nSTATION S0 CI\r\nDATA\r\nSTATION S1 CI\r\n");
  part(c);
}

static void many_stations_are_asked_for_in_one_go(void **state)
{
  (void)state;
  enum { MANY = 51 };
  static protocol_selection many[MANY];
  static char expected[MANY * 40];
  size_t used = 0;
  for (size_t i = 0; i < MANY; i++) {
    many[i] = (protocol_selection){.network = "CI", .selectors = "BH?"};
    snprintf(many[i].station, sizeof many[i].station, "S%zu", i);
    used += (size_t)snprintf(expected + used, sizeof expected - used, "STATION S%zu CI\r\nSELECT BH?\r\nDATA\r\n", i);
  }
  snprintf(expected + used, sizeof expected - used, "END\r\n");
  conversation *c = start(many, MANY);
  server_says(c, seiscomp);
  client_says(c, "HELLO\r\nBATCH\r\n");
  server_says(c, "OK\r\n");
  client_says(c, expected);
  notes_have(c, "will not say which it does not have");
  forget();
  put_record_3(&server, 1, "CI", "S50", 0);
  server_sends_all(c);
  assert_int_equal(c->records.count, 1);
  part(c);
}

static void patterns_become_the_stations_that_the_server_lists(void **state)
{
  (void)state;
  conversation *c = start(whole_network, 1);
  server_says(c, seiscomp);
  client_says(c, "HELLO\r\nINFO STATIONS\r\n");
  forget();
  put_info_3(&server, "<?xml version=\"1.0\"?><seedlink software=\"x\"><station name=\"CLC\" netw", false, "INF");
  put_info_3(&server, "ork=\"CI\" begin_seq=\"0\"/><station name=\"ANMO\" network=\"IU\"/><station name=\"a b\" network=\"CI\"/>", false, "INF");
  put_info_3(&server, "<station name=\"SLA\" network=\"CI\"><stream location=\"\"/></station></seedlink>", true, "INF");
  server_sends_all(c);
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  client_says(c, "STATION CLC CI\r\nSELECT HN?\r\nDATA\r\nSTATION SLA CI\r\nSELECT HN?\r\nDATA\r\nEND\r\n");
  part(c);
}

static void without_selections_all_listed_stations_are_asked_for(void **state)
{
  (void)state;
  conversation *c = start(NULL, 0);
  server_says(c, seiscomp);
  forget();
  put_info_3(&server, "<seedlink><station name=\"CLC\" network=\"CI\"/></seedlink>", true, "INF");
  server_sends_all(c);
  client_says(c, "HELLO\r\nINFO STATIONS\r\nSTATION CLC CI\r\n");
  part(c);
}

static void a_server_that_refuses_its_list_gives_its_default_station(void **state)
{
  (void)state;
  conversation *c = start(NULL, 0);
  server_says(c, seiscomp);
  forget();
  put_info_3(&server, "<seedlink/>", true, "ERR");
  put_record_3(&server, 1, "CI", "CLC", 0);
  server_sends_all(c);
  client_says(c, "HELLO\r\nINFO STATIONS\r\nDATA\r\n");
  assert_int_equal(c->records.count, 1);
  part(c);
}

static void refused_or_broken_lists_are_faults_where_patterns_need_them(void **state)
{
  (void)state;
  static const char *const answers[] = {"<seedlink></station>", "", "no XML"};
  conversation *c = start(whole_network, 1);
  server_says(c, seiscomp);
  server_says(c, "ERROR\r\n");
  ends_with(c, "no station that the selections name");
  notes_have(c, "name the stations without wildcards");
  part(c);
  for (size_t i = 0; i < 3; i++) {
    c = start(whole_network, 1);
    server_says(c, seiscomp);
    forget();
    put_info_3(&server, answers[i], true, "INF");
    server_sends_all(c);
    ends_with(c, "no station that the selections name");
    notes_have(c, "its answer is no XML");
    part(c);
  }
}

static void ringserver_takes_patterns_and_resumes_all_at_the_newest_packet(void **state)
{
  (void)state;
  static const struct {
    int64_t first, second;
    const char *data;
  } cases[] = {{100, 101, "DATA 000066 2020,01,01,00,00,08\r\n"},
               {0xFFFFFE, 0xFFFFFF, "DATA 000000 2020,01,01,00,00,08\r\n"},
               {0xFFFFFF, 2, "DATA 000003 2020,01,01,00,00,08\r\n"}};
  for (size_t i = 0; i < 3; i++) {
    char expected[128];
    conversation *c = start(whole_network, 1);
    server_says(c, ringserver);
    server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\n");
    client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\nSTATION * CI\r\nSELECT HN?\r\nDATA\r\nEND\r\n");
    forget();
    put_record_3(&server, cases[i].first, "CI", "SLA", 9);
    put_record_3(&server, cases[i].second, "CI", "CLC", 8);
    server_sends_all(c);
    connect_again(c);
    server_says(c, ringserver);
    server_says(c, "OK\r\nOK\r\nOK\r\n");
    snprintf(expected, sizeof expected, "HELLO\r\nCAPABILITIES EXTREPLY\r\nSTATION * CI\r\nSELECT HN?\r\n%s", cases[i].data);
    client_says(c, expected);
    part(c);
  }
}

/* SeisComP has no name for it: all locations are asked for, and the others dropped here. */
static void a_blank_location_is_filtered_at_home(void **state)
{
  (void)state;
  static const protocol_selection blank[] = {{"CI", "CLC", "--HN? !--LH?"}};
  uint8_t record[512];
  conversation *c = start(blank, 1);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nOK\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION CLC CI\r\nSELECT HN?\r\nDATA\r\nEND\r\n");
  forget();
  put_packet_3(&server, 1, record, record_of("CI", "CLC", "", 0, record));
  put_packet_3(&server, 2, record, record_of("CI", "CLC", "10", 0, record));
  put_packet_3(&server, 3, record, record_of("CI", "CLC", "", 1, record));
  server_sends_all(c);
  assert_int_equal(c->records.count, 2);
  assert_int_equal(c->sequences[1], 3);
  part(c);
  c = start(blank, 1);
  server_says(c, ringserver);
  server_says(c, "OK\r\nOK\r\nOK\r\nOK\r\n");
  client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\nSTATION CLC CI\r\nSELECT --HN?\r\nSELECT !--LH?\r\nDATA\r\n");
  part(c);
}

static void silence_is_asked_about_and_then_taken_for_death(void **state)
{
  (void)state;
  conversation *c = streaming();
  time_passes(c, 9.9);
  client_says(c, "");
  time_passes(c, 0.2);
  client_says(c, "INFO ID\r\n");
  put_info_3(&server, "<seedlink software=\"x\"/>", true, "INF");
  server_sends_all(c);
  assert_int_equal(c->records.count, 0);
  time_passes(c, 11);
  client_says(c, "INFO ID\r\n");
  time_passes(c, 25);
  client_says(c, "");
  ends_with(c, "nothing came for 30 s, not even an answer to INFO ID");
  part(c);
}

/* ringserver answers some INFO not at all while it streams. */
static void an_unanswered_question_is_forgotten_while_data_flow(void **state)
{
  (void)state;
  conversation *c = streaming();
  time_passes(c, 11);
  client_says(c, "INFO ID\r\n");
  for (int i = 0; i < 5; i++) {
    put_record_3(&server, i, "CI", "CLC", i);
    server_sends_all(c);
    time_passes(c, 9);
  }
  client_says(c, "");
  time_passes(c, 12);
  client_says(c, "INFO ID\r\n");
  assert_true(c->alive);
  part(c);
}

static void a_server_that_never_answers_is_given_up_at_each_step(void **state)
{
  (void)state;
  static const char *const heard[] = {"",
                                      "SeedLink v3.1 (x)\r\n",
                                      "SeedLink v3.1 (x)\r\nSite\r\n",
                                      "SeedLink v3.1 (x)\r\nSite\r\nOK\r\n",
                                      "SeedLink v3.1 (x)\r\nSite\r\nOK\r\nOK\r\n",
                                      "SeedLink v3.1 (x)\r\nSite\r\nOK\r\nOK\r\nOK\r\n"};
  static const char *const steps[] = {"no answer to HELLO for 30 s", "no answer to HELLO", "STATION CLC CI", "SELECT BH?", "SELECT HNZ.D", "DATA"};
  for (size_t i = 0; i < 6; i++) {
    conversation *c = start(two_stations, 1);
    server_says(c, heard[i]);
    time_passes(c, 29.9);
    assert_true(c->alive);
    time_passes(c, 0.2);
    ends_with(c, steps[i]);
    part(c);
  }
}

static void an_end_or_an_error_between_packets_ends_the_conversation(void **state)
{
  (void)state;
  static const char *const ends[] = {"END", "ERROR\r\n", "ERROR INTERNAL disk\r\n"};
  static const char *const faults[] = {"the server ended the stream (END)", "gave up the stream (ERROR); connecting anew",
                                       "the server itself failed"};
  for (size_t i = 0; i < 3; i++) {
    conversation *c = streaming();
    put_record_3(&server, 1, "CI", "CLC", 0);
    put_text(&server, ends[i]);
    server_sends_all(c);
    assert_int_equal(c->records.count, 1);
    ends_with(c, faults[i]);
    part(c);
  }
}

static void lost_order_ends_the_conversation(void **state)
{
  (void)state;
  static const char *const garbage[] = {"XX000001", "SL00G001", "SLINFO ?", "\r\n", "SE"};
  for (size_t i = 0; i < 5; i++) {
    conversation *c = streaming();
    put_record_3(&server, 1, "CI", "CLC", 0);
    put_text(&server, garbage[i]);
    put_text(&server, "                                        ");
    server_sends_all(c);
    ends_with(c, "the stream lost its order");
    part(c);
  }
}

/* ringserver sends what it has stored, miniSEED 3, too. */
static void records_of_any_length_and_version_are_taken(void **state)
{
  (void)state;
  static uint8_t record[INGEST_RECORD_MAXIMUM];
  conversation *c = streaming();
  for (int length = 128; length <= INGEST_RECORD_MAXIMUM; length *= 2) {
    memset(record, 0, sizeof record);
    put_packet_3(&server, length, record, made_record(11, 20, length, 1, record));
    put_packet_3(&server, length + 1, record, made_record3(11, length / 8, 1, record));
  }
  server_sends_all(c);
  assert_int_equal(c->records.count, 20);
  assert_true(c->alive);
  part(c);
}

static void a_record_that_is_none_is_left_out_and_the_next_one_comes(void **state)
{
  (void)state;
  uint8_t record[512];
  conversation *c = streaming();
  record_of("CI", "CLC", "", 0, record);
  record[54] = 6; /* blockette 1000 states 64 bytes */
  put_packet_3(&server, 1, record, sizeof record);
  put_record_3(&server, 2, "CI", "CLC", 1);
  server_sends_all(c);
  assert_int_equal(c->records.count, 1);
  assert_int_equal(c->sequences[0], 2);
  notes_have(c, "a packet at byte 44 was left out (1 so far)");
  part(c);
}

static void a_record_that_does_not_state_its_length_is_of_512_bytes(void **state)
{
  (void)state;
  uint8_t record[512];
  record_of("CI", "CLC", "", 0, record);
  record[47] = 0; /* no blockette 1000 */
  for (size_t portion = 1; portion < 600; portion += 7) {
    conversation *c = streaming();
    put_packet_3(&server, 1, record, sizeof record);
    for (size_t at = 0; at < server.used; at += portion)
      server_sends(c, server.bytes + at, portion < server.used - at ? portion : server.used - at);
    assert_int_equal(c->records.count, 1);
    assert_int_equal(c->records.used, sizeof record);
    part(c);
  }
}

static void what_cannot_be_a_code_is_noted_and_not_said(void **state)
{
  (void)state;
  static const protocol_selection bad[] = {{"CI", "CLC\r\nEND", ""}, {"CI", "SLA", "BHZ\r\nEND"}};
  conversation *c = start(bad, 2);
  server_says(c, seiscomp);
  server_says(c, "OK\r\nOK\r\n");
  client_says(c, "HELLO\r\nSTATION SLA CI\r\nSELECT BHZ\r\nSELECT END\r\n");
  notes_have(c, "is no code: a network or station has letters and digits");
  part(c);
}

static void a_session_of_the_client_asks_for_version_3_where_it_is_set(void **state)
{
  (void)state;
  conversation *c = converse(&protocol_seedlink, (protocol_client_setup){.selections = one_station, .selections_count = 1, .version = 3});
  server_says(c, "SeedLink v4.0 (RingServer/4.5.3) :: SLPROTO:4.0 SLPROTO:3.1 CAP WS:13\r\nRing\r\n");
  client_says(c, "HELLO\r\nCAPABILITIES EXTREPLY\r\n");
  part(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stations_are_asked_for_one_reply_at_a_time),
      cmocka_unit_test(records_come_with_station_and_sequence_and_move_the_position),
      cmocka_unit_test(a_new_connection_resumes_after_the_last_packet),
      cmocka_unit_test(a_refused_position_is_asked_for_without_its_time_and_then_from_now_on),
      cmocka_unit_test(a_refused_station_is_left_out_and_the_others_come),
      cmocka_unit_test(a_refused_selector_is_named_and_the_station_is_asked_for_all_the_same),
      cmocka_unit_test(a_server_that_has_none_of_the_stations_is_given_up),
      cmocka_unit_test(a_station_whose_data_are_refused_to_the_end_is_left_out),
      cmocka_unit_test(extended_replies_say_why),
      cmocka_unit_test(a_refusal_of_extended_replies_or_batch_does_no_harm),
      cmocka_unit_test(many_stations_are_asked_for_in_one_go),
      cmocka_unit_test(patterns_become_the_stations_that_the_server_lists),
      cmocka_unit_test(without_selections_all_listed_stations_are_asked_for),
      cmocka_unit_test(a_server_that_refuses_its_list_gives_its_default_station),
      cmocka_unit_test(refused_or_broken_lists_are_faults_where_patterns_need_them),
      cmocka_unit_test(ringserver_takes_patterns_and_resumes_all_at_the_newest_packet),
      cmocka_unit_test(a_blank_location_is_filtered_at_home),
      cmocka_unit_test(silence_is_asked_about_and_then_taken_for_death),
      cmocka_unit_test(an_unanswered_question_is_forgotten_while_data_flow),
      cmocka_unit_test(a_server_that_never_answers_is_given_up_at_each_step),
      cmocka_unit_test(an_end_or_an_error_between_packets_ends_the_conversation),
      cmocka_unit_test(lost_order_ends_the_conversation),
      cmocka_unit_test(records_of_any_length_and_version_are_taken),
      cmocka_unit_test(a_record_that_is_none_is_left_out_and_the_next_one_comes),
      cmocka_unit_test(a_record_that_does_not_state_its_length_is_of_512_bytes),
      cmocka_unit_test(what_cannot_be_a_code_is_noted_and_not_said),
      cmocka_unit_test(a_session_of_the_client_asks_for_version_3_where_it_is_set),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
