#include "watch_demo.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

enum { TARGETS = 50, ALERTS = 64 };
static const double same_km = 100, same_s = 30; /* an alert further off than either is not of this earthquake */
static const double another_s = 5;              /* a pick or an event further from the truth in time is shown as another's */

/* What one of the alerts' messages said, against the truth. */
typedef struct {
  int64_t issued_at;
  double latitude_deg, longitude_deg, off_km, magnitude;
} statement;

typedef struct {
  char id[48], name[72], name_zh[72];
  double distance_km, intensity;
  int64_t s_arrival; /* by the truth */
  int64_t warned;    /* first message on its own channel; 0: none */
} target;

struct watch_demo {
  int64_t origin;
  double latitude_deg, longitude_deg, depth_km, magnitude;
  locator_travel_times *tables;
  int64_t first_pick;
  statement first, last;
  bool alerted, over;
  char alerts[ALERTS][LOCATOR_ID_TEXT]; /* seen, true or false */
  size_t alerts_count, false_alarms, messages, genuine;
  target targets[TARGETS];
  size_t targets_count;
  json_t *stations; /* station -> its last message, which says where it is */
};

static bool read_truth(watch_demo *demo, const char *path, double shift_s);
static void note_alert(watch_demo *demo, const watch_message *message);
static void note_target(watch_demo *demo, const watch_message *message);
static void note_pick(watch_demo *demo, const watch_message *message, char *remark, size_t size);
static void compare(const watch_demo *demo, const json_t *body, char *remark, size_t size);
static void write_towns(const watch_demo *demo, const watch_screen *screen);

watch_demo *watch_demo_open(const char *truth_path, double shift_s, const locator_settings *settings)
{
  watch_demo *demo = calloc(1, sizeof *demo);
  if (demo && read_truth(demo, truth_path, shift_s)) {
    demo->tables = model_travel_times(settings);
    demo->stations = json_object();
    if (demo->tables && demo->stations)
      return demo;
  }
  watch_demo_close(demo);
  return NULL;
}

void watch_demo_close(watch_demo *demo)
{
  if (!demo)
    return;
  json_decref(demo->stations);
  if (demo->tables)
    locator_travel_times_destroy(demo->tables);
  free(demo);
}

int64_t watch_demo_origin(const watch_demo *demo)
{
  return demo->origin;
}

bool watch_demo_over(const watch_demo *demo)
{
  return demo->over;
}

void watch_demo_message(watch_demo *demo, const watch_message *message, char *remark, size_t size)
{
  *remark = '\0';
  demo->messages++;
  if (!message->genuine)
    return;
  demo->genuine++;
  switch (message->kind) {
  case ENGINE_PICK:
    note_pick(demo, message, remark, size);
    break;
  case ENGINE_EVENT:
    compare(demo, message->body, remark, size);
    break;
  case ENGINE_ALERT:
    compare(demo, message->body, remark, size);
    note_alert(demo, message);
    break;
  case ENGINE_ALERT_TARGET:
    note_target(demo, message);
    break;
  case ENGINE_STATION:
    json_object_set(demo->stations, watch_text(message->body, "station"), message->body);
    break;
  default:
    break;
  }
}

static bool read_truth(watch_demo *demo, const char *path, double shift_s)
{
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  if (!root) {
    fprintf(stderr, "tocsin watch: %s:%d: %s\n", path, error.line, error.text);
    return false;
  }
  const json_t *properties = json_object_get(root, "properties"), *coordinates = json_object_get(json_object_get(root, "geometry"), "coordinates");
  bool whole =
      json_is_number(json_object_get(properties, "time")) && json_is_number(json_object_get(properties, "mag")) && json_array_size(coordinates) >= 3;
  if (whole) {
    double ms = watch_number(properties, "time");
    demo->origin = (int64_t)llround(ms) * 1000000 + (int64_t)llround(shift_s * (double)INGEST_SECOND);
    demo->magnitude = watch_number(properties, "mag");
    demo->longitude_deg = json_number_value(json_array_get(coordinates, 0));
    demo->latitude_deg = json_number_value(json_array_get(coordinates, 1));
    demo->depth_km = json_number_value(json_array_get(coordinates, 2));
  } else {
    fprintf(stderr, "tocsin watch: %s: no GeoJSON event with properties.time, properties.mag and three geometry.coordinates\n", path);
  }
  json_decref(root);
  return whole;
}

static double seconds_after(const watch_demo *demo, int64_t time)
{
  return (double)(time - demo->origin) / (double)INGEST_SECOND;
}

static double off_km(const watch_demo *demo, const json_t *body)
{
  double latitude = watch_number(body, "latitude_deg"), longitude = watch_number(body, "longitude_deg");
  if (!isfinite(latitude) || !isfinite(longitude))
    return NAN;
  return locator_distance_km(demo->latitude_deg, demo->longitude_deg, latitude, longitude, NULL);
}

static void compare(const watch_demo *demo, const json_t *body, char *remark, size_t size)
{
  double km = off_km(demo, body), seconds = seconds_after(demo, watch_time(body, "origin_time"));
  double magnitude = watch_number(body, "magnitude") - demo->magnitude;
  if (!isfinite(km))
    return;
  if (fabs(seconds) > another_s || km > same_km)
    snprintf(remark, size, "another earthquake, %.0f s %s", fabs(seconds), seconds < 0 ? "before" : "after");
  else if (isfinite(magnitude))
    snprintf(remark, size, "%.1f km off, M %+.1f", km, magnitude);
  else
    snprintf(remark, size, "%.1f km off", km);
}

/* How far the onset is from the one that the truth and the model predict. */
static void note_pick(watch_demo *demo, const watch_message *message, char *remark, size_t size)
{
  const json_t *body = message->body;
  const char *phase = watch_text(body, "phase");
  double km = off_km(demo, json_object_get(demo->stations, watch_text(body, "station")));
  if (!isfinite(km))
    return;
  double late = seconds_after(demo, watch_time(body, "time")) - locator_travel_time(demo->tables, *phase, km, demo->depth_km);
  if (fabs(late) > another_s)
    return;
  snprintf(remark, size, "%.0f km away, %+.2f s from the predicted %s", km, late, phase);
  if (!demo->first_pick)
    demo->first_pick = message->issued_at;
}

static bool of_this_earthquake(const watch_demo *demo, const watch_message *message)
{
  double km = off_km(demo, message->body), seconds = seconds_after(demo, watch_time(message->body, "origin_time"));
  return isfinite(km) && km < same_km && fabs(seconds) < same_s && message->issued_at > demo->origin;
}

static bool new_alert(watch_demo *demo, const char *id)
{
  for (size_t i = 0; i < demo->alerts_count; i++)
    if (strcmp(demo->alerts[i], id) == 0)
      return false;
  if (demo->alerts_count < ALERTS)
    snprintf(demo->alerts[demo->alerts_count++], sizeof demo->alerts[0], "%s", id);
  return true;
}

static target *target_of(watch_demo *demo, const json_t *row)
{
  const char *id = watch_text(row, "id");
  for (size_t i = 0; i < demo->targets_count; i++)
    if (strcmp(demo->targets[i].id, id) == 0)
      return &demo->targets[i];
  if (demo->targets_count == TARGETS)
    return NULL;
  target *t = &demo->targets[demo->targets_count++];
  double latitude = watch_number(row, "latitude_deg"), longitude = watch_number(row, "longitude_deg");
  snprintf(t->id, sizeof t->id, "%s", id);
  snprintf(t->name, sizeof t->name, "%s", watch_text(row, "name"));
  snprintf(t->name_zh, sizeof t->name_zh, "%s", watch_text(row, "name_zh"));
  t->distance_km = locator_distance_km(demo->latitude_deg, demo->longitude_deg, latitude, longitude, NULL);
  t->s_arrival = demo->origin + (int64_t)(locator_travel_time(demo->tables, 'S', t->distance_km, demo->depth_km) * (double)INGEST_SECOND);
  return t;
}

static void note_alert(watch_demo *demo, const watch_message *message)
{
  const json_t *body = message->body, *rows = json_object_get(body, "targets");
  const char *type = watch_text(body, "type");
  bool fresh = new_alert(demo, watch_text(body, "id"));
  if (!of_this_earthquake(demo, message)) {
    demo->false_alarms += fresh;
    return;
  }
  statement said = {message->issued_at, watch_number(body, "latitude_deg"), watch_number(body, "longitude_deg"), off_km(demo, body),
                    watch_number(body, "magnitude")};
  if (!demo->alerted)
    demo->first = said;
  demo->alerted = true;
  demo->last = said;
  demo->over = strcmp(type, "final") == 0 || strcmp(type, "cancel") == 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    target *t = target_of(demo, json_array_get(rows, i));
    if (t)
      t->intensity = watch_number(json_array_get(rows, i), "intensity");
  }
}

static void note_target(watch_demo *demo, const watch_message *message)
{
  target *t = target_of(demo, json_object_get(message->body, "target"));
  if (t && !t->warned && of_this_earthquake(demo, message))
    t->warned = message->issued_at;
}

bool watch_demo_summary(const watch_demo *demo, const watch_screen *screen)
{
  FILE *out = screen->out;
  const char *strong = screen->colour ? "\033[1m" : "", *plain = watch_screen_plain(screen);
  fprintf(out, "\n%sSummary%s\n", strong, plain);
  if (!demo->alerted) {
    fprintf(out, "  No alert was received for the earthquake of magnitude %.1f.\n", demo->magnitude);
  } else {
    fprintf(
        out,
        "  The first alert came %s%.1f s after the earthquake began%s (first station triggered at %.1f s), placed it %.1f km off and said M %.1f.\n",
        strong, seconds_after(demo, demo->first.issued_at), plain, seconds_after(demo, demo->first_pick), demo->first.off_km, demo->first.magnitude);
    fprintf(out, "  The last word, at %.1f s: M %.1f (in truth %.1f), %.1f km off.\n", seconds_after(demo, demo->last.issued_at),
            demo->last.magnitude, demo->magnitude, demo->last.off_km);
    write_towns(demo, screen);
  }
  fprintf(out, "  %zu messages received, %zu with a valid signature; false alarms: %zu.\n", demo->messages, demo->genuine, demo->false_alarms);
  return demo->alerted && demo->false_alarms == 0 && demo->genuine == demo->messages;
}

static int nearer(const void *a, const void *b)
{
  const target *x = a, *y = b;
  if (x->distance_km != y->distance_km)
    return x->distance_km < y->distance_km ? -1 : 1;
  return strcmp(x->id, y->id);
}

static void write_town(const watch_demo *demo, const watch_screen *screen, const target *t)
{
  double warning = (double)(t->s_arrival - t->warned) / (double)INGEST_SECOND, s = seconds_after(demo, t->s_arrival);
  fprintf(screen->out, "  %7.0f km  %9.1f  %9.1f s   ", t->distance_km, t->intensity, s);
  if (!t->warned)
    fprintf(screen->out, "%-16s", "not needed");
  else if (warning > 0)
    fprintf(screen->out, "%s%5.1f s%s         ", screen->colour ? "\033[1;32m" : "", warning, watch_screen_plain(screen));
  else
    fprintf(screen->out, "%s%5.1f s too late%s", screen->colour ? "\033[33m" : "", -warning, watch_screen_plain(screen));
  fprintf(screen->out, "  %s %s\n", t->name, t->name_zh);
}

static void write_towns(const watch_demo *demo, const watch_screen *screen)
{
  target sorted[TARGETS];
  memcpy(sorted, demo->targets, sizeof sorted);
  qsort(sorted, demo->targets_count, sizeof sorted[0], nearer);
  fputs("\n    distance  intensity  S wave at   warning before it  town\n", screen->out);
  for (size_t i = 0; i < demo->targets_count; i++)
    write_town(demo, screen, &sorted[i]);
  size_t in_time = 0, late = 0;
  for (size_t i = 0; i < demo->targets_count; i++) {
    in_time += sorted[i].warned && sorted[i].warned < sorted[i].s_arrival;
    late += sorted[i].warned && sorted[i].warned >= sorted[i].s_arrival;
  }
  fprintf(screen->out, "\n  %zu towns were warned before the strong shaking, %zu too near to be.\n", in_time, late);
}
