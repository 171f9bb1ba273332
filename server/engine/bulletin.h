/* bulletin.h: one event's place among the bulletins, shared by their files. */
#ifndef TOCSIN_ENGINE_BULLETIN_H
#define TOCSIN_ENGINE_BULLETIN_H

#include "alert_rules.h"
#include "bulletins.h"

typedef struct {
  uint64_t order;      /* of arrival, from 1; 0: free */
  bool ended;          /* final, cancelled or taken back: nothing new is said */
  bool held;           /* ended by an operator while the locator still follows the event */
  locator_event event; /* its newest revision */

  uint32_t alert_revision; /* 0: no alert yet */
  bool changed;            /* the event has a revision that the alert's rules have not seen settled */
  alert_refusal refusal;   /* why there is no alert yet */
  alert_told told;
  alert_notice notice;      /* the last alert message, for the targets that are still to be told */
  locator_event told_event; /* the revision that it rests on */
  forecast forecast;
  size_t next_target; /* the nearest ones up to here know the last alert message */

  uint32_t report_revision; /* 0: no report yet */
  double report_magnitude;
} bulletin;

struct bulletins {
  const engine_setup *setup;
  post *out;
  engine_rules rules;
  bool of_stations; /* the targets are the stations */
  target_table *targets;
  uint64_t events, alerts;
  bulletin of[BULLETINS];
};

/* ---- alert.c ---- */

/* Looks at the event's newest revision by the rules: opens the alert or updates it when that is due. */
void alert_consider(bulletins *b, bulletin *of);
/* Ends an open alert by its last message. */
void alert_end(bulletins *b, bulletin *of, alert_type type, const char *code);
/* Whether targets still have to hear of the last alert message; the next so many of them are predicted and told. */
bool alert_has_untold(const bulletin *of);
void alert_tell_portion(bulletins *b, bulletin *of, size_t count);

/* ---- report.c ---- */

/* The automatic report: when it is due, and again at the end of an event whose magnitude has moved since. */
void report_consider(bulletins *b, bulletin *of);
void report_end(bulletins *b, bulletin *of);

#endif
