/* replay_texts.h: what a recording names by its SHA-256, as the engine takes it. */
#ifndef TOCSIN_REPLAY_TEXTS_H
#define TOCSIN_REPLAY_TEXTS_H

#include "record_text.h"

/* Fills `s` (release it) with the recorded settings; what this build does not know of them is said. False: said on stderr. */
bool replay_texts_settings(const char *folder, const char *sha, settings *s);

/* Puts the kept copies in the place of the files that regions and past seismicity name; `sha` "": there are none. False: said on stderr. */
bool replay_texts_files(const char *folder, const char *sha, locator_settings *s);

/* In the place of `previous` (NULL: of none). NULL, said on stderr. */
ingest_inventory *replay_texts_inventory(const char *folder, const char *sha, const ingest_inventory *previous);

#endif
