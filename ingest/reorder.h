/* reorder.h: packets that came before their turn, kept in one bounded store that all channels share, for this folder's own use. */
#ifndef TOCSIN_INGEST_REORDER_H
#define TOCSIN_INGEST_REORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct reorder reorder;

typedef struct {
  int64_t start, arrival;
  int32_t channel, feed;
  size_t length;
} reorder_packet;

/* NULL if memory is short. About 150 bytes a channel and 1 MB. */
reorder *reorder_create(size_t channels);
void reorder_destroy(reorder *r);
/* For so many channels from now on, if there were fewer. False, and all as before, if memory is short. */
bool reorder_grow(reorder *r, size_t channels);

/* Takes a copy; arrivals never decrease. False if the store is full or the channel holds its share. */
bool reorder_hold(reorder *r, const reorder_packet *packet, const uint8_t *bytes);

/* The channel's packet of the earliest start, or NULL. */
const reorder_packet *reorder_first(const reorder *r, int32_t channel);

/* The packet that has waited longest, of all channels, or NULL. */
const reorder_packet *reorder_oldest(const reorder *r);

/* Copies the channel's first packet out and forgets it. */
reorder_packet reorder_take(reorder *r, int32_t channel, uint8_t *bytes);

#endif
