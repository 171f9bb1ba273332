/* growing_text.h: a text that grows. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_GROWING_TEXT_H
#define TOCSIN_PROTOCOL_GROWING_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  char *bytes;
  size_t length, capacity;
  bool failed; /* memory was short */
} growing_text;

void text_add(growing_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* As a value between quotes of XML or JSON; control characters become blanks. */
void text_add_xml(growing_text *text, const char *value);
void text_add_json(growing_text *text, const char *value);

#endif
