/* sds.h: an archive in the SeisComP Data Structure: ROOT/YEAR/NET/STA/CHA.D/NET.STA.LOC.CHA.D.YEAR.DAY, a file a channel and a day of UTC. */
#ifndef TOCSIN_SDS_H
#define TOCSIN_SDS_H

#include <stddef.h>
#include <stdint.h>

/* The day files that may hold samples of [from, until), sorted by day, then bytewise; as files_list() gives them (files_list_free() releases), a NULL
   at the end. A record lies in the file of the day in which it begins, so the day before counts while its last record may reach over midnight. NULL:
   errno says why (ENOENT: no such archive, or nothing in it of that time; EINVAL: no such span). */
char **sds_list(const char *root, int64_t from, int64_t until);

#endif
