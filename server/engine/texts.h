/* texts.h: what an alert and a rapid report say to people, in Chinese and English, Beijing time (after DB41/T 2303-2022 and DB61/T 1848-2024 in
 * kind). */
#ifndef TOCSIN_ENGINE_TEXTS_H
#define TOCSIN_ENGINE_TEXTS_H

#include "engine.h"
#include "place.h"

typedef enum { ALERT_NEW, ALERT_UPDATE, ALERT_CANCEL, ALERT_FINAL } alert_type;
extern const char *const alert_type_words[];

typedef struct {
  char code[24], zh[256], en[256];
} alert_reason;

enum { TEXTS_CAPACITY = 1600, TEXTS_BEIJING = 24 };
typedef struct {
  char zh[TEXTS_CAPACITY], en[TEXTS_CAPACITY];
} texts;

typedef struct {
  engine_status status;
  bool public;
  alert_type type;
  uint32_t revision;
  const locator_event *event;
  const place *place;
  const engine_target *strongest; /* NULL: none */
  intensity_prediction shaking;   /* there */
  const alert_reason *reason;
  int64_t now;
} alert_facts;

void texts_alert(const alert_facts *facts, texts *t);

/* `cancelled`: the report is taken back. */
void texts_report(engine_status status, const locator_event *event, const place *p, bool cancelled, texts *t);

/* "2019-07-06 11:19:53" of UTC+8; returns `text`. */
char *texts_beijing(int64_t time, char text[TEXTS_BEIJING]);

#endif
