#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "foreign.h"
#include "seedlink_conversation.h"

typedef struct {
  const char *code, *remedy;
} remedy;

/* The error codes of FDSN SeedLink 4.0. */
static const remedy remedies[] = {
    {"UNSUPPORTED", "the server does not know this; if it stays so, set version: 3"},
    {"UNEXPECTED", "the server did not expect this here; if it stays so, set version: 3"},
    {"UNAUTHORIZED", "ask the server's operator for access, or set user and password_file, or token_file"},
    {"LIMIT", "the server takes no more of these; ask for fewer stations, or divide them among several feeds"},
    {"ARGUMENTS", "the server does not take these codes; check selections"},
    {"AUTH", "user, password or token are missing or wrong; check user, password_file, token_file"},
    {"INTERNAL", "the server itself failed; its operator can tell why"},
};

static const char *remedy_of(const uint8_t *code, size_t length)
{
  for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++)
    if (strlen(remedies[i].code) == length && strncasecmp(remedies[i].code, (const char *)code, length) == 0)
      return remedies[i].remedy;
  return NULL;
}

seedlink_answer seedlink_reply_read(const uint8_t *line, size_t length, char why[SEEDLINK_LINE])
{
  char said[96];
  why[0] = '\0';
  if (length >= 2 && strncasecmp((const char *)line, "OK", 2) == 0 && (length == 2 || line[2] == ' ' || line[2] == '\r'))
    return SEEDLINK_OK;
  if (length < 5 || strncasecmp((const char *)line, "ERROR", 5) != 0)
    return SEEDLINK_NO_REPLY;
  for (line += 5, length -= 5; length > 0 && (*line == ' ' || *line == '\r'); line++)
    length--;
  size_t code = 0;
  while (code < length && line[code] != ' ')
    code++;
  const char *what_to_do = remedy_of(line, code);
  foreign_quote(line, length, said, sizeof said);
  if (what_to_do)
    snprintf(why, SEEDLINK_LINE, "%s: %s", said, what_to_do);
  else
    snprintf(why, SEEDLINK_LINE, "%s", said);
  return SEEDLINK_REFUSED;
}
