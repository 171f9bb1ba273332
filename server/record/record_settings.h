/* record_settings.h: settings back from their canonical lines, as a recording keeps them. */
#ifndef TOCSIN_RECORD_SETTINGS_H
#define TOCSIN_RECORD_SETTINGS_H

#include "settings.h"

/* Fills `s` (release it); settings that the text does not name have their defaults. False: some of it is unknown to this build or wrong, said on
   stderr after `name`; the rest holds. */
bool record_settings_read(settings *s, const char *name, const char *text);

#endif
