/* extra_headers.h: the few values that matter here in the JSON of a version-3 record. */
#ifndef TOCSIN_INGEST_EXTRA_HEADERS_H
#define TOCSIN_INGEST_EXTRA_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether this is one JSON object (RFC 8259) and nothing else, at most 16 deep. */
bool extra_headers_hold(const uint8_t *json, size_t length);

/* Whether FDSN.`group`.`name` is true. JSON that is none says nothing, and harms nothing. */
bool extra_headers_flag(const uint8_t *json, size_t length, const char *group, const char *name);

/* FDSN.`group`.`name` as a whole percentage (its fraction dropped), -1 if it is not there or not within 0..100. */
int extra_headers_percent(const uint8_t *json, size_t length, const char *group, const char *name);

#endif
