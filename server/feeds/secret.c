#include "secret.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "files.h"

bool secret_read(secret *s, const char *path, const char *setting, char *fault)
{
  size_t length = 0;
  s->text[0] = '\0';
  if (!*path)
    return true;
  char *text = (char *)files_read(path, &length);
  size_t line = text ? strcspn(text, "\r\n") : 0;
  bool good = text && line > 0 && line < sizeof s->text;
  if (good) {
    memcpy(s->text, text, line);
    s->text[line] = '\0';
  } else {
    const char *what = !text ? strerror(errno) : line ? "its first line is too long" : "its first line is empty";
    snprintf(fault, 240, "%.120s: %s; `%s` must name a file that tocsind may read, the secret as its first line", path, what, setting);
  }
  if (text)
    sodium_memzero(text, length);
  free(text);
  return good;
}

void secret_forget(secret *s)
{
  sodium_memzero(s, sizeof *s);
}
