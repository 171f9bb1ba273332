/* model.h: a velocity model, by name or from its file, as travel-time tables: the same for the daemon and every verb. */
#ifndef TOCSIN_MODEL_H
#define TOCSIN_MODEL_H

#include "locator.h"

/* Of `locator.model`. NULL, said on stderr with the remedy, if there is no such model or memory is short. */
locator_travel_times *model_travel_times(const locator_settings *settings);
/* Of another one, which that setting names. */
locator_travel_times *model_travel_times_of(const char *name, const char *setting, double maximum_depth_km);

#endif
