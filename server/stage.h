/* stage.h: one stage of the way from packet to message: its times against its budget. */
#ifndef TOCSIN_STAGE_H
#define TOCSIN_STAGE_H

#include <stddef.h>

#include "histogram.h"

typedef struct {
  const char *name;     /* a static text: "a packet through the engine" */
  const char *word;     /* as in the status line: "packet" */
  int64_t budget;       /* ns, 0: none */
  histogram recent;     /* since the last report */
  uint64_t over_budget; /* since the start */
} stage;

void stage_init(stage *s, const char *name, const char *word, double budget_ms);

/* Counts one time (ns); over budget is said in the log, at most once a minute. */
void stage_add(stage *s, int64_t time);

/* "packet 54000 p50 0.011 p99 0.020 p99.9 0.110 max 0.400 ms, 3 over budget" into `text`; begins anew. Returns `text`. */
char *stage_report(stage *s, char *text, size_t size);

#endif
