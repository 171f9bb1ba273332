#include "replay_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_settings.h"

enum { SHA_DIGITS = RECORD_SHA_TEXT - 1, NAME_TEXT = 1024 };

bool replay_texts_settings(const char *folder, const char *sha, settings *s)
{
  size_t length;
  char *text = record_text_load(folder, sha, &length);
  if (!text)
    return false;
  if (!record_settings_read(s, "the recorded settings", text))
    fputs("tocsin replay: this build does not know all of the recorded settings: messages may differ\n", stderr);
  free(text);
  return true;
}

static void put_copy(const char *folder, const char *sha, const char *path, locator_settings *s)
{
  char copy[RECORD_TEXT_PATH];
  if (strcmp(s->seismicity, path) == 0)
    snprintf(s->seismicity, sizeof s->seismicity, "%s", record_text_path(folder, sha, copy));
  for (size_t i = 0; i < s->regions_count; i++)
    if (strcmp(s->regions[i].model, path) == 0)
      snprintf(s->regions[i].model, sizeof s->regions[i].model, "%s", record_text_path(folder, sha, copy));
}

bool replay_texts_files(const char *folder, const char *sha, locator_settings *s)
{
  size_t length;
  if (!*sha)
    return true;
  char *list = record_text_load(folder, sha, &length);
  for (char *line = list, *end; line && (end = strchr(line, '\n')); line = end + 1) {
    *end = '\0';
    char document[RECORD_SHA_TEXT];
    snprintf(document, sizeof document, "%.64s", line);
    if (end - line > SHA_DIGITS + 2)
      put_copy(folder, document, line + SHA_DIGITS + 2, s);
  }
  free(list);
  return list;
}

/* A line is 64 digits, two blanks, the path where it was read. */
static bool add_document(ingest_inventory *inventory, const char *folder, const char *line, size_t line_length)
{
  char sha[RECORD_SHA_TEXT], name[NAME_TEXT];
  size_t length;
  if (line_length <= SHA_DIGITS + 2)
    return false;
  snprintf(sha, sizeof sha, "%.64s", line);
  snprintf(name, sizeof name, "%.*s", (int)(line_length - SHA_DIGITS - 2), line + SHA_DIGITS + 2);
  char *bytes = record_text_load(folder, sha, &length);
  if (bytes)
    ingest_inventory_add(inventory, name, bytes, length, NULL, NULL);
  free(bytes);
  return bytes != NULL;
}

ingest_inventory *replay_texts_inventory(const char *folder, const char *sha, const ingest_inventory *previous)
{
  size_t length;
  char *list = record_text_load(folder, sha, &length);
  ingest_inventory *inventory = list ? ingest_inventory_create() : NULL;
  bool good = inventory != NULL;
  for (const char *line = list, *end; good && (end = strchr(line, '\n')); line = end + 1)
    good = add_document(inventory, folder, line, (size_t)(end - line));
  if (good)
    good = ingest_inventory_seal_after(inventory, previous, NULL, NULL);
  free(list);
  if (good && ingest_inventory_sensors(inventory) > 0)
    return inventory;
  fputs("tocsin replay: the recorded inventory is not whole; name another with --inventory\n", stderr);
  ingest_inventory_destroy(inventory);
  return NULL;
}
