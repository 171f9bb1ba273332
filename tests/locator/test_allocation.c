/* Linked with malloc, calloc, realloc and free wrapped, so that each call of this program is counted. */
#include "made.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static unsigned allocations, allowed = 1u << 30; /* what is over fails */

void *__wrap_malloc(size_t size)
{
  return allocations++ < allowed ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
  return allocations++ < allowed ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
  return allocations++ < allowed ? __real_realloc(memory, size) : NULL;
}

static void nothing_is_allocated_after_creation(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 3);
  assert_true(allocations > 0);
  made_source source = made_source_near(w, 20, 30);
  made_quake(w, source, 100, 0.1, 0.5);
  made_noise(w, 60, 0, 200);
  made_run(w, 0); /* sorts the picks */
  allocations = 0;
  made_run(w, 250);
  assert_int_equal(allocations, 0);
  int many;
  assert_non_null(made_find(w, source, &many));
  made_world_destroy(w);
}

/* Another inventory is adopted whole or not at all. */
static void short_of_memory_nothing_changes(void **state)
{
  (void)state;
  made_world *w = made_world_create(MADE_CITY, 3), *larger = made_world_create(MADE_PROVINCE, 4);
  made_source source = made_source_near(w, 20, 30);
  made_quake(w, source, 100, 0, 0);
  made_run(w, 0);
  bool adopted = false;
  for (unsigned i = 0; i < 4; i++) {
    allowed = (allocations = 0) + i;
    adopted |= locator_adopt(w->locator, larger->inventory);
    allowed = 1u << 30;
  }
  assert_false(adopted);
  made_run(w, 120);
  int many;
  assert_non_null(made_find(w, source, &many));
  assert_true(locator_adopt(w->locator, larger->inventory));
  made_world_destroy(w);
  made_world_destroy(larger);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_allocated_after_creation), cmocka_unit_test(short_of_memory_nothing_changes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
