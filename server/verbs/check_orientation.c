#include "check_orientation.h"

#include <math.h>
#include <string.h>

/* The SEED manual lets N and E be up to 5 degrees off; beyond that the letters are 1 and 2. */
static const double seed_tolerance_deg = 5, letter_tolerance_deg = 20;

static void check_vertical(const inventory_check *c, const ingest_channel *z);
static void check_horizontals(const inventory_check *c, const ingest_channel *north, const ingest_channel *east);

/* At right angles to each other, and none of them upright. */
static bool is_triaxial(const inventory_check *c, const ingest_channel *z)
{
  bool is_open = z->epoch.start <= c->now && c->now < z->epoch.end;
  return fabs(z->epoch.dip_deg) <= 60 && ingest_inventory_rotates(c->inventory, z->sensor, INGEST_VERTICAL, is_open ? c->now : z->epoch.start);
}

void check_orientation(const inventory_check *c, const ingest_channel *const channels[INGEST_COMPONENTS])
{
  for (int k = 0; k < INGEST_COMPONENTS; k++)
    if (channels[k] && channels[k]->epoch.gain < 0)
      inventory_tell(c, NOTE, channels[k], "its sensitivity is negative: its polarity is reversed, and its sign turned");
  if (channels[INGEST_VERTICAL] && is_triaxial(c, channels[INGEST_VERTICAL])) {
    inventory_tell(c, NOTE, channels[INGEST_VERTICAL], "a dip of %g: the three channels stand on edge, and the stream is set upright by all of them",
                   channels[INGEST_VERTICAL]->epoch.dip_deg);
    return;
  }
  if (channels[INGEST_VERTICAL])
    check_vertical(c, channels[INGEST_VERTICAL]);
  check_horizontals(c, channels[INGEST_NORTH], channels[INGEST_EAST]);
}

static bool is_letter(const ingest_channel *channel, const char *letters)
{
  return strchr(letters, channel->codes.channel[2]) != NULL;
}

static void check_vertical(const inventory_check *c, const ingest_channel *z)
{
  double dip = z->epoch.dip_deg;
  if (isnan(dip))
    inventory_tell(c, NOTE, z, "no Dip; -90 (upwards) is taken; state it");
  else if (is_letter(z, "NEXY"))
    inventory_tell(c, FAULT, z,
                   "a dip of %g is vertical, but its letter is a horizontal's; it is taken as the vertical; correct the dip (0) or the code", dip);
  else if (fabs(dip) <= 60)
    inventory_tell(c, FAULT, z, "a dip of %g is not vertical, but its letter is; it is taken as the vertical; correct the dip (-90) or the code",
                   dip);
  else if (dip > 0)
    inventory_tell(c, NOTE, z, "a dip of %g: it stands upside down, and its sign is turned%s", dip,
                   z->epoch.gain < 0 ? "; with its negative sensitivity it is turned twice: correct one if both mean the same" : "");
  else if (dip > -85)
    inventory_tell(c, NOTE, z, "a dip of %g: it is tilted, and the stream is set upright by the horizontals", dip);
}

/* How far a horizontal is off its letter's axis, whichever way it points: -90..90. */
static double off_axis(const ingest_channel *channel, double nominal_deg)
{
  return remainder(channel->epoch.azimuth_deg - nominal_deg, 180);
}

/* True if it was a fault. */
static bool check_horizontal(const inventory_check *c, const ingest_channel *channel, double nominal_deg)
{
  double azimuth = channel->epoch.azimuth_deg, off = off_axis(channel, nominal_deg);
  bool is_named = is_letter(channel, "NE");
  if (fabs(channel->epoch.dip_deg) > letter_tolerance_deg)
    inventory_tell(c, FAULT, channel, "a dip of %g is not horizontal, but its letter is; correct the dip (0) or the code", channel->epoch.dip_deg);
  if (isnan(azimuth)) {
    inventory_tell(c, NOTE, channel, "no Azimuth; %g is taken; state it", nominal_deg);
    return false;
  }
  if (is_named && fabs(off) > letter_tolerance_deg) {
    inventory_tell(c, FAULT, channel, "an azimuth of %g disagrees with its letter (%g); correct it, or name the horizontals 1 and 2", azimuth,
                   nominal_deg);
    return true;
  }
  if (ingest_channel_sign(channel) < 0)
    inventory_tell(c, NOTE, channel, "an azimuth of %g: it points the other way, and its sign is turned", azimuth);
  if (fabs(off) > seed_tolerance_deg)
    inventory_tell(c, NOTE, channel, "an azimuth of %g: it is turned by %g degrees, and the stream is turned back%s", azimuth, off,
                   is_named ? "; 1 and 2 are the letters for that" : "");
  return false;
}

static bool are_swapped(const ingest_channel *north, const ingest_channel *east)
{
  return is_letter(north, "N") && is_letter(east, "E") && fabs(off_axis(north, 90)) <= letter_tolerance_deg &&
         fabs(off_axis(east, 0)) <= letter_tolerance_deg;
}

static void check_horizontals(const inventory_check *c, const ingest_channel *north, const ingest_channel *east)
{
  if (north && east && are_swapped(north, east)) {
    inventory_tell(c, FAULT, north, "north and east are swapped: its azimuth is %g and the east channel's %g; correct the azimuths or the codes",
                   north->epoch.azimuth_deg, east->epoch.azimuth_deg);
    return;
  }
  bool faulty = north && check_horizontal(c, north, 0);
  faulty |= east && check_horizontal(c, east, 90);
  if (!north || !east || faulty || isnan(north->epoch.azimuth_deg) || isnan(east->epoch.azimuth_deg))
    return;
  double apart = remainder(east->epoch.azimuth_deg - north->epoch.azimuth_deg, 180);
  if (fabs(fabs(apart) - 90) > 2 * seed_tolerance_deg)
    inventory_tell(c, FAULT, north,
                   "its azimuth of %g and the other horizontal's of %g are not at right angles, and neither is believed; correct one",
                   north->epoch.azimuth_deg, east->epoch.azimuth_deg);
}
