/* record_text.h: settings, inventories and models: what inputs of the engine name by its SHA-256, and the folder that keeps it once. */
#ifndef TOCSIN_RECORD_TEXT_H
#define TOCSIN_RECORD_TEXT_H

#include <stdatomic.h>

#include "record_format.h"
#include "settings.h"

/* Never changed; the loop and the recorder's thread may both hold it. */
typedef struct {
  atomic_uint holders;
  char sha[RECORD_SHA_TEXT];
  size_t length;
  char *bytes;
} record_text;

/* Takes the malloc'ed bytes over; held once. NULL (the bytes freed) if memory is short or they are NULL. Hashes: not for the loop. */
record_text *record_text_create(char *bytes, size_t length);
record_text *record_text_hold(record_text *text);
void record_text_release(record_text *text);

/* The canonical lines of the settings; the model's file, NULL for one that ships; a file of that path, NULL if it is "". */
record_text *record_text_settings(settings *s);
record_text *record_text_model(const locator_settings *s);
record_text *record_text_file(const char *path);
/* A line "SHA-256  path" each file of a region's model and of past seismicity; NULL for none. */
record_text *record_text_files(const locator_settings *s);

/* ---- FOLDER/texts ---- */

/* Keeps the text, and of an inventory and of other files each document that its lines name: read again and refused, said in the log, if it is no
   longer the same. False: errno says why. */
bool record_text_keep(const char *folder, const record_text *text, record_state kind);
/* It is still in force: its file's time says so, and what nothing in the recording has named since `unused_since` is deleted. */
void record_text_touch(const char *folder, const record_text *text, record_state kind);
void record_text_clean(const char *folder, int64_t unused_since);

/* Where it is kept: FOLDER/texts or, for an event's own folder, FOLDER/../../texts. */
enum { RECORD_TEXT_PATH = 1024 };
char *record_text_path(const char *folder, const char *sha, char path[RECORD_TEXT_PATH]);
/* What was kept, malloc'ed with a NUL after it. NULL, said on stderr. */
char *record_text_load(const char *folder, const char *sha, size_t *length);

#endif
