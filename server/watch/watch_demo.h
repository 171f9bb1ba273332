/* watch_demo.h: what was said held against what was true: errors, seconds of warning, and a summary for people. */
#ifndef TOCSIN_WATCH_DEMO_H
#define TOCSIN_WATCH_DEMO_H

#include "watch_screen.h"

typedef struct watch_demo watch_demo;

/* Reads the true origin (GeoJSON as event services write it: properties.time in ms, properties.mag, geometry.coordinates), `shift_s` seconds added,
   and builds the model's travel times. NULL, said on stderr. */
watch_demo *watch_demo_open(const char *truth_path, double shift_s, const locator_settings *settings);
void watch_demo_close(watch_demo *demo);

int64_t watch_demo_origin(const watch_demo *demo);

/* Takes note of a message; the text in `remark` compares it with the truth ("" where there is nothing to compare). */
void watch_demo_message(watch_demo *demo, const watch_message *message, char *remark, size_t size);

/* True once nothing more is to come: the alert is final or cancelled. */
bool watch_demo_over(const watch_demo *demo);

/* A few lines that need no seismologist. True when the earthquake was alerted, nothing else was, and every message was genuine. */
bool watch_demo_summary(const watch_demo *demo, const watch_screen *screen);

#endif
