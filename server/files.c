#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

enum { FIRST_ROOM = 65536 };

static uint8_t *read_all(int descriptor, size_t room, size_t *length);

uint8_t *files_read(const char *path, size_t *length)
{
  if (strcmp(path, "-") == 0)
    return read_all(STDIN_FILENO, FIRST_ROOM, length);
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return NULL;
  struct stat state;
  bool sized = fstat(descriptor, &state) == 0 && S_ISREG(state.st_mode) && state.st_size > 0;
  uint8_t *bytes = read_all(descriptor, sized ? (size_t)state.st_size + 1 : FIRST_ROOM, length);
  int failure = errno;
  close(descriptor);
  errno = failure;
  return bytes;
}

/* Grows the buffer when the room, one byte of which is the NUL's, is used up: a pipe or a file that still grows has no known length. */
static uint8_t *read_all(int descriptor, size_t room, size_t *length)
{
  uint8_t *bytes = malloc(room);
  size_t n = 0;
  while (bytes) {
    if (n + 1 == room) {
      uint8_t *grown = realloc(bytes, room += room / 2 + FIRST_ROOM);
      if (!grown)
        break;
      bytes = grown;
    }
    ssize_t got = read(descriptor, bytes + n, room - n - 1);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      break;
    if (got == 0) {
      bytes[n] = '\0';
      *length = n;
      return bytes;
    }
    n += (size_t)got;
  }
  free(bytes);
  return NULL;
}

static bool ends_in(const char *name, const char *suffix)
{
  size_t length = strlen(name), tail = strlen(suffix);
  return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

static char *join(const char *folder, const char *name)
{
  size_t length = strlen(folder);
  const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
  char *path = malloc(length + strlen(name) + 2);
  if (path)
    sprintf(path, "%s%s%s", folder, slash, name);
  return path;
}

static int by_bytes(const void *left, const void *right)
{
  const char *const *a = left, *const *b = right;
  return strcmp(*a, *b);
}

static bool append(char ***list, size_t *count, char *path)
{
  char **grown = path ? realloc(*list, (*count + 2) * sizeof **list) : NULL;
  if (!grown) {
    free(path);
    errno = ENOMEM;
    return false;
  }
  grown[(*count)++] = path;
  grown[*count] = NULL;
  *list = grown;
  return true;
}

static char **list_folder(DIR *folder, const char *path, const char *suffix)
{
  size_t count = 0;
  char **list = calloc(1, sizeof *list);
  for (const struct dirent *entry; list && (entry = readdir(folder));) {
    if (entry->d_name[0] == '.' || !ends_in(entry->d_name, suffix))
      continue;
    if (!append(&list, &count, join(path, entry->d_name))) {
      files_list_free(list);
      return NULL;
    }
  }
  if (list)
    qsort(list, count, sizeof *list, by_bytes);
  return list;
}

char **files_list(const char *path, const char *suffix)
{
  DIR *folder = opendir(path);
  if (folder) {
    char **list = list_folder(folder, path, suffix);
    closedir(folder);
    return list;
  }
  if (errno != ENOTDIR)
    return NULL;
  size_t count = 0;
  char **list = NULL;
  append(&list, &count, strdup(path));
  return list;
}

void files_list_free(char **list)
{
  for (char **path = list; path && *path; path++)
    free(*path);
  free(list);
}

static void say_fault(void *user, const char *name, long line, const char *text)
{
  (void)user;
  if (line > 0)
    fprintf(stderr, "%s:%ld: %s\n", name, line, text);
  else
    fprintf(stderr, "%s: %s\n", name, text);
}

static void list_file(FILE *list, const char *path, const uint8_t *bytes, size_t length)
{
  unsigned char digest[crypto_hash_sha256_BYTES];
  char sha[2 * sizeof digest + 1];
  crypto_hash_sha256(digest, bytes, length);
  fprintf(list, "%s  %s\n", sodium_bin2hex(sha, sizeof sha, digest, sizeof digest), path);
}

static void add_file(ingest_inventory *inventory, const char *path, FILE *list)
{
  size_t length;
  uint8_t *bytes = files_read(path, &length);
  if (!bytes) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    ingest_inventory_add(inventory, path, "", 0, NULL, NULL); /* counted among the faults */
    return;
  }
  ingest_inventory_add(inventory, path, (const char *)bytes, length, say_fault, NULL);
  if (list)
    list_file(list, path, bytes, length);
  free(bytes);
}

static ingest_inventory *read_inventory(const char *path, const ingest_inventory *previous, FILE *listed)
{
  if (!path || *path == '\0')
    return NULL;
  char **list = files_list(path, ".xml");
  if (!list) {
    fprintf(stderr, "%s: %s; the inventory is a folder of StationXML files (*.xml) or one such file\n", path, strerror(errno));
    return NULL;
  }
  ingest_inventory *inventory = ingest_inventory_create();
  for (char **file = list; inventory && *file; file++)
    add_file(inventory, *file, listed);
  bool sealed = inventory && ingest_inventory_seal_after(inventory, previous, say_fault, NULL);
  files_list_free(list);
  if (sealed && ingest_inventory_channels(inventory) > 0)
    return inventory;
  fprintf(stderr, "%s: no usable station in this inventory; it is a folder of StationXML files (*.xml) or one such file\n", path);
  ingest_inventory_destroy(inventory);
  return NULL;
}

ingest_inventory *files_inventory(const char *path)
{
  return read_inventory(path, NULL, NULL);
}

ingest_inventory *files_inventory_listed(const char *path, const ingest_inventory *previous, char **list)
{
  size_t length;
  *list = NULL;
  FILE *listed = open_memstream(list, &length);
  ingest_inventory *inventory = read_inventory(path, previous, listed);
  if (listed)
    fclose(listed);
  return inventory;
}
