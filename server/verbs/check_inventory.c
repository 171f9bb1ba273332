#include "check_inventory.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_orientation.h"
#include "check_recordings.h"
#include "files.h"

/* One sensor: its channels lie side by side in the inventory. */
typedef struct {
  size_t first, end;
  const ingest_channel *newest[INGEST_COMPONENTS]; /* the epoch that is open, or the latest; NULL: no such component */
  bool open[INGEST_COMPONENTS];
  bool any_open;
} sensor_view;

static ingest_inventory *read_inventory(findings *f, const char *path, char **files);
static void check_channels(const inventory_check *c);
static void check_sensors(const inventory_check *c);
static void summarise(const inventory_check *c, const char *path, const findings *before);

void check_inventory(findings *f, const char *path, int64_t now, char *const *recorded, size_t count)
{
  if (!path[0]) {
    tell(f, count ? FAULT : NOTE, "inventory", "none is configured: name a folder of StationXML in `server.inventory` or with --inventory%s",
         count ? ", for the recordings to be held against" : "");
    return;
  }
  const findings before = *f;
  char **files = files_list(path, ".xml");
  if (!files || !*files)
    tell(f, FAULT, "inventory", "%s: %s; it is a folder of StationXML files (*.xml), or one such file", path,
         files ? "no such file in it" : strerror(errno));
  ingest_inventory *inventory = files && *files ? read_inventory(f, path, files) : NULL;
  if (inventory) {
    const inventory_check c = {f, inventory, files, now};
    check_channels(&c);
    check_sensors(&c);
    if (count > 0)
      check_recordings(&c, recorded, count);
    summarise(&c, path, &before);
  }
  ingest_inventory_destroy(inventory);
  if (files)
    files_list_free(files);
}

static void inventory_fault(void *user, const char *name, long line, const char *text)
{
  tell(user, FAULT, "inventory", "%s:%ld: %s", name, line, text);
}

/* As files_inventory() reads it, but with its faults counted. A file that cannot be read counts as an empty document, so that the numbers of the
   documents are those of the files. */
static ingest_inventory *read_inventory(findings *f, const char *path, char **files)
{
  ingest_inventory *inventory = ingest_inventory_create();
  if (!inventory)
    tell(f, FAULT, "inventory", "%s: memory is short", path);
  for (char **file = files; inventory && *file; file++) {
    size_t length = 0;
    char *bytes = (char *)files_read(*file, &length);
    if (!bytes)
      tell(f, FAULT, "inventory", "%s: cannot be read: %s", *file, strerror(errno));
    ingest_inventory_add(inventory, *file, bytes ? bytes : "", length, bytes ? inventory_fault : NULL, f);
    free(bytes);
  }
  if (inventory)
    ingest_inventory_seal(inventory, NULL, NULL);
  return inventory;
}

/* ---- each channel and epoch ---- */

static bool is_motion(const ingest_channel *channel)
{
  return channel->epoch.unit == INGEST_UNIT_VELOCITY || channel->epoch.unit == INGEST_UNIT_ACCELERATION;
}

static void check_channel(const inventory_check *c, const ingest_channel *channel)
{
  const ingest_epoch *epoch = &channel->epoch;
  if (epoch->unit == INGEST_UNIT_DISPLACEMENT && strchr("HLGN", channel->codes.channel[1]))
    inventory_tell(c, FAULT, channel, "its unit is displacement, and only velocity and acceleration are used; state the response to M/S or M/S**2");
  if (!is_motion(channel))
    return;
  if (epoch->rate == 0)
    inventory_tell(c, FAULT, channel, "no SampleRate; state how many samples a second it gives");
  else if (epoch->rate < 1 || epoch->rate > 1000)
    inventory_tell(c, NOTE, channel, "%g samples/s: only rates of 1..1000 are used; leave it out", epoch->rate);
  if (!(channel->elevation_m >= -11000 && channel->elevation_m <= 9000))
    inventory_tell(c, FAULT, channel, "an elevation of %g m is nowhere on Earth; state it in metres above the sea", channel->elevation_m);
  if (!(channel->depth_m >= -1000 && channel->depth_m <= 10000))
    inventory_tell(c, FAULT, channel, "a depth of %g m below the surface cannot be; state it in metres", channel->depth_m);
  if (channel->gain_of_stages)
    inventory_tell(c, NOTE, channel, "no InstrumentSensitivity; the product of its stages' gains, %g, is used", epoch->gain);
}

static void check_repeat(const inventory_check *c, const ingest_channel *channel)
{
  if (channel->repeated_in == channel->document)
    inventory_tell(c, NOTE, channel, "stated twice in this file, word for word; delete one");
  else if (channel->repeated_in >= 0)
    inventory_tell(c, NOTE, channel, "stated in %s too, word for word; delete it in one of the files", c->files[channel->repeated_in]);
}

/* `before`: of the same component, the earlier epoch that ends last. */
static void check_overlap(const inventory_check *c, const ingest_channel *before, const ingest_channel *channel)
{
  char codes[INGEST_CODES_TEXT], start[INGEST_TIME_TEXT];
  if (before->epoch.end <= channel->epoch.start)
    return;
  inventory_tell(c, FAULT, channel, "its epoch from %s overlaps that of %s in %s:%ld; the later start is used where they do; end the earlier epoch",
                 channel->epoch.start == INT64_MIN ? "the beginning" : ingest_time_format(channel->epoch.start, start),
                 ingest_codes_format(&before->codes, codes), c->files[before->document], before->line);
}

static void check_channels(const inventory_check *c)
{
  const ingest_channel *longest = NULL;
  for (size_t i = 0; i < ingest_inventory_channels(c->inventory); i++) {
    const ingest_channel *channel = ingest_inventory_channel(c->inventory, i);
    check_channel(c, channel);
    check_repeat(c, channel);
    bool follows = longest && longest->sensor >= 0 && longest->sensor == channel->sensor && longest->component == channel->component;
    if (follows)
      check_overlap(c, longest, channel);
    if (!follows || channel->epoch.end > longest->epoch.end)
      longest = channel;
  }
}

/* ---- each sensor ---- */

static sensor_view view(const inventory_check *c, size_t first)
{
  sensor_view v = {.first = first, .end = first};
  int32_t sensor = ingest_inventory_channel(c->inventory, first)->sensor;
  for (; v.end < ingest_inventory_channels(c->inventory); v.end++) {
    const ingest_channel *channel = ingest_inventory_channel(c->inventory, v.end);
    if (channel->sensor != sensor)
      break;
    bool is_open = channel->epoch.start <= c->now && c->now < channel->epoch.end;
    if (is_open || !v.open[channel->component])
      v.newest[channel->component] = channel;
    v.open[channel->component] |= is_open;
    v.any_open |= is_open;
  }
  return v;
}

static const ingest_channel *some_channel(const sensor_view *v)
{
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    if (v->newest[k])
      return v->newest[k];
  return NULL;
}

static const char *format_end(const ingest_channel *channel, int64_t now, char text[INGEST_TIME_TEXT + 16])
{
  char time[INGEST_TIME_TEXT];
  bool is_future = channel->epoch.start > now;
  snprintf(text, INGEST_TIME_TEXT + 16, "%s %s", is_future ? "begins on" : "ended on",
           ingest_time_format(is_future ? channel->epoch.start : channel->epoch.end, time));
  return text;
}

static void tell_closed(const inventory_check *c, const ingest_channel *channel, bool site_is_open)
{
  char when[INGEST_TIME_TEXT + 16];
  inventory_tell(c, site_is_open ? NOTE : FAULT, channel, "%s: no epoch of this sensor is open now, so its data are refused; %s",
                 format_end(channel, c->now, when),
                 site_is_open ? "another of its site is" : "fetch its site's present StationXML, or delete it if it is closed");
}

static void check_components(const inventory_check *c, const sensor_view *v)
{
  static const char *const names[] = {[INGEST_VERTICAL] = "vertical", [INGEST_NORTH] = "north (N or 1)", [INGEST_EAST] = "east (E or 2)"};
  char when[INGEST_TIME_TEXT + 16];
  const ingest_channel *some = some_channel(v);
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    if (v->newest[k] && !v->open[k])
      inventory_tell(c, FAULT, v->newest[k], "%s, while the sensor's other channels are open; fetch its present StationXML",
                     format_end(v->newest[k], c->now, when));
  if (!v->newest[INGEST_VERTICAL])
    inventory_tell(c, FAULT, some, "its sensor has no vertical component and gives no P picks; add the channel that ends in Z");
  bool north = v->newest[INGEST_NORTH], east = v->newest[INGEST_EAST];
  if (north != east)
    inventory_tell(c, FAULT, some, "its sensor has one horizontal component alone; add the %s", names[north ? INGEST_EAST : INGEST_NORTH]);
}

static bool *open_sites(const inventory_check *c)
{
  bool *open = calloc(ingest_inventory_sites(c->inventory) + 1, sizeof *open);
  for (size_t i = 0; open && i < ingest_inventory_channels(c->inventory); i++) {
    const ingest_channel *channel = ingest_inventory_channel(c->inventory, i);
    if (channel->sensor >= 0 && channel->epoch.start <= c->now && c->now < channel->epoch.end)
      open[ingest_inventory_sensor(c->inventory, (size_t)channel->sensor)->site] = true;
  }
  return open;
}

static void check_sensors(const inventory_check *c)
{
  bool *open = open_sites(c);
  for (size_t first = 0; open && first < ingest_inventory_channels(c->inventory);) {
    const sensor_view v = view(c, first);
    first = v.end;
    int32_t sensor = ingest_inventory_channel(c->inventory, v.first)->sensor;
    if (sensor < 0)
      continue;
    if (v.any_open)
      check_components(c, &v);
    else
      tell_closed(c, some_channel(&v), open[ingest_inventory_sensor(c->inventory, (size_t)sensor)->site]);
    check_orientation(c, v.newest);
  }
  free(open);
}

/* ---- all of it ---- */

static void summarise(const inventory_check *c, const char *path, const findings *before)
{
  size_t sensors = ingest_inventory_sensors(c->inventory), hearing = 0, files = 0;
  for (size_t i = 0; i < sensors; i++)
    hearing += ingest_inventory_sensor(c->inventory, i)->has_component[INGEST_VERTICAL];
  while (c->files[files])
    files++;
  if (sensors && !hearing)
    tell(c->f, FAULT, "inventory", "no sensor has a vertical component, so no P wave can be picked; add the channels that end in Z");
  tell(c->f, sensors ? OK : FAULT, "inventory", "%s, %zu sensors at %zu sites in %zu files, %zu epochs; %zu faults and %zu notes above%s", path,
       sensors, ingest_inventory_sites(c->inventory), files, ingest_inventory_channels(c->inventory), c->f->faults - before->faults,
       c->f->notes - before->notes, sensors ? "" : "; without a usable sensor nothing can be heard");
}
