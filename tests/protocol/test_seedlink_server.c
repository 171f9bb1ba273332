#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"
#include "protocol.h"

enum { FIRST = 0xFFFFFA, SENT_MOST = 1 << 20 };

/* One server with packets of XX.AAA, XX.BBB and YY.CCC, second by second, and one client of it. */
typedef struct {
  protocol_ring *ring;
  protocol_server *server;
  protocol_session *session;
  int64_t now;
  bool alive;
  uint8_t sent[SENT_MOST];
  size_t sent_length;
  char notes[4096];
} visit;

static void keep_sent(void *user, const void *bytes, size_t length)
{
  visit *v = user;
  assert_true(v->sent_length + length < SENT_MOST);
  memcpy(v->sent + v->sent_length, bytes, length);
  v->sent_length += length;
  v->sent[v->sent_length] = '\0';
}

static void keep_note(void *user, int severity, const char *text)
{
  visit *v = user;
  size_t used = strlen(v->notes);
  assert_true(severity >= 3 && severity <= 7);
  snprintf(v->notes + used, sizeof v->notes - used, "%s\n", text);
}

static protocol_sink sink_of(visit *v)
{
  return (protocol_sink){.send = keep_sent, .note = keep_note, .user = v};
}

static void put_packet(visit *v, const char *network, const char *station, const char *channel, int second, int version)
{
  uint8_t record[2048];
  ingest_record header = made_header(11, 100);
  header.version = (uint8_t)version;
  header.start += second * INGEST_SECOND;
  snprintf(header.codes.network, sizeof header.codes.network, "%s", network);
  snprintf(header.codes.station, sizeof header.codes.station, "%s", station);
  snprintf(header.codes.channel, sizeof header.codes.channel, "%s", channel);
  header.codes.location[0] = '\0';
  size_t n = made_as(header, version == 2 ? 512 : 0, (uint64_t)second, record);
  assert_null(protocol_ring_add(v->ring, record, n));
}

static void put_second(visit *v, int second)
{
  put_packet(v, "XX", "AAA", "HNZ", second, 2);
  put_packet(v, "XX", "BBB", "HNZ", second, 2);
  put_packet(v, "XX", "BBB", "HNE", second, 2);
  put_packet(v, "YY", "CCC", "BHZ", second, 2);
}

static bool let_in(void *user, const char *method, const char *name, const char *secret)
{
  (void)user;
  return strcmp(method, "JWT") == 0 ? strcmp(secret, "token") == 0 : strcmp(name, "me") == 0 && strcmp(secret, "word") == 0;
}

static visit *open_server(size_t ring_bytes, bool asks_who)
{
  visit *v = calloc(1, sizeof *v);
  v->ring = protocol_ring_create(ring_bytes, FIRST);
  const protocol_server_setup setup = {
      .ring = v->ring, .software = "tocsin test", .organization = "a <centre>", .started = 0, .authorise = asks_who ? let_in : NULL};
  v->server = protocol_server_create(&setup);
  v->session = protocol_session_create(v->server, "192.0.2.1:4711", 0);
  v->now = made_header(11, 1).start;
  v->alive = true;
  return v;
}

static visit *start(int seconds)
{
  visit *v = open_server(1 << 20, false);
  for (int i = 0; i < seconds; i++)
    put_second(v, i);
  return v;
}

static void leave(visit *v)
{
  protocol_session_destroy(v->session);
  protocol_server_destroy(v->server);
  protocol_ring_destroy(v->ring);
  free(v);
}

static void say_bytes(visit *v, const void *bytes, size_t length)
{
  const protocol_sink sink = sink_of(v);
  v->alive = protocol_session_take(v->session, bytes, length, &sink) && v->alive;
}

static void say(visit *v, const char *text)
{
  say_bytes(v, text, strlen(text));
}

static bool pour(visit *v)
{
  const protocol_sink sink = sink_of(v);
  return protocol_session_pour(v->session, SENT_MOST, v->now, &sink);
}

/* Says it and holds what is answered against it. */
static void answers(visit *v, const char *said, const char *expected)
{
  v->sent_length = 0;
  v->sent[0] = '\0';
  say(v, said);
  assert_string_equal((char *)v->sent, expected);
}

/* Reads the packets that were sent as "STATION second, STATION second ... [END]". */
static const char *packets_3(const visit *v)
{
  static char text[8192];
  int64_t before = -1;
  text[0] = '\0';
  for (size_t at = 0, used = 0; at < v->sent_length;) {
    if (v->sent_length - at == 3) {
      assert_memory_equal(v->sent + at, "END", 3);
      strcat(text, "END");
      break;
    }
    ingest_record record;
    char digits[7] = "";
    assert_memory_equal(v->sent + at, "SL", 2);
    memcpy(digits, v->sent + at + 2, 6);
    int64_t sequence = strtol(digits, NULL, 16);
    assert_true(before < 0 || ((sequence - before) & 0xFFFFFF) < 0x800000);
    before = sequence;
    assert_null(ingest_record_read(v->sent + at + 8, 512, &record));
    used += (size_t)snprintf(text + used, sizeof text - used, "%s.%s %d ", record.codes.station, record.codes.channel,
                             (int)((record.start - made_header(11, 1).start) / INGEST_SECOND));
    at += 520;
  }
  return text;
}

static const char *packets_4(const visit *v)
{
  static char text[8192];
  text[0] = '\0';
  for (size_t at = 0, used = 0; at < v->sent_length;) {
    const uint8_t *h = v->sent + at;
    if (v->sent_length - at == 3) {
      assert_memory_equal(h, "END", 3);
      strcat(text, "END");
      break;
    }
    ingest_record record;
    size_t length = h[4] | (size_t)h[5] << 8 | (size_t)h[6] << 16;
    assert_memory_equal(h, "SE", 2);
    assert_null(ingest_record_read(h + 17 + h[16], length, &record));
    assert_int_equal(h[2], '0' + record.version);
    used += (size_t)snprintf(text + used, sizeof text - used, "%c%c:%.*s.%s %d ", h[2], h[3], h[16], (const char *)h + 17, record.codes.channel,
                             (int)((record.start - made_header(11, 1).start) / INGEST_SECOND));
    at += 17 + (size_t)h[16] + length;
  }
  return text;
}

static void gets_3(visit *v, const char *expected)
{
  v->sent_length = 0;
  pour(v);
  assert_string_equal(packets_3(v), expected);
}

static void gets_4(visit *v, const char *expected)
{
  v->sent_length = 0;
  pour(v);
  assert_string_equal(packets_4(v), expected);
}

/* ---- version 3 ---- */

static void hello_names_both_versions(void **state)
{
  (void)state;
  visit *v = start(0);
  answers(v, "hello\r\n", "SeedLink v4.0 (tocsin test) :: SLPROTO:4.0 SLPROTO:3.1 CAP TIME SEQWILDCARD\r\na <centre>\r\n");
  answers(v, "\n\r\nHELLO\n", "SeedLink v4.0 (tocsin test) :: SLPROTO:4.0 SLPROTO:3.1 CAP TIME SEQWILDCARD\r\na <centre>\r\n");
  answers(v, "BYE\r\n", "");
  assert_false(v->alive);
  leave(v);
}

static void a_client_of_many_stations_gets_what_it_chose(void **state)
{
  (void)state;
  visit *v = start(2);
  answers(v, "STATION BBB XX\r\n", "OK\r\n");
  answers(v, "SELECT HN?.D\r\n", "OK\r\n");
  answers(v, "SELECT !HNE\r\n", "OK\r\n");
  answers(v, "DATA\r\n", "OK\r\n");
  answers(v, "STATION C* YY\r\n", "OK\r\n");
  answers(v, "DATA\r\n", "OK\r\n");
  answers(v, "END\r\n", "");
  gets_3(v, "");
  put_second(v, 2);
  put_second(v, 3);
  gets_3(v, "BBB.HNZ 2 CCC.BHZ 2 BBB.HNZ 3 CCC.BHZ 3 ");
  answers(v, "STATION AAA XX\r\n", ""); /* there is no place for an answer now */
  leave(v);
}

static void a_client_without_stations_gets_all_of_them(void **state)
{
  (void)state;
  visit *v = start(1);
  answers(v, "SELECT ?HZ\r\n", "OK\r\n");
  answers(v, "DATA\r\n", "");
  put_second(v, 1);
  gets_3(v, "CCC.BHZ 1 ");
  leave(v);
}

static void selectors_are_of_all_documented_forms(void **state)
{
  (void)state;
  static const struct {
    const char *selector, *expected;
  } forms[] = {{"HNZ", "BBB.HNZ 0 "},
               {"--HNZ", "BBB.HNZ 0 "},
               {"??HNZ.D", "BBB.HNZ 0 "},
               {"00HNZ", ""},
               {"HN?", "BBB.HNZ 0 BBB.HNE 0 "},
               {"!HNZ", "BBB.HNE 0 "},
               {"HNZ.E", ""},
               {"HNZ.L", ""},
               {".D", "BBB.HNZ 0 BBB.HNE 0 "}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    char line[40];
    visit *v = start(0);
    say(v, "STATION BBB XX\r\n");
    snprintf(line, sizeof line, "SELECT %s\r\n", forms[i].selector);
    answers(v, line, "OK\r\n");
    say(v, "DATA\r\nEND\r\n");
    put_second(v, 0);
    gets_3(v, forms[i].expected);
    leave(v);
  }
}

static void what_is_wrong_is_refused_and_extended_replies_say_why(void **state)
{
  (void)state;
  visit *v = start(1);
  answers(v, "SELECT TOOLONGTOBEONE\r\n", "ERROR\r\n");
  answers(v, "NONSENSE\r\n", "ERROR\r\n");
  answers(v, "CAPABILITIES EXTREPLY\r\n", "OK\r\n");
  answers(v, "STATION\r\n", "ERROR\rARGUMENTS STATION station network, * and ? as wildcards\r\n");
  answers(v, "STATION A<A XX\r\n", "ERROR\rARGUMENTS STATION station network, * and ? as wildcards\r\n");
  answers(v, "SELECT BHZ\r\n", "OK\r\n");
  answers(v, "DATA XYZ\r\n", "ERROR\rARGUMENTS a sequence is a hexadecimal number of six digits\r\n");
  answers(v, "DATA 1 yesterday\r\n", "ERROR\rARGUMENTS a time is Y,M,D,h,m,s in whole seconds\r\n");
  answers(v, "TIME 2020,1,1,0,0,5 2020,1,1,0,0,2\r\n", "ERROR\rARGUMENTS the end lies before the start\r\n");
  answers(v, "SLPROTO 5.0\r\n", "ERROR\rUNEXPECTED SLPROTO comes before all that chooses\r\n");
  leave(v);
}

static void batch_mode_answers_nothing_until_the_end(void **state)
{
  (void)state;
  visit *v = start(0);
  answers(v, "BATCH\r\n", "OK\r\n");
  answers(v, "STATION AAA XX\r\nSELECT nonsense that is none\r\nDATA\r\nSTATION BBB XX\r\nSELECT HNE\r\nDATA\r\nEND\r\n", "");
  put_second(v, 0);
  gets_3(v, "AAA.HNZ 0 BBB.HNE 0 ");
  leave(v);
}

/* FIRST lies six packets before the wrap. */
static void it_resumes_at_a_sequence_over_the_wrap(void **state)
{
  (void)state;
  visit *v = start(3);
  say(v, "STATION AAA XX\r\nDATA FFFFFB\r\nSTATION CCC YY\r\nDATA 000005\r\nEND\r\n");
  gets_3(v, "AAA.HNZ 1 AAA.HNZ 2 CCC.BHZ 2 ");
  leave(v);
}

static void the_time_decides_whether_a_sequence_is_known(void **state)
{
  (void)state;
  visit *v = start(4);
  /* AAA's packet of second 1 is FIRST + 4 = FFFFFE. */
  say(v, "STATION AAA XX\r\nDATA FFFFFF 2020,1,1,0,0,1\r\nEND\r\n");
  gets_3(v, "AAA.HNZ 2 AAA.HNZ 3 ");
  leave(v);
  v = start(4); /* numbers of another server: from that second on */
  say(v, "STATION AAA XX\r\nDATA 4711AB 2020,1,1,0,0,2\r\nEND\r\n");
  gets_3(v, "AAA.HNZ 2 AAA.HNZ 3 ");
  leave(v);
  v = start(2); /* a number that is not known, and no time: all there is */
  say(v, "STATION AAA XX\r\nDATA 4711AB\r\nEND\r\n");
  gets_3(v, "AAA.HNZ 0 AAA.HNZ 1 ");
  leave(v);
}

static void a_fetch_ends_at_the_newest_packet(void **state)
{
  (void)state;
  visit *v = start(2);
  say(v, "STATION CCC YY\r\nFETCH\r\nEND\r\n");
  gets_3(v, "CCC.BHZ 0 CCC.BHZ 1 END");
  assert_true(protocol_session_finished(v->session));
  put_second(v, 2);
  gets_3(v, "");
  leave(v);
}

static void a_time_window_ends_when_its_streams_are_past_it(void **state)
{
  (void)state;
  visit *v = start(3);
  say(v, "STATION BBB XX\r\nSELECT HNZ\r\nTIME 2020,1,1,0,0,1 2020,1,1,0,0,4\r\nEND\r\n");
  gets_3(v, "BBB.HNZ 1 BBB.HNZ 2 ");
  assert_false(protocol_session_finished(v->session));
  put_second(v, 3);
  gets_3(v, "BBB.HNZ 3 END");
  leave(v);
  v = start(2); /* the stream has stopped: a minute later it is over */
  say(v, "STATION BBB XX\r\nTIME 2020,1,1,0,0,1 2020,1,1,0,0,4\r\nEND\r\n");
  v->now += 63 * INGEST_SECOND;
  gets_3(v, "BBB.HNZ 1 BBB.HNE 1 ");
  v->now += 2 * INGEST_SECOND;
  gets_3(v, "END");
  leave(v);
}

static void records_of_version_3_are_left_out_for_old_clients(void **state)
{
  (void)state;
  visit *v = start(0);
  say(v, "DATA\r\n");
  put_packet(v, "XX", "AAA", "HNZ", 0, 3);
  put_packet(v, "XX", "AAA", "HNZ", 1, 2);
  gets_3(v, "AAA.HNZ 1 ");
  assert_non_null(strstr(v->notes, "miniSEED 3 are left out"));
  leave(v);
}

static void a_slow_client_loses_the_oldest_and_that_is_noted(void **state)
{
  (void)state;
  visit *v = open_server(65536, false);
  say(v, "STATION AAA XX\r\nDATA\r\nEND\r\n");
  for (int i = 0; i < 100; i++)
    put_second(v, i);
  v->sent_length = 0;
  pour(v);
  int64_t held = protocol_ring_next(v->ring) - protocol_ring_oldest(v->ring);
  assert_int_equal(v->sent_length, held / 4 * 520);
  assert_int_equal(protocol_session_lost(v->session), 400 - held);
  assert_non_null(strstr(v->notes, "too slow for the ring"));
  leave(v);
}

/* ---- INFO of version 3 ---- */

static const char *xml_of(const visit *v, const char *channel)
{
  static char xml[65536];
  size_t used = 0;
  for (size_t at = 0; at < v->sent_length; at += 520) {
    const uint8_t *record = v->sent + at + 8;
    size_t length = (size_t)record[30] << 8 | record[31];
    assert_memory_equal(v->sent + at, at + 520 < v->sent_length ? "SLINFO *" : "SLINFO  ", 8);
    assert_memory_equal(record + 15, channel, 3);
    memcpy(xml + used, record + (record[44] << 8 | record[45]), length);
    used += length;
  }
  xml[used] = '\0';
  return xml;
}

static void info_is_xml_in_log_records(void **state)
{
  (void)state;
  visit *v = start(2);
  say(v, "INFO ID\r\n");
  assert_string_equal(xml_of(v, "INF"),
                      "<?xml version=\"1.0\"?><seedlink software=\"SeedLink v3.1 (tocsin test)\" organization=\"a &#60;centre&#62;\" "
                      "started=\"1970/01/01 00:00:00.0000\"></seedlink>");
  v->sent_length = 0;
  say(v, "INFO STREAMS\r\n");
  const char *xml = xml_of(v, "INF");
  assert_non_null(strstr(
      xml,
      "<station name=\"AAA\" network=\"XX\" description=\"XX_AAA station\" begin_seq=\"FFFFFA\" end_seq=\"FFFFFF\" stream_check=\"enabled\">"
      "<stream location=\"\" seedname=\"HNZ\" type=\"D\" begin_time=\"2020/01/01 00:00:00.0000\" end_time=\"2020/01/01 00:00:02.0000\"/></station>"));
  assert_non_null(strstr(xml, "<station name=\"CCC\" network=\"YY\""));
  v->sent_length = 0;
  say(v, "INFO STATIONS\r\n");
  assert_null(strstr(xml_of(v, "INF"), "<stream"));
  v->sent_length = 0;
  say(v, "INFO ALL\r\n");
  assert_non_null(strstr(xml_of(v, "INF"), "<connection host=\"192.0.2.1\" port=\"4711\""));
  v->sent_length = 0;
  say(v, "INFO GAPS\r\n");
  assert_non_null(strstr(xml_of(v, "ERR"), "ERROR"));
  leave(v);
}

static void info_comes_between_packets(void **state)
{
  (void)state;
  visit *v = start(1);
  say(v, "STATION AAA XX\r\nDATA\r\nEND\r\n");
  v->sent_length = 0;
  say(v, "INFO ID\r\n");
  assert_non_null(strstr(xml_of(v, "INF"), "tocsin test"));
  put_second(v, 1);
  gets_3(v, "AAA.HNZ 1 ");
  leave(v);
}

static void cat_lists_the_stations(void **state)
{
  (void)state;
  visit *v = start(1);
  answers(v, "CAT\r\n", "XX AAA   XX_AAA\r\nXX BBB   XX_BBB\r\nYY CCC   YY_CCC\r\nEND\r\n");
  leave(v);
}

/* ---- version 4 ---- */

static visit *start_4(int seconds)
{
  visit *v = start(seconds);
  answers(v, "SLPROTO 4.0\r\n", "OK\r\n");
  return v;
}

static void version_4_is_agreed_on_and_then_stays(void **state)
{
  (void)state;
  visit *v = start(0);
  answers(v, "SLPROTO 7.0\r\n", "ERROR\r\n");
  answers(v, "SLPROTO 4.0\r\n", "OK\r\n");
  answers(v, "USERAGENT test/1\r\n", "OK\r\n");
  answers(v, "SLPROTO 7.0\r\n", "ERROR UNSUPPORTED this server speaks 3.1 and 4.0\r\n");
  answers(v, "STATION XX_AAA\r\n", "OK\r\n");
  answers(v, "SLPROTO 3.1\r\n", "ERROR UNEXPECTED SLPROTO comes before all that chooses\r\n");
  answers(v, "BATCH\r\n", "ERROR UNSUPPORTED no such command in this version of the protocol\r\n");
  leave(v);
}

static void the_first_match_decides_in_version_4(void **state)
{
  (void)state;
  visit *v = start_4(1);
  answers(v, "STATION XX_BBB\r\nSELECT !_H_N_E *_H_*_*\r\nDATA ALL\r\nSTATION *\r\nDATA ALL\r\n", "OK\r\nOK\r\nOK\r\nOK\r\nOK\r\n");
  answers(v, "END\r\n", "");
  gets_4(v, "2D:XX_AAA.HNZ 0 2D:XX_BBB.HNZ 0 2D:YY_CCC.BHZ 0 ");
  leave(v);
}

static void formats_and_filters_are_kept_to(void **state)
{
  (void)state;
  visit *v = start_4(0);
  say(v, "STATION XX_AAA\r\nSELECT *.3\r\nDATA\r\nSTATION XX_BBB\r\nSELECT _H_N_Z:3 _H_N_E.2D:native\r\nDATA\r\nEND\r\n");
  put_second(v, 0);
  put_packet(v, "XX", "AAA", "HHZ", 1, 3);
  gets_4(v, "3D:XX_BBB.HNZ 0 2D:XX_BBB.HNE 0 3D:XX_AAA.HHZ 1 ");
  leave(v);
}

static void sequences_and_times_choose_in_version_4(void **state)
{
  (void)state;
  char line[100];
  visit *v = start_4(4);
  snprintf(line, sizeof line, "STATION XX_AAA\r\nDATA %d\r\n", FIRST + 5);
  answers(v, line, "OK\r\nOK\r\n");
  say(v, "STATION YY_*\r\nDATA ALL 2020-01-01T00:00:01Z 2020-01-01T00:00:03Z\r\nENDFETCH\r\n");
  gets_4(v, "2D:YY_CCC.BHZ 1 2D:XX_AAA.HNZ 2 2D:YY_CCC.BHZ 2 2D:XX_AAA.HNZ 3 END");
  leave(v);
  v = start_4(1); /* a number that is yet to come was another server's */
  say(v, "STATION XX_AAA\r\nDATA 99999999999\r\nEND\r\n");
  gets_4(v, "2D:XX_AAA.HNZ 0 ");
  leave(v);
}

static void refusals_of_version_4_have_their_code(void **state)
{
  (void)state;
  visit *v = start_4(0);
  answers(v, "SELECT *\r\n", "ERROR UNEXPECTED SELECT comes after an accepted STATION\r\n");
  answers(v, "DATA\r\n", "ERROR UNEXPECTED it comes after an accepted STATION\r\n");
  answers(v, "END\r\n", "ERROR UNEXPECTED END without a station and DATA before it\r\n");
  answers(v, "STATION XX AAA\r\n", "ERROR ARGUMENTS STATION NET_STA, * and ? as wildcards\r\n");
  answers(v, "STATION XX_AAA\r\n", "OK\r\n");
  answers(v, "SELECT\r\n", "ERROR ARGUMENTS SELECT wants a pattern\r\n");
  answers(v, "SELECT !*:3\r\n", "ERROR ARGUMENTS a filter does not go with !\r\n");
  answers(v, "SELECT *:zip\r\n", "ERROR ARGUMENTS the filters are native and 3\r\n");
  answers(v, "DATA x\r\n", "ERROR ARGUMENTS a sequence is a decimal number, or ALL\r\n");
  answers(v, "AUTH USERPASS me word\r\n", "ERROR UNSUPPORTED nobody has to say who he is on this server\r\n");
  leave(v);
}

static void who_has_to_say_who_he_is_is_asked(void **state)
{
  (void)state;
  visit *v = open_server(65536, true);
  answers(v, "SLPROTO 4.0\r\n", "OK\r\n");
  answers(v, "AUTH USERPASS me wrong\r\n", "ERROR AUTH user, password or token are not known here\r\n");
  answers(v, "AUTH USERPASS me\r\n", "ERROR ARGUMENTS AUTH USERPASS user password, or AUTH JWT token\r\n");
  answers(v, "AUTH USERPASS me word\r\n", "OK\r\n");
  answers(v, "AUTH JWT token\r\n", "OK\r\n");
  assert_null(strstr(v->notes, "word"));
  leave(v);
}

static const char *json_of(const visit *v, const char *format)
{
  assert_memory_equal(v->sent, "SE", 2);
  assert_memory_equal(v->sent + 2, format, 2);
  assert_int_equal(v->sent[16], 0);
  assert_int_equal(v->sent_length, 17 + (v->sent[4] | (size_t)v->sent[5] << 8));
  return (const char *)v->sent + 17;
}

static void info_is_json_in_version_4(void **state)
{
  (void)state;
  visit *v = start_4(1);
  v->sent_length = 0;
  say(v, "INFO ID\r\n");
  assert_string_equal(
      json_of(v, "JI"),
      "{\"software\":\"SeedLink v4.0 (tocsin test)\",\"organization\":\"a <centre>\",\"server_start\":\"1970-01-01T00:00:00.000000Z\"}");
  v->sent_length = 0;
  say(v, "INFO STREAMS XX_B* *_H_N_E.2\r\n");
  assert_non_null(strstr(
      json_of(v, "JI"),
      ",\"station\":[{\"id\":\"XX_BBB\",\"description\":\"XX_BBB "
      "station\",\"start_seq\":16777212,\"end_seq\":16777213,\"stream\":[{\"id\":\"_H_N_E\","
      "\"format\":\"2\",\"subformat\":\"D\",\"start_time\":\"2020-01-01T00:00:00.000000Z\",\"end_time\":\"2020-01-01T00:00:01.000000Z\"}]}]}"));
  static const char *const levels[] = {"STATIONS", "FORMATS", "CAPABILITIES", "CONNECTIONS"};
  for (size_t i = 0; i < 4; i++) {
    char line[40];
    v->sent_length = 0;
    snprintf(line, sizeof line, "INFO %s\r\n", levels[i]);
    say(v, line);
    json_of(v, "JI");
  }
  v->sent_length = 0;
  say(v, "INFO NONSENSE\r\n");
  assert_non_null(strstr(json_of(v, "JE"), "\"error\":{\"code\":\"ARGUMENTS\""));
  leave(v);
}

/* ---- both ---- */

static void foreign_protocols_and_endless_lines_end_it(void **state)
{
  (void)state;
  static const char *const foreign[] = {"GET / HTTP/1.1\r\n", "\x16\x03\x01", "\xff\xfe"}, *const named[] = {"HTTP", "TLS", "no text"};
  for (size_t i = 0; i < 3; i++) {
    visit *v = start(0);
    say(v, foreign[i]);
    assert_false(v->alive);
    assert_non_null(strstr(v->notes, named[i]));
    leave(v);
  }
  visit *v = start(0);
  for (int i = 0; i < 256; i++)
    say(v, "A");
  assert_false(v->alive);
  assert_non_null(strstr(v->notes, "more than 255 bytes"));
  leave(v);
}

static void commands_may_be_cut_anywhere(void **state)
{
  (void)state;
  static const char all[] = "HELLO\r\nSTATION BBB XX\r\nSELECT HNZ\r\nDATA FFFFFA\r\nEND\r\nINFO ID\r\n";
  visit *whole = start(2);
  say(whole, all);
  pour(whole);
  for (size_t cut = 0; cut <= sizeof all - 1; cut++) {
    visit *v = start(2);
    say_bytes(v, all, cut);
    say_bytes(v, all + cut, sizeof all - 1 - cut);
    pour(v);
    assert_int_equal(v->sent_length, whole->sent_length);
    assert_memory_equal(v->sent, whole->sent, whole->sent_length);
    leave(v);
  }
  leave(whole);
}

static void a_small_room_only_takes_longer(void **state)
{
  (void)state;
  visit *v = start(5);
  say(v, "STATION * *\r\nFETCH\r\nEND\r\n");
  v->sent_length = 0;
  const protocol_sink sink = sink_of(v);
  int calls = 1;
  while (protocol_session_pour(v->session, 600, v->now, &sink))
    calls++;
  assert_int_equal(protocol_session_sent(v->session), 20);
  assert_int_equal(v->sent_length, 20 * 520 + 3);
  assert_in_range(calls, 10, 11);
  leave(v);
}

static void any_commands_leave_it_standing(void **state)
{
  (void)state;
  static const char *const words[] = {"HELLO",    "SLPROTO 4.0", "SLPROTO 3.1", "STATION", "XX_AAA",  "AAA XX", "* *",  "SELECT",         "HNZ",
                                      "*_H_*",    "!HN?",        "*:3",         "DATA",    "ALL",     "FETCH",  "TIME", "2020,1,1,0,0,0", "END",
                                      "ENDFETCH", "INFO",        "STREAMS",     "ID",      "BATCH",   "CAT",    "AUTH", "\r\n",           "\r\n",
                                      "\r\n",     "\n",          " ",           "FFFFFC",  "16777214"};
  for (uint64_t seed = 1; seed <= 400; seed++) {
    random_source r = {.state = seed};
    visit *v = start(2);
    for (int i = 0; i < 60 && v->alive; i++) {
      say(v, words[random_below(&r, sizeof words / sizeof *words)]);
      say(v, random_below(&r, 3) ? " " : "\r\n");
      v->sent_length = 0;
      pour(v);
    }
    leave(v);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hello_names_both_versions),
      cmocka_unit_test(a_client_of_many_stations_gets_what_it_chose),
      cmocka_unit_test(a_client_without_stations_gets_all_of_them),
      cmocka_unit_test(selectors_are_of_all_documented_forms),
      cmocka_unit_test(what_is_wrong_is_refused_and_extended_replies_say_why),
      cmocka_unit_test(batch_mode_answers_nothing_until_the_end),
      cmocka_unit_test(it_resumes_at_a_sequence_over_the_wrap),
      cmocka_unit_test(the_time_decides_whether_a_sequence_is_known),
      cmocka_unit_test(a_fetch_ends_at_the_newest_packet),
      cmocka_unit_test(a_time_window_ends_when_its_streams_are_past_it),
      cmocka_unit_test(records_of_version_3_are_left_out_for_old_clients),
      cmocka_unit_test(a_slow_client_loses_the_oldest_and_that_is_noted),
      cmocka_unit_test(info_is_xml_in_log_records),
      cmocka_unit_test(info_comes_between_packets),
      cmocka_unit_test(cat_lists_the_stations),
      cmocka_unit_test(version_4_is_agreed_on_and_then_stays),
      cmocka_unit_test(the_first_match_decides_in_version_4),
      cmocka_unit_test(formats_and_filters_are_kept_to),
      cmocka_unit_test(sequences_and_times_choose_in_version_4),
      cmocka_unit_test(refusals_of_version_4_have_their_code),
      cmocka_unit_test(who_has_to_say_who_he_is_is_asked),
      cmocka_unit_test(info_is_json_in_version_4),
      cmocka_unit_test(foreign_protocols_and_endless_lines_end_it),
      cmocka_unit_test(commands_may_be_cut_anywhere),
      cmocka_unit_test(a_small_room_only_takes_longer),
      cmocka_unit_test(any_commands_leave_it_standing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
