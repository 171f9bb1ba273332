/* shear.h (inside picker/): the S path: what comes after a P, looked at ten times a second until the horizontals say that it is the S wave.
 *
 * The energy of the three components in two bands, in blocks of 0.1 s, against the noise before the P, against what came since, and horizontal
 * against vertical (Diehl et al. 2009 look at the same three); a small network weighs it. Asleep where no P came.
 */
#ifndef TOCSIN_PICKER_SHEAR_H
#define TOCSIN_PICKER_SHEAR_H

#include "characteristic.h"
#include "history.h"
#include "ingest.h"
#include "picker.h"

enum { SHEAR_BLOCKS = 32, SHEAR_NOTES = 16 };

/* Eighteen ratios and the course of the last 2 s: horizontal and vertical, low and high band. */
enum { SHEAR_RATIOS = 18, SHEAR_COURSE = 20, SHEAR_COURSES = 4, SHEAR_MEASURES = SHEAR_RATIOS + SHEAR_COURSE * SHEAR_COURSES };

/* How long it waits for horizontals that lag behind the vertical. */
static const double shear_patience_s = 7;

/* Indices of samples. */
typedef struct {
  int64_t onset, decided_by;
  float uncertainty_s, snr;
  uint32_t p_number; /* of the P that it follows */
  bool tentative;    /* and so is that P */
} shear_pick;

/* What the vertical said, to be heard when the three components have come so far. */
typedef struct {
  int64_t at, onset;
  uint32_t number;
  float log_odds; /* that it is a P */
  bool withdrawn, tentative;
} shear_note;

/* Told of each look, `since_p_s` after the P: how the constants are trained. */
typedef void shear_observer(void *user, int64_t p_onset, int64_t now, int64_t onset, const float measures[SHEAR_MEASURES]);

typedef struct {
  const picker_settings *settings;
  double rate;
  shear_note notes[SHEAR_NOTES];
  int note_count;
  bool open, horizontals, tentative;
  uint32_t number;
  float doubt;                            /* odds more that are asked, for the P may be none */
  int64_t p_onset, heard_at, start, next; /* heard_at: the sample with which the search began; start: of block 0; next: the next sample */
  characteristic_lanes high_step, low_step;
  characteristic_lanes high_1, high_2, low_1, low_2, sum;
  characteristic_lanes
      energies[SHEAR_BLOCKS];          /* mean energy of the last blocks, ring; lanes: Z, 1, 2 low band, nothing, Z, 1, 2 high band, nothing */
  characteristic_lanes noise, loudest; /* mean before the P; loudest block since, the newest ones left out */
  int32_t block, in_block;
  int64_t blocks;
  float last[INGEST_COMPONENTS];
  shear_observer *observer; /* NULL in service */
  void *user;
  shear_pick pick; /* the last one */
} shear;

void shear_restart(shear *s, const picker_settings *settings, double rate);

/* A P, or the withdrawal of one, that the vertical decided with the sample `at`. */
void shear_note_p(shear *s, const shear_note *note);

/* Takes what all components hold; those that lag more than shear_patience_s behind the vertical are waited for no longer. True when an S is in
   s->pick: then call again. */
bool shear_run(shear *s, const history components[INGEST_COMPONENTS]);

#endif
