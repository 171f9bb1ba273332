#include "inventory_check.h"

#include <stdarg.h>
#include <stdio.h>

void inventory_tell(const inventory_check *c, finding kind, const ingest_channel *channel, const char *format, ...)
{
  char text[400], codes[INGEST_CODES_TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  tell(c->f, kind, "inventory", "%s:%ld: %s: %s", c->files[channel->document], channel->line, ingest_codes_format(&channel->codes, codes), text);
}
