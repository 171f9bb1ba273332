#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const engine_status_words[] = {"actual", "exercise", "test"};
const char *const engine_channel_words[ENGINE_CHANNELS] = {"alert", "alert", "event", "report", "intensity", "pick", "station", "heartbeat"};

bool post_create(post *p, const engine_setup *setup, const engine_sink *sink)
{
  *p = (post){.status = setup->status, .software = setup->software, .sink = *sink, .buffer = malloc(POST_CAPACITY)};
  snprintf(p->config_hash, sizeof p->config_hash, "%s", setup->config_hash);
  return p->buffer != NULL;
}

void post_destroy(post *p)
{
  free(p->buffer);
}

writer *post_begin(post *p, const char *schema)
{
  writer *w = &p->out;
  writer_start(w, p->buffer, POST_CAPACITY);
  writer_open(w, NULL, '{');
  writer_text(w, "schema", schema);
  writer_text(w, "status", engine_status_words[p->status]);
  writer_time(w, "issued_at", p->now);
  return w;
}

void post_send(post *p, engine_message letter)
{
  writer_text(&p->out, "software", p->software);
  writer_text(&p->out, "config", p->config_hash);
  if (p->out.overflow) {
    p->oversized++;
    post_log(p, 3, "a message on channel %s is longer than %d bytes and was not sent", engine_channel_words[letter.channel], POST_CAPACITY);
    return;
  }
  letter.json = p->out.bytes;
  letter.length = p->out.length;
  letter.issued_at = p->now;
  letter.arrival = p->arrival;
  p->sent++;
  p->sink.message(p->sink.user, &letter);
}

void post_log(post *p, int severity, const char *format, ...)
{
  char text[1024];
  va_list arguments;
  if (!p->sink.log)
    return;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  p->sink.log(p->sink.user, severity, text);
}
