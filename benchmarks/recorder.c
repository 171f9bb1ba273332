/* The recorder at a national network's rate, as the loop feels it, beside a plain copy of the same bytes in the same run: while the disk is well,
   while it hangs (a FIFO in its place that nobody reads) and while it is full (/dev/full). One JSON line a figure. */
#define _XOPEN_SOURCE 700 /* nftw */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "random.h"
#include "recorder.h"

enum { RATE = 54000, SECONDS = 5, SLICES = 100, PACKET = 512, PACKETS = 4096, RING = 64 << 20, CALLS = RATE * SECONDS };

static uint8_t packets[PACKETS][PACKET];
static uint32_t taken_ns[CALLS];

static int64_t read_clock(clockid_t id)
{
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * INGEST_SECOND + t.tv_nsec;
}

typedef void giving(void *to, size_t index, int64_t now);

static void record(void *to, size_t index, int64_t now)
{
  recorder_packet(to, (int32_t)(index % 200), packets[index % PACKETS], PACKET, now);
}

static void copy(void *to, size_t index, int64_t now)
{
  (void)now;
  memcpy((uint8_t *)to + index * PACKET % RING, packets[index % PACKETS], PACKET);
}

typedef struct {
  double cpu_ns, p999_ns; /* a packet */
} cost;

static int by_value(const void *left, const void *right)
{
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return (a > b) - (a < b);
}

/* Paced in slices of 10 ms. The processor's time is that of this thread. */
static cost measure(giving *give, void *to)
{
  int64_t start = read_clock(CLOCK_MONOTONIC), cpu = 0;
  size_t i = 0;
  for (int slice = 0; slice < SECONDS * SLICES; slice++) {
    int64_t at = start + slice * (INGEST_SECOND / SLICES);
    struct timespec until = {.tv_sec = at / INGEST_SECOND, .tv_nsec = at % INGEST_SECOND};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    int64_t before = read_clock(CLOCK_THREAD_CPUTIME_ID), last = read_clock(CLOCK_MONOTONIC);
    for (int n = 0; n < RATE / SLICES; n++, i++) {
      give(to, i, at);
      int64_t now = read_clock(CLOCK_MONOTONIC);
      taken_ns[i] = (uint32_t)(now - last);
      last = now;
    }
    cpu += read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
  }
  qsort(taken_ns, CALLS, sizeof *taken_ns, by_value);
  return (cost){(double)cpu / CALLS, taken_ns[CALLS / 1000 * 999]};
}

static void print(const char *name, double value, const char *unit, double baseline)
{
  printf("{\"name\":\"recorder %s\",\"value\":%.4g,\"unit\":\"%s\",\"baseline\":%.4g}\n", name, value, unit, baseline);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
  (void)status, (void)kind, (void)where;
  return remove(path);
}

typedef enum { WELL, HANGING, FULL } disk;

static void run(disk how, const char *name, const cost *plain)
{
  char folder[] = "/tmp/tocsin-bench-XXXXXX", text[128];
  if (!mkdtemp(folder))
    return;
  recorder_settings s = {.segment_mib = 64, .limit_mib = 1024, .events_limit_mib = 1, .buffer_mib = RING >> 20, .limit_days = 1};
  snprintf(s.folder, sizeof s.folder, "%s", folder);
  snprintf(text, sizeof text, "%s/current.rec", folder);
  if ((how == HANGING && mkfifo(text, 0600) != 0) || (how == FULL && symlink("/dev/full", text) != 0))
    perror(text);
  recorder *r = recorder_create(&s, ENGINE_EXERCISE, "benchmark");
  int64_t all = read_clock(CLOCK_PROCESS_CPUTIME_ID), own = read_clock(CLOCK_THREAD_CPUTIME_ID);
  cost c = measure(record, r);
  recorder_counters counted;
  recorder_count(r, &counted);
  double worker = (double)(read_clock(CLOCK_PROCESS_CPUTIME_ID) - all - (read_clock(CLOCK_THREAD_CPUTIME_ID) - own)) / 1e7 / SECONDS;
  snprintf(text, sizeof text, "%s: loop's time a packet", name);
  print(text, c.cpu_ns, "ns", plain->cpu_ns);
  snprintf(text, sizeof text, "%s: 99.9 %% of calls within", name);
  print(text, c.p999_ns, "ns", plain->p999_ns);
  snprintf(text, sizeof text, "%s: loop's share of a core at %d packets/s", name, RATE);
  print(text, c.cpu_ns * RATE / 1e7, "%", plain->cpu_ns * RATE / 1e7);
  snprintf(text, sizeof text, "%s: thread's share of a core", name);
  print(text, worker, "%", 0);
  snprintf(text, sizeof text, "%s: inputs lost", name);
  print(text, (double)counted.lost, "", (double)counted.inputs);
  if (how == HANGING) { /* a reader that goes lets the thread see the end */
    snprintf(text, sizeof text, "%s/current.rec", folder);
    int reader = open(text, O_RDONLY | O_NONBLOCK);
    unlink(text);
    close(reader);
  }
  recorder_destroy(r);
  nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
  random_source random = {1};
  for (size_t i = 0; i < sizeof packets; i++)
    packets[i / PACKET][i % PACKET] = (uint8_t)random_next(&random);
  uint8_t *ring = malloc(RING);
  memset(ring, 1, RING);
  cost plain = measure(copy, ring);
  run(WELL, "disk well", &plain);
  run(HANGING, "disk hanging", &plain);
  run(FULL, "disk full", &plain);
  free(ring);
  return 0;
}
