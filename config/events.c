/* events.c: libyaml's events of one file, and the faults that any file can have. */
#include "events.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DEEPEST = 4, HOPELESS_DEPTH = 64 };

bool events_open(events *e, const char *bytes, size_t length, config_faults *faults)
{
  *e = (events){.bytes = bytes, .faults = faults};
  if (!yaml_parser_initialize(&e->yaml))
    return false;
  yaml_parser_set_encoding(&e->yaml, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&e->yaml, (const unsigned char *)bytes, length);
  return true;
}

void events_close(events *e)
{
  yaml_event_delete(&e->event);
  yaml_parser_delete(&e->yaml);
}

void events_fault(events *e, yaml_mark_t mark, const char *format, ...)
{
  char text[640];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (!faults_add(e->faults, mark.line + 1, mark.column + 1, "%s", text))
    e->stopped = true;
}

/* ---- syntax ---- */

/* libyaml's reader of bytes gives an offset in place of a mark. */
static yaml_mark_t mark_of_byte(const char *bytes, size_t offset)
{
  yaml_mark_t mark = {.index = offset};
  for (size_t i = 0; i < offset; i++) {
    bool begins_character = ((unsigned char)bytes[i] & 0xC0) != 0x80;
    mark.column = bytes[i] == '\n' ? 0 : mark.column + begins_character;
    mark.line += bytes[i] == '\n';
  }
  return mark;
}

/* What libyaml's words usually mean to someone who writes a configuration. */
static const char *remedy_of(const char *problem)
{
  static const struct {
    const char *problem, *remedy;
  } known[] = {
      {"cannot start any token", "a tab cannot indent, and %, @ and ` need quotes"},
      {"could not find expected ':'", "a colon and a blank part a name from its value"},
      {"did not find expected key", "the indentation differs from the lines before"},
      {"did not find expected '-' indicator", "each entry of a list begins with `- `"},
      {"mapping values are not allowed", "the indentation is wrong, or a text with a colon needs quotes"},
      {"block sequence entries are not allowed", "`- ` begins an entry in a line of its own; other texts with it need quotes"},
      {"did not find expected ',' or", "a bracket that was opened is not closed"},
      {"found unexpected end of stream", "a quote that was opened is not closed"},
  };
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strstr(problem, known[i].problem))
      return known[i].remedy;
  return "compare it with the example file";
}

static void syntax_fault(events *e)
{
  const yaml_parser_t *y = &e->yaml;
  const char *problem = y->problem ? y->problem : "it cannot be read";
  if (y->error == YAML_MEMORY_ERROR)
    faults_add(e->faults, 0, 0, "memory is short");
  else if (y->error == YAML_READER_ERROR)
    events_fault(e, mark_of_byte(e->bytes, y->problem_offset), "no UTF-8 text: %s; save the file as UTF-8, the rest was not read", problem);
  else if (y->context)
    events_fault(e, y->problem_mark, "no valid YAML: %s, %s that begins in line %zu; %s. The rest was not read", problem, y->context,
                 y->context_mark.line + 1, remedy_of(problem));
  else
    events_fault(e, y->problem_mark, "no valid YAML: %s; %s. The rest was not read", problem, remedy_of(problem));
  e->stopped = true;
}

/* ---- what no configuration may hold ---- */

static void check_tag(events *e, const unsigned char *tag)
{
  char shown[FAULTS_QUOTE];
  const char *text = (const char *)tag;
  if (text)
    events_fault(e, e->event.start_mark, "tags have no meaning here, found `%s`; leave it out", faults_quote(shown, text, strlen(text)));
}

static void check_anchor(events *e, char sign, const unsigned char *name)
{
  char shown[FAULTS_QUOTE];
  const char *text = (const char *)name;
  if (text)
    events_fault(e, e->event.start_mark, "anchors and aliases are not followed, found `%c%s`; write the value out", sign,
                 faults_quote(shown, text, strlen(text)));
}

static void check_extras(events *e)
{
  const yaml_event_t *event = &e->event;
  switch (event->type) {
  case YAML_ALIAS_EVENT:
    check_anchor(e, '*', event->data.alias.anchor);
    break;
  case YAML_SCALAR_EVENT:
    check_anchor(e, '&', event->data.scalar.anchor);
    check_tag(e, event->data.scalar.tag);
    break;
  case YAML_MAPPING_START_EVENT:
    check_anchor(e, '&', event->data.mapping_start.anchor);
    check_tag(e, event->data.mapping_start.tag);
    break;
  case YAML_SEQUENCE_START_EVENT:
    check_anchor(e, '&', event->data.sequence_start.anchor);
    check_tag(e, event->data.sequence_start.tag);
    break;
  default:
    break;
  }
}

static bool opens(const events *e)
{
  return e->event.type == YAML_MAPPING_START_EVENT || e->event.type == YAML_SEQUENCE_START_EVENT;
}

static bool closes(const events *e)
{
  return e->event.type == YAML_MAPPING_END_EVENT || e->event.type == YAML_SEQUENCE_END_EVENT;
}

static void check_depth(events *e)
{
  e->depth += opens(e);
  e->depth -= closes(e);
  if (opens(e) && e->depth == DEEPEST + 1)
    events_fault(e, e->event.start_mark, "nested more than four levels deep");
  if (e->depth > HOPELESS_DEPTH)
    e->stopped = true;
}

void events_next(events *e)
{
  yaml_event_delete(&e->event);
  if (e->stopped)
    return;
  if (!yaml_parser_parse(&e->yaml, &e->event)) {
    yaml_event_delete(&e->event);
    syntax_fault(e);
    return;
  }
  check_depth(e);
  check_extras(e);
  if (e->stopped)
    yaml_event_delete(&e->event);
}

void events_skip(events *e)
{
  size_t outside = e->depth - opens(e);
  while (!e->stopped && e->depth > outside)
    events_next(e);
}
