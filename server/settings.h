/* settings.h: all settings of one installation, joined from the folders' rows into one file. */
#ifndef TOCSIN_SETTINGS_H
#define TOCSIN_SETTINGS_H

#include "engine.h"
#include "feed_settings.h"
#include "recorder_settings.h"

typedef struct {
  char inventory[512];        /* folder or file of StationXML */
  char key[512];              /* file of the signing key; "": the published exercise key (exercises only) */
  char name[64], name_zh[64]; /* of the centre, in texts */
  int64_t listen_port;        /* raw miniSEED over TCP, 0: none */
  char listen_address[64];
  double status_interval_s; /* a line of health in the log this often */
  double spectra_s;         /* a spectrum of each channel's noise this often, 0: none */
  char state[512];          /* folder of what is kept over a restart; "": nothing is */
  char control[108];        /* Unix socket on which `tocsin status` asks; "": none */
  double feed_retry_first_s, feed_retry_longest_s;
} server_settings;
extern const config_row server_rows[];

typedef struct {
  char address[256]; /* IP or Unix socket path; a name would block the loop at each connection */
  int64_t port;      /* 0: `address` is a Unix socket */
  char user[64], password_file[512];
  char exercise_user[64], exercise_password_file[512];
  char prefix[64]; /* "tocsin" */
  double retry_first_s, retry_longest_s;
  int64_t queue_messages; /* kept while Redis is away; the oldest that is no alert is dropped first, then counted and logged */
  int64_t stream_length;  /* XADD MAXLEN ~ */
  double lease_s;
} redis_settings;
extern const config_row redis_rows[];

/* What each stage may take; more is counted, logged and shown. */
typedef struct {
  double packet_ms;   /* one packet through the engine */
  double step_ms;     /* one 100 ms step */
  double sign_ms;     /* signing one message */
  double handover_ms; /* from the packet's reception to hiredis */
} budget_settings;
extern const config_row budget_rows[];

typedef struct {
  server_settings server;
  redis_settings redis;
  budget_settings budget;
  recorder_settings recorder;
  ingest_settings ingest;
  picker_settings picker;
  locator_settings locator;
  intensity_settings intensity;
  engine_settings engine;
  feed_settings *feeds;
  size_t feeds_count;
} settings;

enum { SETTINGS_SECTIONS = 14, SETTINGS_HASH_TEXT = 9 };

/* Fills `sections` (SETTINGS_SECTIONS of them, the last one the end) so that they point into `s`. */
void settings_sections(settings *s, config_section sections[SETTINGS_SECTIONS]);

/* Defaults, then the file at `path` (NULL: defaults alone). On faults writes each as "path:line:column: text" to stderr and returns false. */
bool settings_load(settings *s, const char *path);
/* The same, the faults added to `faults` in place of written. */
bool settings_read(settings *s, const char *path, config_faults *faults);
void settings_release(settings *s);
/* "path:line:column: text"; "path: text" of one that lies in no line. */
enum { SETTINGS_FAULT_TEXT = 1024 };
char *settings_fault(const char *path, const config_fault *fault, char text[SETTINGS_FAULT_TEXT]);

/* The first 8 hex digits of the SHA-256 of the canonical settings. */
void settings_hash(settings *s, char hash[SETTINGS_HASH_TEXT]);

#endif
