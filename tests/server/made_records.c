#include "made_records.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data.h"
#include "random.h"

static void keep(void *user, const uint8_t *bytes, size_t length)
{
  made_record *r = user;
  assert_true(length <= sizeof r->bytes);
  memcpy(r->bytes, bytes, length);
  r->length = length;
}

made_record made_second(const char *station, int64_t start, uint64_t seed)
{
  ingest_record header = {.start = start, .rate = 100, .samples = 100, .encoding = 11, .timing_quality = -1};
  snprintf(header.codes.network, sizeof header.codes.network, "XX");
  snprintf(header.codes.station, sizeof header.codes.station, "%s", station);
  snprintf(header.codes.channel, sizeof header.codes.channel, "HNZ");
  random_source r = {.state = seed};
  double values[100];
  for (size_t i = 0; i < 100; i++)
    values[i] = round(300 * random_normal(&r));
  made_record record = {.length = 0};
  assert_int_equal(ingest_record_write(&header, values, 0, keep, &record), 1);
  return record;
}

static void write_text(void *user, const char *text, size_t length)
{
  assert_int_equal(fwrite(text, 1, length, user), length);
}

void made_inventory(const char *folder, int stations)
{
  static const char *const channels[] = {"HNZ", "HNN", "HNE"};
  static const double azimuths[] = {0, 0, 90}, dips[] = {-90, 0, 0};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < 3 * stations; i++) {
    ingest_codes codes = {.network = "XX"};
    snprintf(codes.station, sizeof codes.station, "S%03d", i / 3 % 1000);
    snprintf(codes.channel, sizeof codes.channel, "%s", channels[i % 3]);
    const ingest_epoch epoch = {.start = INT64_MIN,
                                .end = INT64_MAX,
                                .gain = 100000,
                                .gain_frequency_hz = 1,
                                .rate = 100,
                                .azimuth_deg = azimuths[i % 3],
                                .dip_deg = dips[i % 3],
                                .unit = INGEST_UNIT_ACCELERATION};
    assert_true(ingest_inventory_add_channel(inventory, &codes, 40 + 0.1 * (i / 3), 122, 100, 0, &epoch));
  }
  ingest_inventory_seal(inventory, NULL, NULL);
  char path[256];
  snprintf(path, sizeof path, "%s/stations.xml", folder);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  ingest_inventory_write(inventory, 0, write_text, file);
  fclose(file);
  ingest_inventory_destroy(inventory);
}
