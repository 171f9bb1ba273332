/* What alerts and reports say to people. */
#include <math.h>
#include <string.h>

#include "texts.h"
#include "town.h"

static const engine_target haicheng = {"haicheng", "Haicheng", "海城市", 40.882, 122.685, 0, 3};
static const place here = {"海城市东南 22 km", "22 km SE of Haicheng", "北纬 40.70 度、东经 122.80 度", "40.70 N 122.80 E"};

static locator_event event;
static alert_reason reason;
static texts said;

static alert_facts facts(alert_type type)
{
  event = town_event();
  reason = (alert_reason){"magnitude", "震级由 5.5 更新为 6.1", "magnitude from 5.5 to 6.1"};
  return (alert_facts){.status = ENGINE_EXERCISE,
                       .type = type,
                       .revision = 3,
                       .event = &event,
                       .place = &here,
                       .strongest = &haicheng,
                       .shaking = {.intensity = 6.6, .s_arrival = ORIGIN + SECONDS(17.9)},
                       .reason = &reason,
                       .now = ORIGIN + SECONDS(6)};
}

static void assert_says(const char *text, const char *what)
{
  if (!strstr(text, what))
    fail_msg("\"%s\" does not say \"%s\"", text, what);
}

static void assert_says_not(const char *text, const char *what)
{
  if (strstr(text, what))
    fail_msg("\"%s\" says \"%s\"", text, what);
}

static void what_is_not_actual_bears_its_mark_first(void **state)
{
  (void)state;
  static const struct {
    engine_status status;
    const char *zh, *en;
  } marks[] = {{ENGINE_EXERCISE, "【演练】", "EXERCISE: "}, {ENGINE_TEST, "【测试】", "TEST: "}};
  for (alert_type type = ALERT_NEW; type <= ALERT_FINAL; type++)
    for (size_t i = 0; i < 2; i++) {
      alert_facts f = facts(type);
      f.status = marks[i].status;
      texts_alert(&f, &said);
      assert_int_equal(strncmp(said.zh, marks[i].zh, strlen(marks[i].zh)), 0);
      assert_int_equal(strncmp(said.en, marks[i].en, strlen(marks[i].en)), 0);
    }
}

static void an_exercise_differs_from_the_actual_by_its_mark_alone(void **state)
{
  (void)state;
  texts actual;
  for (alert_type type = ALERT_NEW; type <= ALERT_FINAL; type++) {
    alert_facts f = facts(type);
    texts_alert(&f, &said);
    f.status = ENGINE_ACTUAL;
    texts_alert(&f, &actual);
    assert_string_equal(said.zh + strlen("【演练】"), actual.zh);
    assert_string_equal(said.en + strlen("EXERCISE: "), actual.en);
  }
}

static void a_warning_names_place_magnitude_seconds_and_intensity(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_NEW);
  texts_alert(&f, &said);
  assert_says(said.zh, "海城市东南 22 km");
  assert_says(said.zh, "5.5 级");
  assert_says(said.zh, "约 11 秒后");
  assert_says(said.zh, "预估烈度 7 度");
  assert_says(said.en, "22 km SE of Haicheng (40.70 N 122.80 E)");
  assert_says(said.en, "M5.5");
  assert_says(said.en, "in about 11 s");
  assert_says(said.en, "intensity 7");
}

static void times_are_beijings(void **state)
{
  (void)state;
  char text[TEXTS_BEIJING];
  alert_facts f = facts(ALERT_NEW);
  texts_alert(&f, &said);
  assert_says(said.zh, "北京时间 2019 年 07 月 06 日 11 时 19 分 53 秒");
  assert_says(said.en, "2019-07-06 11:19:53 Beijing time");
  assert_string_equal(texts_beijing(ORIGIN + SECONDS(16 * 3600), text), "2019-07-07 03:19:53");
}

static void an_update_gives_its_reason(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_UPDATE);
  texts_alert(&f, &said);
  assert_says(said.zh, "震级由 5.5 更新为 6.1");
  assert_says(said.en, "magnitude from 5.5 to 6.1");
  assert_says(said.zh, "第 3 报");
}

static void a_cancel_says_plainly_that_no_strong_shaking_is_to_come(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_CANCEL);
  texts_alert(&f, &said);
  assert_says(said.zh, "取消");
  assert_says(said.zh, "不会有强烈震动到来");
  assert_says(said.en, "CANCELLED");
  assert_says(said.en, "No strong shaking is to come");
}

static void a_merged_events_cancel_points_to_the_other_and_does_not_reassure(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_CANCEL);
  strcpy(event.superseded_by, "20190706T031955-4071N12281E");
  texts_alert(&f, &said);
  assert_says(said.zh, "20190706T031955-4071N12281E");
  assert_says(said.en, "20190706T031955-4071N12281E");
  assert_says_not(said.zh, "不会有强烈震动");
  assert_says_not(said.en, "No strong shaking");
}

static void internal_texts_say_so_and_public_ones_do_not(void **state)
{
  (void)state;
  for (alert_type type = ALERT_NEW; type <= ALERT_FINAL; type++) {
    alert_facts f = facts(type);
    texts_alert(&f, &said);
    assert_says(said.zh, "内部信息,不向社会发布");
    assert_says(said.en, "not a public warning");
    f.public = true;
    texts_alert(&f, &said);
    assert_says_not(said.zh, "内部");
    assert_says_not(said.en, "nternal");
  }
}

static void what_is_past_is_not_counted_down(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_UPDATE);
  f.now = ORIGIN + SECONDS(18);
  texts_alert(&f, &said);
  assert_says(said.zh, "横波已到达");
  assert_says_not(said.en, "in about");
}

static void an_unknown_magnitude_is_said_to_be_unknown(void **state)
{
  (void)state;
  event = town_event();
  event.magnitude = NAN;
  texts_report(ENGINE_ACTUAL, &event, &here, false, &said);
  assert_says(said.zh, "震级未定");
  assert_says(said.en, "unknown magnitude");
}

static void a_report_says_that_a_machine_made_it_and_when_it_is_taken_back(void **state)
{
  (void)state;
  event = town_event();
  texts_report(ENGINE_EXERCISE, &event, &here, false, &said);
  assert_int_equal(strncmp(said.zh, "【演练】自动速报:", strlen("【演练】自动速报:")), 0);
  assert_says(said.en, "not yet reviewed");
  texts_report(ENGINE_EXERCISE, &event, &here, true, &said);
  assert_says(said.zh, "自动速报撤销");
  assert_says(said.en, "taken back");
}

static void fill(char *text, size_t size, const char *with)
{
  text[0] = '\0';
  while (strlen(text) + strlen(with) < size)
    strcat(text, with);
}

static void the_longest_names_fit(void **state)
{
  (void)state;
  alert_facts f = facts(ALERT_UPDATE);
  engine_target far = haicheng;
  place wide = here;
  fill(far.name, sizeof far.name, "W");
  fill(far.name_zh, sizeof far.name_zh, "海");
  fill(wide.zh, sizeof wide.zh, "海");
  fill(wide.en, sizeof wide.en, "W");
  fill(reason.zh, sizeof reason.zh, "震");
  fill(reason.en, sizeof reason.en, "M");
  f.place = &wide;
  f.strongest = &far;
  texts_alert(&f, &said);
  assert_says(said.zh, "公众预警以省级地震部门发布为准。");
  assert_says(said.en, "those are the provincial agency's.");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_actual_bears_its_mark_first),
      cmocka_unit_test(an_exercise_differs_from_the_actual_by_its_mark_alone),
      cmocka_unit_test(a_warning_names_place_magnitude_seconds_and_intensity),
      cmocka_unit_test(times_are_beijings),
      cmocka_unit_test(an_update_gives_its_reason),
      cmocka_unit_test(a_cancel_says_plainly_that_no_strong_shaking_is_to_come),
      cmocka_unit_test(a_merged_events_cancel_points_to_the_other_and_does_not_reassure),
      cmocka_unit_test(internal_texts_say_so_and_public_ones_do_not),
      cmocka_unit_test(what_is_past_is_not_counted_down),
      cmocka_unit_test(an_unknown_magnitude_is_said_to_be_unknown),
      cmocka_unit_test(a_report_says_that_a_machine_made_it_and_when_it_is_taken_back),
      cmocka_unit_test(the_longest_names_fit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
