/* sensors.h: what the engine keeps of each sensor: its picker, its last picks and motion, its state, and who has changed since when. */
#ifndef TOCSIN_ENGINE_SENSORS_H
#define TOCSIN_ENGINE_SENSORS_H

#include "messages.h"

enum { SENSOR_PICKS = 4 }; /* older picks of a sensor change no more */

typedef struct {
  picker *picker; /* NULL: no channel of it can be picked */
  double rate;    /* the highest that it was made for */
  ingest_status status;
  ingest_noise noise[INGEST_COMPONENTS]; /* of their newest spectra */
  uint32_t revision;                     /* of its station messages */
  pick_notice picks[SENSOR_PICKS];
  unsigned next_pick;
  picker_motion motion; /* the newest */
  bool fed, moved;      /* stands in the list of that name */
  bool open;            /* had an epoch when it was last looked at */
} sensor;

/* Sensors in the order in which they were marked. */
typedef struct {
  int32_t *of;
  size_t count;
} sensor_list;

/* How many sensors of one site are so. */
typedef struct {
  int32_t good, open;
} sensors_of_site;

typedef struct {
  const ingest_inventory *inventory;
  size_t count;
  sensor *of;
  sensor_list fed;   /* got samples since the last step */
  sensor_list moved; /* moved since the last intensity message */
  sensors_of_site *of_site;
  size_t sites, sites_open; /* all that ever were, those with an epoch */
  size_t sites_good;        /* of these, with a good sensor */
} sensors;

bool sensors_create(sensors *s, const ingest_inventory *inventory, const picker_settings *settings);
void sensors_destroy(sensors *s);

/* Another inventory, in which the sensors keep their indices: new ones get their pickers, and those whose rate has grown. False, and all as before,
   if memory is short. */
bool sensors_adopt(sensors *s, const ingest_inventory *inventory, const picker_settings *settings);
/* Back to the inventory before, which had no more sensors. */
void sensors_return(sensors *s, const ingest_inventory *inventory);

void sensors_mark_fed(sensors *s, int32_t sensor);
void sensors_mark_moved(sensors *s, int32_t sensor);
void sensors_clear_fed(sensors *s);
void sensors_clear_moved(sensors *s);

/* Whether it has an epoch at `now`: what has none is a station no more. */
void sensors_look(sensors *s, int32_t sensor, int64_t now);

/* Takes the new status; true if the state is another one than before. */
bool sensors_take_status(sensors *s, const ingest_status *status);
void sensors_take_noise(sensors *s, const engine_spectrum_result *result);

/* The notice of a new pick (it forgets the oldest), and that of an earlier one, NULL if it is forgotten. */
pick_notice *sensors_new_pick(sensors *s, const picker_pick *pick);
pick_notice *sensors_find_pick(sensors *s, int32_t sensor, uint64_t pick);

#endif
