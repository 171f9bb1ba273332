#include <math.h>

#include "alert_rules.h"
#include "messages.h"

static void write_head(writer *w, const alert_notice *notice, int64_t expires_at);
static void write_target(post *p, const char *key, const engine_target *target, const forecast_row *row);
static void write_pair(writer *w, const char *key, const char *zh, const char *en);
static void write_reason(writer *w, const alert_reason *reason);
static void write_fault(writer *w, const locator_fault *fault);

/* A cancel or final is worth reading however late it comes: it ends what a receiver may still be acting on. */
static int64_t stale_after(const alert_notice *notice, int64_t expires_at)
{
  return notice->type == ALERT_NEW || notice->type == ALERT_UPDATE ? expires_at : 0;
}

void alert_message(post *p, const alert_notice *notice, const forecast *f, const uint32_t *listed, size_t count)
{
  writer *w = post_begin(p, "tocsin.alert.v1");
  write_head(w, notice, notice->expires_at);
  writer_open(w, "targets", '[');
  for (size_t i = 0; i < count; i++)
    write_target(p, NULL, &f->targets->target[listed[i]], &f->row[listed[i]]);
  writer_close(w, ']');
  write_fault(w, &notice->event->fault);
  write_pair(w, "text", notice->text.zh, notice->text.en);
  write_reason(w, &notice->reason);
  post_send(
      p, (engine_message){.channel = ENGINE_ALERT, .expires_at = stale_after(notice, notice->expires_at), .sample_time = notice->event->data_until});
}

void alert_target_message(post *p, const alert_notice *notice, const engine_target *target, const forecast_row *row, int64_t expires_at)
{
  writer *w = post_begin(p, "tocsin.alert-target.v1");
  write_head(w, notice, expires_at);
  write_target(p, "target", target, row);
  write_fault(w, &notice->event->fault);
  write_reason(w, &notice->reason);
  post_send(p, (engine_message){.channel = ENGINE_ALERT_TARGET,
                                .target = target->id,
                                .expires_at = stale_after(notice, expires_at),
                                .sample_time = notice->event->data_until});
}

static void write_head(writer *w, const alert_notice *notice, int64_t expires_at)
{
  event_members(w, notice->event, notice->revision);
  writer_integer(w, "event_revision", notice->event->revision);
  writer_text(w, "type", alert_type_words[notice->type]);
  writer_text(w, "audience", engine_audience_words[notice->audience]);
  writer_text(w, "source", "hypocentre");
  bool known = !isnan(notice->max_intensity);
  writer_text(w, "level", known ? intensity_level_words[intensity_level_of(notice->max_intensity)] : NULL);
  writer_fixed(w, "max_intensity", known ? intensity_rounded(notice->max_intensity) : NAN, 1);
  writer_text(w, "scale", "csis");
  write_pair(w, "place", notice->place.zh, notice->place.en);
  writer_time(w, "expires_at", expires_at);
}

static void write_target(post *p, const char *key, const engine_target *target, const forecast_row *row)
{
  writer *w = &p->out;
  intensity_level level = intensity_level_of(row->shaking.intensity);
  writer_open(w, key, '{');
  writer_text(w, "id", target->id);
  writer_text(w, "name", target->name);
  writer_text(w, "name_zh", place_name_zh(target));
  writer_fixed(w, "latitude_deg", target->latitude_deg, 4);
  writer_fixed(w, "longitude_deg", target->longitude_deg, 4);
  writer_fixed(w, "epicentral_distance_km", row->shaking.epicentral_km, 1);
  writer_fixed(w, "intensity", intensity_rounded(row->shaking.intensity), 1);
  writer_text(w, "level", intensity_level_words[level]);
  writer_text(w, "sound", alert_rules_sound(level));
  writer_time(w, "s_arrival", row->shaking.s_arrival);
  writer_fixed(w, "seconds_left", (double)(row->shaking.s_arrival - p->now) / 1e9, 1);
  writer_fixed(w, "exceedance", row->shaking.exceedance, 2);
  writer_flag(w, "extrapolated", row->shaking.extrapolated);
  writer_close(w, '}');
}

static void write_pair(writer *w, const char *key, const char *zh, const char *en)
{
  writer_open(w, key, '{');
  writer_text(w, "zh", zh);
  writer_text(w, "en", en);
  writer_close(w, '}');
}

static void write_reason(writer *w, const alert_reason *reason)
{
  writer_open(w, "reason", '{');
  writer_text(w, "code", reason->code);
  writer_text(w, "zh", reason->zh);
  writer_text(w, "en", reason->en);
  writer_close(w, '}');
}

static void write_fault(writer *w, const locator_fault *fault)
{
  writer_text(w, "finite_fault_search", fault->search == LOCATOR_FAULT_NOT_SOUGHT ? NULL : locator_fault_search_texts[fault->search]);
  if (fault->search != LOCATOR_FAULT_FOUND) {
    writer_null(w, "finite_fault");
    return;
  }
  writer_open(w, "finite_fault", '{');
  writer_fixed(w, "length_km", (double)fault->length_km, 1);
  writer_fixed(w, "strike_deg", (double)fault->strike_deg, 0);
  writer_fixed(w, "strike_uncertainty_deg", (double)fault->strike_uncertainty_deg, 0);
  writer_open(w, "ends", '[');
  for (int end = 0; end < 2; end++) {
    writer_open(w, NULL, '{');
    writer_fixed(w, "latitude_deg", fault->latitude_deg[end], 4);
    writer_fixed(w, "longitude_deg", fault->longitude_deg[end], 4);
    writer_close(w, '}');
  }
  writer_close(w, ']');
  writer_close(w, '}');
}
