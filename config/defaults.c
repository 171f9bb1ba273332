/* defaults.c: every setting as it is when no file says otherwise. */
#include "config.h"

#include <string.h>

#include "scalar.h"

void config_defaults(const config_section *sections)
{
  for (const config_section *section = sections; section->name; section++) {
    if (section->count) {
      memcpy(section->values, &(void *){NULL}, sizeof(void *));
      *section->count = 0;
      continue;
    }
    for (const config_row *row = section->rows; row->name; row++)
      scalar_default(row, section->values);
  }
}
