#include "data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *joined(const char *folder, const char *relative)
{
  static char paths[4][1024];
  static unsigned next;
  char *path = paths[next++ % 4];
  snprintf(path, sizeof paths[0], "%s/%s", folder, relative);
  return path;
}

static const char *environment(const char *name, const char *otherwise)
{
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

const char *project_path(const char *relative)
{
  return joined(environment("TOCSIN_ROOT", "."), relative);
}

const char *build_path(const char *relative)
{
  return joined(environment("TOCSIN_BUILD", "build"), relative);
}

const char *data_path_if_any(const char *relative)
{
  const char *folder = environment("TOCSIN_DATA", NULL);
  const char *path = joined(folder ? folder : project_path("../shared/data"), relative);
  return access(path, R_OK) == 0 ? path : NULL;
}

const char *data_path(const char *relative)
{
  const char *path = data_path_if_any(relative);
  if (!path) {
    print_message("# skipped: the recordings' folder (TOCSIN_DATA) or %s in it is absent\n", relative);
    skip();
  }
  return path;
}

char *data_read(const char *path, size_t *length)
{
  FILE *file = fopen(path, "rb");
  if (!file)
    fail_msg("cannot open %s", path);
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  char *bytes = malloc((size_t)size + 1);
  assert_non_null(bytes);
  *length = fread(bytes, 1, (size_t)size, file);
  bytes[*length] = '\0';
  fclose(file);
  return bytes;
}
