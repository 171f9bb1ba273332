#include "texts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *const alert_type_words[] = {"new", "update", "cancel", "final"};

static const char *const marks_zh[] = {"", "【演练】", "【测试】"}, *const marks_en[] = {"", "EXERCISE: ", "TEST: "};

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void describe_zh(const locator_event *event, const place *p, char *text);
static void describe_en(const locator_event *event, const place *p, char *text);
static void warning(const alert_facts *facts, texts *t);
static void cancellation(const alert_facts *facts, texts *t);
static void add_shaking(const alert_facts *facts, texts *t);
static void add_audience(const alert_facts *facts, texts *t);

void texts_alert(const alert_facts *facts, texts *t)
{
  snprintf(t->zh, sizeof t->zh, "%s", marks_zh[facts->status]);
  snprintf(t->en, sizeof t->en, "%s", marks_en[facts->status]);
  if (facts->type == ALERT_CANCEL)
    cancellation(facts, t);
  else
    warning(facts, t);
  add_audience(facts, t);
}

void texts_report(engine_status status, const locator_event *event, const place *p, bool cancelled, texts *t)
{
  snprintf(t->zh, sizeof t->zh, "%s%s:", marks_zh[status], cancelled ? "自动速报撤销" : "自动速报");
  snprintf(t->en, sizeof t->en, "%s%s: ", marks_en[status], cancelled ? "Automatic rapid report taken back" : "Automatic rapid report");
  describe_zh(event, p, t->zh);
  describe_en(event, p, t->en);
  add(t->zh, "%s", cancelled ? "该地震未获后续资料证实。" : "自动测定结果,尚未经人工复核。");
  add(t->en, "%s", cancelled ? " Later data do not confirm it." : " Determined automatically, not yet reviewed.");
}

char *texts_beijing(int64_t time, char text[TEXTS_BEIJING])
{
  char utc[INGEST_TIME_TEXT];
  ingest_time_format(time + 8 * 3600 * INGEST_SECOND, utc);
  snprintf(text, TEXTS_BEIJING, "%.10s %.8s", utc, utc + 11);
  return text;
}

/* TEXTS_CAPACITY holds the longest names; were it ever short, the text would end early and stay well-formed. */
static void add(char *text, const char *format, ...)
{
  size_t length = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + length, TEXTS_CAPACITY - length, format, arguments);
  va_end(arguments);
}

static void describe_zh(const locator_event *event, const place *p, char *text)
{
  char b[TEXTS_BEIJING];
  texts_beijing(event->origin_time, b);
  add(text, "北京时间 %.4s 年 %.2s 月 %.2s 日 %.2s 时 %.2s 分 %.2s 秒,%s", b, b + 5, b + 8, b + 11, b + 14, b + 17, p->zh);
  if (strcmp(p->zh, p->coordinates_zh) != 0)
    add(text, "(%s)", p->coordinates_zh);
  add(text, "发生");
  if (isnan(event->magnitude))
    add(text, "地震,震级未定");
  else
    add(text, " %.1f 级地震", (double)event->magnitude);
  add(text, ",震源深度约 %.0f km。", (double)event->depth_km);
}

static void describe_en(const locator_event *event, const place *p, char *text)
{
  char beijing[TEXTS_BEIJING];
  if (isnan(event->magnitude))
    add(text, "earthquake of unknown magnitude");
  else
    add(text, "M%.1f earthquake", (double)event->magnitude);
  add(text, " at %s Beijing time, %s", texts_beijing(event->origin_time, beijing), p->en);
  if (strcmp(p->en, p->coordinates_en) != 0)
    add(text, " (%s)", p->coordinates_en);
  add(text, ", depth about %.0f km.", (double)event->depth_km);
}

static void warning(const alert_facts *facts, texts *t)
{
  static const char *const titles_zh[] = {"地震预警", "地震预警更新", "", "地震预警结束"};
  static const char *const titles_en[] = {"Earthquake early warning", "Earthquake early warning, update", "", "Earthquake early warning, end"};
  add(t->zh, "%s(第 %u 报):", titles_zh[facts->type], facts->revision);
  add(t->en, "%s (no. %u): ", titles_en[facts->type], facts->revision);
  describe_zh(facts->event, facts->place, t->zh);
  describe_en(facts->event, facts->place, t->en);
  add_shaking(facts, t);
  if (facts->type == ALERT_UPDATE) {
    add(t->zh, "更新原因:%s。", facts->reason->zh);
    add(t->en, " Reason of the update: %s.", facts->reason->en);
  } else if (facts->type == ALERT_FINAL) {
    add(t->zh, "本次预警到此结束。");
    add(t->en, " This warning ends here.");
  }
}

static void cancellation(const alert_facts *facts, texts *t)
{
  char beijing[TEXTS_BEIJING];
  texts_beijing(facts->event->origin_time, beijing);
  add(t->zh, "地震预警取消(第 %u 报):此前发布的北京时间 %s %s的地震预警现予取消。原因:%s。", facts->revision, beijing, facts->place->zh,
      facts->reason->zh);
  add(t->en, "Earthquake early warning CANCELLED (no. %u): the warning of an earthquake at %s Beijing time, %s, is taken back. Reason: %s.",
      facts->revision, beijing, facts->place->en, facts->reason->en);
  if (facts->event->superseded_by[0]) {
    add(t->zh, "该地震以编号 %s 的预警为准。", facts->event->superseded_by);
    add(t->en, " The warning with the id %s holds for it.", facts->event->superseded_by);
    return;
  }
  add(t->zh, "不会有强烈震动到来,请解除避险。");
  add(t->en, " No strong shaking is to come; stand down.");
}

static void add_shaking(const alert_facts *facts, texts *t)
{
  if (!facts->strongest)
    return;
  int degree = intensity_degree(facts->shaking.intensity);
  double left = (double)(facts->shaking.s_arrival - facts->now) / 1e9;
  add(t->zh, "影响最大处为%s,预估烈度 %d 度", place_name_zh(facts->strongest), degree);
  add(t->en, " Strongest at %s: estimated intensity %d (China's scale)", facts->strongest->name, degree);
  if (facts->type == ALERT_FINAL || left < 0) {
    add(t->zh, ",地震横波已到达。");
    add(t->en, ", S wave has arrived.");
    return;
  }
  add(t->zh, ",地震横波约 %.0f 秒后到达。", floor(left));
  add(t->en, ", S wave in about %.0f s.", floor(left));
}

static void add_audience(const alert_facts *facts, texts *t)
{
  if (!facts->public) {
    add(t->zh, "内部信息,不向社会发布;公众预警以省级地震部门发布为准。");
    add(t->en, " Internal information, not a public warning: those are the provincial agency's.");
  } else if (facts->type == ALERT_NEW || facts->type == ALERT_UPDATE) {
    add(t->zh, "请就近避险,注意防范。");
    add(t->en, " Drop, cover and hold on.");
  }
}
