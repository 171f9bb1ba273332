#include "sample.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"silent", "bell", "siren", NULL};

#define ALARM(member) .offset = offsetof(alarm_settings, member)

static const config_row alarm_rows[] = {
    {"armed", CONFIG_BOOL, "", 0, 0, "true", "Whether it rings", ALARM(armed)},
    {"port", CONFIG_INT, "", 1, 65535, "6379", "Port of the bell", ALARM(port)},
    {"crew", CONFIG_INT, "", -5, 5000000000.0, "3", "People who come", ALARM(crew), sizeof(int)},
    {"level", CONFIG_REAL, "", 0, 1, "0.25", "How loud", ALARM(level)},
    {"wait_s", CONFIG_REAL, "s", 0.5, INFINITY, "2.5", "How long", ALARM(wait_s)},
    {"depth_km", CONFIG_REAL, "km", 0, 0, "-0.1", "How deep", ALARM(depth_km)},
    {"name", CONFIG_TEXT, "", 0, 0, "front: #1", "What it is called", ALARM(name), sizeof((alarm_settings *)0)->name},
    {"kind", CONFIG_CHOICE, "", 0, 0, "bell", "What is heard", ALARM(kind), 0, kinds},
    {0},
};

static const config_row lamp_rows[] = {
    {"watts", CONFIG_INT, "W", 0, 0, "60", "Power of the lamp", .offset = 0},
    {0},
};

#define DOOR(member) .offset = offsetof(door_settings, member), .size = sizeof((door_settings *)0)->member

static const config_row door_rows[] = {
    {"id", CONFIG_TEXT, "", 0, 0, NULL, "Short name", DOOR(id)},
    {"label", CONFIG_TEXT, "", 0, 0, "", "Long name", DOOR(label)},
    {"latitude_deg", CONFIG_REAL, "degree", -90, 90, NULL, "Where it is", DOOR(latitude_deg)},
    {0},
};

static sample *unread(void)
{
  sample *s = calloc(1, sizeof *s);
  assert_non_null(s);
  const config_section sections[] = {
      {"alarm", "The alarm", alarm_rows, sizeof s->alarm, &s->alarm, NULL},
      {"lamp", "The lamp", lamp_rows, sizeof s->lamp_watts, &s->lamp_watts, NULL},
      {"doors", "The doors", door_rows, sizeof *s->doors, &s->doors, &s->doors_count},
      {0},
  };
  memcpy(s->sections, sections, sizeof sections);
  return s;
}

/* The bytes lie alone in their memory, so that the sanitizer sees each step past them. */
sample *sample_of(const char *text, size_t length)
{
  sample *s = unread();
  char *bytes = malloc(length ? length : 1);
  assert_non_null(bytes);
  memcpy(bytes, text, length);
  s->clean = config_parse(s->sections, bytes, length, &s->faults);
  free(bytes);
  assert_int_equal(s->clean, s->faults.count == 0);
  return s;
}

sample *sample_of_text(const char *text)
{
  return sample_of(text, strlen(text));
}

sample *sample_of_defaults(void)
{
  sample *s = unread();
  memset(&s->alarm, 0xA5, sizeof s->alarm);
  config_defaults(s->sections);
  return s;
}

void sample_release(sample *s)
{
  config_faults_clear(&s->faults);
  free(s->doors);
  free(s);
}

static void print_faults(const sample *s)
{
  for (size_t i = 0; i < s->faults.count; i++)
    print_error("%zu:%zu: %s\n", s->faults.items[i].line, s->faults.items[i].column, s->faults.items[i].text);
}

void assert_fault(const char *text, size_t line, size_t column, const char *needle)
{
  sample *s = sample_of_text(text);
  bool right =
      s->faults.count == 1 && s->faults.items[0].line == line && s->faults.items[0].column == column && strstr(s->faults.items[0].text, needle);
  if (!right) {
    print_error("of:\n%s\nexpected %zu:%zu: ...%s..., found\n", text, line, column, needle);
    print_faults(s);
  }
  assert_true(right);
  sample_release(s);
}

void assert_has_fault(const sample *s, size_t line, const char *needle)
{
  bool there = false;
  for (size_t i = 0; i < s->faults.count; i++)
    there |= s->faults.items[i].line == line && strstr(s->faults.items[i].text, needle);
  if (!there) {
    print_error("expected in line %zu: ...%s..., found\n", line, needle);
    print_faults(s);
  }
  assert_true(there);
}

typedef struct {
  char *text;
  size_t length;
} paper;

static void write_down(void *user, const char *text, size_t length)
{
  paper *p = user;
  p->text = realloc(p->text, p->length + length + 1);
  assert_non_null(p->text);
  memcpy(p->text + p->length, text, length);
  p->length += length;
  p->text[p->length] = 0;
}

char *sample_example(const sample *s)
{
  paper p = {0};
  config_example(s->sections, write_down, &p);
  return p.text;
}

char *sample_canonical(const sample *s)
{
  paper p = {0};
  config_canonical(s->sections, write_down, &p);
  return p.text;
}
