#include <string.h>

#include "protocol.h"

static const protocol_adapter *const adapters[] = {&protocol_seedlink, &protocol_datalink, &protocol_raw};

const protocol_adapter *protocol_adapter_named(const char *name)
{
  for (size_t i = 0; i < sizeof adapters / sizeof *adapters; i++)
    if (strcmp(adapters[i]->name, name) == 0)
      return adapters[i];
  return NULL;
}
