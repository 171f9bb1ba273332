/* recorder_settings.h: whether, where and how much is recorded. */
#ifndef TOCSIN_RECORDER_SETTINGS_H
#define TOCSIN_RECORDER_SETTINGS_H

#include <stdint.h>

#include "config.h"

typedef struct {
  char folder[512]; /* "": nothing is recorded */
  int64_t segment_mib, limit_mib, events_limit_mib, buffer_mib;
  double limit_days;
  double keep_before_s, keep_after_s; /* around an event's origin */
} recorder_settings;
extern const config_row recorder_rows[];

#endif
