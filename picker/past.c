#include "past.h"

#include <math.h>

enum { BLOCKS = 5, SETTLING = 2, FEWEST = 4, MOST = 24 }; /* blocks of a step; steps */

void past_restart(past *p)
{
  p->steps = 0;
}

void past_follow(past *p, const characteristic *c)
{
  if (c->blocks % BLOCKS != 0)
    return;
  float *loudest = p->loudest[p->steps++ % PAST_STEPS];
  for (int i = 0; i < PAST_BANDS; i++) {
    loudest[i] = 0;
    for (int64_t back = 0; back < BLOCKS; back++)
      loudest[i] = fmaxf(loudest[i], (*characteristic_energy(c, back))[i]);
  }
}

static float log_of(float a, float b, float least, float most)
{
  return a > 0 && b > 0 ? fminf(fmaxf(logf(a / b), least), most) : 0;
}

void past_measure(const past *p, int64_t blocks, int band, float energy, float measures[PAST_MEASURES])
{
  float sorted[MOST];
  int64_t end = (blocks - 1) / BLOCKS, from = end - MOST;
  int n = 0, louder = 0;
  for (int i = 0; i < PAST_MEASURES; i++)
    measures[i] = 0;
  for (int64_t step = from < SETTLING ? SETTLING : from; step < end; step++) {
    float value = p->loudest[step % PAST_STEPS][band];
    int place = n++;
    for (; place > 0 && sorted[place - 1] > value; place--)
      sorted[place] = sorted[place - 1];
    sorted[place] = value;
    louder += value > energy;
  }
  if (n < FEWEST)
    return;
  float median = sorted[n / 2], loudest = sorted[n - 1];
  measures[0] = log_of(sorted[n * 9 / 10], median, 0, 6);
  measures[1] = log_of(loudest, median, 0, 8);
  measures[2] = log_of(energy, loudest, -4, 5);
  measures[3] = (float)louder / (float)n;
}
