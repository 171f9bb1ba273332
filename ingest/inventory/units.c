#include "units.h"

#include <string.h>

enum { LONGEST = 24 };

/* In upper case and without blanks; false if it is too long for any unit of motion. */
static bool fold(const char *name, char *folded)
{
  size_t n = 0;
  for (; *name; name++) {
    if (*name == ' ' || *name == '\t' || *name == '\n' || *name == '\r')
      continue;
    if (n + 1 == LONGEST)
      return false;
    folded[n++] = *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
  }
  folded[n] = '\0';
  return true;
}

static const char *take_prefix(const char *name, double *size)
{
  static const struct {
    char letter;
    double size;
  } prefixes[] = {{'N', 1e-9}, {'U', 1e-6}, {'M', 1e-3}, {'C', 1e-2}};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (name[0] == prefixes[i].letter && name[1] == 'M') {
      *size = prefixes[i].size;
      return name + 1;
    }
  return name;
}

static bool is_one_of(const char *text, const char *const *words)
{
  for (; *words; words++)
    if (strcmp(text, *words) == 0)
      return true;
  return false;
}

ingest_unit units_read(const char *name, double *size)
{
  static const char *const displacement[] = {"M", "METER", "METERS", "METRE", "METRES", NULL};
  static const char *const velocity[] = {"M/S", "M/SEC", "M*S**-1", "M/SECOND", "METER/SECOND", "METERS/SECOND", NULL};
  static const char *const acceleration[] = {"M/S**2", "M/(S**2)", "M/SEC**2", "M/(SEC**2)", "M/S/S", "M/SEC/SEC", "M/S^2", "M/S2", "M*S**-2", NULL};
  char folded[LONGEST];
  *size = 1;
  if (!fold(name, folded))
    return INGEST_UNIT_OTHER;
  const char *base = take_prefix(folded, size);
  if (is_one_of(base, acceleration))
    return INGEST_UNIT_ACCELERATION;
  if (is_one_of(base, velocity))
    return INGEST_UNIT_VELOCITY;
  if (is_one_of(base, displacement))
    return INGEST_UNIT_DISPLACEMENT;
  *size = 1;
  return INGEST_UNIT_OTHER;
}
