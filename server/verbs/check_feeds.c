#include "check_feeds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "feeds.h"
#include "secret.h"
#include "tls.h"

static const double look_every_s = 0.1, limit_s = 20;

/* ---- files ---- */

static bool check_secret(findings *f, const feed_settings *s, const char *path, const char *setting)
{
  secret kept;
  struct stat status;
  char fault[TLS_FAULT_TEXT] = "";
  bool good = secret_read(&kept, path, setting, fault);
  secret_forget(&kept);
  if (!good)
    tell(f, FAULT, "feed", "%s: %s", s->name, fault);
  else if (*path && stat(path, &status) == 0 && (status.st_mode & S_IROTH))
    tell(f, FAULT, "feed", "%s: everybody on this machine may read %s (`%s`); chmod 600 it, owned by the user of tocsind", s->name, path, setting);
  else
    return true;
  return false;
}

static bool check_authorities(findings *f, const feed_settings *s)
{
  char fault[TLS_FAULT_TEXT] = "";
  tls_trust *trust = s->tls ? tls_trust_load(s->ca_file, fault) : NULL;
  tls_trust_free(trust);
  if (*fault)
    tell(f, FAULT, "feed", "%s: %s", s->name, fault);
  return !*fault;
}

void check_feeds(findings *f, const settings *s)
{
  size_t good = 0;
  for (size_t i = 0; i < s->feeds_count; i++) {
    const feed_settings *feed = &s->feeds[i];
    bool password = check_secret(f, feed, feed->password_file, "password_file"), token = check_secret(f, feed, feed->token_file, "token_file");
    good += check_authorities(f, feed) && password && token;
  }
  if (s->feeds_count > 0 && good == s->feeds_count)
    tell(f, OK, "feeds", "%zu, what they name can be read", good);
  if (s->feeds_count == 0 && s->server.listen_port == 0)
    tell(f, NOTE, "feeds", "there are none, and `server.listen_port` is 0: nothing would come but from standard input");
}

/* ---- servers ---- */

typedef struct {
  struct ev_loop *loop;
  feeds *feeds;
  size_t count;
} visit;

static bool is_settled(const feed_status *s)
{
  return s->packets > 0 || (*s->error && s->state != FEED_CONNECTED);
}

static void on_look(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)events;
  const visit *v = timer->data;
  for (size_t i = 0; i < v->count; i++) {
    feed_status status;
    feeds_describe(v->feeds, i, &status);
    if (!is_settled(&status))
      return;
  }
  ev_break(loop, EVBREAK_ALL);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
  (void)timer, (void)events;
  ev_break(loop, EVBREAK_ALL);
}

static void on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  (void)user, (void)feed, (void)bytes, (void)length, (void)received;
}

static void look(visit *v)
{
  ev_timer every, limit;
  ev_timer_init(&every, on_look, look_every_s, look_every_s);
  every.data = v;
  ev_timer_init(&limit, on_limit, limit_s, 0);
  ev_timer_start(v->loop, &every);
  ev_timer_start(v->loop, &limit);
  ev_run(v->loop, 0);
  ev_timer_stop(v->loop, &every);
  ev_timer_stop(v->loop, &limit);
}

static void report(findings *f, const feed_status *s)
{
  const char *peer = *s->peer ? s->peer : "the server";
  if (s->state != FEED_CONNECTED && s->packets == 0)
    tell(f, FAULT, "server", "%s: %s", s->name, *s->error ? s->error : "no answer yet; is a firewall in the way?");
  else if (*s->error)
    tell(f, NOTE, "server", "%s: %s answers, but: %s", s->name, peer, s->error);
  else if (s->packets == 0)
    tell(f, NOTE, "server", "%s: %s answers, but sent no record for %g s; do its stations send, and does `selections` name them?", s->name, peer,
         limit_s);
  else
    tell(f, OK, "server", "%s: %s, records come", s->name, peer);
}

/* No waits between attempts are needed: the first fault is what is told. */
void check_servers(findings *f, const settings *s)
{
  visit v = {.loop = ev_loop_new(EVFLAG_AUTO), .count = s->feeds_count};
  v.feeds = feeds_create(&(feeds_setup){.loop = v.loop,
                                        .port = -1,
                                        .configured = s->feeds,
                                        .configured_count = s->feeds_count,
                                        .retry_first_s = 2 * limit_s,
                                        .retry_longest_s = 2 * limit_s,
                                        .record = on_record,
                                        .user = &v});
  if (v.feeds)
    look(&v);
  for (size_t i = 0; v.feeds && i < v.count; i++) {
    feed_status status;
    feeds_describe(v.feeds, i, &status);
    report(f, &status);
  }
  feeds_destroy(v.feeds);
  ev_loop_destroy(v.loop);
}
