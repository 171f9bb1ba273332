#include "daemon_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"
#include "made_records.h"
#include "private_redis.h"

enum { DEADLINE_MS = 90000 };

static int free_port(void)
{
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(s, (struct sockaddr *)&any, sizeof any), 0);
  assert_int_equal(getsockname(s, (struct sockaddr *)&any, &(socklen_t){sizeof any}), 0);
  close(s);
  return ntohs(any.sin_port);
}

static int notify_socket_at(const char *path)
{
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
  int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal(bind(s, (struct sockaddr *)&name, sizeof name), 0);
  return s;
}

void daemon_prepare(daemon_process *d, int stations)
{
  memset(d, 0, sizeof *d);
  temporary_folder(d->folder, sizeof d->folder);
  snprintf(d->config, sizeof d->config, "%s/tocsin.yaml", d->folder);
  snprintf(d->log, sizeof d->log, "%s/log", d->folder);
  snprintf(d->notify, sizeof d->notify, "%s/notify", d->folder);
  d->notify_socket = notify_socket_at(d->notify);
  d->port = free_port();
  made_inventory(d->folder, stations);
}

void daemon_configure(daemon_process *d, const char *redis_socket, const char *more)
{
  FILE *file = fopen(d->config, "w");
  assert_non_null(file);
  fprintf(file,
          "server: {inventory: %s/stations.xml, listen_port: %d, control: %s/control, feed_retry_first_s: 0.05, spectra_s: 1}\nredis: {address: %s, "
          "port: 0, lease_s: 1, retry_first_s: 0.05, retry_longest_s: "
          "0.2}\n%s",
          d->folder, d->port, d->folder, redis_socket, more);
  fclose(file);
}

static void become(const char *program, int input, const char *output, const char *errors, const char **words)
{
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_DFL);
  dup2(input >= 0 ? input : open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  if (errors)
    dup2(open(errors, O_WRONLY | O_CREAT | O_APPEND, 0600), STDERR_FILENO);
  execv(program, (char *const *)words);
  _exit(127);
}

void daemon_start(daemon_process *d, int input, const char *const *arguments)
{
  char path[1024];
  const char *words[DAEMON_ARGUMENTS + 4] = {"tocsind", "--config", d->config};
  for (size_t i = 0; i < DAEMON_ARGUMENTS && arguments[i]; i++)
    words[3 + i] = arguments[i];
  snprintf(path, sizeof path, "%s", build_path("tocsind"));
  d->pid = fork();
  assert_true(d->pid >= 0);
  if (d->pid > 0)
    return;
  setenv("NOTIFY_SOCKET", d->notify, 1);
  become(path, input, NULL, d->log, words);
}

void daemon_await(daemon_process *d, const char *text)
{
  char said[2048];
  struct pollfd p = {.fd = d->notify_socket, .events = POLLIN};
  while (poll(&p, 1, DEADLINE_MS) > 0) {
    ssize_t n = recv(d->notify_socket, said, sizeof said - 1, 0);
    said[n > 0 ? n : 0] = '\0';
    if (strstr(said, text))
      return;
  }
  size_t length;
  fail_msg("tocsind did not notify %s; its log:\n%s", text, data_read(d->log, &length));
}

int daemon_end(daemon_process *d)
{
  int status = 0;
  assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
  d->pid = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void daemon_signal(daemon_process *d, int number)
{
  assert_int_equal(kill(d->pid, number), 0);
}

bool daemon_said(const daemon_process *d, const char *text)
{
  size_t length;
  char *log = data_read(d->log, &length);
  bool said = strstr(log, text);
  free(log);
  return said;
}

void daemon_remove(daemon_process *d)
{
  if (d->pid > 0) {
    kill(d->pid, SIGKILL);
    waitpid(d->pid, NULL, 0);
  }
  close(d->notify_socket);
  remove_folder(d->folder);
}

int run_program(const char *program, const char *output, const char *const *arguments)
{
  char path[1024];
  const char *words[64] = {program};
  for (size_t i = 0; i < 62 && arguments[i]; i++)
    words[1 + i] = arguments[i];
  snprintf(path, sizeof path, "%s", build_path(program));
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    become(path, -1, output, NULL, words);
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
