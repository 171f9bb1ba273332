#include <stdlib.h>

#include "world.h"

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS_BY_HOOK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS_BY_HOOK 1
#endif
#endif

/* Every allocation of this process, those of its libraries too, is counted: by functions in the place of the C library's, or by the address
   sanitizer, whose own stand there already. */
static volatile size_t allocations;

#ifdef COUNTS_BY_HOOK
extern int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *, size_t), void (*on_free)(const volatile void *));

static void count(const volatile void *memory, size_t size)
{
  (void)memory, (void)size;
  allocations++;
}

static void ignore(const volatile void *memory)
{
  (void)memory;
}

static int start_counting(void **state)
{
  (void)state;
  return __sanitizer_install_malloc_and_free_hooks(count, ignore) > 0 ? 0 : -1;
}
#else
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
  allocations++;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
  allocations++;
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
  allocations++;
  return __libc_realloc(old, size);
}

static int start_counting(void **state)
{
  (void)state;
  return 0;
}
#endif

/* The first sensor's horizontals wait for each other. */
static world *begin_turned(void)
{
  ingest_inventory *inventory = ingest_inventory_create();
  for (int channel = 0; channel < CHANNELS; channel++) {
    ingest_codes codes = codes_of(channel);
    ingest_epoch epoch = epoch_of(GAIN, INGEST_UNIT_ACCELERATION);
    epoch.dip_deg = channel % 3 == INGEST_VERTICAL ? -90 : 0;
    epoch.azimuth_deg = (channel % 3 == INGEST_EAST ? 90 : 0) + (channel < 3 ? 40 : 0);
    assert_true(ingest_inventory_add_channel(inventory, &codes, 41, 123, 0, 0, &epoch));
  }
  return begin_with(inventory);
}

/* In order, late, missing, twice, broken and unknown: whatever comes, after the start nothing is allocated. */
static void no_packet_and_no_passing_of_time_allocates(void **state)
{
  (void)state;
  world *w = begin_turned();
  forget_packets();
  random_source random = {1};
  for (int k = 0; k < 300; k++) {
    if (k > 3 && random_below(&random, 10) == 0)
      continue;
    add_packet(k % CHANNELS, k / CHANNELS * 100, 100, random_below(&random, 3 * INGEST_SECOND));
    if (random_below(&random, 10) == 0)
      store.bytes[store.offsets[store.count - 1] + 75] ^= 1;
  }
  size_t before = allocations;
  for (size_t i = 0; i < packet_count; i++) {
    feed(w, i);
    ingest_advance(w->in, w->now, &w->sink);
  }
  ingest_advance(w->in, w->now + 500 * INGEST_SECOND, &w->sink);
  assert_int_equal(allocations, before);
  assert_true(w->refusals[INGEST_REFUSED_MALFORMED] > 0 && w->status[0].gaps > 0);
  end(w);
}

static void the_counter_counts(void **state)
{
  (void)state;
  size_t before = allocations;
  void *volatile memory = malloc(10);
  free(memory);
  assert_int_equal(allocations, before + 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_counter_counts),
      cmocka_unit_test(no_packet_and_no_passing_of_time_allocates),
  };
  return cmocka_run_group_tests(tests, start_counting, NULL);
}
