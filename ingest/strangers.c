#include "strangers.h"

#include "inventory_table.h"

bool strangers_note(strangers *s, const ingest_codes *codes)
{
  uint64_t hash = inventory_hash(codes) | 1;
  size_t slots = sizeof s->known / sizeof *s->known, slot = (size_t)(hash >> 16) % slots;
  for (; s->known[slot] != 0; slot = (slot + 1) % slots)
    if (s->known[slot] == hash)
      return false;
  if (s->count == STRANGERS_MOST)
    return false;
  s->known[slot] = hash;
  s->count++;
  return true;
}
