#include "positions.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "log.h"

static const char first_line[] = "tocsin feeds 1\n";

enum { PATH_TEXT = 700, NAME_TEXT = 64, FAULT_TEXT = 256 };

typedef struct {
  char *bytes;
  size_t length, room;
} paper;

typedef struct {
  char name[NAME_TEXT];
  paper text;
} entry;

/* The lock guards all but the paths. */
struct positions {
  char folder[PATH_TEXT], path[PATH_TEXT], beside[PATH_TEXT];
  entry *entries; /* in the order of their first note */
  size_t count;
  bool changed, asked, ending;
  char fault[FAULT_TEXT]; /* of the last writing */
  bool told;              /* of a fault; the loop's own */
  pthread_mutex_t lock;
  pthread_cond_t wake;
  pthread_t thread;
};

/* ---- texts ---- */

static bool add(paper *p, const char *text, size_t length)
{
  if (p->length + length > p->room) {
    size_t room = 2 * (p->length + length);
    char *grown = realloc(p->bytes, room);
    if (!grown)
      return false;
    p->bytes = grown;
    p->room = room;
  }
  if (length > 0)
    memcpy(p->bytes + p->length, text, length);
  p->length += length;
  return true;
}

static void add_piece(void *user, const char *text, size_t length)
{
  add(user, text, length);
}

static entry *find(const positions *p, const char *name)
{
  for (size_t i = 0; i < p->count; i++)
    if (strcmp(p->entries[i].name, name) == 0)
      return &p->entries[i];
  return NULL;
}

static entry *find_or_add(positions *p, const char *name)
{
  entry *e = find(p, name);
  if (e)
    return e;
  entry *grown = realloc(p->entries, (p->count + 1) * sizeof *grown);
  if (!grown)
    return NULL;
  p->entries = grown;
  e = &p->entries[p->count++];
  memset(e, 0, sizeof *e);
  snprintf(e->name, sizeof e->name, "%s", name);
  return e;
}

/* ---- the file read ---- */

/* "feed NAME": the lines that follow are its own. */
static bool begins_feed(const char *line, size_t length, char name[NAME_TEXT])
{
  static const char word[] = "feed ";
  size_t n = strlen(word);
  if (length <= n || length - n >= NAME_TEXT || memcmp(line, word, n) != 0)
    return false;
  memcpy(name, line + n, length - n);
  name[length - n] = '\0';
  return true;
}

static void read_lines(positions *p, const char *text, const char *end)
{
  entry *e = NULL;
  char name[NAME_TEXT];
  for (const char *next; text < end; text = next) {
    const char *stop = memchr(text, '\n', (size_t)(end - text));
    next = stop ? stop + 1 : end;
    if (begins_feed(text, (size_t)((stop ? stop : end) - text), name))
      e = find_or_add(p, name);
    else if (e)
      add(&e->text, text, (size_t)(next - text));
  }
}

static void read_file(positions *p)
{
  size_t length, first = strlen(first_line);
  char *text = (char *)files_read(p->path, &length);
  if (!text) {
    if (errno != ENOENT)
      log_line(4, "%s: %s; feeds begin with what is new: let tocsind read and write the folder `server.state`", p->path, strerror(errno));
    return;
  }
  if (length < first || memcmp(text, first_line, first) != 0)
    log_line(4, "%s: is no state of feeds (its first line should be `%.*s`); what can be read of it is used", p->path, (int)(first - 1), first_line);
  read_lines(p, text, text + length);
  free(text);
}

void positions_read(positions *p, const char *name, protocol_resume *resume)
{
  char fault[160] = "";
  pthread_mutex_lock(&p->lock);
  const entry *e = find(p, name);
  bool good = !e || protocol_resume_read(resume, e->text.bytes ? e->text.bytes : "", e->text.length, fault);
  pthread_mutex_unlock(&p->lock);
  if (!good)
    log_line(4, "%s, feed %s: %s; its other lines are used", p->path, name, fault);
}

/* ---- the file written ---- */

static bool note_fault(char *fault, const char *what)
{
  snprintf(fault, FAULT_TEXT, "%.200s: %s", what, strerror(errno));
  return false;
}

static bool write_whole(int file, const char *bytes, size_t length)
{
  while (length > 0) {
    ssize_t n = write(file, bytes, length);
    if (n < 0 && errno != EINTR)
      return false;
    bytes += n > 0 ? n : 0;
    length -= n > 0 ? (size_t)n : 0;
  }
  return true;
}

/* In its folder, which is made if it alone is missing. */
static int create_beside(const positions *p)
{
  const int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  int file = open(p->beside, how, 0640);
  if (file < 0 && errno == ENOENT && mkdir(p->folder, 0750) == 0)
    file = open(p->beside, how, 0640);
  return file;
}

static bool replace_file(const positions *p, const paper *text, char *fault)
{
  int file = create_beside(p);
  if (file < 0)
    return note_fault(fault, p->beside);
  bool written = write_whole(file, text->bytes, text->length) && fsync(file) == 0;
  int error = errno;
  written = close(file) == 0 && written;
  errno = error ? error : errno;
  if (!written || rename(p->beside, p->path) != 0)
    return note_fault(fault, p->path);
  int folder = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool kept = folder >= 0 && fsync(folder) == 0;
  if (folder >= 0)
    close(folder);
  return kept || note_fault(fault, p->folder);
}

static bool compose(positions *p, paper *whole)
{
  bool good = add(whole, first_line, strlen(first_line));
  for (size_t i = 0; i < p->count && good; i++) {
    const entry *e = &p->entries[i];
    good = add(whole, "feed ", 5) && add(whole, e->name, strlen(e->name)) && add(whole, "\n", 1) && add(whole, e->text.bytes, e->text.length);
  }
  return good;
}

/* With the lock held, which is given back while the disk works. What fails is tried again at the next asking. */
static void write_changes(positions *p)
{
  paper whole = {0};
  char fault[FAULT_TEXT] = "memory is short";
  bool good = compose(p, &whole);
  p->changed = false;
  pthread_mutex_unlock(&p->lock);
  good = good && replace_file(p, &whole, fault);
  free(whole.bytes);
  pthread_mutex_lock(&p->lock);
  p->changed |= !good;
  snprintf(p->fault, sizeof p->fault, "%s", good ? "" : fault);
}

static void *work(void *argument)
{
  positions *p = argument;
  pthread_mutex_lock(&p->lock);
  while (!p->ending || p->asked) {
    if (!p->asked) {
      pthread_cond_wait(&p->wake, &p->lock);
      continue;
    }
    p->asked = false;
    if (p->changed)
      write_changes(p);
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

/* ---- on the loop ---- */

static bool start_thread(positions *p)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool started = pthread_create(&p->thread, NULL, work, p) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return started;
}

static void release(positions *p)
{
  for (size_t i = 0; i < p->count; i++)
    free(p->entries[i].text.bytes);
  free(p->entries);
  pthread_mutex_destroy(&p->lock);
  pthread_cond_destroy(&p->wake);
  free(p);
}

positions *positions_open(const char *folder)
{
  positions *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  snprintf(p->folder, sizeof p->folder, "%.600s", folder);
  snprintf(p->path, sizeof p->path, "%.600s/feeds", folder);
  snprintf(p->beside, sizeof p->beside, "%.600s/feeds.new", folder);
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->wake, NULL);
  read_file(p);
  if (start_thread(p))
    return p;
  release(p);
  return NULL;
}

bool positions_note(positions *p, const char *name, const protocol_resume *resume)
{
  pthread_mutex_lock(&p->lock);
  entry *e = find_or_add(p, name);
  if (e) {
    e->text.length = 0;
    protocol_resume_write(resume, add_piece, &e->text);
    p->changed = true;
  }
  pthread_mutex_unlock(&p->lock);
  return e != NULL;
}

void positions_forget(positions *p, const char *name)
{
  pthread_mutex_lock(&p->lock);
  entry *e = find(p, name);
  if (e) {
    free(e->text.bytes);
    memmove(e, e + 1, (size_t)(p->entries + p->count - (e + 1)) * sizeof *e);
    p->count--;
    p->changed = true;
  }
  pthread_mutex_unlock(&p->lock);
}

static void tell(positions *p, const char *fault)
{
  if (*fault && !p->told)
    log_line(3,
             "where the feeds resume cannot be kept: %s; after a restart they begin with what is new; make the folder `server.state`, give it room "
             "and rights",
             fault);
  else if (!*fault && p->told)
    log_line(5, "%s: where the feeds resume is kept again", p->path);
  p->told = *fault;
}

void positions_write(positions *p)
{
  char fault[FAULT_TEXT];
  pthread_mutex_lock(&p->lock);
  p->asked = true;
  snprintf(fault, sizeof fault, "%s", p->fault);
  pthread_cond_signal(&p->wake);
  pthread_mutex_unlock(&p->lock);
  tell(p, fault);
}

void positions_close(positions *p)
{
  if (!p)
    return;
  positions_write(p);
  pthread_mutex_lock(&p->lock);
  p->ending = true;
  pthread_cond_signal(&p->wake);
  pthread_mutex_unlock(&p->lock);
  pthread_join(p->thread, NULL);
  tell(p, p->fault);
  release(p);
}
