/* pick_run.h: the picker over recordings, in the order in which a live feed would have brought them. */
#ifndef TOCSIN_PICK_RUN_H
#define TOCSIN_PICK_RUN_H

#include "archive.h"
#include "settings.h"

typedef struct {
  uint64_t withdrawn;
  uint64_t rejected[PICKER_REJECTIONS];
  uint64_t refused[INGEST_REFUSALS];
} pick_summary;

/* That of the folder or file at `path`; with none, each channel of the records as a velocity sensor of gain 1. NULL, said on stderr, on failure. */
ingest_inventory *pick_inventory(const char *path, const archive *a);

/* All packets through ingest and a picker a sensor; S are looked for whatever the settings say. False if memory is short. */
bool pick_run(const archive *a, const ingest_inventory *inventory, const settings *s, const picker_sink *sink, pick_summary *summary);

#endif
