/* path.h: by which logger, link and provider each sensor's data come, for this folder's own use. */
#ifndef TOCSIN_INGEST_PATH_H
#define TOCSIN_INGEST_PATH_H

#include "ingest.h"

typedef struct paths paths;

/* NULL if memory is short. Keeps no pointer to its arguments. */
paths *paths_create(const ingest_settings *settings, const ingest_inventory *inventory);
void paths_destroy(paths *p);
/* Another inventory; feeds stay. False, and all as before, if memory is short. */
bool paths_adopt(paths *p, const ingest_settings *settings, const ingest_inventory *inventory);

bool paths_set_feed(paths *p, int32_t feed, const ingest_feed_path *path);
/* That of a sensor whose data come by `feed`: what the configuration says, else what the feed says, else -1. */
ingest_path paths_of(const paths *p, int32_t sensor, int32_t feed);
const char *paths_name(const paths *p, int32_t number);

#endif
