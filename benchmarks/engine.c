/* engine.c: packets a second through the whole engine (ingest, picker, locator, alerts), noise of a network of three-component stations. One JSON
 * line. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "traffic.h"

enum { WARM_S = 5 };

/* Of this process: what others do on the machine does not count. */
static double seconds_now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
  int stations = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 300, span = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 60;
  traffic *t = stations > 0 && span > 0 ? traffic_create(stations) : NULL;
  if (!t || !traffic_start(t)) {
    fprintf(stderr, "bench_engine [STATIONS [SECONDS]]: no engine for %d stations over %d s\n", stations, span);
    return 1;
  }
  traffic_feed(t, WARM_S);
  double began = seconds_now();
  traffic_feed(t, span);
  double rate = 3.0 * stations * span / (seconds_now() - began);
  engine_counters c;
  traffic_count(t, &c);
  /* The baseline is what that network sends. */
  printf("{\"name\":\"engine_%dx3\",\"value\":%.0f,\"unit\":\"packets/s of one "
         "core\",\"baseline\":%d,\"refused\":%llu,\"picks\":%llu,\"events\":%llu,\"messages\":%llu}\n",
         stations, rate, 3 * stations, (unsigned long long)c.refused, (unsigned long long)c.picks, (unsigned long long)c.events,
         (unsigned long long)c.messages);
  traffic_destroy(t);
  return 0;
}
