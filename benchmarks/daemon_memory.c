/* daemon_memory.c: what tocsind itself holds in memory once it has kept the newest minute of a network: started as a process with an inventory, no
 * Redis within reach, and packets on its standard input. One JSON line; fails if that is more than it may take.
 */
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "resident.h"
#include "traffic.h"

enum { SPAN_S = 75 };

/* 3 GB for the 18,000 stations of a national network; its tables are there for any. */
static const double most_bytes = 3e9, tables_bytes = 100e6, most_stations = 18000;

static void write_text(void *user, const char *text, size_t length)
{
  fwrite(text, 1, length, user);
}

static bool write_files(const traffic *t, const char *folder, const char *config)
{
  char path[128];
  snprintf(path, sizeof path, "%s/stations.xml", folder);
  FILE *stations = fopen(path, "w"), *settings = fopen(config, "w");
  if (stations && settings) {
    ingest_inventory_write(traffic_inventory(t), 0, write_text, stations);
    fprintf(settings, "server: {inventory: %s, listen_port: 0, control: %s/control}\nredis: {address: %s/none, port: 0}\n", path, folder, folder);
  }
  bool written = stations && settings && !ferror(stations) && !ferror(settings);
  written = stations && fclose(stations) == 0 && written;
  return settings && fclose(settings) == 0 && written;
}

/* Its process, 0: none; `input` leads to its standard input. */
static pid_t start(const char *program, const char *config, FILE **input)
{
  int ends[2];
  if (pipe(ends))
    return 0;
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(program, program, "--config", config, "--exercise", "--virtual-clock", "--stdin", (char *)NULL);
    _exit(127);
  }
  close(ends[0]);
  *input = pid > 0 ? fdopen(ends[1], "w") : NULL;
  return pid > 0 ? pid : 0;
}

static void send_packet(void *user, const uint8_t *bytes, size_t length, int64_t arrival)
{
  (void)arrival;
  fwrite(bytes, 1, length, user);
}

static bool measure(traffic *t, int stations, const char *program, const char *config)
{
  FILE *input = NULL;
  int status = 1;
  pid_t pid = start(program, config, &input);
  if (!pid || !input)
    return false;
  traffic_send(t, SPAN_S, send_packet, input);
  fflush(input);
  bool sent = !ferror(input);
  double held = resident_bytes_of(pid, "VmRSS:"), highest = resident_bytes_of(pid, "VmHWM:");
  fclose(input);
  waitpid(pid, &status, 0);
  double limit = tables_bytes + (most_bytes - tables_bytes) * stations / most_stations;
  printf("{\"name\":\"daemon_memory_%dx3\",\"value\":%.0f,\"unit\":\"MB\",\"baseline\":%.0f,\"highest\":%.0f}\n", stations, held / 1e6, limit / 1e6,
         highest / 1e6);
  return sent && status == 0 && held > 0 && highest <= limit;
}

int main(int argc, char **argv)
{
  int stations = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 18000;
  char folder[] = "/tmp/tocsin-memory-XXXXXX", config[64], program[1024], command[128];
  traffic *t = stations > 0 ? traffic_create(stations) : NULL;
  if (!t || !mkdtemp(folder)) {
    fprintf(stderr, "bench_daemon_memory [STATIONS [TOCSIND]]: cannot begin with %d stations\n", stations);
    return 1;
  }
  signal(SIGPIPE, SIG_IGN);
  snprintf(config, sizeof config, "%s/tocsin.yaml", folder);
  snprintf(program, sizeof program, "%s/../tocsind", dirname(argv[0]));
  bool good = write_files(t, folder, config) && measure(t, stations, argc > 2 ? argv[2] : program, config);
  snprintf(command, sizeof command, "rm -r %s", folder);
  good = system(command) == 0 && good;
  traffic_destroy(t);
  return good ? 0 : 1;
}
