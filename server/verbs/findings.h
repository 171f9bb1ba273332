/* findings.h: what `tocsin check` finds, a line each on stdout. */
#ifndef TOCSIN_FINDINGS_H
#define TOCSIN_FINDINGS_H

#include <stddef.h>

typedef enum { OK, NOTE, FAULT } finding;

typedef struct {
  size_t faults, notes;
} findings;

/* "fault  redis          no connection ...": and counts it, if it is a fault or a note. */
void tell(findings *f, finding kind, const char *subject, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
