/* A network's noise makes no earthquake, and a country's swarm makes each once. */
#include <math.h>

#include "made_events.h"

static void hours_of_noise_picks_make_no_event_of_the_alert_class(void **state)
{
  (void)state;
  made_world *w = made_wide_world(500, 30, 5);
  size_t alerts = 0;
  made_noise(w, 5, 0, 4 * 3600.0);
  made_run(w, 4 * 3600.0 + 120);
  for (size_t i = 0; i < w->events; i++)
    alerts += w->event[i].highest_likelihood >= 0.85 && w->event[i].last.stations_used >= 4;
  assert_true(w->next > 9000); /* all were told */
  assert_int_equal(alerts, 0);
  assert_true(w->events <= 1);
  made_world_destroy(w);
}

static void nor_do_hours_of_picks_of_which_most_are_tentative(void **state)
{
  (void)state;
  made_world *w = made_wide_world(500, 30, 6);
  made_noise(w, 5, 0, 3 * 3600.0);
  made_tentative_noise(w, 0, 3 * 3600.0);
  made_run(w, 3 * 3600.0 + 120);
  assert_true(w->next > 25000);
  for (size_t i = 0; i < w->events; i++)
    assert_int_equal(w->event[i].last.stations_tentative, 0);
  assert_true(w->events <= 1);
  made_world_destroy(w);
}

/* Ten a minute for two minutes under 4,900 stations, with noise. */
static void each_earthquake_of_a_wide_swarm_is_said_once(void **state)
{
  enum { SWARM = 20, STATIONS = 4900 };
  (void)state;
  size_t once = 0, twice = 0, kept = 0;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    made_world *w = made_wide_world(STATIONS, 23, seed);
    made_source sources[SWARM];
    made_swarm(w, 23 * sqrt(STATIONS) / 2, sources, SWARM);
    made_noise(w, 5, 0, 210);
    made_run(w, 300);
    for (size_t i = 0; i < SWARM; i++) {
      int many;
      made_find(w, sources[i], &many);
      once += many == 1;
      twice += many > 1;
    }
    for (size_t i = 0; i < w->events; i++)
      kept += w->event[i].last.state != LOCATOR_CANCELLED;
    made_world_destroy(w);
  }
  print_message("# %zu of %d found once, %zu twice, %zu said\n", once, 3 * SWARM, twice, kept);
  assert_int_equal(twice, 0);
  assert_true(once >= 3 * SWARM - 2);
  assert_true(kept <= once + 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hours_of_noise_picks_make_no_event_of_the_alert_class),
      cmocka_unit_test(nor_do_hours_of_picks_of_which_most_are_tentative),
      cmocka_unit_test(each_earthquake_of_a_wide_swarm_is_said_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
