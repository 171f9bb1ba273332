/* vertical.h (inside picker/): the P path: the vertical's samples through the bank, triggers through the looks, waves become picks. */
#ifndef TOCSIN_PICKER_VERTICAL_H
#define TOCSIN_PICKER_VERTICAL_H

#include "candidate.h"
#include "history.h"
#include "picker.h"

/* From an onset to the trigger that it is found by, at most. */
static const double vertical_trigger_delay_s = 0.7;

/* A P as the vertical sees it; indices of samples. */
typedef struct {
  int64_t onset, decided_by;
  float uncertainty_s, snr;
  float log_odds; /* that it is one */
  float odds;     /* over what is asked of a sure one; a tentative one's are below 0 */
  bool supposed;  /* a tentative pick of the same wave stands */
  int8_t polarity;
} vertical_pick;

/* TENTATIVE: the pick is not sure, or has other odds than before. DROPPED: the tentative one is none after all. */
typedef enum { VERTICAL_NOTHING, VERTICAL_PICKED, VERTICAL_WITHDRAWN, VERTICAL_TENTATIVE, VERTICAL_DROPPED } vertical_outcome;

/* Told of each look at each trigger (its index, that of the one it grew out of): how the judge's constants are trained. */
typedef void vertical_observer(void *user, int64_t first, int64_t trigger, int look, const candidate_evidence *evidence);

typedef struct {
  const picker_settings *settings;
  double rate;
  characteristic bank;
  past past;
  candidate candidate;
  bool in_gap, armed;
  int64_t warm_until, last_up;        /* indices */
  int64_t triggers[CANDIDATE_RECENT]; /* indices of the last ones, ring */
  int64_t triggers_count;
  int64_t last_onset, checks_at; /* of the last pick; INT64_MAX: no check is due */
  int64_t supposed_onset;        /* of the tentative pick that stands; INT64_MIN / 2: none */
  float supposed_odds;
  characteristic_lanes loudest_since_pick;
  int64_t pick_blocks;     /* blocks that are in it */
  picker_rejection reason; /* of the last withdrawal, or why the tentative one was dropped */
  uint64_t rejected[PICKER_REJECTIONS];
  vertical_observer *observer; /* NULL in service */
  void *user;
  vertical_pick pick; /* the last one */
} vertical;

void vertical_restart(vertical *v, const picker_settings *settings, double rate);

/* Takes samples from *at on, up to `end`, until something comes of one; *at is then just past it. */
vertical_outcome vertical_run(vertical *v, const history *h, int64_t *at, int64_t end);

/* The next sample does not follow the last. */
vertical_outcome vertical_gap(vertical *v, int64_t at);

#endif
