/* stream.h: what the clean stream keeps, for this folder's own use. */
#ifndef TOCSIN_INGEST_STREAM_H
#define TOCSIN_INGEST_STREAM_H

#include "health.h"
#include "inventory_table.h"
#include "kept.h"
#include "path.h"
#include "layout.h"
#include "reorder.h"
#include "response.h"
#include "rotate.h"
#include "strangers.h"

/* What one channel's stream has come to. */
typedef struct {
  int64_t first, next;          /* time of the first sample ever, and of the one that is due */
  int64_t gap_start, gap_until; /* the latest gap */
  int64_t old_since, old_next;  /* records refused as old that follow each other; 0: none */
  double rate;                  /* 0: nothing came yet */
  double gain;
  ingest_unit unit;
  uint8_t needs; /* of its output, at last */
  bool lost;     /* its samples cannot be turned since then, and it was said */
} channel_state;

/* One record on its way. */
typedef struct {
  int32_t feed, channel;
  const uint8_t *bytes;
  size_t length;
  ingest_record record;
  record_layout layout;
  bool stepped; /* the channel's time stepped back to it */
} packet;

struct ingest {
  const ingest_inventory *inventory;
  const ingest_settings *settings;
  int64_t reorder_ns, future_ns;
  size_t channel_count;
  channel_state *channels; /* sensor * INGEST_COMPONENTS + component */
  response *responses;     /* of each channel */
  reorder *reorder;
  rotate *rotate;
  health *health;
  paths *paths;
  kept *kept;
  strangers strangers;
  ingest_counters counted;
  int32_t *counts; /* of a packet, or its values */
  double *values;
  float *motion;
  uint8_t *bytes; /* of a packet that was held */
};

/* ---- continuity.c: does a record follow what came before? ---- */

/* The length of one sample of it. */
double continuity_sample_ns(const packet *p);

bool continuity_is_same_rate(double a, double b);

/* Later than what is due by more than half a sample. */
bool continuity_is_ahead(const channel_state *c, int64_t start);

/* How many of its first samples were handed on already. */
size_t continuity_overlap(const channel_state *c, const packet *p);

/* Of a record that is older than what is due: it lies in the latest gap, or before the first sample. */
bool continuity_was_missed(const channel_state *c, const packet *p);

/* Of such a record: the channel's time had run ahead of `now`, and this is where it stepped back to. */
bool continuity_steps_back(channel_state *c, const packet *p, int64_t now);

/* Where the samples from `skip` on begin: stated times are rounded (to 0.1 ms at worst), so within a hundredth of a sample the piece begins where the
   last one ended, and the cutting into packets leaves no trace. */
int64_t continuity_start(const channel_state *c, const packet *p, size_t skip, bool gap);

#endif
