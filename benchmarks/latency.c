/* latency.c: from the intended send time of the packet that decides an alert to the subscriber's read of it, through tocsind and a redis-server of
 * its own on this machine, while a network of any size sends 1-s packets spread evenly over the second and earthquakes follow each other.
 * One JSON line a figure; the baseline is a bare PUBLISH to the same subscriber in the same run. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "histogram.h"
#include "model.h"
#include "random.h"
#include "scenario.h"
#include "settings.h"

enum {
  RATE = 100,
  MEMBERS = 12,   /* stations round one epicentre */
  CLUSTERS = 24,  /* at most, 340 km apart */
  QUAKE_S = 30,   /* of record, the origin 3 s in */
  NOISE_S = 60,   /* repeated */
  WARM_UP_S = 20, /* before the first earthquake, for the pickers */
  CYCLE_S = 75,   /* a cluster rests so long before its next one */
  SEEN = 4 << 20, /* messages kept */
};

typedef struct {
  scenario_station place;
  int cluster, member; /* cluster -1: noise only */
  int64_t phase;       /* of its packets in the second, ns */
} node;

enum { ALERT, PICK, BARE };

typedef struct {
  int64_t read, issued; /* ns, realtime */
  int32_t station;      /* of a pick */
  int8_t kind;
  bool by_packet;
} seen_message;

static struct {
  int stations, seconds, clusters;
  bool burst;
  char tocsind[1024], folder[64], socket[96], more[256];
  node *nodes;
  int *order;    /* by phase */
  int32_t *late; /* of each second and station: how much later than intended it sent, us */
  double *quake[MEMBERS * INGEST_COMPONENTS], *noise[INGEST_COMPONENTS];
  int64_t start; /* of second 0 */
  int port;
  seen_message *seen;
  size_t seen_count;
  atomic_bool done;
  pid_t redis, daemon;
} b = {.stations = 200, .seconds = 20};

static void die(const char *what)
{
  fprintf(stderr, "bench_latency: %s\n", what);
  exit(1);
}

static int64_t now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * INGEST_SECOND + t.tv_nsec;
}

static void sleep_until(int64_t when)
{
  struct timespec t = {.tv_sec = when / INGEST_SECOND, .tv_nsec = when % INGEST_SECOND};
  while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) != 0)
    ;
}

/* ---- the network and its waves ---- */

/* The same stations round each epicentre, so that one earthquake's waves serve all. The others are far away. */
static void place_nodes(void)
{
  b.clusters = b.stations / MEMBERS < CLUSTERS ? b.stations / MEMBERS : CLUSTERS;
  b.nodes = calloc((size_t)b.stations, sizeof *b.nodes);
  b.order = calloc((size_t)b.stations, sizeof *b.order);
  b.late = calloc((size_t)b.stations * (size_t)(WARM_UP_S + b.seconds), sizeof *b.late);
  for (int i = 0; i < b.stations; i++) {
    node *n = &b.nodes[i];
    n->cluster = i / MEMBERS < b.clusters ? i / MEMBERS : -1;
    n->member = i % MEMBERS;
    snprintf(n->place.network, sizeof n->place.network, "XX");
    snprintf(n->place.station, sizeof n->place.station, "%05d", i % 100000);
    n->place.latitude_deg = n->cluster >= 0 ? 40 + 0.15 * (n->member / 4 - 1) : 20 + 0.05 * (i % 200);
    n->place.longitude_deg = n->cluster >= 0 ? 40 + 4.0 * n->cluster + 0.2 * (n->member % 4 - 1.5) : 40 + 0.1 * (i / 200);
    n->phase = b.burst ? 0 : (int64_t)i * INGEST_SECOND / b.stations / 1000 * 1000;
    b.order[i] = i;
  }
  random_source r = {.state = 1}; /* neighbours do not send one after the other */
  for (int i = b.stations - 1; i > 0; i--) {
    int k = (int)random_below(&r, i + 1);
    int64_t phase = b.nodes[i].phase;
    b.nodes[i].phase = b.nodes[k].phase;
    b.nodes[k].phase = phase;
  }
  for (int i = 0; i < b.stations; i++) /* phases are a permutation of the even grid */
    b.order[b.burst ? i : (int)((b.nodes[i].phase + 1000) * b.stations / INGEST_SECOND)] = i;
}

static void keep_channel(void *user, const ingest_record *header, const double *counts)
{
  double ***next = user;
  size_t size = (size_t)header->samples * sizeof *counts;
  **next = memcpy(malloc(size), counts, size);
  ++*next;
}

static void make_waves(const locator_travel_times *tables)
{
  scenario_station stations[MEMBERS];
  for (int i = 0; i < MEMBERS; i++)
    stations[i] = b.nodes[i].place;
  scenario s = {.latitude_deg = 40,
                .longitude_deg = 40,
                .depth_km = 10,
                .magnitude = 6.3,
                .strike_deg = NAN,
                .origin_time = 3 * INGEST_SECOND,
                .start = 0,
                .duration_s = QUAKE_S,
                .rate = RATE,
                .noise_m_s2 = 2e-4,
                .seed = 1,
                .stations = stations,
                .stations_count = MEMBERS,
                .tables = tables};
  double **next = b.quake;
  bool made = scenario_make(&s, keep_channel, &next);
  s.noise_only = true;
  s.duration_s = NOISE_S;
  s.stations_count = 1;
  next = b.noise;
  if (!made || !scenario_make(&s, keep_channel, &next))
    die("no memory for the waves");
}

/* The counts of that second of a station's channel: an earthquake's, or noise that begins elsewhere for each station. */
static const double *counts_of(int station, int component, int64_t second)
{
  const node *n = &b.nodes[station];
  if (n->cluster >= 0) {
    int64_t since = second - WARM_UP_S - (int64_t)n->cluster * CYCLE_S / b.clusters;
    if (since >= 0 && since % CYCLE_S < QUAKE_S)
      return b.quake[n->member * INGEST_COMPONENTS + component] + since % CYCLE_S * RATE;
  }
  return b.noise[component] + (second + station * 7) % NOISE_S * RATE;
}

/* ---- processes ---- */

static pid_t run_process(const char *const *words)
{
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char log[128];
  snprintf(log, sizeof log, "%s/%s.log", b.folder, strrchr(words[0], '/') ? strrchr(words[0], '/') + 1 : words[0]);
  int file = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execvp(words[0], (char *const *)words);
  _exit(127);
}

static redisContext *redis(void)
{
  for (int i = 0; i < 2000; i++, usleep(5000)) {
    redisContext *c = redisConnectUnix(b.socket);
    if (c && !c->err)
      return c;
    if (c)
      redisFree(c);
  }
  die("redis-server does not answer");
  return NULL;
}

static void write_text(void *user, const char *text, size_t length)
{
  fwrite(text, 1, length, user);
}

static void write_inventory(const char *path)
{
  static const double azimuths[] = {0, 0, 90}, dips[] = {-90, 0, 0};
  ingest_inventory *inventory = ingest_inventory_create();
  for (int i = 0; i < b.stations; i++)
    for (int c = 0; c < INGEST_COMPONENTS; c++) {
      const scenario_station *p = &b.nodes[i].place;
      ingest_codes codes = {.network = "XX"};
      memcpy(codes.station, p->station, sizeof codes.station);
      memcpy(codes.channel, scenario_channels[c], sizeof scenario_channels[c]);
      const ingest_epoch epoch = {INT64_MIN, INT64_MAX, scenario_gain, 1, RATE, azimuths[c], dips[c], INGEST_UNIT_ACCELERATION};
      ingest_inventory_add_channel(inventory, &codes, p->latitude_deg, p->longitude_deg, 0, 0, &epoch);
    }
  ingest_inventory_seal(inventory, NULL, NULL);
  FILE *file = fopen(path, "w");
  ingest_inventory_write(inventory, 0, write_text, file);
  fclose(file);
  ingest_inventory_destroy(inventory);
}

static int free_port(void)
{
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(s, (struct sockaddr *)&any, sizeof any) != 0 || getsockname(s, (struct sockaddr *)&any, &(socklen_t){sizeof any}) != 0)
    die("no free port");
  close(s);
  return ntohs(any.sin_port);
}

static void start_processes(void)
{
  char inventory[128], config[128];
  snprintf(b.folder, sizeof b.folder, "/tmp/tocsin-bench-XXXXXX");
  if (!mkdtemp(b.folder))
    die("no temporary folder");
  snprintf(b.socket, sizeof b.socket, "%s/redis.sock", b.folder);
  snprintf(inventory, sizeof inventory, "%s/stations.xml", b.folder);
  snprintf(config, sizeof config, "%s/tocsin.yaml", b.folder);
  write_inventory(inventory);
  b.port = free_port();
  FILE *file = fopen(config, "w");
  fprintf(file, "server: {inventory: %s, listen_port: %d, status_interval_s: 10}\nredis: {address: %s, port: 0, stream_length: 1000}\n%s\n",
          inventory, b.port, b.socket, b.more);
  fclose(file);
  b.redis = run_process((const char *const[]){"redis-server", "--port", "0", "--unixsocket", b.socket, "--dir", b.folder, "--save", "",
                                              "--client-output-buffer-limit", "pubsub 256mb 128mb 60", NULL});
  redisFree(redis());
  b.daemon = run_process((const char *const[]){b.tocsind, "--config", config, "--exercise", NULL});
}

static void stop_processes(void)
{
  kill(b.daemon, SIGTERM);
  waitpid(b.daemon, NULL, 0);
  kill(b.redis, SIGKILL);
  waitpid(b.redis, NULL, 0);
}

static int connect_feed(void)
{
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)b.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  for (int i = 0; i < 6000; i++, usleep(10000)) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s, (struct sockaddr *)&to, sizeof to) == 0) {
      setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
      return s;
    }
    close(s);
    if (waitpid(b.daemon, NULL, WNOHANG) == b.daemon)
      die("tocsind ended; its log tells why");
  }
  die("tocsind does not listen");
  return -1;
}

/* ---- the subscriber ---- */

static const char *value_of(const char *json, const char *name)
{
  const char *at = strstr(json, name);
  return at ? at + strlen(name) : "";
}

static void take(const char *channel, const char *text)
{
  if (b.seen_count == SEEN)
    return;
  seen_message m = {.read = now(), .station = -1};
  if (strncmp(channel, "bare", 4) == 0) {
    m.kind = BARE;
    m.issued = strtoll(text, NULL, 10);
  } else {
    char when[INGEST_TIME_TEXT];
    snprintf(when, sizeof when, "%s", value_of(text, "\"issued_at\":\""));
    if (!ingest_time_parse(when, &m.issued))
      return;
    m.kind = strstr(channel, ":pick") ? PICK : ALERT;
    m.by_packet = !strstr(text, "\"trace\":null");
    if (m.kind == PICK)
      m.station = (int32_t)strtol(value_of(text, "\"station\":\"XX."), NULL, 10);
  }
  b.seen[b.seen_count++] = m;
}

static void *subscribe(void *unused)
{
  (void)unused;
  redisContext *c = redis();
  redisReply *reply = redisCommand(c, "PSUBSCRIBE tocsin:exercise:alert* tocsin:exercise:pick bare");
  redisSetTimeout(c, (struct timeval){.tv_usec = 200000});
  while (!atomic_load(&b.done)) {
    freeReplyObject(reply);
    reply = NULL;
    if (redisGetReply(c, (void **)&reply) != REDIS_OK) {
      c->err = 0; /* the timeout, after which `done` is looked at */
      continue;
    }
    if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 && reply->element[3]->type == REDIS_REPLY_STRING)
      take(reply->element[2]->str, reply->element[3]->str);
  }
  freeReplyObject(reply);
  redisFree(c);
  return NULL;
}

/* ---- the sender ---- */

typedef struct {
  uint8_t bytes[INGEST_COMPONENTS * 1024];
  size_t length;
} packet_batch;

static void append(void *user, const uint8_t *bytes, size_t length)
{
  packet_batch *p = user;
  if (p->length + length <= sizeof p->bytes) {
    memcpy(p->bytes + p->length, bytes, length);
    p->length += length;
  }
}

/* A station's three packets of that second, the last samples at `when`. */
static void send_station(int s, int station, int64_t second, int64_t when)
{
  packet_batch batch = {.length = 0};
  for (int c = 0; c < INGEST_COMPONENTS; c++) {
    ingest_record header = {.start = when - (RATE - 1) * (INGEST_SECOND / RATE), .rate = RATE, .samples = RATE, .encoding = 11, .timing_quality = -1};
    snprintf(header.codes.network, sizeof header.codes.network, "XX");
    memcpy(header.codes.station, b.nodes[station].place.station, sizeof header.codes.station);
    memcpy(header.codes.channel, scenario_channels[c], sizeof scenario_channels[c]);
    ingest_record_write(&header, counts_of(station, c, second), 0, append, &batch);
  }
  if (send(s, batch.bytes, batch.length, MSG_NOSIGNAL) != (ssize_t)batch.length)
    die("tocsind closed the connection");
}

static void play(int s)
{
  redisContext *c = redis();
  b.start = (now() / INGEST_SECOND + 1) * INGEST_SECOND;
  for (int64_t second = 0; second < WARM_UP_S + b.seconds; second++) {
    for (int i = 0; i < b.stations; i++) {
      int64_t when = b.start + second * INGEST_SECOND + b.nodes[b.order[i]].phase;
      sleep_until(when);
      b.late[second * b.stations + b.order[i]] = (int32_t)((now() - when) / 1000);
      send_station(s, b.order[i], second, when);
      if (i % (b.stations / 10 + 1) == 0)
        freeReplyObject(redisCommand(c, "PUBLISH bare %lld", (long long)now()));
    }
  }
  redisFree(c);
}

/* ---- the figures ---- */

/* All that one packet decides is issued at the same instant, and a pick among it names the station. */
static int32_t deciding_station(size_t of)
{
  for (size_t i = of; i > 0 && of - i < 2000 && b.seen[i - 1].issued >= b.seen[of].issued - INGEST_SECOND; i--)
    if (b.seen[i - 1].kind == PICK && b.seen[i - 1].issued == b.seen[of].issued)
      return b.seen[i - 1].station;
  for (size_t i = of + 1; i < b.seen_count && i - of < 2000; i++)
    if (b.seen[i].kind == PICK && b.seen[i].issued == b.seen[of].issued)
      return b.seen[i].station;
  return -1;
}

/* When that station's newest packet at `issued` was meant to be sent. */
static int64_t intended(int32_t station, int64_t issued)
{
  int64_t since = issued + 1000 - b.start - b.nodes[station].phase; /* issued_at is cut to whole microseconds */
  return b.start + b.nodes[station].phase + since / INGEST_SECOND * INGEST_SECOND;
}

static void print_figures(const char *what, const histogram *h, const histogram *baseline)
{
  static const struct {
    const char *name;
    double fraction;
  } wanted[] = {{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}};
  for (size_t i = 0; i < 3; i++)
    printf("{\"name\":\"latency_%s_%s\",\"value\":%.3f,\"unit\":\"ms\",\"baseline\":%.3f,\"messages\":%llu,\"packets_per_s\":%d}\n", what,
           wanted[i].name, (double)histogram_percentile(h, wanted[i].fraction) / 1e6,
           (double)histogram_percentile(baseline, wanted[i].fraction) / 1e6, (unsigned long long)h->count, b.stations * INGEST_COMPONENTS);
}

static void report(void)
{
  static histogram by_packet, sent_packet, by_step, bare, late;
  size_t unknown = 0;
  for (size_t i = 0; i < (size_t)(WARM_UP_S + b.seconds) * (size_t)b.stations; i++)
    histogram_add(&late, b.late[i] * INT64_C(1000), 0);
  for (size_t i = 0; i < b.seen_count; i++) {
    const seen_message *m = &b.seen[i];
    if (m->kind == BARE) {
      histogram_add(&bare, m->read - m->issued, 0);
    } else if (m->kind != PICK && !m->by_packet) {
      histogram_add(&by_step, m->read - m->issued, 0); /* from the instant on the grid at which the step was due */
    } else if (m->kind != PICK) {
      int32_t station = deciding_station(i);
      if (station < 0 && ++unknown)
        continue;
      int64_t meant = intended(station, m->issued), second = (meant - b.start) / INGEST_SECOND;
      histogram_add(&by_packet, m->read - meant, 0);
      histogram_add(&sent_packet, m->read - meant - b.late[second * b.stations + station] * INT64_C(1000), 0);
    }
  }
  print_figures("alert_by_packet", &by_packet, &bare);
  print_figures("alert_from_sending", &sent_packet, &bare); /* without what the sender itself was late */
  print_figures("sender_late", &late, &bare);
  print_figures("alert_by_step", &by_step, &bare);
  if (unknown)
    fprintf(stderr, "bench_latency: of %zu alert messages the packet is not known\n", unknown);
  if (by_packet.count + by_step.count > 0)
    waitpid(run_process((const char *const[]){"rm", "-rf", b.folder, NULL}), NULL, 0);
  else
    fprintf(stderr, "bench_latency: no alert came; the logs of the run are in %s\n", b.folder);
}

static int number(const char *text)
{
  return (int)fmin(fmax(strtod(text, NULL), 0), 999999);
}

static void read_options(int argc, char **argv)
{
  ssize_t n = readlink("/proc/self/exe", b.tocsind, sizeof b.tocsind - 32);
  b.tocsind[n > 0 ? n : 0] = '\0';
  char *slash = strrchr(b.tocsind, '/');
  strcpy(slash ? slash : b.tocsind, "/../tocsind");
  for (int i = 1; i < argc; i++) {
    const char *value = i + 1 < argc ? argv[i + 1] : "";
    if (strcmp(argv[i], "--burst") == 0)
      b.burst = true;
    else if (strcmp(argv[i], "--stations") == 0 && number(value) >= MEMBERS)
      b.stations = number(value), i++;
    else if (strcmp(argv[i], "--seconds") == 0 && number(value) > 0)
      b.seconds = number(value), i++;
    else if (strcmp(argv[i], "--tocsind") == 0)
      snprintf(b.tocsind, sizeof b.tocsind, "%s", value), i++;
    else if (strcmp(argv[i], "--configure") == 0)
      snprintf(b.more, sizeof b.more, "%s", value), i++;
    else
      die("usage: bench_latency [--stations N (12 or more)] [--seconds S] [--burst] [--tocsind PATH] [--configure YAML]");
  }
}

int main(int argc, char **argv)
{
  static settings s;
  pthread_t subscriber;
  read_options(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  b.seen = malloc(SEEN * sizeof *b.seen);
  locator_travel_times *tables = b.seen && settings_load(&s, NULL) ? model_travel_times(&s.locator) : NULL;
  if (!tables)
    die("no memory");
  place_nodes();
  make_waves(tables);
  start_processes();
  int feed = connect_feed();
  pthread_create(&subscriber, NULL, subscribe, NULL);
  play(feed);
  sleep(2); /* what is on its way arrives */
  atomic_store(&b.done, true);
  pthread_join(subscriber, NULL);
  close(feed);
  stop_processes();
  report();
  locator_travel_times_destroy(tables);
  settings_release(&s);
  return 0;
}
