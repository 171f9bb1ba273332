#include "data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "watch_screen.h"

/* A screen that writes into memory. */
typedef struct {
  watch_screen screen;
  FILE *file;
  char *text;
  size_t length;
} page;

static page *page_open(int64_t origin)
{
  page *p = calloc(1, sizeof *p);
  assert_non_null(p);
  p->file = open_memstream(&p->text, &p->length);
  assert_non_null(p->file);
  assert_true(watch_screen_open(&p->screen, p->file, false, origin));
  return p;
}

static void page_close(page *p)
{
  watch_screen_close(&p->screen);
  fclose(p->file);
  free(p->text);
  free(p);
}

static void show(page *p, engine_channel kind, const char *json)
{
  json_t *body = json_loads(json, 0, NULL);
  assert_non_null(body);
  watch_message m = {"tocsin:alert", kind, body, watch_time(body, "issued_at"), true, false};
  watch_screen_message(&p->screen, &m, "");
  json_decref(body);
}

static size_t lines(const page *p)
{
  size_t n = 0;
  for (const char *at = p->text; at && (at = strchr(at, '\n')); at++)
    n++;
  return n;
}

static void assert_says(const page *p, const char *part)
{
  if (!p->text || !strstr(p->text, part))
    fail_msg("`%s` is not in: %s", part, p->text ? p->text : "(nothing)");
}

#define ISSUED "\"issued_at\":\"2019-07-06T03:20:00.040000Z\","

static void an_alert_says_level_magnitude_place_and_who_is_next(void **state)
{
  (void)state;
  page *p = page_open(0);
  show(p, ENGINE_ALERT,
       "{" ISSUED "\"type\":\"update\",\"level\":\"red\",\"magnitude\":6.84,\"magnitude_uncertainty\":0.3,\"max_intensity\":8.2,"
       "\"place\":{\"en\":\"18 km N of Ridgecrest\",\"zh\":\"x\"},\"targets\":["
       "{\"name\":\"Trona\",\"intensity\":8.2,\"seconds_left\":-2.0},{\"name\":\"Mojave\",\"intensity\":6.1,\"seconds_left\":17.4}]}");
  assert_says(p, "03:20:00.04");
  assert_says(p, "red update");
  assert_says(p, "M 6.8±0.3 18 km N of Ridgecrest");
  assert_says(p, "next: Mojave 6 in 17 s");
  assert_null(strstr(p->text, "Trona 8 in"));
  page_close(p);
}

static void the_first_alert_and_its_end_show_the_words_for_people(void **state)
{
  (void)state;
  page *p = page_open(0);
  show(p, ENGINE_ALERT, "{" ISSUED "\"type\":\"new\",\"text\":{\"zh\":\"地震预警\",\"en\":\"Earthquake early warning\"}}");
  show(p, ENGINE_ALERT, "{" ISSUED "\"type\":\"update\",\"text\":{\"zh\":\"更新\",\"en\":\"An update\"}}");
  assert_says(p, "地震预警");
  assert_says(p, "Earthquake early warning");
  assert_null(strstr(p->text, "An update"));
  page_close(p);
}

static void the_words_for_people_are_broken_between_words_and_wide_characters(void **state)
{
  (void)state;
  page *p = page_open(0);
  char json[4096] = "{" ISSUED "\"type\":\"new\",\"text\":{\"zh\":\"";
  for (int i = 0; i < 80; i++)
    strcat(json, "震");
  strcat(json, "\",\"en\":\"");
  for (int i = 0; i < 40; i++)
    strcat(json, "earthquake ");
  strcat(json, "end\"}}");
  show(p, ENGINE_ALERT, json);
  assert_true(lines(p) >= 1 + 2 + 4);
  for (char *line = strtok(strchr(p->text, '\n') + 1, "\n"); line; line = strtok(NULL, "\n")) {
    assert_true(strlen(line) <= 21 + 150); /* 99 cells, of which a Chinese one takes three bytes for two */
    assert_int_not_equal((unsigned char)line[21] & 0xC0, 0x80);
    assert_null(strstr(line, "earthquak\n"));
  }
  page_close(p);
}

static void a_message_without_a_valid_signature_is_not_shown_but_named(void **state)
{
  (void)state;
  page *p = page_open(0);
  json_t *body = json_loads("{\"type\":\"new\",\"level\":\"red\",\"text\":{\"zh\":\"a\",\"en\":\"Run!\"}}", 0, NULL);
  watch_screen_message(&p->screen, &(watch_message){"tocsin:alert", ENGINE_ALERT, body, 0, false, false}, "");
  assert_says(p, "tocsin:alert: a message without a valid signature");
  assert_null(strstr(p->text, "Run!"));
  json_decref(body);
  page_close(p);
}

static void a_pick_gives_one_line_and_its_withdrawal_another(void **state)
{
  (void)state;
  page *p = page_open(0);
  show(p, ENGINE_PICK, "{" ISSUED "\"id\":\"a\",\"revision\":1,\"state\":\"valid\",\"station\":\"CI.CLC\",\"phase\":\"P\",\"snr\":40}");
  show(p, ENGINE_PICK, "{" ISSUED "\"id\":\"a\",\"revision\":2,\"state\":\"valid\",\"station\":\"CI.CLC\",\"phase\":\"P\",\"snr\":40}");
  assert_int_equal(lines(p), 1);
  show(p, ENGINE_PICK,
       "{" ISSUED "\"id\":\"a\",\"revision\":3,\"state\":\"withdrawn\",\"withdrawn_because\":\"spike\",\"station\":\"CI.CLC\",\"phase\":\"P\"}");
  assert_int_equal(lines(p), 2);
  assert_says(p, "withdrawn: spike");
  page_close(p);
}

static void with_a_true_origin_only_the_first_pick_of_a_phase_is_shown(void **state)
{
  (void)state;
  int64_t origin = 0;
  assert_true(ingest_time_parse("2019-07-06T03:19:53.040000Z", &origin));
  page *p = page_open(origin);
  show(p, ENGINE_PICK, "{" ISSUED "\"id\":\"a\",\"revision\":1,\"station\":\"CI.CLC\",\"phase\":\"P\",\"time\":\"2019-07-06T03:19:54.180000Z\"}");
  show(p, ENGINE_PICK, "{" ISSUED "\"id\":\"b\",\"revision\":1,\"station\":\"CI.CLC\",\"phase\":\"P\",\"time\":\"2019-07-06T03:19:58.180000Z\"}");
  assert_int_equal(lines(p), 1);
  assert_says(p, "+7.00 s");
  show(p, ENGINE_PICK, "{" ISSUED "\"id\":\"c\",\"revision\":1,\"station\":\"CI.CLC\",\"phase\":\"S\",\"time\":\"2019-07-06T03:19:58.180000Z\"}");
  assert_int_equal(lines(p), 2);
  page_close(p);
}

static void an_event_that_only_gained_a_station_gives_no_line(void **state)
{
  (void)state;
  page *p = page_open(0);
  const char *format = "{" ISSUED "\"id\":\"e\",\"revision\":%d,\"state\":\"%s\",\"magnitude\":%.1f,\"latitude_deg\":35.77,\"longitude_deg\":-117.6,"
                       "\"stations_used\":%d}";
  char json[512];
  snprintf(json, sizeof json, format, 1, "open", 6.0, 4);
  show(p, ENGINE_EVENT, json);
  snprintf(json, sizeof json, format, 2, "open", 6.0, 5);
  show(p, ENGINE_EVENT, json);
  assert_int_equal(lines(p), 1);
  assert_says(p, "35.77 N 117.60 W");
  snprintf(json, sizeof json, format, 3, "open", 6.1, 6);
  show(p, ENGINE_EVENT, json);
  snprintf(json, sizeof json, format, 4, "cancelled", 6.1, 6);
  show(p, ENGINE_EVENT, json);
  assert_int_equal(lines(p), 3);
  assert_says(p, "cancelled");
  page_close(p);
}

static void a_station_gives_a_line_when_its_state_changes(void **state)
{
  (void)state;
  page *p = page_open(0);
  const char *states[] = {"good", "good", "late", "late", "good"};
  for (size_t i = 0; i < 5; i++) {
    char json[256];
    snprintf(json, sizeof json, "{" ISSUED "\"id\":\"CI.CLC..HN\",\"station\":\"CI.CLC\",\"state\":\"%s\"}", states[i]);
    show(p, ENGINE_STATION, json);
  }
  assert_int_equal(lines(p), 3);
  page_close(p);
}

static void shaking_gives_a_line_when_it_grows_by_a_degree(void **state)
{
  (void)state;
  page *p = page_open(0);
  const double seen[] = {2.0, 3.1, 3.3, 4.6, 4.2};
  for (size_t i = 0; i < 5; i++) {
    char json[256];
    snprintf(json, sizeof json, "{" ISSUED "\"stations\":[{\"station\":\"CI.CLC\",\"since\":\"s\",\"intensity\":%.1f}]}", seen[i]);
    show(p, ENGINE_INTENSITY, json);
  }
  assert_int_equal(lines(p), 2);
  assert_says(p, "intensity 4.6");
  page_close(p);
}

static void messages_of_null_and_missing_members_do_no_harm(void **state)
{
  (void)state;
  for (engine_channel kind = 0; kind <= ENGINE_CHANNELS; kind++) {
    page *p = page_open(0);
    show(p, kind, "{}");
    show(p, kind, "{\"id\":null,\"station\":7,\"targets\":null,\"target\":[],\"stations\":[null],\"text\":null,\"magnitude\":\"x\",\"state\":{}}");
    page_close(p);
  }
}

static void nothing_but_text_is_written_without_colour(void **state)
{
  (void)state;
  page *p = page_open(0);
  show(p, ENGINE_ALERT, "{" ISSUED "\"type\":\"new\",\"level\":\"orange\"}");
  watch_screen_notice(&p->screen, true, "no heartbeat");
  assert_null(strchr(p->text, '\033'));
  p->screen.colour = true;
  show(p, ENGINE_ALERT, "{" ISSUED "\"type\":\"new\",\"level\":\"orange\"}");
  assert_non_null(strchr(p->text, '\033'));
  page_close(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_alert_says_level_magnitude_place_and_who_is_next),
      cmocka_unit_test(the_first_alert_and_its_end_show_the_words_for_people),
      cmocka_unit_test(the_words_for_people_are_broken_between_words_and_wide_characters),
      cmocka_unit_test(a_message_without_a_valid_signature_is_not_shown_but_named),
      cmocka_unit_test(a_pick_gives_one_line_and_its_withdrawal_another),
      cmocka_unit_test(with_a_true_origin_only_the_first_pick_of_a_phase_is_shown),
      cmocka_unit_test(an_event_that_only_gained_a_station_gives_no_line),
      cmocka_unit_test(a_station_gives_a_line_when_its_state_changes),
      cmocka_unit_test(shaking_gives_a_line_when_it_grows_by_a_degree),
      cmocka_unit_test(messages_of_null_and_missing_members_do_no_harm),
      cmocka_unit_test(nothing_but_text_is_written_without_colour),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
