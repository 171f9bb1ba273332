/* candidate.h (inside picker/): what is known of a trigger while it is being looked at, and whether that makes it a P wave.
 *
 * The bank triggers on everything that rises. Each trigger is looked at again when 0.1, 0.2, 0.3, 0.5, 0.8 and 1.3 s of it are there: clear ones are
 * let out at the first look, doubtful ones wait, the rest is dropped.
 */
#ifndef TOCSIN_PICKER_CANDIDATE_H
#define TOCSIN_PICKER_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "characteristic.h"
#include "history.h"
#include "onset.h"
#include "past.h"
#include "waveform.h"

enum { CANDIDATE_LOOKS = 6, CANDIDATE_RECENT = 16 };
extern const double candidate_looks_s[CANDIDATE_LOOKS];

/* All are ratios, so that neither gain nor rate matters. Energies are of the band where the trigger is strongest against its noise. */
typedef struct {
  float peak;             /* largest short average over the noise before the trigger, any band */
  float mean;             /* mean energy since the trigger over the noise before it, strongest band */
  float bands_up;         /* bands whose mean energy is over 3 times the noise, of those that the rate carries */
  float contrast;         /* onset_find() on the lowest high-pass from 1 s before the trigger */
  float spike;            /* largest over mean energy since the trigger */
  float lasting;          /* mean energy of the last third since the trigger over the mean of all */
  float quiet_1, quiet_5; /* mean energy since the trigger over the loudest 0.1 s in the 1.5 s and 5 s before it */
  float recent;           /* triggers in the 5 s before */
  float past[PAST_MEASURES];
  float band;       /* the strongest one, 0 the lowest */
  float coda;       /* 1 at the last P, falling to 0 at the end of its refractory time and later */
  float over_event; /* peak over the loudest 0.1 s since that P, strongest band */
  waveform trace;
} candidate_evidence;

typedef struct {
  bool open;
  int look;               /* the next one */
  int64_t trigger, first; /* index of the trigger; of the one that it grew out of */
  int32_t count;          /* samples since the trigger, itself included */
  int32_t third_from;
  characteristic_lanes noise, quiet_1, quiet_5;
  characteristic_lanes sum, third, loudest, peak;
  characteristic_lanes settled; /* the peak when half a second was there */
  float recent;
  int64_t blocks; /* that the bank had filled */
} candidate;

/* A trigger at sample `index` of the bank. `again`: it grew out of the one that *k still holds, whose noise is the better one. */
void candidate_open(candidate *k, const characteristic *c, int64_t index, bool again, float recent);

/* The bank took the next sample. True when a look is due. */
bool candidate_add(candidate *k, const characteristic *c, double rate);

/* Whether it has become so much louder since half a second of it was there that a wave may have come that is not what triggered. */
bool candidate_is_outgrown(const candidate *k, const characteristic *c);

/* The look that was due is done. */
void candidate_next_look(candidate *k);

/* `loudest_since_pick`: of the last event. */
candidate_evidence candidate_weigh(const candidate *k, const characteristic *c, const past *p, const history *h, double rate,
                                   const characteristic_lanes *loudest_since_pick);

int candidate_strongest_band(const candidate *k, const characteristic *c);

/* Logarithm of the odds that it is a P wave, whatever is asked. */
float candidate_log_odds(const candidate_evidence *e, int look);

/* What look number `look` asks for: a wave has log odds of at least that. strictness 0: as tuned; each unit more asks for e times the odds. INFINITY:
   it cannot be one. */
float candidate_asked(const candidate_evidence *e, int look, double strictness);

#endif
