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

/* A line each, in kB (proc(5)). */
double resident_bytes_of(int pid, const char *what)
{
  char path[64], line[256];
  double kilobytes = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, what, strlen(what)) == 0)
      kilobytes = strtod(line + strlen(what), NULL);
  if (file)
    fclose(file);
  return kilobytes * 1024;
}
