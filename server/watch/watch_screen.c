#include "watch_screen.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { TARGETS_SHOWN = 2, REMEMBERED = 20000, FELT = 3, INDENT = 21, WRAP_AT = 120 };

/* SGR sequences (ECMA-48). */
static const char bold[] = "\033[1m", dim[] = "\033[2m", red[] = "\033[1;31m", green[] = "\033[32m", cyan[] = "\033[36m", plain[] = "\033[0m";
static const struct {
  const char *level, *colour;
} levels[] = {{"red", "\033[1;97;41m"}, {"orange", "\033[1;30;48;5;208m"}, {"yellow", "\033[1;30;43m"}, {"blue", "\033[1;97;44m"}};

static void line_of_pick(watch_screen *screen, const json_t *body);
static void line_of_event(watch_screen *screen, const json_t *body);
static void line_of_alert(watch_screen *screen, const json_t *body);
static void write_texts(const watch_screen *screen, const json_t *body);
static void line_of_target(watch_screen *screen, const json_t *body);
static void line_of_report(watch_screen *screen, const json_t *body);
static void line_of_intensity(watch_screen *screen, const json_t *body);
static void line_of_station(watch_screen *screen, const json_t *body);
static void line_of_heartbeat(watch_screen *screen, const json_t *body);
static bool worth_a_line(watch_screen *screen, const watch_message *message);

static const struct {
  const char *heading, *const colour;
  void (*write)(watch_screen *screen, const json_t *body);
} kinds[ENGINE_CHANNELS] = {
    [ENGINE_ALERT] = {"ALERT", red, line_of_alert},           [ENGINE_ALERT_TARGET] = {"warned", bold, line_of_target},
    [ENGINE_EVENT] = {"event", cyan, line_of_event},          [ENGINE_REPORT] = {"report", bold, line_of_report},
    [ENGINE_INTENSITY] = {"shaking", dim, line_of_intensity}, [ENGINE_PICK] = {"pick", green, line_of_pick},
    [ENGINE_STATION] = {"station", dim, line_of_station},     [ENGINE_HEARTBEAT] = {"stations", dim, line_of_heartbeat},
};

bool watch_screen_open(watch_screen *screen, FILE *out, bool colour, int64_t origin)
{
  *screen = (watch_screen){.out = out, .colour = colour, .origin = origin, .states = json_object()};
  return screen->states != NULL;
}

void watch_screen_close(watch_screen *screen)
{
  watch_screen_waiting(screen, "");
  json_decref(screen->states);
}

const char *watch_text(const json_t *object, const char *member)
{
  const char *text = json_string_value(json_object_get(object, member));
  return text ? text : "";
}

double watch_number(const json_t *object, const char *member)
{
  const json_t *value = json_object_get(object, member);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

int64_t watch_time(const json_t *object, const char *member)
{
  int64_t time = 0;
  return ingest_time_parse(watch_text(object, member), &time) ? time : 0;
}

static const char *shade(const watch_screen *screen, const char *sequence)
{
  return screen->colour ? sequence : "";
}

const char *watch_screen_level(const watch_screen *screen, const char *level)
{
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
    if (strcmp(level, levels[i].level) == 0)
      return shade(screen, levels[i].colour);
  return "";
}

const char *watch_screen_plain(const watch_screen *screen)
{
  return shade(screen, plain);
}

void watch_screen_waiting(watch_screen *screen, const char *text)
{
  if (!screen->progress || (!*text && !screen->progress_shown))
    return;
  fprintf(screen->out, "\r\033[K%s%s%s", shade(screen, dim), text, shade(screen, plain));
  fflush(screen->out);
  screen->progress_shown = *text != '\0';
}

static void write_when(const watch_screen *screen, int64_t time)
{
  char text[INGEST_TIME_TEXT] = "";
  if (time && screen->origin)
    fprintf(screen->out, "%+8.2f s  ", (double)(time - screen->origin) / (double)INGEST_SECOND);
  else if (time)
    fprintf(screen->out, "%.11s  ", ingest_time_format(time, text) + 11);
  else
    fprintf(screen->out, "%12s", "");
}

static void write_head(watch_screen *screen, int64_t time, const char *colour, const char *heading)
{
  watch_screen_waiting(screen, "");
  write_when(screen, time);
  fprintf(screen->out, "%s%-8s%s ", shade(screen, colour), heading, shade(screen, plain));
}

void watch_screen_notice(watch_screen *screen, bool bad, const char *text)
{
  write_head(screen, 0, bad ? red : dim, bad ? "!" : "-");
  fprintf(screen->out, "%s%s%s\n", shade(screen, bad ? red : dim), text, shade(screen, plain));
  fflush(screen->out);
}

void watch_screen_message(watch_screen *screen, const watch_message *message, const char *remark)
{
  if (!message->genuine) {
    char text[256];
    snprintf(text, sizeof text, "%.96s: a message without a valid signature of a trusted key; do not act on it", message->channel);
    watch_screen_notice(screen, true, text);
    return;
  }
  if (!worth_a_line(screen, message))
    return;
  write_head(screen, message->issued_at, kinds[message->kind].colour, kinds[message->kind].heading);
  kinds[message->kind].write(screen, message->body);
  if (*remark)
    fprintf(screen->out, "  %s[%s]%s", shade(screen, dim), remark, shade(screen, plain));
  fprintf(screen->out, "%s\n", message->missed ? "  (missed, read from the stream)" : "");
  if (message->kind == ENGINE_ALERT)
    write_texts(screen, message->body);
  fflush(screen->out);
}

/* Whether `state` is news under `key`. What is remembered is bounded: after that many keys all are news once more. */
static bool news(watch_screen *screen, const char *key, const char *state)
{
  const char *before = json_string_value(json_object_get(screen->states, key));
  if (before && strcmp(before, state) == 0)
    return false;
  if (json_object_size(screen->states) >= REMEMBERED)
    json_object_clear(screen->states);
  json_object_set_new(screen->states, key, json_string(state));
  return true;
}

/* The shaking as a whole: the strongest station's degree rose, or twice as many stations feel it. After a quiet minute it begins anew. */
static bool shaking_grew(watch_screen *screen, const json_t *body, int64_t issued_at)
{
  const json_t *stations = json_object_get(body, "stations");
  double strongest = screen->strongest;
  size_t felt = screen->felt;
  if (issued_at - screen->shaken > 60 * INGEST_SECOND)
    strongest = screen->strongest = 0, felt = screen->felt = 0;
  for (size_t i = 0; i < json_array_size(stations); i++) {
    const json_t *row = json_array_get(stations, i);
    double intensity = watch_number(row, "intensity");
    char key[64];
    snprintf(key, sizeof key, "felt %.40s", watch_text(row, "station"));
    felt += intensity >= FELT && news(screen, key, watch_text(row, "since"));
    strongest = intensity > strongest ? intensity : strongest;
  }
  bool grew = floor(strongest + 0.5) > floor(screen->strongest + 0.5) || felt > 2 * screen->felt;
  screen->shaken = issued_at;
  if (!grew || strongest < FELT)
    return false;
  screen->strongest = strongest;
  screen->felt = felt;
  return true;
}

static bool pick_is_news(watch_screen *screen, const json_t *body)
{
  char key[64];
  snprintf(key, sizeof key, "pick %.40s %.4s", watch_text(body, "station"), watch_text(body, "phase"));
  bool withdrawn = strcmp(watch_text(body, "state"), "withdrawn") == 0;
  if (!screen->origin || watch_time(body, "time") < screen->origin)
    return watch_number(body, "revision") <= 1 || withdrawn;
  if (withdrawn && strcmp(watch_text(screen->states, key), watch_text(body, "id")) == 0)
    return true;
  return watch_number(body, "revision") <= 1 && !json_object_get(screen->states, key) && news(screen, key, watch_text(body, "id"));
}

static bool event_is_news(watch_screen *screen, const json_t *body)
{
  char key[64], shown[96];
  snprintf(key, sizeof key, "event %.40s", watch_text(body, "id"));
  snprintf(shown, sizeof shown, "%.1f %.2f %.2f %.16s", watch_number(body, "magnitude"), watch_number(body, "latitude_deg"),
           watch_number(body, "longitude_deg"), watch_text(body, "state"));
  return news(screen, key, shown);
}

/* With an origin to count from, good news of single stations are left to the count in the heartbeat. */
static bool station_is_news(watch_screen *screen, const json_t *body)
{
  const char *state = watch_text(body, "state");
  bool fresh = news(screen, watch_text(body, "id"), state);
  return fresh && !(screen->origin && (strcmp(state, "good") == 0 || strcmp(state, "off") == 0));
}

/* How many stations send, once two heartbeats in a row say the same. */
static bool count_is_news(watch_screen *screen, const json_t *body)
{
  char count[48];
  snprintf(count, sizeof count, "%.0f of %.0f", watch_number(body, "stations_good"), watch_number(body, "stations_all"));
  return !news(screen, "heard", count) && news(screen, "stations", count);
}

static bool worth_a_line(watch_screen *screen, const watch_message *message)
{
  const json_t *body = message->body;
  char key[128];
  if (message->kind == ENGINE_CHANNELS || !kinds[message->kind].write)
    return false;
  switch (message->kind) {
  case ENGINE_ALERT: /* the event of the same figures that follows it says no more */
    event_is_news(screen, body);
    return true;
  case ENGINE_PICK:
    return pick_is_news(screen, body);
  case ENGINE_EVENT:
    return event_is_news(screen, body);
  case ENGINE_ALERT_TARGET:
    snprintf(key, sizeof key, "%.40s %.40s", watch_text(body, "id"), watch_text(json_object_get(body, "target"), "id"));
    return news(screen, key, strcmp(watch_text(body, "type"), "cancel") == 0 ? "cancel" : "warned");
  case ENGINE_STATION:
    return station_is_news(screen, body);
  case ENGINE_HEARTBEAT:
    return count_is_news(screen, body);
  case ENGINE_INTENSITY:
    return shaking_grew(screen, body, message->issued_at);
  default:
    return true;
  }
}

static void line_of_pick(watch_screen *screen, const json_t *body)
{
  fprintf(screen->out, "%-9s %s ", watch_text(body, "station"), watch_text(body, "phase"));
  if (strcmp(watch_text(body, "state"), "withdrawn") == 0) {
    fprintf(screen->out, "withdrawn: %s", watch_text(body, "withdrawn_because"));
    return;
  }
  fputs("at ", screen->out);
  write_when(screen, watch_time(body, "time"));
  fprintf(screen->out, "±%.2f s  snr %.0f  %s", watch_number(body, "uncertainty_s"), watch_number(body, "snr"), watch_text(body, "polarity"));
}

static void write_place(const watch_screen *screen, const json_t *body)
{
  double latitude = watch_number(body, "latitude_deg"), longitude = watch_number(body, "longitude_deg");
  if (isfinite(latitude) && isfinite(longitude))
    fprintf(screen->out, "%.2f %c %.2f %c", fabs(latitude), latitude < 0 ? 'S' : 'N', fabs(longitude), longitude < 0 ? 'W' : 'E');
  else
    fputs("place unknown", screen->out);
}

static void write_magnitude(const watch_screen *screen, const json_t *body)
{
  double magnitude = watch_number(body, "magnitude"), sigma = watch_number(body, "magnitude_uncertainty");
  if (!isfinite(magnitude))
    fputs("M unknown ", screen->out);
  else
    fprintf(screen->out, "M %.1f±%.1f ", magnitude, isfinite(sigma) ? sigma : 0);
}

static void line_of_event(watch_screen *screen, const json_t *body)
{
  const char *state = watch_text(body, "state");
  write_magnitude(screen, body);
  write_place(screen, body);
  fprintf(screen->out, "  %.0f km deep  ±%.1f km  %.0f stations", watch_number(body, "depth_km"), watch_number(body, "horizontal_uncertainty_km"),
          watch_number(body, "stations_used"));
  if (strcmp(state, "open") != 0)
    fprintf(screen->out, "  %s%s", state, *watch_text(body, "superseded_by") ? " (merged into another)" : "");
}

/* The most shaken of the targets that the S wave has not reached. */
static void write_next(const watch_screen *screen, const json_t *targets)
{
  int shown = 0;
  for (size_t i = 0; i < json_array_size(targets) && shown < TARGETS_SHOWN; i++) {
    const json_t *target = json_array_get(targets, i);
    double left = watch_number(target, "seconds_left");
    if (left > 0)
      fprintf(screen->out, "%s%s %.0f in %.0f s", shown++ ? ", " : "  next: ", watch_text(target, "name"), watch_number(target, "intensity"), left);
  }
}

static void line_of_alert(watch_screen *screen, const json_t *body)
{
  const json_t *place = json_object_get(body, "place");
  const char *level = watch_text(body, "level"), *type = watch_text(body, "type");
  fprintf(screen->out, "%s %s %s%s ", watch_screen_level(screen, level), level, type, watch_screen_plain(screen));
  write_magnitude(screen, body);
  fputs(watch_text(place, "en"), screen->out);
  if (isfinite(watch_number(body, "max_intensity")))
    fprintf(screen->out, "  max %.0f", watch_number(body, "max_intensity"));
  if (strcmp(type, "cancel") != 0)
    write_next(screen, json_object_get(body, "targets"));
}

/* A character of UTF-8: its bytes, and its cells in a terminal (two from Hangul on, as for all of CJK). */
static size_t character(const char *text, int *cells)
{
  unsigned char lead = (unsigned char)*text;
  size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  *cells = lead >= 0xE3 || (lead == 0xE1 && (unsigned char)text[1] >= 0x84) ? 2 : 1;
  return strnlen(text, bytes);
}

/* Breaks at blanks and, as Chinese does, between wide characters. */
static void write_wrapped(const watch_screen *screen, const char *text)
{
  int column = INDENT, cells;
  fprintf(screen->out, "%*s", INDENT, "");
  for (size_t n; *text; text += n) {
    n = character(text, &cells);
    int word = *text == ' ' ? (int)strcspn(text + 1, " ") + 1 : cells;
    if (column + word > WRAP_AT && (cells == 2 || *text == ' ')) {
      fprintf(screen->out, "\n%*s", INDENT, "");
      column = INDENT;
      if (*text == ' ')
        continue;
    }
    fwrite(text, 1, n, screen->out);
    column += cells;
  }
  fputc('\n', screen->out);
}

/* What people are told, where it is more than other figures. */
static void write_texts(const watch_screen *screen, const json_t *body)
{
  const json_t *text = json_object_get(body, "text");
  if (strcmp(watch_text(body, "type"), "update") == 0)
    return;
  write_wrapped(screen, watch_text(text, "zh"));
  write_wrapped(screen, watch_text(text, "en"));
}

static void line_of_target(watch_screen *screen, const json_t *body)
{
  const json_t *target = json_object_get(body, "target");
  double left = watch_number(target, "seconds_left");
  if (strcmp(watch_text(body, "type"), "cancel") == 0) {
    fprintf(screen->out, "%s: cancelled", watch_text(target, "name"));
    return;
  }
  fprintf(screen->out, "%-16s %s intensity %.0f %s  ", watch_text(target, "name"), watch_screen_level(screen, watch_text(target, "level")),
          watch_number(target, "intensity"), watch_screen_plain(screen));
  if (left > 0)
    fprintf(screen->out, "%s%3.0f s%s before the strong shaking  ", shade(screen, bold), left, shade(screen, plain));
  else
    fprintf(screen->out, "the strong shaking is there already ");
  fputs(watch_text(target, "name_zh"), screen->out);
}

static void line_of_report(watch_screen *screen, const json_t *body)
{
  const json_t *place = json_object_get(body, "place");
  write_magnitude(screen, body);
  fprintf(screen->out, "%s %s ", watch_text(place, "en"), watch_text(place, "zh"));
  write_place(screen, body);
  fprintf(screen->out, "  %.0f km deep", watch_number(body, "depth_km"));
}

static void line_of_intensity(watch_screen *screen, const json_t *body)
{
  (void)body;
  fprintf(screen->out, "measured: intensity %.1f at the strongest station, felt at %zu", screen->strongest, screen->felt);
}

static void line_of_station(watch_screen *screen, const json_t *body)
{
  fprintf(screen->out, "%-13s %s", watch_text(body, "id"), watch_text(body, "state"));
}

static void line_of_heartbeat(watch_screen *screen, const json_t *body)
{
  fprintf(screen->out, "%.0f of %.0f send; clock %s", watch_number(body, "stations_good"), watch_number(body, "stations_all"),
          watch_text(body, "clock"));
}
