/* memory.c: what an engine that keeps the newest minute of a network holds in memory. One JSON line; fails if that is more than the daemon may take.
 */
#include <stdio.h>
#include <stdlib.h>

#include "resident.h"
#include "traffic.h"

enum { SPAN_S = 75 };

/* 3 GB for the 18,000 stations of a national network. */
static const double most_bytes_a_station = 3e9 / 18000;

int main(int argc, char **argv)
{
  int stations = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 18000;
  double before = resident_bytes();
  traffic *t = stations > 0 ? traffic_create(stations) : NULL;
  if (!t || !traffic_start(t)) {
    fprintf(stderr, "bench_memory [STATIONS]: no engine for %d stations\n", stations);
    return 1;
  }
  traffic_feed(t, SPAN_S);
  engine_counters c;
  traffic_count(t, &c);
  double held = resident_bytes() - before;
  printf(
      "{\"name\":\"memory_%dx3\",\"value\":%.0f,\"unit\":\"bytes/station\",\"baseline\":%.0f,\"total_mb\":%.0f,\"packets\":%llu,\"refused\":%llu}\n",
      stations, held / stations, most_bytes_a_station, (held + before) / 1e6, (unsigned long long)c.packets, (unsigned long long)c.refused);
  traffic_destroy(t);
  return held / stations > most_bytes_a_station || c.refused > 0;
}
