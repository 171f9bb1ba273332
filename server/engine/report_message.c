#include "messages.h"

void report_message(post *p, const report_notice *notice)
{
  const locator_event *event = notice->event;
  char beijing[TEXTS_BEIJING];
  writer *w = post_begin(p, "tocsin.report.v1");
  event_members(w, event, notice->revision);
  writer_integer(w, "event_revision", event->revision);
  writer_text(w, "review", "automatic");
  writer_text(w, "origin_time_beijing", texts_beijing(event->origin_time, beijing));
  writer_open(w, "place", '{');
  writer_text(w, "zh", notice->place.zh);
  writer_text(w, "en", notice->place.en);
  writer_close(w, '}');
  writer_open(w, "text", '{');
  writer_text(w, "zh", notice->text.zh);
  writer_text(w, "en", notice->text.en);
  writer_close(w, '}');
  post_send(p, (engine_message){.channel = ENGINE_REPORT, .sample_time = event->data_until});
}
