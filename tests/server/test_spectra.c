#include "spectra.h"

#include <math.h>

#include "data.h"
#include "random.h"

enum { SENSORS = 3, CHANNELS = SENSORS * INGEST_COMPONENTS };

typedef struct {
  struct ev_loop *loop;
  spectra *spectra;
  int copied[CHANNELS], done[CHANNELS], results;
  ingest_noise noise;
} desk;

static desk d;

/* Horizontals were never received; the third sensor does not move. */
static void copy(void *user, int32_t sensor, int component, float *values, size_t capacity, ingest_samples *samples)
{
  desk *to = user;
  random_source draws = {(uint64_t)sensor + 1};
  to->copied[sensor * INGEST_COMPONENTS + component]++;
  *samples = (ingest_samples){.sensor = sensor, .component = component, .unit = INGEST_UNIT_ACCELERATION, .rate = 100, .values = values};
  if (component != INGEST_VERTICAL)
    return;
  assert_true(capacity >= 6000);
  samples->count = 6000;
  for (size_t i = 0; i < samples->count; i++)
    values[i] = sensor == 2 ? 0 : (float)(1e-2 * random_normal(&draws));
}

static void done(void *user, const engine_spectrum_result *result)
{
  desk *to = user;
  to->done[result->sensor * INGEST_COMPONENTS + result->component]++;
  if (result->sensor == 0)
    to->noise = result->noise;
  to->results++;
}

static size_t count(void *user)
{
  (void)user;
  return CHANNELS;
}

static int begin(void **state)
{
  (void)state;
  d = (desk){.loop = ev_loop_new(0)};
  d.spectra =
      spectra_create(&(spectra_setup){.loop = d.loop, .channels = count, .every_s = 0.1, .kept_s = 60, .copy = copy, .done = done, .user = &d});
  return d.spectra ? 0 : -1;
}

static int end(void **state)
{
  (void)state;
  spectra_destroy(d.spectra);
  ev_loop_destroy(d.loop);
  return 0;
}

static void each_channel_has_its_turn_and_those_with_samples_their_result(void **state)
{
  (void)state;
  while (d.results < 2 * SENSORS + 1)
    ev_run(d.loop, EVRUN_ONCE);
  for (int channel = 0; channel < CHANNELS; channel++) {
    assert_true(d.copied[channel] >= 2);
    assert_int_equal(d.done[channel] >= 2, channel % INGEST_COMPONENTS == INGEST_VERTICAL);
  }
  assert_int_equal(d.noise.verdict, INGEST_NOISE_NOISY);
}

static void it_can_end_at_any_time(void **state)
{
  (void)state;
  while (d.results < 1)
    ev_run(d.loop, EVRUN_ONCE);
  for (int i = 0; i < 20; i++) {
    end(state);
    begin(state);
    for (int turns = 0; turns < i % 4; turns++)
      ev_run(d.loop, EVRUN_ONCE);
  }
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
  const struct CMUnitTest tests[] = {
      T(each_channel_has_its_turn_and_those_with_samples_their_result),
      T(it_can_end_at_any_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
