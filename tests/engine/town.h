/* town.h: towns of Liaoning as targets, default settings and events made by hand, for tests that need no waveforms. */
#ifndef TOCSIN_TESTS_TOWN_H
#define TOCSIN_TESTS_TOWN_H

#include "engine.h"
#include "mailbox.h"
#include "message.h"

/* 2019-07-06T03:19:53Z */
#define ORIGIN INT64_C(1562383193000000000)
#define SECONDS(s) ((int64_t)((s)*1e9))

/* Everything that an engine needs, with defaults and four towns. */
typedef struct {
  ingest_settings ingest;
  picker_settings picker;
  locator_settings locator;
  intensity_settings intensity;
  engine_settings settings;
  engine_target towns[4];
  ingest_inventory *inventory;
  locator_travel_times *tables;
  engine_setup setup;
  mailbox mail;
} town;

/* Stations are those of the inventory `made`, which the town then owns; NULL: four by hand. */
void town_build(town *t, ingest_inventory *made);
void town_leave(town *t);

/* Haicheng's earthquake as a locator would tell it: revision 1, open, M5.5, four stations. */
locator_event town_event(void);

#endif
