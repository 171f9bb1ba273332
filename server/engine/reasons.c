/* The locator's reasons as members of a message, and in words. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "messages.h"

static const char *site_of(const ingest_inventory *inventory, int32_t sensor)
{
  return ingest_inventory_sensor(inventory, (size_t)sensor)->site_code;
}

static int listed(int count)
{
  return count < LOCATOR_SITES_LISTED ? count : LOCATOR_SITES_LISTED;
}

/* ---- members ---- */

static void write_path(writer *w, const locator_reasons *of)
{
  if (!of->common_path || of->behind < 2) {
    writer_null(w, "common_path");
    return;
  }
  writer_open(w, "common_path", '{');
  writer_text(w, "kind", of->common_path);
  writer_integer(w, "stations", of->behind);
  writer_close(w, '}');
}

static void write_sites(writer *w, const ingest_inventory *inventory, const locator_reasons *of)
{
  writer_integer(w, "doubted", of->doubted);
  writer_open(w, "doubted_stations", '[');
  for (int i = 0; i < listed(of->doubted); i++)
    writer_text(w, NULL, site_of(inventory, of->doubted_sensor[i]));
  writer_close(w, ']');
  writer_integer(w, "silent", of->silent);
  writer_open(w, "silent_stations", '[');
  for (int i = 0; i < listed(of->silent); i++) {
    writer_open(w, NULL, '{');
    writer_text(w, "station", site_of(inventory, of->silent_site[i].sensor));
    writer_fixed(w, "distance_km", (double)of->silent_site[i].distance_km, 1);
    writer_fixed(w, "log_odds", (double)of->silent_site[i].log_odds, 1);
    writer_close(w, '}');
  }
  writer_close(w, ']');
}

void reasons_members(writer *w, const ingest_inventory *inventory, const locator_event *event)
{
  const locator_reasons *of = &event->reasons;
  writer_open(w, "reasons", '{');
  writer_text(w, "code", event->reason);
  writer_fixed(w, "evidence", (double)event->evidence, 1);
  writer_fixed(w, "picks", (double)of->picks, 1);
  writer_fixed(w, "silences", (double)of->silences, 1);
  writer_fixed(w, "rarity", (double)of->rarity, 1);
  writer_fixed(w, "depth", (double)of->depth, 1);
  writer_fixed(w, "remoteness", (double)of->remoteness, 1);
  writer_fixed(w, "awaited", (double)of->awaited, 1);
  writer_fixed(w, "afar", (double)of->afar, 1);
  writer_fixed(w, "reach_km", (double)of->reach_km, 0);
  writer_integer(w, "p_voices", of->p_voices);
  writer_integer(w, "s_voices", of->s_voices);
  write_path(w, of);
  write_sites(w, inventory, of);
  writer_close(w, '}');
}

/* ---- words ---- */

typedef struct {
  char *text;
  size_t length;
} sentence;

static void __attribute__((format(printf, 2, 3))) say(sentence *s, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  int wanted = vsnprintf(s->text + s->length, REASONS_TEXT - s->length, format, arguments);
  va_end(arguments);
  s->length += wanted > 0 ? (size_t)wanted : 0;
  s->length = s->length < REASONS_TEXT ? s->length : REASONS_TEXT - 1;
}

static void say_silent(sentence *s, const ingest_inventory *inventory, const locator_reasons *of)
{
  for (int i = 0; i < listed(of->silent); i++)
    say(s, "%s%s %.0f km", i > 0 ? ", " : " (", site_of(inventory, of->silent_site[i].sensor), (double)of->silent_site[i].distance_km);
  if (of->silent > LOCATOR_SITES_LISTED)
    say(s, " and %d more", of->silent - LOCATOR_SITES_LISTED);
  if (of->silent > 0)
    say(s, ")");
}

char *reasons_text(const locator_event *event, const ingest_inventory *inventory, char text[REASONS_TEXT])
{
  const double none = -50;
  const locator_reasons *of = &event->reasons;
  sentence s = {text, 0};
  say(&s, "likelihood %.2f; log odds %+.1f: picks %+.1f, silences %+.1f", (double)event->likelihood, (double)event->evidence, (double)of->picks,
      (double)of->silences);
  say_silent(&s, inventory, of);
  say(&s, ", rarity %+.1f, depth %+.1f, remoteness %+.1f", (double)of->rarity, (double)of->depth, (double)of->remoteness);
  if ((double)of->awaited < -0.05)
    say(&s, "; stations still awaited %+.1f", (double)of->awaited);
  if ((double)of->afar > none)
    say(&s, "; of a wave from afar %+.1f", (double)of->afar);
  say(&s, "; %d P and %d S speak for themselves", of->p_voices, of->s_voices);
  if (of->common_path && of->behind > 1)
    say(&s, ", %d share one %s", of->behind, of->common_path);
  for (int i = 0; i < listed(of->doubted); i++)
    say(&s, "%s%s", i > 0 ? ", " : ", doubted: ", site_of(inventory, of->doubted_sensor[i]));
  return text;
}
