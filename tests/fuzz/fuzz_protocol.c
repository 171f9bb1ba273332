/* The first byte of the input chooses who listens: a client of one of the protocols, before or after a good handshake, a server's session, or the
 * reader of positions. The second seeds how the rest is cut into portions. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"

enum { RING = 1 << 17 };

static const protocol_selection selections[] = {{"CI", "*", "HN? !--LH?"}, {"CI", "CLC", "00BHZ.D"}, {"", "", ""}};
static const char hello_3[] = "SeedLink v3.1 (x) :: CAP NSWILDCARD\r\nx\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\n";
static const char hello_4[] = "SeedLink v4.0 (x) :: SLPROTO:4.0\r\nx\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\nOK\r\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sent(void *user, const void *bytes, size_t length)
{
  (void)user;
  assert(bytes && length > 0);
}

static void check_record(void *user, const protocol_record *record)
{
  (void)user;
  assert(record->length > 0 && record->sequence >= PROTOCOL_NO_SEQUENCE);
  ingest_frame_result frame = ingest_frame_last(record->bytes, record->length);
  assert(frame.framing == INGEST_FRAME_RECORD && frame.length == record->length);
}

static void check_note(void *user, int severity, const char *text)
{
  (void)user;
  assert(severity >= 0 && severity <= 7 && text[0]);
  for (; *text; text++)
    assert(*text >= ' ');
}

static const protocol_sink sink = {check_sent, check_record, check_note, NULL};

/* Hands the bytes on in portions, each in memory of its own, and lets time pass between them. */
static bool hear(const protocol_adapter *adapter, protocol_client *client, const uint8_t *bytes, size_t length, unsigned seed, int64_t *now)
{
  bool alive = true;
  for (size_t at = 0, n; at < length && alive; at += n) {
    seed = seed * 1103515245 + 12345;
    n = seed % 7 == 0 ? length - at : 1 + (seed >> 16) % 600;
    n = n < length - at ? n : length - at;
    uint8_t *portion = malloc(n);
    memcpy(portion, bytes + at, n);
    alive = adapter->take(client, portion, n, *now, &sink);
    free(portion);
    assert(alive == (adapter->fault(client)[0] == '\0'));
    int64_t due = adapter->deadline(client);
    if (alive && seed % 5 == 0 && due != INT64_MAX) {
      *now = due > *now ? due : *now;
      alive = adapter->advance(client, *now, &sink);
    }
  }
  return alive;
}

static void fuzz_client(const protocol_adapter *adapter, const char *handshake, unsigned seed, const uint8_t *bytes, size_t length)
{
  int64_t now = INT64_C(1577836800) * INGEST_SECOND;
  protocol_client_setup setup = {.name = "fuzz",
                                 .selections = selections,
                                 .selections_count = seed % 4,
                                 .user = "user",
                                 .password = "password",
                                 .encrypted = true,
                                 .idle_s = 10,
                                 .dead_s = 30,
                                 .resume = protocol_resume_create()};
  protocol_client *client = adapter->create(&setup);
  for (int connection = 0; connection < 2; connection++) {
    adapter->open(client, now, &sink);
    if (hear(adapter, client, (const uint8_t *)handshake, strlen(handshake), seed, &now))
      hear(adapter, client, bytes, length, seed, &now);
    assert(adapter->peer(client) != NULL);
  }
  adapter->destroy(client);
  protocol_resume_destroy(setup.resume);
}

static void add_record(void *user, const uint8_t *bytes, size_t length)
{
  assert(protocol_ring_add(user, bytes, length) == NULL);
}

static protocol_ring *make_ring(void)
{
  static const double values[100];
  ingest_record record = {
      .codes = {"CI", "CLC", "", "HNZ"}, .start = INT64_C(1577836800) * INGEST_SECOND, .rate = 100, .samples = 100, .encoding = 11};
  protocol_ring *ring = protocol_ring_create(RING, 1);
  for (int i = 0; i < 8; i++, record.start += INGEST_SECOND) {
    record.version = i % 2 ? 3 : 2;
    ingest_record_write(&record, values, i % 2 ? 0 : 512, add_record, ring);
  }
  return ring;
}

static void fuzz_session(unsigned seed, const uint8_t *bytes, size_t length)
{
  int64_t now = INT64_C(1577836900) * INGEST_SECOND;
  protocol_ring *ring = make_ring();
  protocol_server_setup setup = {.ring = ring, .software = "fuzz", .organization = "fuzz", .started = now};
  protocol_server *server = protocol_server_create(&setup);
  protocol_session *session = protocol_session_create(server, "127.0.0.1:1", now);
  for (size_t at = 0, n; at < length; at += n) {
    seed = seed * 1103515245 + 12345;
    n = 1 + (seed >> 16) % 300;
    n = n < length - at ? n : length - at;
    uint8_t *portion = malloc(n);
    memcpy(portion, bytes + at, n);
    bool alive = protocol_session_take(session, portion, n, &sink);
    free(portion);
    if (!alive)
      break;
    protocol_session_pour(session, 4096, now, &sink);
  }
  protocol_session_destroy(session);
  protocol_server_destroy(server);
  protocol_ring_destroy(ring);
}

static void check_text(void *user, const char *text, size_t length)
{
  (void)user;
  assert(length > 0 && text[length - 1] == '\n');
}

static void fuzz_resume(const uint8_t *bytes, size_t length)
{
  char fault[160] = "";
  protocol_resume *resume = protocol_resume_create();
  assert(protocol_resume_read(resume, (const char *)bytes, length, fault) == (fault[0] == '\0'));
  protocol_resume_write(resume, check_text, NULL);
  protocol_resume_destroy(resume);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (size < 2)
    return 0;
  const uint8_t *bytes = data + 2;
  size_t length = size - 2;
  switch (data[0] % 8) {
  case 0:
    fuzz_client(&protocol_seedlink, "", data[1], bytes, length);
    break;
  case 1:
    fuzz_client(&protocol_seedlink, hello_3, data[1], bytes, length);
    break;
  case 2:
    fuzz_client(&protocol_seedlink, hello_4, data[1], bytes, length);
    break;
  case 3:
    fuzz_client(&protocol_datalink, "", data[1], bytes, length);
    break;
  case 4:
    fuzz_client(&protocol_raw, "", data[1], bytes, length);
    break;
  case 5:
    fuzz_resume(bytes, length);
    break;
  default:
    fuzz_session(data[1], bytes, length);
    break;
  }
  return 0;
}
