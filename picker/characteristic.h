/* characteristic.h (inside picker/): a bank of recursive band filters and what each band's energy is worth against its noise.
 *
 * The idea is FilterPicker's (Lomax, Satriano & Vassallo 2012): in each band the squared output is compared with its own noise, and the band that
 * rises first tells. Here a band is four one-pole sections, and the noise's memory takes no more than so many times itself from one sample, so that
 * an earthquake does not poison it. All bands of a sample are computed side by side.
 */
#ifndef TOCSIN_PICKER_CHARACTERISTIC_H
#define TOCSIN_PICKER_CHARACTERISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHARACTERISTIC_LANES = 8, CHARACTERISTIC_BLOCKS = 64, CHARACTERISTIC_NOISES = 4 };

typedef float characteristic_lanes __attribute__((vector_size(CHARACTERISTIC_LANES * sizeof(float))));

typedef struct {
  characteristic_lanes high_step, low_step, short_step; /* of each band's one-pole sections */
  characteristic_lanes high_1, high_2, low_1, low_2;    /* their states */
  characteristic_lanes average, noise, sum;             /* short average, noise level, energy of the current block */
  characteristic_lanes energies[CHARACTERISTIC_BLOCKS]; /* mean energy of the last blocks of 0.1 s, ring */
  characteristic_lanes noises[CHARACTERISTIC_NOISES];   /* noise level at the end of each of the last */
  int bands, first_high;                                /* first_high: the first one above 3 Hz */
  float last;               /* sample: the bank is fed with differences, which keeps the swell of the sea out of the bands */
  float threshold;          /* short average over noise that is a trigger */
  float slowest_step, step; /* of the noise level */
  int32_t block, in_block;  /* samples of a block, and of the current one so far */
  int64_t age, blocks;      /* samples and blocks since the start */
  int32_t warm_up;          /* blocks at the start without a trigger */
  bool was_up;              /* the last sample triggered: the next may, too */
} characteristic;

_Static_assert(sizeof(characteristic) <= 4096, "18,000 channels' states are visited in any order: each costs the cache what it is long");

/* Bands at 1, 2, 4, 8, 16 and 25 times 1 / longest_period_s as far as the rate carries them. */
void characteristic_init(characteristic *c, double rate, double longest_period_s, double memory_s, double warm_up_s, double threshold);

void characteristic_restart(characteristic *c, float first);

/* n samples are to come: what they will touch of a state that has gone cold is asked for all at once. */
void characteristic_expect(const characteristic *c, size_t n);

/* Takes samples (finite) until one triggers, a block is full or n are taken; returns how many. `up`: the last of them triggered. */
size_t characteristic_run(characteristic *c, const float *samples, size_t n, bool *up);

/* Energy of the block that lies `back` blocks behind the newest full one, and the noise level at its end, of the last four. */
const characteristic_lanes *characteristic_energy(const characteristic *c, int64_t back);
const characteristic_lanes *characteristic_noise(const characteristic *c, int64_t back);

/* The output of one band (or, for band -1, the lowest band's high-pass alone) over n samples, from rest. */
void characteristic_filter(const characteristic *c, int band, const float *samples, size_t n, float *out);

#endif
