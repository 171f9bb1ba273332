/* What recording costs an alert: bench_latency with and without the flight recorder, by turns. The recorder's disk is well; or it is a FIFO that
 * nobody reads, and from the middle of the run on /dev/full. One JSON line a figure: the median of the rounds; the baseline is that of the rounds
 * without. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS_MOST = 15, TEXT = 1100, WARM_UP_S = 20 };
typedef enum { OFF, WELL, HANGING_THEN_FULL, DISKS } disk;
static const char *const disk_words[DISKS] = {"off", "disk well", "disk hanging, then full"};

/* As bench_latency names them; alerts alone. */
static const char *const figures[] = {"latency_alert_from_sending_p50", "latency_alert_from_sending_p99", "latency_alert_from_sending_p99.9",
                                      "latency_alert_by_packet_p50",    "latency_alert_by_packet_p99",    "latency_alert_by_packet_p99.9"};
enum { FIGURES = sizeof figures / sizeof figures[0] };

static struct {
  const char *stations, *seconds;
  int rounds;
  char program[TEXT];
  double values[DISKS][FIGURES][ROUNDS_MOST];
} b = {.stations = "200", .seconds = "20", .rounds = 3};

static void die(const char *what)
{
  fprintf(stderr, "bench_latency_recorder: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void make_folder(char *folder, disk how)
{
  char current[TEXT];
  if (!mkdtemp(folder))
    die(folder);
  snprintf(current, sizeof current, "%s/current.rec", folder);
  if (how == HANGING_THEN_FULL && mkfifo(current, 0600) != 0)
    die(current);
}

static void remove_folder(const char *folder)
{
  pid_t pid = fork();
  if (pid == 0)
    execlp("rm", "rm", "-rf", folder, (char *)NULL);
  waitpid(pid, NULL, 0);
}

/* The writer that hangs sees the FIFO's reader come and go; what it opens next is full. */
static void fill(const char *folder)
{
  char current[TEXT];
  snprintf(current, sizeof current, "%s/current.rec", folder);
  int reader = open(current, O_RDONLY | O_NONBLOCK);
  if (reader < 0 || unlink(current) != 0 || symlink("/dev/full", current) != 0)
    die(current);
  close(reader);
}

static pid_t start(const char *configuration, int output)
{
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  dup2(output, STDOUT_FILENO);
  execl(b.program, b.program, "--stations", b.stations, "--seconds", b.seconds, "--configure", configuration, (char *)NULL);
  _exit(127);
}

static void take_line(const char *line, disk how, int round)
{
  for (size_t i = 0; i < FIGURES; i++) {
    char begin[96];
    int length = snprintf(begin, sizeof begin, "{\"name\":\"%s\",\"value\":", figures[i]);
    if (strncmp(line, begin, (size_t)length) == 0)
      b.values[how][i][round] = strtod(line + length, NULL);
  }
}

static void run(disk how, int round)
{
  char folder[] = "/tmp/tocsin-bench-XXXXXX", configuration[TEXT] = "", line[TEXT];
  int ends[2];
  make_folder(folder, how);
  if (how != OFF)
    snprintf(configuration, sizeof configuration, "recorder: {folder: %s}", folder);
  if (pipe(ends) != 0)
    die("pipe");
  pid_t pid = start(configuration, ends[1]);
  close(ends[1]);
  if (how == HANGING_THEN_FULL) {
    sleep(WARM_UP_S + (unsigned)strtoul(b.seconds, NULL, 10) / 2);
    fill(folder);
  }
  FILE *said = fdopen(ends[0], "r");
  while (fgets(line, sizeof line, said))
    take_line(line, how, round);
  fclose(said);
  waitpid(pid, NULL, 0);
  remove_folder(folder);
}

static int by_value(const void *left, const void *right)
{
  const double *a = left, *c = right;
  return (*a > *c) - (*a < *c);
}

static double median(double *values)
{
  qsort(values, (size_t)b.rounds, sizeof *values, by_value);
  return values[b.rounds / 2];
}

static void report(void)
{
  for (size_t i = 0; i < FIGURES; i++) {
    double without = median(b.values[OFF][i]);
    for (disk how = WELL; how < DISKS; how++)
      printf("{\"name\":\"%s, recorder's %s\",\"value\":%.3f,\"unit\":\"ms\",\"baseline\":%.3f,\"rounds\":%d,\"packets_per_s\":%ld}\n", figures[i],
             disk_words[how], median(b.values[how][i]), without, b.rounds, 3 * strtol(b.stations, NULL, 10));
  }
}

int main(int argc, char **argv)
{
  ssize_t n = readlink("/proc/self/exe", b.program, sizeof b.program - 32);
  b.program[n > 0 ? n : 0] = '\0';
  char *slash = strrchr(b.program, '/');
  strcpy(slash ? slash : b.program, "/bench_latency");
  b.stations = argc > 1 ? argv[1] : b.stations;
  b.seconds = argc > 2 ? argv[2] : b.seconds;
  b.rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : b.rounds;
  if (argc > 4 || b.rounds < 1 || b.rounds > ROUNDS_MOST) {
    fputs("usage: bench_latency_recorder [STATIONS [SECONDS [ROUNDS (1 to 15)]]]\n", stderr);
    return 2;
  }
  for (int round = 0; round < b.rounds; round++)
    for (disk how = OFF; how < DISKS; how++)
      run(how, round);
  report();
  return 0;
}
