/* files.h: whole files and folders into memory. Only server/ opens files. */
#ifndef TOCSIN_FILES_H
#define TOCSIN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest.h"

/* The whole file, malloc'ed, with a NUL after its `length` bytes; "-" is standard input. NULL on failure: errno says why. */
uint8_t *files_read(const char *path, size_t *length);

/* The names in a folder that end in `suffix`, joined to its path, sorted bytewise; a plain file is a list of itself. Each and the list are malloc'ed;
   the list ends in NULL. NULL on failure: errno says why. */
char **files_list(const char *path, const char *suffix);
void files_list_free(char **list);

/* Every StationXML (*.xml) of a folder, or one file, into a sealed inventory; faults go to stderr as "file:line: text". NULL (said on stderr) if
   nothing was usable. An empty or NULL path gives NULL. */
ingest_inventory *files_inventory(const char *path);
/* The same, in the place of `previous` (NULL: of none; see ingest_inventory_seal_after()); `*list` is what was read, malloc'ed: a line "SHA-256 path"
   each file (NULL if memory is short). */
ingest_inventory *files_inventory_listed(const char *path, const ingest_inventory *previous, char **list);

#endif
