#include "messages.h"

const char *const engine_clock_words[] = {"unknown", "synchronised", "free"};

/* A heartbeat that waited this long in a queue says nothing of the present. */
static const int64_t fresh_ns = 2 * INGEST_SECOND;

writer *heartbeat_begin(post *p, const heartbeat_notice *notice)
{
  writer *w = post_begin(p, "tocsin.heartbeat.v1");
  writer_text(w, "id", "heartbeat");
  writer_integer(w, "revision", notice->revision);
  writer_text(w, "clock", engine_clock_words[notice->clock]);
  writer_integer(w, "stations_good", (int64_t)notice->stations_good);
  writer_integer(w, "stations_all", (int64_t)notice->stations_all);
  writer_integer(w, "events_open", (int64_t)notice->events_open);
  writer_open(w, "alerts", '[');
  return w;
}

void heartbeat_alert(writer *w, const char *id, uint32_t revision)
{
  writer_open(w, NULL, '{');
  writer_text(w, "id", id);
  writer_integer(w, "revision", revision);
  writer_close(w, '}');
}

void heartbeat_end(post *p)
{
  writer_close(&p->out, ']');
  post_send(p, (engine_message){.channel = ENGINE_HEARTBEAT, .expires_at = p->now + fresh_ns});
}
