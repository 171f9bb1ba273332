/* truth.h: where and when an earthquake truly was, from a catalogue's GeoJSON. */
#ifndef TOCSIN_TRUTH_H
#define TOCSIN_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  int64_t origin_time;
  double latitude_deg, longitude_deg, depth_km, magnitude;
} solution;

/* A Feature with properties mag and time (ms since 1970) and a point. False, said on stderr after `who` ("tocsin replay: --truth"). */
bool truth_read(const char *who, const char *path, solution *t);

#endif
