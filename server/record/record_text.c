#include "record_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "files.h"
#include "log.h"

enum { PATH_TEXT = RECORD_TEXT_PATH, SHA_DIGITS = RECORD_SHA_TEXT - 1 };

/* ---- in memory ---- */

static void hash(const void *bytes, size_t length, char sha[RECORD_SHA_TEXT])
{
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, bytes, length);
  sodium_bin2hex(sha, RECORD_SHA_TEXT, digest, sizeof digest);
}

record_text *record_text_create(char *bytes, size_t length)
{
  record_text *text = bytes ? calloc(1, sizeof *text) : NULL;
  if (!text) {
    free(bytes);
    return NULL;
  }
  atomic_init(&text->holders, 1);
  text->bytes = bytes;
  text->length = length;
  hash(bytes, length, text->sha);
  return text;
}

record_text *record_text_hold(record_text *text)
{
  atomic_fetch_add(&text->holders, 1);
  return text;
}

void record_text_release(record_text *text)
{
  if (!text || atomic_fetch_sub(&text->holders, 1) > 1)
    return;
  free(text->bytes);
  free(text);
}

static void append(void *user, const char *text, size_t length)
{
  fwrite(text, 1, length, user);
}

record_text *record_text_settings(settings *s)
{
  config_section sections[SETTINGS_SECTIONS];
  char *bytes = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&bytes, &length);
  if (!out)
    return NULL;
  settings_sections(s, sections);
  config_canonical(sections, append, out);
  if (fclose(out) == 0 && length > 0)
    return record_text_create(bytes, length);
  free(bytes);
  return NULL;
}

record_text *record_text_model(const locator_settings *s)
{
  locator_model model;
  return locator_model_named(s->model, &model) ? NULL : record_text_file(s->model);
}

record_text *record_text_file(const char *path)
{
  size_t length = 0;
  char *bytes = *path ? (char *)files_read(path, &length) : NULL;
  return record_text_create(bytes, length);
}

static void list_file(FILE *list, const char *path)
{
  record_text *file = record_text_file(path);
  if (file)
    fprintf(list, "%s  %s\n", file->sha, path);
  record_text_release(file);
}

record_text *record_text_files(const locator_settings *s)
{
  locator_model model;
  char *bytes = NULL;
  size_t length = 0;
  FILE *list = open_memstream(&bytes, &length);
  for (size_t i = 0; list && i < s->regions_count; i++)
    if (!locator_model_named(s->regions[i].model, &model))
      list_file(list, s->regions[i].model);
  if (list)
    list_file(list, s->seismicity);
  if (list && fclose(list) == 0 && length > 0)
    return record_text_create(bytes, length);
  free(bytes);
  return NULL;
}

/* ---- in the folder ---- */

static bool names_documents(record_state kind)
{
  return kind == RECORD_INVENTORY || kind == RECORD_FILES;
}

static void path_of(const char *folder, const char *sha, char path[PATH_TEXT])
{
  snprintf(path, PATH_TEXT, "%.900s/texts/%.64s", folder, sha);
}

/* A machine that lost its power may leave the name without the bytes. */
static bool is_kept(const char *folder, const char *sha)
{
  char path[PATH_TEXT];
  struct stat status;
  path_of(folder, sha, path);
  return stat(path, &status) == 0 && status.st_size > 0;
}

static bool write_all(int descriptor, const char *bytes, size_t length)
{
  while (length > 0) {
    ssize_t n = write(descriptor, bytes, length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

/* Under its name only when it is whole. The inputs behind it wait, so it does not wait for the disk. */
static bool write_file(const char *folder, const char *sha, const char *bytes, size_t length)
{
  char path[PATH_TEXT], part[PATH_TEXT];
  path_of(folder, sha, path);
  path_of(folder, "part", part);
  int descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0)
    return false;
  bool good = write_all(descriptor, bytes, length);
  good = close(descriptor) == 0 && good && rename(part, path) == 0;
  int failure = errno;
  if (!good)
    unlink(part);
  errno = failure;
  return good;
}

/* A document is copied from where it was read, if it is still what was read. */
static bool keep_document(const char *folder, const char *sha, const char *path)
{
  char found[RECORD_SHA_TEXT];
  size_t length = 0;
  if (is_kept(folder, sha))
    return true;
  char *bytes = (char *)files_read(path, &length);
  if (bytes)
    hash(bytes, length, found);
  if (!bytes || strncmp(found, sha, SHA_DIGITS) != 0) {
    log_line(4, "%s is no longer what was read of it: the recording lacks it, and its replay needs --inventory", path);
    free(bytes);
    return true;
  }
  bool good = write_file(folder, sha, bytes, length);
  free(bytes);
  return good;
}

/* A line is 64 digits, two blanks, a path. */
static bool keep_documents(const char *folder, const record_text *list)
{
  bool good = true;
  for (const char *line = list->bytes, *end; good && (end = strchr(line, '\n')); line = end + 1) {
    char path[PATH_TEXT];
    if (end - line > SHA_DIGITS + 2) {
      snprintf(path, sizeof path, "%.*s", (int)(end - line - SHA_DIGITS - 2), line + SHA_DIGITS + 2);
      good = keep_document(folder, line, path);
    }
  }
  return good;
}

bool record_text_keep(const char *folder, const record_text *text, record_state kind)
{
  if (names_documents(kind) && !keep_documents(folder, text))
    return false;
  return is_kept(folder, text->sha) || write_file(folder, text->sha, text->bytes, text->length);
}

static void touch(const char *folder, const char *sha)
{
  char path[PATH_TEXT];
  path_of(folder, sha, path);
  utimensat(AT_FDCWD, path, NULL, 0);
}

void record_text_touch(const char *folder, const record_text *text, record_state kind)
{
  touch(folder, text->sha);
  if (!names_documents(kind))
    return;
  for (const char *line = text->bytes, *end; (end = strchr(line, '\n')); line = end + 1)
    if (end - line > SHA_DIGITS)
      touch(folder, line);
}

void record_text_clean(const char *folder, int64_t unused_since)
{
  char path[PATH_TEXT];
  struct stat status;
  path_of(folder, "", path);
  char **list = files_list(path, "");
  for (char **file = list; file && *file; file++)
    if (stat(*file, &status) == 0 && status.st_mtim.tv_sec < unused_since / INGEST_SECOND)
      unlink(*file);
  files_list_free(list);
}

char *record_text_path(const char *folder, const char *sha, char path[RECORD_TEXT_PATH])
{
  char above[RECORD_TEXT_PATH];
  path_of(folder, sha, path);
  if (access(path, F_OK) == 0)
    return path;
  snprintf(above, sizeof above, "%.900s/../..", folder);
  path_of(above, sha, path);
  if (access(path, F_OK) != 0)
    path_of(folder, sha, path);
  return path;
}

char *record_text_load(const char *folder, const char *sha, size_t *length)
{
  char path[RECORD_TEXT_PATH], found[RECORD_SHA_TEXT] = "";
  char *bytes = (char *)files_read(record_text_path(folder, sha, path), length);
  if (bytes)
    hash(bytes, *length, found);
  if (bytes && strncmp(found, sha, SHA_DIGITS) == 0)
    return bytes;
  fprintf(stderr, "%s: %s\n", path, bytes ? "damaged: it is not what its name says" : strerror(errno));
  free(bytes);
  return NULL;
}
