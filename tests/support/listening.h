/* listening.h: what single stations make of a made earthquake, second by second: its waves through the picker, as in the daemon; its place is known.
 * A station may be broken.
 */
#ifndef TOCSIN_TESTS_LISTENING_H
#define TOCSIN_TESTS_LISTENING_H

#include "fault.h"
#include "magnitude.h"
#include "random.h"
#include "scenario.h"

enum { LISTENING_TIMES = 5, LISTENING_STATIONS = 24, LISTENING_RATE = 100, LISTENING_BEFORE_S = 40, LISTENING_AFTER_S = 32 };
extern const double listening_after_p_s[LISTENING_TIMES]; /* after the network's first P */

/* What may be wrong with a station: nothing comes of it; its gain is ten times as stated; turned upside down; limits at a third of its peak, and says
   so; jumps half a second after P; lies where the ground swells slowly (30 to 10 s, some mm). */
typedef enum {
  LISTENING_SOUND,
  LISTENING_SILENT,
  LISTENING_GAIN,
  LISTENING_POLARITY,
  LISTENING_CLIPPED,
  LISTENING_STEP,
  LISTENING_LONG_PERIOD,
  LISTENING_DEFECTS
} listening_defect;

typedef struct {
  listening_defect defect;
  int64_t p;
  double s_minus_p_s;
  magnitude_observation now, at[LISTENING_TIMES];
  fault_site felt, felt_at[LISTENING_TIMES];
  double short_pd_m, short_at[LISTENING_TIMES]; /* of the longest window up to 3 s */
  uint64_t pick;
  int64_t picked;
} listener;

/* The nearest stations first. */
void listening_sort(const scenario *s, scenario_station *stations, size_t count);

/* The first LISTENING_STATIONS of them listen, broken as their `defect` says (the rest of each listener is set). Sets start and duration of `s`. */
void listening_hear(scenario *s, const scenario_station *stations, const picker_settings *settings, listener *listeners);

/* How many have picked it by that time. */
int listening_stations(const listener *listeners, int time);
/* What the network makes of it at that time. */
magnitude_estimate listening_magnitude(const listener *listeners, int time);

#endif
