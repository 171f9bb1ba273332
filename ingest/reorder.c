#include "reorder.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, LEAST_BLOCKS = 2048, CHANNEL_SHARE = 64, NONE = -1 };

typedef struct {
  reorder_packet packet;
  int32_t block;        /* the first of its chain */
  int32_t later;        /* the channel's next by start; in the free list: the next free */
  int32_t older, newer; /* of all, by arrival */
} held;

struct reorder {
  held *held;
  uint8_t *blocks;      /* BLOCK bytes each */
  int32_t *block_after; /* chains, and the free list */
  int32_t *first;       /* of each channel */
  uint8_t *in_channel;  /* how many it holds */
  size_t channels;
  int32_t free_held, free_block, oldest, newest;
  size_t blocks_free;
};

static void fill_free_lists(reorder *r, size_t blocks)
{
  for (size_t i = 0; i < blocks; i++)
    r->held[i].later = r->block_after[i] = i + 1 < blocks ? (int32_t)(i + 1) : NONE;
  r->free_held = r->free_block = 0;
  r->oldest = r->newest = NONE;
  r->blocks_free = blocks;
}

reorder *reorder_create(size_t channels)
{
  size_t blocks = LEAST_BLOCKS + channels / 4;
  reorder *r = calloc(1, sizeof *r);
  if (!r)
    return NULL;
  r->held = calloc(blocks, sizeof *r->held);
  r->blocks = malloc(blocks * BLOCK);
  r->block_after = calloc(blocks, sizeof *r->block_after);
  if (!r->held || !r->blocks || !r->block_after || !reorder_grow(r, channels)) {
    reorder_destroy(r);
    return NULL;
  }
  fill_free_lists(r, blocks);
  return r;
}

void reorder_destroy(reorder *r)
{
  if (!r)
    return;
  free(r->held);
  free(r->blocks);
  free(r->block_after);
  free(r->first);
  free(r->in_channel);
  free(r);
}

bool reorder_grow(reorder *r, size_t channels)
{
  if (r->first && r->in_channel && channels <= r->channels)
    return true;
  int32_t *first = realloc(r->first, (channels + 1) * sizeof *first);
  if (!first)
    return false;
  r->first = first;
  uint8_t *in_channel = realloc(r->in_channel, channels + 1);
  if (!in_channel)
    return false;
  r->in_channel = in_channel;
  for (; r->channels < channels; r->channels++) {
    first[r->channels] = NONE;
    in_channel[r->channels] = 0;
  }
  return true;
}

static int32_t store(reorder *r, const uint8_t *bytes, size_t length)
{
  int32_t first = r->free_block, block = first, last = NONE;
  for (size_t at = 0; at < length; at += BLOCK) {
    memcpy(r->blocks + (size_t)block * BLOCK, bytes + at, length - at < BLOCK ? length - at : BLOCK);
    last = block;
    block = r->block_after[block];
    r->blocks_free--;
  }
  r->free_block = block;
  r->block_after[last] = NONE;
  return first;
}

static void insert_by_start(reorder *r, int32_t index)
{
  const reorder_packet *packet = &r->held[index].packet;
  int32_t *link = &r->first[packet->channel];
  while (*link != NONE && r->held[*link].packet.start <= packet->start)
    link = &r->held[*link].later;
  r->held[index].later = *link;
  *link = index;
}

bool reorder_hold(reorder *r, const reorder_packet *packet, const uint8_t *bytes)
{
  int32_t index = r->free_held;
  size_t blocks = (packet->length + BLOCK - 1) / BLOCK;
  if (index == NONE || blocks == 0 || blocks > r->blocks_free || r->in_channel[packet->channel] == CHANNEL_SHARE)
    return false;
  held *h = &r->held[index];
  r->free_held = h->later;
  *h = (held){.packet = *packet, .block = store(r, bytes, packet->length), .older = r->newest, .newer = NONE};
  if (r->newest != NONE)
    r->held[r->newest].newer = index;
  else
    r->oldest = index;
  r->newest = index;
  r->in_channel[packet->channel]++;
  insert_by_start(r, index);
  return true;
}

const reorder_packet *reorder_first(const reorder *r, int32_t channel)
{
  return r->first[channel] == NONE ? NULL : &r->held[r->first[channel]].packet;
}

const reorder_packet *reorder_oldest(const reorder *r)
{
  return r->oldest == NONE ? NULL : &r->held[r->oldest].packet;
}

static void fetch(reorder *r, int32_t block, uint8_t *bytes, size_t length)
{
  for (size_t at = 0; at < length; at += BLOCK) {
    int32_t after = r->block_after[block];
    memcpy(bytes + at, r->blocks + (size_t)block * BLOCK, length - at < BLOCK ? length - at : BLOCK);
    r->block_after[block] = r->free_block;
    r->free_block = block;
    r->blocks_free++;
    block = after;
  }
}

static void unlink_by_arrival(reorder *r, const held *h)
{
  if (h->older != NONE)
    r->held[h->older].newer = h->newer;
  else
    r->oldest = h->newer;
  if (h->newer != NONE)
    r->held[h->newer].older = h->older;
  else
    r->newest = h->older;
}

reorder_packet reorder_take(reorder *r, int32_t channel, uint8_t *bytes)
{
  int32_t index = r->first[channel];
  held *h = &r->held[index];
  r->first[channel] = h->later;
  r->in_channel[channel]--;
  unlink_by_arrival(r, h);
  fetch(r, h->block, bytes, h->packet.length);
  h->later = r->free_held;
  r->free_held = index;
  return h->packet;
}
