/* schedule.h: when each packet of an archive arrives at the end of lines that delay, lose and fail. */
#ifndef TOCSIN_SCHEDULE_H
#define TOCSIN_SCHEDULE_H

#include <stdbool.h>

#include "archive.h"

typedef enum { SCHEDULE_DELAY, SCHEDULE_LOSS, SCHEDULE_OUTAGE } schedule_kind;

/* What the line of some stations does. */
typedef struct {
  schedule_kind kind;
  char stations[24];   /* "NET.STA" with * and ? */
  double amount;       /* delay: seconds; loss: the probability of each packet */
  int64_t from, until; /* outage: what would arrive in [from, until) does not ... */
  bool late;           /* ... until it ends: then all of it comes at once */
} schedule_rule;

/* Reads "NET.STA=SECONDS", "NET.STA=PROBABILITY" or "NET.STA=FROM,UNTIL[,late]" (as archive_when() reads times, +S counting from `begin`). NULL, or
   what is wrong. */
const char *schedule_read(schedule_kind kind, const char *text, int64_t begin, schedule_rule *rule);

/* What these rules delay a station by, ns. */
int64_t schedule_delay(const ingest_codes *codes, const schedule_rule *rules, size_t count);

typedef struct {
  int64_t due;
  size_t packet; /* index in the archive */
} schedule_entry;

typedef struct {
  schedule_entry *entries; /* sorted by time */
  size_t count;
  size_t lost; /* packets that never arrive */
} schedule;

/* The same seed gives the same losses. False if memory is short. */
bool schedule_make(schedule *s, const archive *a, const archive_span *span, const schedule_rule *rules, size_t rules_count, uint64_t seed);
void schedule_free(schedule *s);

#endif
