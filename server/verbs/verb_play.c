#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "archive.h"
#include "clock.h"
#include "playing.h"
#include "verbs.h"

static const char help[] = "usage: tocsin play --to HOST:PORT [OPTION...] FILE...\n"
                           "Sends archived miniSEED to a daemon's TCP port, each record at the moment when its last sample would have been there.\n"
                           "\n"
                           "  --to HOST:PORT   where tocsind takes packets (server.listen_port)\n"
                           "  --packet S       cut records at multiples of S seconds of UTC (as live packets of S seconds would be)\n"
                           "  --speed X|max    X times real speed (default 1), or as fast as the socket takes it\n"
                           "  --from WHEN      begin there: an ISO 8601 time, or +S seconds after the first packet\n"
                           "  --until WHEN     end there (+S counts from the first packet too)\n"
                           "  --now            shift all times by one whole number of seconds so that the begin is now\n"
                           "  --shift SECONDS  shift all times by so many whole seconds\n"
                           "  --help\n"
                           "\n"
                           "Prints one line on stdout before the first packet: {\"shift_s\":N,\"from\":\"...Z\",\"packets\":N} (times as shifted).\n"
                           "Exit status: 0 all sent, 1 it could not be done, 2 called wrongly.\n";

typedef struct {
  const char *to;
  playing_options how;
  bool now;
  int64_t shift_s;
  char **files;
  size_t files_count;
} play_options;

/* ---- options ---- */

enum { HELP = 1, TO, PLAYING, NOW, SHIFT, CONFIG };

static const struct option known[] = {
    {"help", no_argument, NULL, HELP},
    {"to", required_argument, NULL, TO},
    {"packet", required_argument, NULL, PLAYING},
    {"speed", required_argument, NULL, PLAYING},
    {"from", required_argument, NULL, PLAYING},
    {"until", required_argument, NULL, PLAYING},
    {"now", no_argument, NULL, NOW},
    {"shift", required_argument, NULL, SHIFT},
    {"config", required_argument, NULL, CONFIG},
    {0},
};

static bool wrong(const char *text)
{
  fprintf(stderr, "tocsin play: %s; `tocsin play --help` says all\n", text);
  return false;
}

static bool take(play_options *o, int option, const char *name)
{
  double number = 0;
  switch (option) {
  case TO:
    o->to = optarg;
    return true;
  case PLAYING:
    return playing_take(&o->how, "play", name, optarg);
  case NOW:
    return o->now = true;
  case SHIFT:
    if (!playing_number(optarg, -1e10, 1e10, &number) || number != floor(number))
      return wrong("--shift takes a whole number of seconds");
    o->shift_s = (int64_t)number;
    return true;
  case CONFIG:
    return true; /* nothing of the configuration matters here */
  default:
    return wrong("an option is not understood");
  }
}

static bool read_options(play_options *o, int argc, char **argv)
{
  *o = (play_options){.how = {.speed = 1}};
  optind = 1;
  for (int option, index = 0; (option = getopt_long(argc, argv, "", known, &index)) != -1;)
    if (!take(o, option, known[index].name))
      return false;
  o->files = argv + optind;
  o->files_count = (size_t)(argc - optind);
  if (!o->to)
    return wrong("--to HOST:PORT is missing");
  if (o->files_count == 0)
    return wrong("no FILE is named");
  if (o->now && o->shift_s)
    return wrong("--now and --shift exclude each other");
  if (o->now && (o->how.speed == 0 || o->how.speed > 1))
    fputs("tocsin play: so fast, times run ahead of the clock: tocsind refuses what ends in the future, unless it was started with --virtual-clock\n",
          stderr);
  return true;
}

/* ---- the socket ---- */

static int connect_to(const char *to)
{
  char host[256];
  const char *colon = strrchr(to, ':');
  if (!colon || colon == to || (size_t)(colon - to) >= sizeof host || !colon[1]) {
    wrong("--to takes HOST:PORT");
    return -1;
  }
  snprintf(host, sizeof host, "%.*s", (int)(colon - to), to);
  struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found = NULL;
  int error = getaddrinfo(host, colon + 1, &wanted, &found);
  int descriptor = -1;
  for (struct addrinfo *at = error ? NULL : found; at && descriptor < 0; at = at->ai_next) {
    descriptor = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor >= 0 && connect(descriptor, at->ai_addr, at->ai_addrlen) != 0) {
      close(descriptor);
      descriptor = -1;
    }
  }
  if (descriptor < 0)
    fprintf(stderr, "tocsin play: %s: %s; is tocsind running there, with that `server.listen_port`?\n", to,
            error ? gai_strerror(error) : strerror(errno));
  else
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  if (found)
    freeaddrinfo(found);
  return descriptor;
}

static bool send_all(int descriptor, const uint8_t *bytes, size_t length)
{
  while (length > 0) {
    ssize_t n = send(descriptor, bytes, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      fprintf(stderr, "tocsin play: the daemon closed the connection: %s\n", strerror(errno));
      return false;
    }
    bytes += n;
    length -= (size_t)n;
  }
  return true;
}

typedef struct {
  int descriptor;
  bool good;
} sending;

static void send_record(void *user, const uint8_t *bytes, size_t length)
{
  sending *s = user;
  s->good = s->good && send_all(s->descriptor, bytes, length);
}

/* ---- playing ---- */

static void wait_until(int64_t monotonic)
{
  struct timespec at = {.tv_sec = monotonic / INGEST_SECOND, .tv_nsec = monotonic % INGEST_SECOND};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
    ;
}

/* One line that is written over, at most once a second, where a person looks on. */
static void show_progress(const archive_span *s, size_t sent, int64_t data_time, bool finished)
{
  static int64_t shown;
  int64_t now = clock_monotonic();
  char text[INGEST_TIME_TEXT];
  if (!finished && now - shown < INGEST_SECOND)
    return;
  shown = now;
  bool terminal = isatty(STDERR_FILENO);
  if (terminal || finished)
    fprintf(stderr, "%s%zu of %zu packets sent, data of %s%s", terminal ? "\r" : "", sent, s->last - s->first, ingest_time_format(data_time, text),
            finished ? "\n" : "");
}

static bool play(const play_options *o, const archive *a, const archive_span *s, int64_t shift_s, int descriptor)
{
  sending out = {.descriptor = descriptor, .good = true};
  int64_t shift = shift_s * INGEST_SECOND;
  /* With --now the begin is a moment of the wall clock; otherwise it is when playing begins. */
  int64_t start = clock_monotonic() + (o->now ? s->from + shift - clock_now() : 0);
  for (size_t i = s->first; i < s->last && out.good; i++) {
    const archive_packet *p = archive_at(a, i);
    show_progress(s, i - s->first, p->arrival, false);
    if (o->how.speed > 0)
      wait_until(start + (int64_t)((double)(p->arrival - s->from) / o->how.speed));
    const char *fault = ingest_record_cut(p->bytes, p->length, 0, shift, send_record, &out);
    if (fault)
      fprintf(stderr, "tocsin play: packet %zu is left out: %s\n", i, fault);
  }
  show_progress(s, s->last - s->first, archive_at(a, s->last - 1)->arrival, true);
  return out.good;
}

static int play_archive(const play_options *o, const archive *a)
{
  archive_span s;
  char text[INGEST_TIME_TEXT];
  const char *fault = archive_choose(a, o->how.from, o->how.until, &s);
  if (fault) {
    fprintf(stderr, "tocsin play: %s\n", fault);
    return 1;
  }
  int descriptor = connect_to(o->to);
  if (descriptor < 0)
    return 1;
  int64_t shift_s = o->now ? playing_seconds_to(clock_now(), s.from) : o->shift_s;
  printf("{\"shift_s\":%" PRId64 ",\"from\":\"%s\",\"packets\":%zu}\n", shift_s, ingest_time_format(s.from + shift_s * INGEST_SECOND, text),
         s.last - s.first);
  fflush(stdout);
  bool good = play(o, a, &s, shift_s, descriptor);
  shutdown(descriptor, SHUT_WR); /* what is sent still arrives */
  close(descriptor);
  return good ? 0 : 1;
}

int verb_play(int argc, char **argv)
{
  play_options o;
  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    fputs(help, stdout);
    return 0;
  }
  if (!read_options(&o, argc, argv))
    return 2;
  const archive_options how = {.packet_s = o.how.packet_s};
  archive *a = archive_open(o.files, o.files_count, &how);
  if (!a)
    return 1;
  int status = play_archive(&o, a);
  archive_close(a);
  return status;
}
