#include "findings.h"

#include <stdarg.h>
#include <stdio.h>

void tell(findings *f, finding kind, const char *subject, const char *format, ...)
{
  static const char *const words[] = {[OK] = "ok", [NOTE] = "note", [FAULT] = "fault"};
  va_list arguments;
  printf("%-6s %-14s ", words[kind], subject);
  va_start(arguments, format);
  vprintf(format, arguments);
  va_end(arguments);
  putchar('\n');
  f->faults += kind == FAULT;
  f->notes += kind == NOTE;
}
