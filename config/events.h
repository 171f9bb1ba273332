/* events.h: libyaml's events of one file, with what no configuration may hold said as faults: bad syntax, depth, tags, anchors, aliases. */
#ifndef TOCSIN_CONFIG_EVENTS_H
#define TOCSIN_CONFIG_EVENTS_H

#include <yaml.h>

#include "faults.h"

typedef struct {
  yaml_parser_t yaml;
  yaml_event_t event; /* the one being looked at; YAML_NO_EVENT once stopped */
  const char *bytes;
  config_faults *faults;
  size_t depth; /* of open mappings and lists */
  bool stopped; /* the rest cannot be read; the fault was said */
} events;

/* False if memory is short. `bytes` and `faults` must outlive it. */
bool events_open(events *e, const char *bytes, size_t length, config_faults *faults);
void events_close(events *e);

void events_next(events *e);

/* Leaves behind the value that begins with this event: the next events_next() is past it. */
void events_skip(events *e);

/* A fault at a mark. */
void events_fault(events *e, yaml_mark_t mark, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
