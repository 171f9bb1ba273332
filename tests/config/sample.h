/* sample.h: a small house of settings with one of each type, and a reading of it. */
#ifndef TOCSIN_TESTS_CONFIG_SAMPLE_H
#define TOCSIN_TESTS_CONFIG_SAMPLE_H

#include "config.h"
#include "data.h"

typedef struct {
  bool armed;
  int64_t port;
  int crew;
  double level, wait_s, depth_km;
  char name[12];
  int kind;
} alarm_settings;
enum { ALARM_SILENT, ALARM_BELL, ALARM_SIREN };

typedef struct {
  char id[8], label[16];
  double latitude_deg;
} door_settings;

typedef struct {
  alarm_settings alarm;
  int64_t lamp_watts;
  door_settings *doors;
  size_t doors_count;
  config_section sections[4];
  config_faults faults;
  bool clean; /* what config_parse() said */
} sample;

/* The settings that `text` (of `length` bytes) gives; sample_release() afterwards. */
sample *sample_of(const char *text, size_t length);
sample *sample_of_text(const char *text);
sample *sample_of_defaults(void);
void sample_release(sample *s);

/* Exactly one fault, there, whose text holds `needle`. */
void assert_fault(const char *text, size_t line, size_t column, const char *needle);
/* Among the faults of `s` is one in that line whose text holds `needle`. */
void assert_has_fault(const sample *s, size_t line, const char *needle);

/* What a writer wrote; to be freed. */
char *sample_example(const sample *s);
char *sample_canonical(const sample *s);

#endif
