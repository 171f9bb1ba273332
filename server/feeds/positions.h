/* positions.h: where each feed resumes, kept in one file of a folder: read at the start, written anew off the loop when something has changed.
 *
 * FOLDER is made (0750) if it alone is missing. The file FOLDER/feeds is replaced whole (written beside it, fsync, rename, fsync of the folder), so
 * that a crash leaves the old or the new one.
 */
#ifndef TOCSIN_POSITIONS_H
#define TOCSIN_POSITIONS_H

#include <stdbool.h>

#include "protocol.h"

typedef struct positions positions;

/* Reads what is there; what is damaged is named in the log and left out. NULL if memory is short or no thread can be started. */
positions *positions_open(const char *folder);
/* Writes what has changed and waits until it is written. */
void positions_close(positions *p);

/* What the file says of the feed `name`. */
void positions_read(positions *p, const char *name, protocol_resume *resume);
/* Notes where a feed resumes now; false if memory is short. */
bool positions_note(positions *p, const char *name, const protocol_resume *resume);
void positions_forget(positions *p, const char *name);
/* Has what was noted written by the thread; says in the log when writing failed, and when it works again. */
void positions_write(positions *p);

#endif
