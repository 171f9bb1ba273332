#include "resident.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Pages: the size, then what is resident (proc(5)). */
double resident_bytes(void)
{
  char text[128] = "";
  FILE *file = fopen("/proc/self/statm", "r");
  if (file && !fgets(text, sizeof text, file))
    text[0] = '\0';
  if (file)
    fclose(file);
  const char *second = strchr(text, ' ');
  return second ? strtod(second, NULL) * (double)sysconf(_SC_PAGESIZE) : 0;
}
