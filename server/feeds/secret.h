/* secret.h: a password or token from the first line of a file, wiped when it is no longer needed. */
#ifndef TOCSIN_SECRET_H
#define TOCSIN_SECRET_H

#include <stdbool.h>

typedef struct {
  char text[4096];
} secret;

/* An empty path gives "". False, with `fault` (240 bytes) naming the file, the setting and the remedy, if it cannot be read. */
bool secret_read(secret *s, const char *path, const char *setting, char *fault);
void secret_forget(secret *s);

#endif
