#include <arpa/inet.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"
#include "daemon_process.h"
#include "data.h"
#include "private_redis.h"
#include "random.h"

enum { STATIONS = 3, SECONDS = 30, RATE = 100, ARGUMENTS = 16, PACKETS_MOST = 200000 };

/* `tocsin serve` as a process of its own, its files, and what one client got. */
static char folder[64], recordings[96];
static pid_t server;
static FILE *server_says;
static int server_port;

typedef struct {
  uint8_t *bytes;
  size_t length;
} heard;

typedef struct {
  ingest_record record;
  int64_t sequence;
  const uint8_t *bytes;
  size_t length;
} packet;

static packet *packets;
static size_t packets_count;

/* ---- recordings: XX.S0, XX.S1, XX.S2, 30 s each, in records of 10 s ---- */

static int64_t base_time(void)
{
  int64_t time;
  ingest_time_parse("2020-01-01T00:00:00Z", &time);
  return time;
}

static double sample_of(int station, int64_t index)
{
  random_source r = {.state = (uint64_t)(station * 1000000 + index)};
  return round(500 * random_normal(&r));
}

static void append(void *user, const uint8_t *bytes, size_t length)
{
  assert_int_equal(fwrite(bytes, 1, length, user), length);
}

static int make_recordings(void **state)
{
  (void)state;
  static double values[1000];
  temporary_folder(folder, sizeof folder);
  snprintf(recordings, sizeof recordings, "%s/all.mseed", folder);
  packets = calloc(PACKETS_MOST, sizeof *packets);
  FILE *file = fopen(recordings, "wb");
  for (int s = 0; s < STATIONS; s++)
    for (int second = 0; second < SECONDS; second += 10) {
      ingest_record header = {.codes = {"XX", "", "", "HNZ"},
                              .start = base_time() + second * INGEST_SECOND,
                              .rate = RATE,
                              .samples = 1000,
                              .encoding = 11,
                              .timing_quality = -1};
      snprintf(header.codes.station, sizeof header.codes.station, "S%d", s);
      for (int i = 0; i < 1000; i++)
        values[i] = sample_of(s, second * RATE + i);
      assert_int_equal(ingest_record_write(&header, values, 0, append, file), 1);
    }
  fclose(file);
  return 0;
}

static int remove_recordings(void **state)
{
  (void)state;
  unlink(recordings);
  rmdir(folder);
  free(packets);
  return 0;
}

/* ---- the server ---- */

static pid_t run(const char *const *arguments, int output)
{
  const char *words[ARGUMENTS + 4] = {"tocsin", "serve"};
  for (size_t i = 0; arguments[i]; i++)
    words[2 + i] = arguments[i];
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid > 0)
    return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(output, STDOUT_FILENO);
  if (!freopen("/dev/null", "w", stderr))
    _exit(126);
  execv(build_path("tocsin"), (char *const *)words);
  _exit(127);
}

static void serve(const char *const *arguments)
{
  int pipes[2];
  char line[200];
  assert_int_equal(pipe(pipes), 0);
  server = run(arguments, pipes[1]);
  close(pipes[1]);
  server_says = fdopen(pipes[0], "r");
  assert_non_null(fgets(line, sizeof line, server_says));
  assert_int_equal(sscanf(line, "{\"port\":%d,", &server_port), 1);
}

static int end_of(pid_t pid)
{
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void stop(void)
{
  kill(server, SIGTERM);
  assert_int_equal(end_of(server), 0);
  fclose(server_says);
}

static int exit_of(const char *const *arguments)
{
  return end_of(run(arguments, STDERR_FILENO));
}

/* ---- a bare client, written from the specification ---- */

static int dial(void)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)server_port)};
  struct timeval patience = {.tv_sec = 90};
  int s = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(s, (struct sockaddr *)&address, sizeof address), 0);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return s;
}

static const char ask_3[] = "STATION * *\r\nTIME 2000,1,1,0,0,0 2100,1,1,0,0,0\r\nEND\r\n";
static const char ask_4[] = "SLPROTO 4.0\r\nSTATION *\r\nDATA ALL 2000-01-01T00:00:00Z 2100-01-01T00:00:00Z\r\nEND\r\n";

static int ask(const char *commands)
{
  int s = dial();
  assert_int_equal(send(s, commands, strlen(commands), MSG_NOSIGNAL), strlen(commands));
  return s;
}

/* Until the server closes, or `enough` bytes came. */
static heard listen_to(int s, size_t enough)
{
  heard h = {malloc(65536), 0};
  ssize_t n;
  for (size_t room = 65536; h.length < enough && (n = recv(s, h.bytes + h.length, room - h.length, 0)) > 0;) {
    h.length += (size_t)n;
    if (room - h.length < 32768)
      h.bytes = realloc(h.bytes, room *= 2);
  }
  assert_true(h.length >= enough || n == 0);
  close(s);
  return h;
}

static void keep_packet(const uint8_t *bytes, size_t length, int64_t sequence)
{
  packet *p = &packets[packets_count++];
  assert_true(packets_count < PACKETS_MOST);
  assert_null(ingest_record_read(bytes, length, &p->record));
  assert_true(packets_count < 2 || sequence > p[-1].sequence);
  p->sequence = sequence;
  p->bytes = bytes;
  p->length = length;
}

static void read_3(const heard *h, const char *answers)
{
  size_t at = strlen(answers);
  packets_count = 0;
  assert_memory_equal(h->bytes, answers, at);
  while (h->length - at > 3) {
    char digits[7] = "";
    assert_true(h->length - at >= 520 && memcmp(h->bytes + at, "SL", 2) == 0);
    memcpy(digits, h->bytes + at + 2, 6);
    keep_packet(h->bytes + at + 8, 512, strtol(digits, NULL, 16));
    at += 520;
  }
  assert_memory_equal(h->bytes + at, "END", 3);
}

static uint64_t little(const uint8_t *bytes, int count)
{
  return count ? bytes[0] | little(bytes + 1, count - 1) << 8 : 0;
}

static void read_4(const heard *h, const char *answers)
{
  size_t at = strlen(answers);
  packets_count = 0;
  assert_memory_equal(h->bytes, answers, at);
  while (h->length - at > 3) {
    const uint8_t *header = h->bytes + at;
    char station[24];
    assert_true(h->length - at > 17 && memcmp(header, "SE2D", 4) == 0);
    size_t length = little(header + 4, 4), id = header[16];
    assert_true(h->length - at >= 17 + id + length);
    keep_packet(header + 17 + id, length, (int64_t)little(header + 8, 8));
    const ingest_codes *codes = &packets[packets_count - 1].record.codes;
    snprintf(station, sizeof station, "%s_%s", codes->network, codes->station);
    assert_int_equal(id, strlen(station));
    assert_memory_equal(header + 17, station, id);
    at += 17 + id + length;
  }
  assert_memory_equal(h->bytes + at, "END", 3);
}

/* ---- what the packets hold ---- */

static int station_of(const packet *p)
{
  return p->record.codes.station[1] - '0';
}

/* The samples of that station stand in order, each once, right; returns how many there are. */
static int64_t check_samples(int station)
{
  static double values[65536];
  int64_t next = -1, count = 0;
  for (size_t i = 0; i < packets_count; i++) {
    ingest_record record;
    if (station_of(&packets[i]) != station)
      continue;
    assert_null(ingest_record_decode(packets[i].bytes, packets[i].length, &record, values, 65536));
    int64_t index = (record.start - base_time()) / (INGEST_SECOND / RATE);
    assert_true(index >= next);
    for (int32_t k = 0; k < record.samples; k++)
      assert_true(values[k] == sample_of(station, index + k));
    next = index + record.samples;
    count += record.samples;
  }
  return count;
}

static double last_of(const packet *p)
{
  return (double)(ingest_record_last(&p->record) - base_time()) * 1e-9;
}

/* ---- what must be true ---- */

#define AS_RECORDED "--port", "0", "--start", "archive", "--speed", "max", "--wait", "1", recordings

static void every_sample_arrives_once_and_in_order(void **state)
{
  (void)state;
  for (int version = 3; version <= 4; version++) {
    serve((const char *[]){AS_RECORDED, NULL});
    heard h = listen_to(ask(version == 3 ? ask_3 : ask_4), SIZE_MAX);
    if (version == 3)
      read_3(&h, "OK\r\nOK\r\n");
    else
      read_4(&h, "OK\r\nOK\r\nOK\r\n");
    for (int s = 0; s < STATIONS; s++)
      assert_int_equal(check_samples(s), SECONDS * RATE);
    for (size_t i = 1; i < packets_count; i++)
      assert_true(last_of(&packets[i]) >= last_of(&packets[i - 1]));
    free(h.bytes);
    stop();
  }
}

static void packets_of_one_second_are_cut(void **state)
{
  (void)state;
  serve((const char *[]){AS_RECORDED, "--packet", "1", NULL});
  heard h = listen_to(ask(ask_3), SIZE_MAX);
  read_3(&h, "OK\r\nOK\r\n");
  for (size_t i = 0; i < packets_count; i++)
    assert_int_equal((packets[i].record.start - base_time()) / INGEST_SECOND, (ingest_record_last(&packets[i].record) - base_time()) / INGEST_SECOND);
  for (int s = 0; s < STATIONS; s++)
    assert_int_equal(check_samples(s), SECONDS * RATE);
  free(h.bytes);
  stop();
}

static void records_keep_their_length_when_that_is_wished(void **state)
{
  (void)state;
  serve((const char *[]){AS_RECORDED, "--record", "native", NULL});
  heard h = listen_to(ask(ask_4), SIZE_MAX);
  read_4(&h, "OK\r\nOK\r\nOK\r\n");
  assert_int_equal(packets_count, STATIONS * SECONDS / 10);
  assert_true(packets[0].length > 512);
  for (int s = 0; s < STATIONS; s++)
    assert_int_equal(check_samples(s), SECONDS * RATE);
  free(h.bytes);
  stop();
}

static void many_clients_get_the_same(void **state)
{
  (void)state;
  enum { CLIENTS = 100 };
  int sockets[CLIENTS];
  serve((const char *[]){"--port", "0", "--start", "archive", "--speed", "max", "--wait", "100", recordings, NULL});
  for (int i = 0; i < CLIENTS; i++)
    sockets[i] = ask(ask_4);
  heard first = listen_to(sockets[0], SIZE_MAX);
  read_4(&first, "OK\r\nOK\r\nOK\r\n");
  assert_int_equal(check_samples(2), SECONDS * RATE);
  for (int i = 1; i < CLIENTS; i++) {
    heard other = listen_to(sockets[i], SIZE_MAX);
    assert_int_equal(other.length, first.length);
    assert_memory_equal(other.bytes, first.bytes, first.length);
    free(other.bytes);
  }
  free(first.bytes);
  stop();
}

static void a_client_that_breaks_off_resumes_where_it_was(void **state)
{
  (void)state;
  char commands[200];
  serve((const char *[]){AS_RECORDED, NULL});
  heard whole = listen_to(ask(ask_4), SIZE_MAX);
  read_4(&whole, "OK\r\nOK\r\nOK\r\n");
  size_t count = packets_count;
  int64_t middle = packets[count / 2].sequence;
  snprintf(commands, sizeof commands, "SLPROTO 4.0\r\nSTATION *\r\nDATA %lld\r\nENDFETCH\r\n", (long long)middle + 1);
  heard rest = listen_to(ask(commands), SIZE_MAX);
  read_4(&rest, "OK\r\nOK\r\nOK\r\n");
  assert_int_equal(packets_count, count - count / 2 - 1);
  assert_int_equal(packets[0].sequence, middle + 1);
  free(whole.bytes);
  free(rest.bytes);
  stop();
}

static void a_delayed_station_comes_later_by_that(void **state)
{
  (void)state;
  serve((const char *[]){AS_RECORDED, "--delay", "XX.S1=5", NULL});
  heard h = listen_to(ask(ask_3), SIZE_MAX);
  read_3(&h, "OK\r\nOK\r\n");
  double before = -1;
  for (size_t i = 0; i < packets_count; i++) {
    double arrival = last_of(&packets[i]) + (station_of(&packets[i]) == 1 ? 5 : 0);
    assert_true(arrival >= before);
    before = arrival;
  }
  for (int s = 0; s < STATIONS; s++)
    assert_int_equal(check_samples(s), SECONDS * RATE);
  free(h.bytes);
  stop();
}

static size_t lost_of(const char *rule, const char *seed)
{
  serve((const char *[]){AS_RECORDED, "--packet", "1", "--loss", rule, "--seed", seed, NULL});
  heard h = listen_to(ask(ask_3), SIZE_MAX);
  read_3(&h, "OK\r\nOK\r\n");
  size_t seconds = 0;
  for (size_t i = 0; i < packets_count; i++)
    seconds += station_of(&packets[i]) == 2;
  assert_int_equal(check_samples(0), SECONDS * RATE);
  free(h.bytes);
  stop();
  return seconds;
}

static void losses_are_drawn_by_the_seed(void **state)
{
  (void)state;
  size_t all = lost_of("XX.S2=0", "1"), some = lost_of("XX.S2=0.5", "1");
  assert_true(some > 0 && some < all);
  assert_int_equal(lost_of("XX.S2=0.5", "1"), some);
  assert_int_equal(lost_of("*.S2=1", "1"), 0);
}

static void an_outage_loses_or_holds_back(void **state)
{
  (void)state;
  for (int late = 0; late <= 1; late++) {
    serve((const char *[]){AS_RECORDED, "--packet", "1", "--outage", late ? "XX.S0=+5,+15,late" : "XX.S0=+5,+15", NULL});
    heard h = listen_to(ask(ask_3), SIZE_MAX);
    read_3(&h, "OK\r\nOK\r\n");
    assert_int_equal(check_samples(0), (late ? SECONDS : SECONDS - 10) * RATE);
    assert_int_equal(check_samples(1), SECONDS * RATE);
    double newest_of_others = 0;
    for (size_t i = 0; i < packets_count; i++) {
      double last = last_of(&packets[i]);
      if (station_of(&packets[i]) != 0)
        newest_of_others = last;
      else if (last > 7 && last < 13)
        assert_true(late && newest_of_others > 14.5);
    }
    free(h.bytes);
    stop();
  }
}

static void times_are_moved_to_the_start_that_is_asked_for(void **state)
{
  (void)state;
  int64_t start;
  ingest_time_parse("2024-02-29T12:00:00Z", &start);
  serve((const char *[]){"--port", "0", "--start", "2024-02-29T12:00:00Z", "--speed", "max", "--wait", "1", "--from", "+2", "--packet", "1",
                         recordings, NULL});
  heard h = listen_to(ask(ask_3), SIZE_MAX);
  read_3(&h, "OK\r\nOK\r\n");
  char line[200];
  long shift;
  assert_non_null(fgets(line, sizeof line, server_says));
  assert_int_equal(sscanf(line, "{\"shift_s\":%ld,", &shift), 1);
  int64_t first = ingest_record_last(&packets[0].record);
  assert_true(first >= start && first < start + 2 * INGEST_SECOND);
  assert_int_equal((packets[0].record.start - (int64_t)shift * INGEST_SECOND - base_time()) % (INGEST_SECOND / RATE), 0);
  free(h.bytes);
  stop();
}

static void a_loop_goes_on_later_by_whole_seconds(void **state)
{
  (void)state;
  serve((const char *[]){AS_RECORDED, "--packet", "1", "--loop", NULL});
  heard h = listen_to(ask("DATA\r\n"), 300 * 520);
  h.length = 300 * 520 + 3;
  memcpy(h.bytes + 300 * 520, "END", 3);
  read_3(&h, "");
  int64_t before = 0;
  for (size_t i = 0; i < packets_count; i++)
    if (station_of(&packets[i]) == 0) {
      assert_true(packets[i].record.start > before);
      assert_int_equal((packets[i].record.start - base_time()) % (INGEST_SECOND / RATE), 0);
      before = packets[i].record.start;
    }
  assert_true(before > base_time() + SECONDS * INGEST_SECOND);
  free(h.bytes);
  stop();
}

static void what_is_called_wrongly_ends_with_2(void **state)
{
  (void)state;
  static const char *const wrong[][6] = {{NULL},
                                         {"--port", "0", NULL},
                                         {recordings, NULL},
                                         {"--port", "70000", recordings, NULL},
                                         {"--port", "0", "--loss", "XX.S0=2", recordings},
                                         {"--port", "0", "--outage", "XX.S0=+9,+3", recordings},
                                         {"--port", "0", "--delay", "S0=3", recordings},
                                         {"--port", "0", "--start", "soon", recordings},
                                         {"--port", "0", "--record", "4096", recordings}};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(exit_of(wrong[i]), 2);
  assert_int_equal(exit_of((const char *[]){"--port", "0", "/nowhere/at.all", NULL}), 1);
  assert_int_equal(exit_of((const char *[]){"--port", "0", "--address", "nowhere", recordings, NULL}), 1);
}

/* Of each channel the sum of its samples, each weighted by its place in time: other samples, or in another place, give another. */
static void add_up(const uint8_t *bytes, size_t length, const ingest_codes *of, double *sum, int64_t *count)
{
  static double values[65536];
  ingest_record record;
  assert_null(ingest_record_decode(bytes, length, &record, values, 65536));
  if (memcmp(of, &record.codes, sizeof *of) != 0)
    return;
  for (int32_t i = 0; i < record.samples; i++)
    *sum += values[i] * (double)(llround((double)(record.start % (1000 * INGEST_SECOND)) * 1e-9 * record.rate + i) % 101);
  *count += record.samples;
}

static void recordings_arrive_sample_by_sample(void **state)
{
  (void)state;
  const char *files = data_path("pleasant-hill-2019");
  const archive_options as_they_are = {0};
  archive *a = archive_open((char *const[]){(char *)(uintptr_t)files}, 1, &as_they_are);
  serve((const char *[]){"--port", "0", "--start", "archive", "--speed", "max", "--wait", "1", "--packet", "1", files, NULL});
  heard h = listen_to(ask(ask_3), SIZE_MAX);
  read_3(&h, "OK\r\nOK\r\n");
  for (size_t c = 0; c < archive_count(a) && c < 40; c++) { /* the first records are of 40 channels or fewer */
    const ingest_codes *codes = &archive_at(a, c)->record.codes;
    double expected = 0, got = 0;
    int64_t expected_count = 0, count = 0;
    for (size_t i = 0; i < archive_count(a); i++)
      add_up(archive_at(a, i)->bytes, archive_at(a, i)->length, codes, &expected, &expected_count);
    for (size_t i = 0; i < packets_count; i++)
      add_up(packets[i].bytes, packets[i].length, codes, &got, &count);
    assert_int_equal(count, expected_count);
    assert_true(got == expected);
  }
  archive_close(a);
  free(h.bytes);
  stop();
}

static void a_check_of_the_feeds_finds_it_and_its_records(void **state)
{
  (void)state;
  char config[96], said[96];
  size_t length;
  snprintf(config, sizeof config, "%s/tocsin.yaml", folder);
  snprintf(said, sizeof said, "%s/said", folder);
  serve((const char *[]){"--port", "0", "--speed", "20", "--wait", "1", "--loop", recordings, NULL});
  FILE *file = fopen(config, "w");
  fprintf(file, "feeds: [{name: near, address: 127.0.0.1, port: %d, selections: XX.* HNZ}]\n", server_port);
  fclose(file);
  run_program("tocsin", said, (const char *[]){"check", "--config", config, "--no-redis", "--feeds", NULL});
  char *text = data_read(said, &length);
  assert_non_null(strstr(text, "ok     server         near: SeedLink v4.0 (tocsin "));
  assert_non_null(strstr(text, ", records come\n"));
  free(text);
  unlink(config);
  unlink(said);
  stop();
}

static int compare_lines(const void *left, const void *right)
{
  return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The lines of a file, sorted, one after another. */
static char *sorted_lines(const char *path)
{
  static char *lines[10000];
  size_t length, count = 0;
  char *text = data_read(path, &length), *sorted = calloc(1, length + 2);
  for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line && count < 10000; line = strtok_r(NULL, "\n", &rest))
    lines[count++] = line;
  assert_true(count > 10);
  qsort(lines, count, sizeof *lines, compare_lines);
  for (size_t i = 0, used = 0; i < count; i++)
    used += (size_t)sprintf(sorted + used, "%s\n", lines[i]);
  free(text);
  return sorted;
}

/* The order of the lines is that of the packets' arrival, which differs where a second needs two records of 512 bytes. What one hears of it, picked,
 * and the files themselves, picked as packets of one second. */
static void what_is_served_is_picked_like_the_files(void **state)
{
  (void)state;
  char served[96], picks[2][96];
  const char *files = data_path("pleasant-hill-2019");
  snprintf(served, sizeof served, "%s/served.mseed", folder);
  serve((const char *[]){"--port", "0", "--start", "archive", "--speed", "max", "--wait", "1", "--packet", "1", files, NULL});
  heard h = listen_to(ask(ask_4), SIZE_MAX);
  read_4(&h, "OK\r\nOK\r\nOK\r\n");
  FILE *file = fopen(served, "wb");
  for (size_t i = 0; i < packets_count; i++)
    append(file, packets[i].bytes, packets[i].length);
  fclose(file);
  for (int i = 0; i < 2; i++) {
    snprintf(picks[i], sizeof picks[i], "%s/picks%d.csv", folder, i);
    assert_int_equal(run_program("tocsin", picks[i], (const char *[]){"pick", "--inventory", files, "--packet", "1", i ? served : files, NULL}), 0);
  }
  char *of_files = sorted_lines(picks[0]), *of_served = sorted_lines(picks[1]);
  assert_true(strcmp(of_files, of_served) == 0);
  free(of_files);
  free(of_served);
  free(h.bytes);
  unlink(served);
  unlink(picks[0]);
  unlink(picks[1]);
  stop();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_sample_arrives_once_and_in_order),
      cmocka_unit_test(packets_of_one_second_are_cut),
      cmocka_unit_test(records_keep_their_length_when_that_is_wished),
      cmocka_unit_test(many_clients_get_the_same),
      cmocka_unit_test(a_client_that_breaks_off_resumes_where_it_was),
      cmocka_unit_test(a_delayed_station_comes_later_by_that),
      cmocka_unit_test(losses_are_drawn_by_the_seed),
      cmocka_unit_test(an_outage_loses_or_holds_back),
      cmocka_unit_test(times_are_moved_to_the_start_that_is_asked_for),
      cmocka_unit_test(a_loop_goes_on_later_by_whole_seconds),
      cmocka_unit_test(what_is_called_wrongly_ends_with_2),
      cmocka_unit_test(a_check_of_the_feeds_finds_it_and_its_records),
      cmocka_unit_test(recordings_arrive_sample_by_sample),
      cmocka_unit_test(what_is_served_is_picked_like_the_files),
  };
  return cmocka_run_group_tests(tests, make_recordings, remove_recordings);
}
