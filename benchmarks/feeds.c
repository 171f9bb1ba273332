/* The client's part of 54,000 packets/s from 200 SeedLink servers: its processor time beside that of reading the same bytes with read() in the same
 * run, what was lost, and whether memory grows; one JSON line a figure. The servers are a process of their own.
 *
 * Twice: with a thread that has nothing else to do, so that it goes to sleep and is woken for nearly each packet, which is the kernel's price; and as
 * in the daemon, where each packet keeps the same thread busy (8 us, about what the engine takes), whose own time is measured alone and taken off. */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feeds.h"
#include "listener.h"
#include "random.h"

enum { SERVERS = 200, STATIONS = 90, CHANNELS = 3, PACKETS = STATIONS * CHANNELS, SECONDS = 6, PACKET_ROOM = 1024, HEADER = 17 };
static const int64_t second_ns = 1000000000;

/* ---- the servers' process ---- */

typedef struct {
  uint8_t bytes[PACKET_ROOM];
  size_t length;
} packet;

typedef struct {
  int descriptor;
  char line[256];
  size_t used;
  bool streaming;
  uint64_t sequence;
} peer;

static packet packets[SERVERS][PACKETS];
static peer peers[SERVERS];

static int64_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * second_ns + t.tv_nsec;
}

static void keep(void *user, const uint8_t *bytes, size_t length)
{
  packet *p = user;
  memcpy(p->bytes + p->length, bytes, length);
  p->length += length;
}

/* SeedLink 4: "SE", format, subformat, length of the payload, sequence, length of the station's name, the name, the payload. */
static void put_header(packet *p, const char *station, char format, char subformat, size_t payload)
{
  uint32_t length = (uint32_t)payload;
  memcpy(p->bytes, "SE", 2);
  p->bytes[2] = (uint8_t)format;
  p->bytes[3] = (uint8_t)subformat;
  memcpy(p->bytes + 4, &length, sizeof length);
  p->bytes[16] = (uint8_t)strlen(station);
  memcpy(p->bytes + HEADER, station, strlen(station));
}

static void make_packet(packet *p, int server, int i, random_source *random)
{
  static const char channels[] = "ZNE";
  double values[100];
  char id[16];
  ingest_record header = {
      .start = 1700000000 * second_ns + i * second_ns / PACKETS, .rate = 100, .samples = 100, .encoding = 11, .timing_quality = -1};
  snprintf(header.codes.network, sizeof header.codes.network, "XX");
  snprintf(header.codes.station, sizeof header.codes.station, "%03u%02u", (unsigned)server % 1000, (unsigned)(i / CHANNELS) % 100);
  snprintf(header.codes.channel, sizeof header.codes.channel, "HN%c", channels[i % CHANNELS]);
  for (size_t k = 0; k < 100; k++)
    values[k] = (double)(int)(100 * random_normal(random));
  snprintf(id, sizeof id, "XX_%.5s", header.codes.station);
  p->length = HEADER + strlen(id);
  ingest_record_write(&header, values, 0, keep, p);
  put_header(p, id, '2', 'D', p->length - HEADER - strlen(id));
}

static void say(const peer *p, const void *bytes, size_t length)
{
  if (send(p->descriptor, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
    exit(1);
}

static void answer(peer *p, const char *line)
{
  static const char hello[] = "SeedLink v4.0 (bench/1) :: SLPROTO:4.0\r\nbench\r\n", info[] = "{\"software\":\"bench/1\",\"organization\":\"bench\"}";
  packet json = {.length = HEADER};
  if (strncmp(line, "HELLO", 5) == 0) {
    say(p, hello, sizeof hello - 1);
  } else if (strncmp(line, "INFO", 4) == 0) {
    put_header(&json, "", 'J', 'I', sizeof info - 1);
    keep(&json, (const uint8_t *)info, sizeof info - 1);
    say(p, json.bytes, json.length);
  } else if (strncmp(line, "END", 3) == 0) {
    p->streaming = true;
  } else {
    say(p, "OK\r\n", 4);
  }
}

static void listen_to(peer *p)
{
  char bytes[1024];
  ssize_t n = recv(p->descriptor, bytes, sizeof bytes, MSG_DONTWAIT);
  for (ssize_t i = 0; i < n; i++) {
    if (bytes[i] == '\n') {
      p->line[p->used] = '\0';
      p->used = 0;
      answer(p, p->line);
    } else if (p->used < sizeof p->line - 1) {
      p->line[p->used++] = bytes[i];
    }
  }
}

/* All connections first; `talking`: the handshake, too. */
static void accept_all(int listener, bool talking)
{
  char name[LISTENER_PEER_TEXT];
  for (size_t i = 0; i < SERVERS;) {
    int descriptor = listener_accept(listener, name);
    if (descriptor >= 0)
      peers[i++] = (peer){.descriptor = descriptor, .streaming = !talking};
  }
  for (size_t ready = 0; ready < SERVERS;) {
    ready = 0;
    for (size_t i = 0; i < SERVERS; i++) {
      if (!peers[i].streaming)
        listen_to(&peers[i]);
      ready += peers[i].streaming;
    }
  }
}

static void send_packet(size_t server, size_t i)
{
  peer *p = &peers[server];
  packet *one = &packets[server][i];
  memcpy(one->bytes + 8, &(uint64_t){++p->sequence}, 8);
  for (size_t sent = 0; sent < one->length;) {
    ssize_t n = send(p->descriptor, one->bytes + sent, one->length - sent, MSG_NOSIGNAL);
    sent += n > 0 ? (size_t)n : 0;
    if (n < 0)
      nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
  }
}

/* Each second every packet once, evenly spread: one server after the other. */
static void stream(void)
{
  int64_t start = now();
  for (int64_t k = 0; k < (int64_t)SECONDS * PACKETS * SERVERS; k++) {
    int64_t due = start + k * second_ns / (PACKETS * SERVERS);
    while (now() < due)
      nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    send_packet((size_t)(k % SERVERS), (size_t)(k / SERVERS % PACKETS));
  }
  for (size_t i = 0; i < SERVERS; i++)
    shutdown(peers[i].descriptor, SHUT_WR);
  sleep(1);
  for (size_t i = 0; i < SERVERS; i++)
    close(peers[i].descriptor);
}

static pid_t start_servers(int listener, bool talking)
{
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  accept_all(listener, talking);
  stream();
  _exit(0);
}

/* ---- the two clients ---- */

static uint64_t rounds_a_packet, kept_busy;

static void busy(uint64_t rounds)
{
  uint64_t x = kept_busy + 1;
  for (uint64_t i = 0; i < rounds; i++)
    x = x * 6364136223846793005u + 1442695040888963407u;
  kept_busy = x;
}

typedef struct {
  uint64_t records, bytes, wanted;
  struct ev_loop *loop;
  int64_t first_rss_kb, last_rss_kb;
} client;

static double cpu_s(void)
{
  struct rusage u;
  getrusage(RUSAGE_THREAD, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int64_t rss_kb(void)
{
  long pages = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file) {
    if (fscanf(file, "%ld %ld", &pages, &resident) != 2)
      resident = 0;
    fclose(file);
  }
  return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static void on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  (void)feed, (void)bytes, (void)received;
  client *c = user;
  c->records++;
  c->bytes += length;
  busy(rounds_a_packet);
  if (c->records == c->wanted / 5)
    c->first_rss_kb = rss_kb();
  if (c->records < c->wanted)
    return;
  c->last_rss_kb = rss_kb();
  ev_break(c->loop, EVBREAK_ALL);
}

static void on_late(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)timer, (void)events;
  ev_break(loop, EVBREAK_ALL);
}

static feed_settings *make_settings(int port)
{
  feed_settings *list = calloc(SERVERS, sizeof *list);
  for (size_t i = 0; list && i < SERVERS; i++) {
    list[i] = (feed_settings){.kind = FEED_SEEDLINK, .address = "127.0.0.1", .port = port, .version = 4, .idle_s = 30, .dead_s = 60};
    snprintf(list[i].name, sizeof list[i].name, "server-%zu", i);
  }
  return list;
}

static double run_feeds(client *c, int port)
{
  ev_timer late;
  feed_settings *list = make_settings(port);
  c->loop = ev_loop_new(0);
  feeds *f = feeds_create(&(feeds_setup){.loop = c->loop,
                                         .address = "127.0.0.1",
                                         .port = -1,
                                         .configured = list,
                                         .configured_count = SERVERS,
                                         .retry_first_s = 0.1,
                                         .retry_longest_s = 1,
                                         .record = on_record,
                                         .user = c});
  ev_timer_init(&late, on_late, 6 * SECONDS, 0);
  ev_timer_start(c->loop, &late);
  double before = cpu_s();
  ev_run(c->loop, 0);
  double used = cpu_s() - before;
  feeds_destroy(f);
  ev_loop_destroy(c->loop);
  free(list);
  return used;
}

static int connect_one(int port)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(s, (struct sockaddr *)&to, sizeof to) != 0)
    exit(1);
  fcntl(s, F_SETFL, O_NONBLOCK);
  return s;
}

static double run_plain(int port)
{
  static uint8_t buffer[16 << 10];
  struct epoll_event events[64];
  int set = epoll_create1(0), open = SERVERS;
  size_t length = packets[0][0].length;
  for (int i = 0; i < SERVERS; i++) {
    int s = connect_one(port);
    epoll_ctl(set, EPOLL_CTL_ADD, s, &(struct epoll_event){.events = EPOLLIN, .data.fd = s});
  }
  double before = cpu_s();
  while (open > 0) {
    int n = epoll_wait(set, events, 64, 1000 * SECONDS);
    for (int i = 0; i < n; i++) {
      ssize_t got = read(events[i].data.fd, buffer, sizeof buffer);
      busy(got > 0 ? rounds_a_packet * (size_t)got / length : 0);
      if (got == 0) {
        close(events[i].data.fd);
        open--;
      }
    }
  }
  close(set);
  return cpu_s() - before;
}

/* What `count` packets' busy time takes alone. */
static double cpu_of_busy(uint64_t count)
{
  double before = cpu_s();
  for (uint64_t i = 0; i < count; i++)
    busy(rounds_a_packet);
  return cpu_s() - before;
}

static void measure(int listener, const char *name, client *c)
{
  int port = listener_port(listener);
  double alone = cpu_of_busy(c->wanted);
  pid_t pid = start_servers(listener, false);
  double plain = run_plain(port) - alone;
  waitpid(pid, NULL, 0);
  pid = start_servers(listener, true);
  double used = run_feeds(c, port) - alone;
  kill(pid, SIGTERM);
  waitpid(pid, NULL, 0);
  printf("{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"%% of one core at 54000 packets/s\",\"baseline\":%.2f}\n", name, 100 * used / SECONDS,
         100 * plain / SECONDS);
}

static void set_busy(double seconds)
{
  rounds_a_packet = 10000;
  double one = cpu_of_busy(1000) / 1000;
  rounds_a_packet = (uint64_t)(10000 * seconds / one);
}

int main(void)
{
  static const uint64_t wanted = (uint64_t)SECONDS * PACKETS * SERVERS;
  random_source random = {.state = 1};
  client idle = {.wanted = wanted}, beside = {.wanted = wanted};
  int listener = listener_open("127.0.0.1", 0);
  if (listener < 0 || !freopen("/dev/null", "w", stderr))
    return 1;
  for (int i = 0; i < SERVERS; i++)
    for (int k = 0; k < PACKETS; k++)
      make_packet(&packets[i][k], i, k, &random);
  set_busy(8e-6);
  measure(listener, "feeds_client_cpu", &beside);
  rounds_a_packet = 0;
  measure(listener, "feeds_client_cpu_otherwise_idle", &idle);
  printf("{\"name\":\"feeds_packets_lost\",\"value\":%llu,\"unit\":\"of %llu packets\",\"baseline\":0}\n",
         (unsigned long long)(2 * wanted - beside.records - idle.records), (unsigned long long)(2 * wanted));
  printf("{\"name\":\"feeds_memory_growth\",\"value\":%lld,\"unit\":\"KB\",\"baseline\":%lld}\n",
         (long long)(beside.last_rss_kb - beside.first_rss_kb), (long long)beside.first_rss_kb);
  return beside.records == wanted && idle.records == wanted ? 0 : 1;
}
