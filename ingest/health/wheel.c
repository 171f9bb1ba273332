#include "wheel.h"

#include <stdlib.h>

enum { SLOTS = 512, NONE = -1 };
#define SLOT_NS INT64_C(100000000)

typedef struct {
  int32_t next, previous; /* in its slot */
  int32_t slot;           /* NONE: waits in none */
} waiting;

struct wheel {
  waiting *of;
  int32_t slots[SLOTS];
  int64_t turn; /* slots up to this one are done; INT64_MIN before the beginning */
};

wheel *wheel_create(size_t count)
{
  wheel *w = calloc(1, sizeof *w);
  if (!w)
    return NULL;
  w->of = calloc(count + 1, sizeof *w->of);
  if (!w->of) {
    free(w);
    return NULL;
  }
  w->turn = INT64_MIN;
  for (size_t i = 0; i < count; i++)
    w->of[i].slot = NONE;
  for (size_t i = 0; i < SLOTS; i++)
    w->slots[i] = NONE;
  return w;
}

void wheel_destroy(wheel *w)
{
  if (!w)
    return;
  free(w->of);
  free(w);
}

bool wheel_grow(wheel *w, size_t before, size_t count)
{
  waiting *more = realloc(w->of, (count + 1) * sizeof *more);
  if (!more)
    return false;
  for (size_t i = before; i < count; i++)
    more[i] = (waiting){.slot = NONE};
  w->of = more;
  return true;
}

void wheel_begin(wheel *w, int64_t now)
{
  if (w->turn == INT64_MIN)
    w->turn = now / SLOT_NS;
}

bool wheel_has(const wheel *w, int32_t waiter)
{
  return w->of[waiter].slot != NONE;
}

void wheel_leave(wheel *w, int32_t waiter)
{
  waiting *of = &w->of[waiter];
  if (of->slot == NONE)
    return;
  if (of->previous != NONE)
    w->of[of->previous].next = of->next;
  else
    w->slots[of->slot] = of->next;
  if (of->next != NONE)
    w->of[of->next].previous = of->previous;
  of->slot = NONE;
}

static int32_t slot_of(int64_t turn)
{
  return (int32_t)((uint64_t)turn % SLOTS);
}

void wheel_wait(wheel *w, int32_t waiter, int64_t due)
{
  waiting *of = &w->of[waiter];
  int64_t turn = due / SLOT_NS + 1;
  wheel_leave(w, waiter);
  if (turn <= w->turn)
    turn = w->turn + 1;
  else if (turn >= w->turn + SLOTS)
    turn = w->turn + SLOTS - 1;
  of->slot = slot_of(turn);
  of->previous = NONE;
  of->next = w->slots[of->slot];
  if (of->next != NONE)
    w->of[of->next].previous = waiter;
  w->slots[of->slot] = waiter;
}

int32_t wheel_take(wheel *w, int64_t now)
{
  int64_t target = now / SLOT_NS;
  if (w->turn == INT64_MIN)
    return NONE;
  if (target - w->turn > SLOTS)
    w->turn = target - SLOTS;
  for (; w->turn < target; w->turn++) {
    int32_t waiter = w->slots[slot_of(w->turn + 1)];
    if (waiter == NONE)
      continue;
    wheel_leave(w, waiter);
    return waiter;
  }
  return NONE;
}
