#include "datalink_match.h"

#include <string.h>

#include "seedlink_server_select.h"
#include "selectors.h"

/* One code with wildcards; codes hold no underscore. */
static void add_code(growing_text *regex, const char *pattern, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (pattern[i] == '*')
      text_add(regex, "[^_/]*");
    else if (pattern[i] == '?')
      text_add(regex, "[^_/]");
    else
      text_add(regex, "%c", pattern[i]);
}

/* "LOC_B_S_SS": what stands between the channel's letters in the new form is missing in the older one. */
static void add_stream(growing_text *regex, const char *pattern)
{
  size_t location = strcspn(pattern, "_");
  add_code(regex, pattern, location);
  text_add(regex, "_");
  for (const char *at = pattern + location + (pattern[location] != '\0'); *at;) {
    size_t part = strcspn(at, "_");
    add_code(regex, at, part);
    at += part;
    if (*at == '_') {
      text_add(regex, "_?");
      at++;
    }
  }
}

static void add_station(growing_text *regex, const protocol_selection *asked)
{
  text_add(regex, "%s^(?:FDSN:)?", regex->length ? "|" : "");
  add_code(regex, *asked->network ? asked->network : "*", strlen(*asked->network ? asked->network : "*"));
  text_add(regex, "_");
  add_code(regex, *asked->station ? asked->station : "*", strlen(*asked->station ? asked->station : "*"));
  text_add(regex, "_");
}

/* Of types other than D there is no miniSEED here. Returns how many selectors of this sign there are. */
static size_t add_selectors(growing_text *regex, const char *selectors, bool negative)
{
  char word[SELECTORS_WORD];
  size_t count = 0;
  while (selectors_next(&selectors, word)) {
    selector read;
    if ((select_read_3(word, &read) && select_read_4(word, &read)) || read.negative != negative || (read.subformat && read.subformat != 'D'))
      continue;
    text_add(regex, "%s", count++ ? "|" : "(?:");
    add_stream(regex, read.pattern);
  }
  if (count > 0)
    text_add(regex, ")/MSEED3?(?:/|$)");
  return count;
}

void datalink_match(const protocol_client_setup *setup, growing_text *regex)
{
  for (size_t i = 0; i < setup->selections_count; i++) {
    add_station(regex, &setup->selections[i]);
    if (add_selectors(regex, setup->selections[i].selectors, false) == 0)
      text_add(regex, "[^/]*/MSEED3?(?:/|$)");
  }
  if (setup->selections_count == 0)
    text_add(regex, "/MSEED3?(?:/|$)");
}

void datalink_reject(const protocol_client_setup *setup, growing_text *regex)
{
  for (size_t i = 0; i < setup->selections_count; i++) {
    size_t before = regex->length;
    add_station(regex, &setup->selections[i]);
    if (add_selectors(regex, setup->selections[i].selectors, true) == 0)
      regex->length = before;
  }
  if (regex->bytes)
    regex->bytes[regex->length] = '\0';
}
