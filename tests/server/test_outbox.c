#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "outbox.h"
#include "random.h"

static bool put(outbox *o, engine_channel channel, const char *json)
{
  return outbox_put(o, &(outbox_entry){.channel = channel, .json = json, .length = strlen(json)});
}

/* Takes the next message as if sent and delivered; "" when there is none. */
static const char *take(outbox *o)
{
  static char text[4096];
  const outbox_entry *e = outbox_next(o);
  if (!e)
    return "";
  snprintf(text, sizeof text, "%.*s", (int)e->length, e->json);
  uint64_t sequence = e->sequence;
  outbox_sent(o);
  outbox_acknowledge(o, sequence);
  return text;
}

static void messages_leave_in_the_order_they_came_across_all_lanes(void **state)
{
  (void)state;
  outbox *o = outbox_create(10, 1000);
  put(o, ENGINE_PICK, "1");
  put(o, ENGINE_ALERT, "2");
  put(o, ENGINE_EVENT, "3");
  put(o, ENGINE_PICK, "4");
  assert_string_equal(take(o), "1");
  assert_string_equal(take(o), "2");
  assert_string_equal(take(o), "3");
  assert_string_equal(take(o), "4");
  assert_string_equal(take(o), "");
  outbox_destroy(o);
}

static void a_full_box_drops_picks_before_events_and_events_before_alerts(void **state)
{
  (void)state;
  outbox *o = outbox_create(3, 1000);
  put(o, ENGINE_ALERT, "alert 1");
  put(o, ENGINE_EVENT, "event 1");
  put(o, ENGINE_STATION, "station 1");
  assert_true(put(o, ENGINE_ALERT, "alert 2")); /* station 1 goes */
  assert_true(put(o, ENGINE_ALERT, "alert 3")); /* event 1 goes */
  assert_true(put(o, ENGINE_ALERT, "alert 4")); /* alert 1 goes */
  assert_int_equal(outbox_dropped(o, OUTBOX_ROUTINE), 1);
  assert_int_equal(outbox_dropped(o, OUTBOX_EVENT), 1);
  assert_int_equal(outbox_dropped(o, OUTBOX_ALERT), 1);
  assert_string_equal(take(o), "alert 2");
  assert_string_equal(take(o), "alert 3");
  assert_string_equal(take(o), "alert 4");
  outbox_destroy(o);
}

static void a_pick_never_pushes_out_what_is_worth_more(void **state)
{
  (void)state;
  outbox *o = outbox_create(2, 1000);
  put(o, ENGINE_ALERT, "alert");
  put(o, ENGINE_EVENT, "event");
  assert_false(put(o, ENGINE_PICK, "pick"));
  assert_int_equal(outbox_dropped(o, OUTBOX_ROUTINE), 1);
  assert_string_equal(take(o), "alert");
  assert_string_equal(take(o), "event");
  outbox_destroy(o);
}

static void what_is_on_its_way_is_sent_again_after_a_break(void **state)
{
  (void)state;
  outbox *o = outbox_create(10, 1000);
  put(o, ENGINE_ALERT, "1");
  put(o, ENGINE_PICK, "2");
  put(o, ENGINE_ALERT, "3");
  outbox_sent(o);
  uint64_t second = outbox_next(o)->sequence;
  outbox_sent(o);
  assert_int_equal(outbox_next(o)->sequence, second + 1);
  outbox_acknowledge(o, second - 1);
  outbox_rewind(o);
  assert_int_equal(outbox_next(o)->sequence, second);
  assert_string_equal(take(o), "2");
  assert_string_equal(take(o), "3");
  outbox_destroy(o);
}

static void the_answer_to_a_dropped_message_is_ignored(void **state)
{
  (void)state;
  outbox *o = outbox_create(1, 1000);
  put(o, ENGINE_ALERT, "1");
  uint64_t first = outbox_next(o)->sequence;
  outbox_sent(o);
  put(o, ENGINE_ALERT, "2");
  outbox_acknowledge(o, first);
  assert_string_equal(take(o), "2");
  outbox_destroy(o);
}

static void a_lane_full_of_bytes_drops_its_own_oldest(void **state)
{
  (void)state;
  outbox *o = outbox_create(100, 10);
  put(o, ENGINE_EVENT, "keep");
  put(o, ENGINE_PICK, "aaaa");
  put(o, ENGINE_PICK, "bbbb");
  assert_true(put(o, ENGINE_PICK, "cccc"));
  assert_false(put(o, ENGINE_PICK, "longer than ten"));
  assert_int_equal(outbox_dropped(o, OUTBOX_ROUTINE), 2);
  assert_string_equal(take(o), "keep");
  assert_string_equal(take(o), "bbbb");
  assert_string_equal(take(o), "cccc");
  outbox_destroy(o);
}

static void only_unsent_messages_older_than_the_instant_are_trimmed(void **state)
{
  (void)state;
  outbox *o = outbox_create(10, 1000);
  for (int64_t t = 1; t <= 5; t++)
    outbox_put(o, &(outbox_entry){.channel = t % 2 ? ENGINE_ALERT : ENGINE_PICK, .queued = t, .json = "x", .length = 1});
  assert_int_equal(outbox_trim(o, 4), 3);
  assert_int_equal(outbox_count(o), 2);
  assert_int_equal(outbox_next(o)->queued, 4);
  outbox_destroy(o);
}

static void lanes_rank_every_channel(void **state)
{
  (void)state;
  assert_int_equal(outbox_lane_of(ENGINE_ALERT), OUTBOX_ALERT);
  assert_int_equal(outbox_lane_of(ENGINE_ALERT_TARGET), OUTBOX_ALERT);
  assert_int_equal(outbox_lane_of(ENGINE_REPORT), OUTBOX_ALERT);
  assert_int_equal(outbox_lane_of(ENGINE_EVENT), OUTBOX_EVENT);
  assert_int_equal(outbox_lane_of(ENGINE_PICK), OUTBOX_ROUTINE);
  assert_int_equal(outbox_lane_of(ENGINE_STATION), OUTBOX_ROUTINE);
  assert_int_equal(outbox_lane_of(ENGINE_INTENSITY), OUTBOX_ROUTINE);
  assert_int_equal(outbox_lane_of(ENGINE_HEARTBEAT), OUTBOX_ROUTINE);
}

/* ---- the box against a plain list that does the same in the simplest way ---- */

enum { LIST = 64, LIST_BYTES = 700, TEXT = 128 };

struct listed {
  uint64_t sequence;
  outbox_lane lane;
  char text[TEXT];
};

struct list {
  struct listed items[LIST * 4];
  size_t count;
  uint64_t last_sequence;
};

static void list_remove(struct list *l, size_t i)
{
  memmove(&l->items[i], &l->items[i + 1], (--l->count - i) * sizeof l->items[0]);
}

static bool list_drop_least(struct list *l, outbox_lane upto)
{
  for (int lane = 0; lane <= (int)upto; lane++)
    for (size_t i = 0; i < l->count; i++)
      if ((int)l->items[i].lane == lane) {
        list_remove(l, i);
        return true;
      }
  return false;
}

static void list_put(struct list *l, outbox_lane lane, const char *text)
{
  if (l->count >= LIST && !list_drop_least(l, lane))
    return;
  l->items[l->count].sequence = ++l->last_sequence;
  l->items[l->count].lane = lane;
  strcpy(l->items[l->count++].text, text);
}

static void fill(random_source *r, char text[TEXT])
{
  size_t n = 1 + (size_t)random_below(r, 10);
  for (size_t i = 0; i < n; i++)
    text[i] = (char)('a' + random_below(r, 26));
  text[n] = '\0';
}

/* One random act on both; false when they differ. Messages are short enough that the number bounds before the bytes do. */
static bool act(random_source *r, outbox *o, struct list *l)
{
  static const engine_channel channels[] = {ENGINE_ALERT, ENGINE_PICK, ENGINE_EVENT, ENGINE_STATION, ENGINE_PICK};
  if (random_below(r, 100) < 55) {
    char text[TEXT];
    engine_channel channel = channels[random_below(r, 5)];
    fill(r, text);
    put(o, channel, text);
    list_put(l, outbox_lane_of(channel), text);
  } else if (l->count > 0 && random_below(r, 4) > 0) {
    if (strcmp(take(o), l->items[0].text) != 0)
      return false;
    list_remove(l, 0);
  } else { /* some are sent, and the link breaks */
    for (int64_t n = random_below(r, 8); n > 0; n--)
      outbox_sent(o);
    outbox_rewind(o);
  }
  const outbox_entry *next = outbox_next(o);
  return outbox_count(o) == l->count && (next ? l->count > 0 && next->sequence == l->items[0].sequence : l->count == 0);
}

static void any_sequence_of_acts_leaves_what_a_plain_list_would(void **state)
{
  (void)state;
  static struct list l;
  for (uint64_t seed = 1; seed <= 200; seed++) {
    random_source r = {.state = seed};
    outbox *o = outbox_create(LIST, LIST_BYTES);
    memset(&l, 0, sizeof l);
    for (int i = 0; i < 2000; i++)
      if (!act(&r, o, &l))
        fail_msg("seed %llu, act %d: the box and the list differ", (unsigned long long)seed, i);
    outbox_destroy(o);
  }
}

/* With messages of any length the bytes bound too: what comes out is still whole, and in rising order. */
static void messages_of_any_length_come_out_whole_and_in_order(void **state)
{
  (void)state;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    random_source r = {.state = seed};
    outbox *o = outbox_create(40, 1000);
    uint64_t last = 0;
    for (int i = 0; i < 3000; i++) {
      char text[512];
      size_t length = 1 + (size_t)random_below(&r, 400);
      memset(text, 'a' + i % 26, length);
      outbox_put(o, &(outbox_entry){.channel = random_below(&r, 2) ? ENGINE_ALERT : ENGINE_PICK,
                                    .received = i % 26,
                                    .queued = (int64_t)length,
                                    .json = text,
                                    .length = length});
      const outbox_entry *e = random_below(&r, 3) ? NULL : outbox_next(o);
      if (!e)
        continue;
      assert_true(e->sequence > last);
      last = e->sequence;
      assert_int_equal(e->length, e->queued);
      for (size_t k = 0; k < e->length; k++)
        if (e->json[k] != 'a' + e->received)
          fail_msg("seed %llu, message %d: byte %zu is another message's", (unsigned long long)seed, i, k);
      outbox_sent(o);
      outbox_acknowledge(o, last);
    }
    outbox_destroy(o);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_leave_in_the_order_they_came_across_all_lanes),
      cmocka_unit_test(a_full_box_drops_picks_before_events_and_events_before_alerts),
      cmocka_unit_test(a_pick_never_pushes_out_what_is_worth_more),
      cmocka_unit_test(what_is_on_its_way_is_sent_again_after_a_break),
      cmocka_unit_test(the_answer_to_a_dropped_message_is_ignored),
      cmocka_unit_test(a_lane_full_of_bytes_drops_its_own_oldest),
      cmocka_unit_test(only_unsent_messages_older_than_the_instant_are_trimmed),
      cmocka_unit_test(lanes_rank_every_channel),
      cmocka_unit_test(any_sequence_of_acts_leaves_what_a_plain_list_would),
      cmocka_unit_test(messages_of_any_length_come_out_whole_and_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
