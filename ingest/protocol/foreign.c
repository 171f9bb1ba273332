#include "foreign.h"

#include <stdbool.h>
#include <string.h>

#include "ingest.h"

typedef struct {
  const char *start, *speaker;
} greeting;

/* DataLink frames begin "DL" and the length of an ASCII header (protocol 1.0, 2.1); SeedLink packets "SL" and six characters, or "SE" (SeedLink 4.0).
 */
static const greeting greetings[] = {
    {"HTTP/", "a web server answers on this port; the port of SeedLink is usually 18000, of DataLink 16000"},
    {"SSH-", "this port speaks SSH; the port of SeedLink is usually 18000, of DataLink 16000"},
    {"SeedLink", "this port speaks SeedLink: set kind: seedlink"},
    {"SLINFO", "this port speaks SeedLink: set kind: seedlink"},
    {"<!DOCTYPE", "a web server answers on this port; the port of SeedLink is usually 18000, of DataLink 16000"},
    {"<html", "a web server answers on this port; the port of SeedLink is usually 18000, of DataLink 16000"},
    {"-ERR ", "this port speaks Redis; the port of SeedLink is usually 18000, of DataLink 16000"},
    {"220 ", "a mail or file server answers on this port; the port of SeedLink is usually 18000, of DataLink 16000"},
};

static bool begins(const uint8_t *bytes, size_t length, const char *start)
{
  size_t n = strlen(start);
  return length >= n && memcmp(bytes, start, n) == 0;
}

/* A TLS record: alert or handshake, then the version 3.x (RFC 8446, 5.1). */
static bool is_tls(const uint8_t *bytes, size_t length)
{
  return length >= 3 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 3 && bytes[2] <= 4;
}

const char *foreign_speaker(const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < sizeof greetings / sizeof *greetings; i++)
    if (begins(bytes, length, greetings[i].start))
      return greetings[i].speaker;
  if (is_tls(bytes, length))
    return "this port speaks TLS: set tls: true";
  if (length >= 4 && begins(bytes, length, "DL") && bytes[3] >= 'A' && bytes[3] <= 'Z')
    return "this port speaks DataLink: set kind: datalink";
  if (length >= 48 && ingest_frame(bytes, length).framing != INGEST_FRAME_SKIP)
    return "this port sends raw miniSEED: set kind: raw";
  return NULL;
}

char *foreign_quote(const uint8_t *bytes, size_t length, char *text, size_t room)
{
  size_t n = length < room - 1 ? length : room - 1;
  for (size_t i = 0; i < n; i++)
    text[i] = bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '"' ? (char)bytes[i] : '.';
  text[n] = '\0';
  return text;
}
