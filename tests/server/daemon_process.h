/* daemon_process.h: tocsind as a process of its own, as systemd would run it: its notifications read, its log kept, its end awaited. */
#ifndef TOCSIN_TESTS_DAEMON_PROCESS_H
#define TOCSIN_TESTS_DAEMON_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

enum { DAEMON_ARGUMENTS = 12 };

typedef struct {
  char folder[64]; /* of configuration, inventory and log; removed with the process */
  char config[96], log[96], notify[96];
  int port; /* a free one, named in the configuration by daemon_configure() */
  int notify_socket;
  pid_t pid; /* 0: not running */
} daemon_process;

/* Makes the folder and an inventory of `stations` in it. */
void daemon_prepare(daemon_process *d, int stations);
/* Writes the configuration: port, inventory, Redis at that socket, and `more` after it. */
void daemon_configure(daemon_process *d, const char *redis_socket, const char *more);

/* Starts the daemon with its configuration and further arguments (NULL at the end); standard input is `input` (-1: none). */
void daemon_start(daemon_process *d, int input, const char *const *arguments);
/* Waits for a notification that contains `text`; fails the test if it does not come. */
void daemon_await(daemon_process *d, const char *text);
/* Waits for the end; the exit status, or 128 + the signal that ended it. */
int daemon_end(daemon_process *d);
void daemon_signal(daemon_process *d, int number);
/* Whether the log contains `text`. */
bool daemon_said(const daemon_process *d, const char *text);
/* Ends it if it still runs, and removes the folder. */
void daemon_remove(daemon_process *d);

/* Runs a program below the build folder to its end; its standard output goes to `output` (NULL: nowhere). The exit status. */
int run_program(const char *program, const char *output, const char *const *arguments);

#endif
