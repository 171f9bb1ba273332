/* check_inventory.h: is the inventory fit for service? */
#ifndef TOCSIN_CHECK_INVENTORY_H
#define TOCSIN_CHECK_INVENTORY_H

#include <stddef.h>
#include <stdint.h>

#include "findings.h"

/* Reads StationXML (a folder or one file) and names each fault by file and line or by channel, with its remedy, and a summary at last. `now` decides
   which epochs are open. It is held against the `count` miniSEED files of `recorded`, too. */
void check_inventory(findings *f, const char *path, int64_t now, char *const *recorded, size_t count);

#endif
