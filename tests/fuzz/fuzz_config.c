/* Any bytes as a configuration: reading ends, each fault has its text and place, and what was read has canonical lines in order. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

typedef struct {
  bool armed;
  int crew;
  int64_t port;
  double level, depth_km;
  char name[12];
  int kind;
} alarm_settings;

typedef struct {
  char id[8];
  double latitude_deg;
} door_settings;

static const char *const kinds[] = {"silent", "bell", "siren", NULL};

#define ALARM(member) .offset = offsetof(alarm_settings, member)
#define DOOR(member) .offset = offsetof(door_settings, member), .size = sizeof((door_settings *)0)->member

static const config_row alarm_rows[] = {
    {"armed", CONFIG_BOOL, "", 0, 0, "true", "Whether it rings", ALARM(armed)},
    {"crew", CONFIG_INT, "", 1, 100, "3", "People who come", ALARM(crew), sizeof(int)},
    {"port", CONFIG_INT, "", 0, 0, "6379", "Port of the bell", ALARM(port)},
    {"level", CONFIG_REAL, "", 0, 1, "0.25", "How loud", ALARM(level)},
    {"depth_km", CONFIG_REAL, "km", 0, 0, "-0.1", "How deep", ALARM(depth_km)},
    {"name", CONFIG_TEXT, "", 0, 0, "front", "What it is called", ALARM(name), sizeof((alarm_settings *)0)->name},
    {"kind", CONFIG_CHOICE, "", 0, 0, "bell", "What is heard", ALARM(kind), 0, kinds},
    {0},
};

static const config_row door_rows[] = {
    {"id", CONFIG_TEXT, "", 0, 0, NULL, "Short name", DOOR(id)},
    {"latitude_deg", CONFIG_REAL, "degree", -90, 90, NULL, "Where it is", DOOR(latitude_deg)},
    {0},
};

static void require(bool truth)
{
  if (!truth)
    abort();
}

static void check_order(void *user, const char *text, size_t length)
{
  char *last = user, line[96] = "";
  require(length > 0 && length < sizeof line && text[length - 1] == '\n' && !memchr(text, '\n', length - 1));
  memcpy(line, text, length);
  require(strcmp(last, line) <= 0);
  strcpy(last, line);
}

static void check_faults(const config_faults *faults)
{
  for (size_t i = 0; i < faults->count; i++) {
    const config_fault *fault = &faults->items[i];
    require(fault->text[0] && memchr(fault->text, 0, sizeof fault->text) && (fault->line > 0) == (fault->column > 0));
    require(i == 0 || fault[-1].line <= fault->line);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
  alarm_settings alarm = {0};
  door_settings *doors = NULL;
  size_t doors_count = 0;
  const config_section sections[] = {
      {"alarm", "The alarm", alarm_rows, sizeof alarm, &alarm, NULL}, {"doors", "The doors", door_rows, sizeof *doors, &doors, &doors_count}, {0}};
  config_faults faults = {0};
  char last[96] = "";
  bool clean = config_parse(sections, (const char *)bytes, length, &faults);
  require(clean == (faults.count == 0));
  require(alarm.crew >= 1 && alarm.crew <= 100 && alarm.level >= 0 && alarm.level <= 1 && isfinite(alarm.depth_km));
  require(alarm.kind >= 0 && alarm.kind < 3);
  config_canonical(sections, check_order, last);
  config_fault_at(&faults, (const char *)bytes, length, "doors", 2, "id", "two alike");
  check_faults(&faults);
  config_faults_clear(&faults);
  free(doors);
  return 0;
}
