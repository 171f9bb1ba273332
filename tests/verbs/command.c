#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static char folder[] = "/tmp/tocsin-verb-XXXXXX";
static char *said, *complained;

int command_folder_make(void **state)
{
  (void)state;
  return mkdtemp(folder) ? 0 : -1;
}

int command_folder_remove(void **state)
{
  char command[160];
  (void)state;
  free(said);
  free(complained);
  snprintf(command, sizeof command, "rm -r %s", folder);
  return system(command);
}

static char *slurp(const char *name)
{
  char path[160];
  size_t length;
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return data_read(path, &length);
}

int command_run(const char *arguments)
{
  char command[4096];
  assert_true(snprintf(command, sizeof command, "cd %s && %s </dev/null %s >out 2>err", folder, build_path("tocsin"), arguments) <
              (int)sizeof command);
  int status = system(command);
  assert_true(WIFEXITED(status));
  free(said);
  free(complained);
  said = slurp("out");
  complained = slurp("err");
  return WEXITSTATUS(status);
}

const char *command_said(void)
{
  return said;
}

const char *command_complained(void)
{
  return complained;
}

void command_assert_said(const char *needle)
{
  if (!strstr(said, needle))
    fail_msg("expected `%s` on standard output in\n%.2000s\n%.2000s", needle, said, complained);
}

void command_assert_complained(const char *needle)
{
  if (!strstr(complained, needle))
    fail_msg("expected `%s` on standard error in\n%.2000s", needle, complained);
}

void command_assert_told(const char *needle)
{
  if (!strstr(said, needle))
    command_assert_complained(needle);
}

const char *command_folder(void)
{
  return folder;
}

FILE *command_open(const char *name, const char *mode)
{
  char path[160];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, mode);
  assert_non_null(file);
  return file;
}

void command_write(const char *name, const char *text)
{
  FILE *file = command_open(name, "w");
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static const char *line_at(size_t line)
{
  const char *at = said;
  while (at && line-- > 0) {
    at = strchr(at, '\n');
    at = at && at[1] ? at + 1 : NULL;
  }
  return at;
}

/* Field number `field` of the line at `at`, copied. */
static void copy_field(const char *at, size_t field, char *text, size_t room)
{
  for (; field > 0; field--)
    at += strcspn(at, ",\n") + (at[strcspn(at, ",\n")] == ',');
  snprintf(text, room, "%.*s", (int)strcspn(at, ",\n"), at);
}

const char *command_cell(size_t line, const char *name)
{
  static char text[160];
  size_t columns = 1;
  const char *header = line_at(0), *row = line_at(line + 1);
  assert_non_null(row);
  for (const char *c = header; *c != '\n'; c++)
    columns += *c == ',';
  for (size_t i = 0; i < columns; i++) {
    copy_field(header, i, text, sizeof text);
    if (strcmp(text, name) != 0)
      continue;
    copy_field(row, i, text, sizeof text);
    return text;
  }
  fail_msg("no column %s in %.*s", name, (int)strcspn(header, "\n"), header);
  return NULL;
}

size_t command_lines(void)
{
  size_t count = 0;
  for (const char *c = said; *c; c++)
    count += *c == '\n';
  return count > 0 ? count - 1 : 0;
}
