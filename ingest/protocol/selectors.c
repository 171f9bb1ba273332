#include "selectors.h"

#include <stdio.h>
#include <string.h>

#include "seedlink_server_select.h"

static const char between[] = " \t\r\n";

bool selectors_name(const protocol_selection *asked, const char *network, const char *station)
{
  return (!asked->network[0] || select_matches(asked->network, network)) && (!asked->station[0] || select_matches(asked->station, station));
}

bool selectors_have_wildcards(const protocol_selection *asked)
{
  return !asked->network[0] || !asked->station[0] || strpbrk(asked->network, "*?") || strpbrk(asked->station, "*?");
}

bool protocol_selection_fault(const protocol_selection *asked, char *fault)
{
  enum { FAULT = 160 };
  const char *codes[] = {asked->network, asked->station}, *at = asked->selectors;
  for (size_t i = 0; i < 2; i++)
    if (codes[i][0] && (!select_is_pattern(codes[i]) || strchr(codes[i], '_'))) {
      snprintf(fault, FAULT, "`%s` is no code: a network or station has letters and digits, with * and ? as wildcards", codes[i]);
      return true;
    }
  for (;;) {
    at += strspn(at, between);
    int length = (int)strcspn(at, between);
    char word[SELECTORS_WORD];
    selector read;
    if (length == 0)
      return false;
    snprintf(word, sizeof word, "%.*s", length, at);
    const char *why = length < SELECTORS_WORD ? select_read_3(word, &read) : "it is too long";
    if (why) {
      snprintf(fault, FAULT, "`%s` is no selector (%s): write it like BH?, 00HNZ or !LH?", word, why);
      return true;
    }
    at += length;
  }
}

bool selectors_next(const char **selectors, char word[SELECTORS_WORD])
{
  for (size_t length;; *selectors += length) {
    *selectors += strspn(*selectors, between);
    length = strcspn(*selectors, between);
    if (length == 0)
      return false;
    if (length >= SELECTORS_WORD)
      continue;
    memcpy(word, *selectors, length);
    word[length] = '\0';
    *selectors += length;
    return true;
  }
}

static bool is_blank(const char *word)
{
  return strncmp(word + (*word == '!'), "--", 2) == 0;
}

bool selectors_without_blank(const char *word, char text[SELECTORS_WORD])
{
  snprintf(text, SELECTORS_WORD, "%s", is_blank(word) ? word + 2 : word);
  return !is_blank(word) || *word != '!';
}

bool selectors_name_blank(const char *selectors)
{
  char word[SELECTORS_WORD];
  while (selectors_next(&selectors, word))
    if (is_blank(word))
      return true;
  return false;
}

/* A type other than data (D) must be said with a format; version 2 alone has such. */
static size_t put_4(const selector *read, char *text, size_t room)
{
  char type[4] = "";
  if (read->subformat && read->subformat != 'D')
    snprintf(type, sizeof type, ".2%c", read->subformat);
  return (size_t)snprintf(text, room, " %s%s%s", read->negative ? "!" : "", read->pattern, type);
}

int selectors_to_4(const char *selectors, int from, char line[SELECTORS_LINE])
{
  char word[SELECTORS_WORD], text[SELECTORS_WORD + 8];
  size_t used = 0;
  int count = 0, positives = 0;
  line[0] = '\0';
  for (int pass = 0; pass < 2; pass++) /* exclusions, then the others */
    for (const char *at = selectors; selectors_next(&at, word);) {
      selector read;
      if (select_read_3(word, &read) != NULL || read.negative != (pass == 0))
        continue;
      positives += !read.negative;
      size_t length = put_4(&read, text, sizeof text);
      if (count++ < from)
        continue;
      if (used + length >= SELECTORS_LINE - 2)
        return count - 1;
      memcpy(line + used, text, length + 1);
      used += length;
    }
  if (count > 0 && positives == 0 && count >= from) /* nothing but exclusions: the rest is wanted */
    memcpy(line + used, " *", sizeof " *");
  return line[0] ? count + 1 : -1;
}

/* LOC_B_S_SS of version 4; a channel code of three letters is band, source and subsource. */
static void stream_id(const ingest_codes *codes, char *text, size_t room)
{
  const char *c = codes->channel;
  if (strlen(c) == 3)
    snprintf(text, room, "%s_%c_%c_%c", codes->location, c[0], c[1], c[2]);
  else
    snprintf(text, room, "%s_%s", codes->location, c);
}

bool selectors_want(const char *selectors, const ingest_codes *codes)
{
  char word[SELECTORS_WORD], stream[SELECTORS_WORD];
  bool positives = false, wanted = false;
  stream_id(codes, stream, sizeof stream);
  while (selectors_next(&selectors, word)) {
    selector read;
    if (select_read_3(word, &read) != NULL)
      continue;
    bool matches = select_matches(read.pattern, stream);
    if (read.negative && matches)
      return false;
    positives = positives || !read.negative;
    wanted = wanted || matches;
  }
  return wanted || !positives;
}
