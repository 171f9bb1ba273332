#include "tune_pool.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a process says of one trial: less than a pipe writes at once (POSIX: 512 bytes at least). */
typedef struct {
  uint64_t trial;
  uint8_t result[TUNE_RESULT_BYTES];
} report;

/* Every `step`-th trial. */
static void work(size_t first, size_t step, size_t trials, tune_attempt *attempt, void *user, int out)
{
  for (size_t trial = first; trial < trials; trial += step) {
    report said = {.trial = trial};
    if (!attempt(user, trial, said.result) || write(out, &said, sizeof said) != (ssize_t)sizeof said)
      _exit(1);
  }
  _exit(0);
}

static size_t listen_to(int in, size_t trials, void *results, size_t size)
{
  report said;
  size_t heard = 0, have = 0;
  for (ssize_t n; (n = read(in, (char *)&said + have, sizeof said - have)) > 0 || (n < 0 && errno == EINTR);) {
    have += n > 0 ? (size_t)n : 0;
    if (have < sizeof said)
      continue;
    have = 0;
    if (said.trial >= trials)
      continue;
    memcpy((char *)results + said.trial * size, said.result, size);
    heard++;
  }
  return heard;
}

bool tune_pool(const char *verb, size_t trials, int jobs, tune_attempt *attempt, void *user, void *results, size_t size)
{
  enum { PROCESSES_MAXIMUM = 1024 };
  size_t started = 0, step = (size_t)jobs < trials ? (size_t)jobs : trials;
  pid_t children[PROCESSES_MAXIMUM];
  int ends[2];
  step = step < PROCESSES_MAXIMUM ? step : PROCESSES_MAXIMUM;
  if (pipe(ends) != 0) {
    fprintf(stderr, "tocsin %s: no pipe: %s\n", verb, strerror(errno));
    return false;
  }
  fflush(NULL);
  for (; started < step; started++) {
    children[started] = fork();
    if (children[started] < 0)
      break;
    if (children[started] == 0)
      work(started, step, trials, attempt, user, ends[1]);
  }
  close(ends[1]);
  size_t heard = listen_to(ends[0], trials, results, size);
  close(ends[0]);
  for (size_t i = 0; i < started; i++)
    waitpid(children[i], NULL, 0);
  if (heard < trials)
    fprintf(stderr, "tocsin %s: only %zu of %zu combinations could be tried: memory or processes are short; fewer --jobs need less\n", verb, heard,
            trials);
  return heard == trials;
}
