/* place.c: where in the file a setting is, for faults that only a comparison of settings shows. */
#include <string.h>

#include "events.h"

static bool is_word(const events *e, const char *word)
{
  return e->event.type == YAML_SCALAR_EVENT && strcmp((const char *)e->event.data.scalar.value, word) == 0;
}

/* From a mapping's start to the value of its key `name`. False, at the mapping's end, where there is none. */
static bool enter_key(events *e, const char *name)
{
  if (e->event.type != YAML_MAPPING_START_EVENT)
    return false;
  for (events_next(e); !e->stopped && e->event.type != YAML_MAPPING_END_EVENT; events_next(e)) {
    bool found = is_word(e, name);
    events_skip(e);
    events_next(e);
    if (found)
      return !e->stopped;
    events_skip(e);
  }
  return false;
}

/* From a list's start to its entry number `entry`, from 1. */
static bool enter_entry(events *e, size_t entry)
{
  if (e->event.type != YAML_SEQUENCE_START_EVENT)
    return false;
  for (events_next(e); !e->stopped && e->event.type != YAML_SEQUENCE_END_EVENT; events_next(e)) {
    if (--entry == 0)
      return true;
    events_skip(e);
  }
  return false;
}

/* As deep as the path leads: the setting, else its entry, else its section, else the file as a whole. */
static void find(events *e, const char *section, size_t entry, const char *name, size_t *line, size_t *column)
{
  *line = *column = 0;
  for (int i = 0; i < 3; i++)
    events_next(e);
  if (!enter_key(e, section))
    return;
  *line = e->event.start_mark.line + 1;
  *column = e->event.start_mark.column + 1;
  if (entry && !enter_entry(e, entry))
    return;
  yaml_mark_t mark = e->event.start_mark;
  if (enter_key(e, name))
    mark = e->event.start_mark;
  *line = mark.line + 1;
  *column = mark.column + 1;
}

static bool has_fault_at(const config_faults *faults, size_t line, size_t column)
{
  for (size_t i = 0; i < faults->count; i++)
    if (faults->items[i].line == line && faults->items[i].column == column)
      return true;
  return false;
}

void config_fault_at(config_faults *faults, const char *bytes, size_t length, const char *section, size_t entry, const char *name, const char *text)
{
  config_faults unheeded = {0};
  events e;
  size_t line = 0, column = 0;
  if (events_open(&e, bytes, length, &unheeded)) {
    find(&e, section, entry, name, &line, &column);
    events_close(&e);
  }
  config_faults_clear(&unheeded);
  if (line == 0 || !has_fault_at(faults, line, column))
    faults_add(faults, line, column, "%s", text);
}
