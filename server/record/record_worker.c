#define _GNU_SOURCE /* pthread_timedjoin_np */
#include "record_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "record_inputs.h"

enum { PORTION_BYTES = 1 << 20, STATES_ROOM = 2048, IDLE_MS = 10, RETRY_MS = 1000 };
static const int64_t segment_ns = 3600 * INGEST_SECOND;

static void *work(void *worker);

bool record_worker_start(record_worker *w)
{
  sigset_t all, before;
  w->segment = (record_segment){.folder = w->settings->folder, .descriptor = -1};
  w->folder = -1;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the loop's */
  int failure = pthread_create(&w->thread, NULL, work, w);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = failure;
  return failure == 0;
}

bool record_worker_end(record_worker *w, int64_t patience_s)
{
  struct timespec until;
  atomic_store(&w->ending, true);
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += patience_s;
  return pthread_timedjoin_np(w->thread, NULL, &until) == 0;
}

/* ---- the folder ---- */

static bool make_folder(const char *format, const char *folder)
{
  char path[RECORD_PATH_TEXT];
  snprintf(path, sizeof path, format, folder);
  return mkdir(path, 0750) == 0 || errno == EEXIST;
}

/* Two processes in one folder would take each other's files. */
static bool open_folder(record_worker *w)
{
  const char *folder = w->settings->folder;
  if (w->folder >= 0)
    return true;
  if (!make_folder("%s", folder) || !make_folder("%s/texts", folder) || !make_folder("%s/events", folder))
    return false;
  int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor);
    errno = EBUSY;
    return false;
  }
  w->folder = descriptor;
  record_segment_recover(folder);
  record_keeper_start(&w->keeper, w->settings);
  return true;
}

/* ---- segments ---- */

/* What is in force stands at the head of each segment, so that a recording can be replayed from any of them on. */
static size_t put_states(record_worker *w, const record_head *next, uint8_t bytes[STATES_ROOM])
{
  size_t n = 0;
  record_head head = {.kind = RECORD_STATE, .number = next->number, .now = next->now};
  for (head.detail = 0; head.detail < RECORD_STATES; head.detail++) {
    const record_text *text = w->states[head.detail];
    if (!text && head.detail != RECORD_CLOCK)
      continue;
    head.length = text ? RECORD_SHA_TEXT - 1 : sizeof w->clock;
    record_put(bytes + n, &head, text ? (const void *)text->sha : &w->clock);
    record_seal(bytes + n);
    n += record_size(head.length);
  }
  return n;
}

static bool keep_texts(record_worker *w)
{
  for (record_state s = 0; s < RECORD_STATES; s++) {
    if (w->states[s] && !record_text_keep(w->settings->folder, w->states[s], s))
      return false;
    if (w->states[s])
      record_text_touch(w->settings->folder, w->states[s], s);
  }
  return true;
}

static bool open_segment(record_worker *w, const record_head *next)
{
  uint8_t states[STATES_ROOM];
  char text[RECORD_HEADER_TEXT + 64];
  if (!open_folder(w) || !keep_texts(w))
    return false;
  int length = snprintf(text, sizeof text, "%ssegment=%" PRIu64 "\n", w->header, w->segments);
  record_head head = {.kind = RECORD_HEADER, .length = (uint32_t)length, .number = next->number, .now = next->now};
  if (!record_segment_open(&w->segment, &head, text, states, put_states(w, next, states)))
    return false;
  w->segments++;
  w->last = next->now;
  return true;
}

static void close_segment(record_worker *w)
{
  char name[RECORD_PATH_TEXT];
  record_segment_close(&w->segment, name);
  if (*name)
    record_keeper_closed(&w->keeper, name, w->segment.first, w->last);
}

static bool is_ready(record_worker *w, const record_head *next)
{
  const record_segment *s = &w->segment;
  if (s->descriptor >= 0 && (s->bytes >= (uint64_t)w->settings->segment_mib << 20 || next->now - s->first >= segment_ns))
    close_segment(w);
  return s->descriptor >= 0 || open_segment(w, next);
}

/* ---- entries ---- */

static bool names_text(const record_head *head)
{
  return head->length == sizeof(record_named) && ((head->kind == RECORD_STATE && head->detail != RECORD_CLOCK) ||
                                                  (head->kind == RECORD_RESULT && record_job_state(head->detail) != RECORD_STATES));
}

static bool write_named(record_worker *w, const record_head *head, const uint8_t *bytes)
{
  record_named named;
  uint8_t entry[sizeof *head + sizeof named];
  record_head written = *head;
  record_state state = head->kind == RECORD_STATE ? head->detail : record_job_state(head->detail);
  memcpy(&named, bytes + sizeof *head, sizeof named);
  if (!record_text_keep(w->settings->folder, named.text, state))
    return false;
  written.length = sizeof named.sha;
  record_put(entry, &written, named.sha);
  record_seal(entry);
  if (!record_segment_add(&w->segment, entry, record_size(written.length)))
    return false;
  record_text_release(w->states[state]);
  w->states[state] = named.text;
  return true;
}

/* Ordinary entries from here on, sealed: up to `most` bytes and one entry, and no further than one that changes what is in force. */
static size_t seal_portion(uint8_t *bytes, size_t most, record_head *last)
{
  size_t n = 0;
  record_head head;
  for (; n < most; n += record_size(head.length)) {
    memcpy(&head, bytes + n, sizeof head);
    if (head.kind == RECORD_EVENT || names_text(&head))
      break;
    record_seal(bytes + n);
    *last = head;
    if (head.kind == RECORD_COMMAND || head.kind == RECORD_STATE)
      return n + record_size(head.length);
  }
  return n;
}

static bool write_portion(record_worker *w, uint8_t *bytes, size_t *length)
{
  record_head last = {0};
  size_t segment = ((size_t)w->settings->segment_mib << 20) - w->segment.bytes, most = segment < PORTION_BYTES ? segment : PORTION_BYTES;
  *length = seal_portion(bytes, *length < most ? *length : most, &last);
  if (!record_segment_add(&w->segment, bytes, *length))
    return false;
  w->last = last.now;
  if ((last.kind == RECORD_COMMAND && last.detail == ENGINE_SET_CLOCK) || (last.kind == RECORD_STATE && last.detail == RECORD_CLOCK))
    memcpy(&w->clock, bytes + *length - record_size(sizeof w->clock) + sizeof last, sizeof w->clock);
  return true;
}

/* Before the first input there is no segment yet whose time is known: what is in force will stand at its head. */
static void take_state(record_worker *w, const record_head *head, const uint8_t *bytes)
{
  record_named named;
  if (!names_text(head))
    return;
  memcpy(&named, bytes + sizeof *head, sizeof named);
  record_text_release(w->states[head->detail]);
  w->states[head->detail] = named.text;
}

static void take_event(record_worker *w, const record_head *head, const uint8_t *bytes)
{
  char id[LOCATOR_ID_TEXT] = "";
  memcpy(id, bytes + sizeof *head, head->length < sizeof id ? head->length : sizeof id - 1);
  if (w->folder >= 0)
    record_keeper_event(&w->keeper, id, head->now, w->segment.descriptor >= 0 ? w->segment.first : w->last);
}

/* `length`: what is in the buffer, then what of it is done. */
static bool write_some(record_worker *w, uint8_t *bytes, size_t *length)
{
  record_head head;
  memcpy(&head, bytes, sizeof head);
  bool ordinary = head.kind != RECORD_EVENT && !names_text(&head);
  if (!ordinary)
    *length = record_size(head.length);
  if (head.kind == RECORD_EVENT) {
    take_event(w, &head, bytes);
    return true;
  }
  if (head.kind == RECORD_STATE && w->segments == 0) {
    take_state(w, &head, bytes);
    return true;
  }
  if (!is_ready(w, &head))
    return false;
  return ordinary ? write_portion(w, bytes, length) : write_named(w, &head, bytes);
}

/* ---- the thread ---- */

static void rest(record_worker *w, int milliseconds)
{
  for (int slept = 0; slept < milliseconds && !atomic_load(&w->ending); slept += IDLE_MS)
    nanosleep(&(struct timespec){.tv_nsec = IDLE_MS * 1000000}, NULL);
}

/* Once, until it goes on or fails in another way. */
static void tell_failure(record_worker *w)
{
  const char *remedy = errno == EBUSY    ? "another process records there: give each its own `recorder.folder`"
                       : errno == ENOSPC ? "free space there, or lower `recorder.limit_mib` and `recorder.events_limit_mib`"
                       : errno == ENOENT ? "make the folder that it lies in"
                                         : "see to that disk and to the folder's owner";
  if (w->failing != errno)
    log_line(3, "%s cannot be written: %s; recording stops: %s; it goes on by itself, and alerts are not concerned", w->settings->folder,
             strerror(errno), remedy);
  w->failing = errno;
}

static void release(record_worker *w)
{
  close_segment(w);
  for (record_state s = 0; s < RECORD_STATES; s++)
    record_text_release(w->states[s]);
  if (w->folder >= 0)
    close(w->folder);
}

static void *work(void *worker)
{
  record_worker *w = worker;
  for (;;) {
    bool ending = atomic_load(&w->ending);
    size_t length;
    uint8_t *bytes = record_buffer_peek(&w->buffer, &length);
    if (length == 0) {
      if (ending)
        break;
      rest(w, IDLE_MS);
    } else if (write_some(w, bytes, &length)) {
      record_buffer_take(&w->buffer, length);
      if (w->failing)
        log_line(5, "%s can be written again: the recording goes on", w->settings->folder);
      w->failing = 0;
    } else {
      tell_failure(w);
      close_segment(w);
      if (ending)
        break;
      rest(w, RETRY_MS);
    }
  }
  release(w);
  return NULL;
}
