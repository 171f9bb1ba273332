/* Names off the loop, and addresses tried in turn. */
#include "resolver.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data.h"
#include "dialer.h"
#include "listener.h"
#include "private_redis.h"

typedef struct {
  struct ev_loop *loop;
  resolver_addresses addresses;
  char fault[400];
  int answers, descriptor;
} world;

static void on_answer(void *user, const resolver_addresses *addresses, const char *fault)
{
  world *w = user;
  w->addresses = *addresses;
  snprintf(w->fault, sizeof w->fault, "%s", fault);
  w->answers++;
}

static void on_dialed(void *user, int descriptor, const char *fault)
{
  world *w = user;
  w->descriptor = descriptor;
  snprintf(w->fault, sizeof w->fault, "%s", fault);
  w->answers++;
}

static bool is_answered(void *user)
{
  return ((world *)user)->answers > 0;
}

static void an_address_needs_no_asking(void **state)
{
  (void)state;
  resolver_addresses a;
  assert_true(resolver_literal("192.0.2.7", 18000, &a));
  assert_int_equal(((struct sockaddr_in *)&a.items[0].address)->sin_port, htons(18000));
  assert_true(resolver_literal("2001:db8::1", 18000, &a));
  assert_int_equal(a.items[0].address.ss_family, AF_INET6);
  assert_false(resolver_literal("localhost", 18000, &a));
  assert_int_equal(a.count, 0);
}

static void a_known_name_gets_addresses_and_an_unknown_one_a_remedy(void **state)
{
  (void)state;
  world w = {.loop = ev_loop_new(0)};
  resolver *r = resolver_create(w.loop);
  assert_true(resolver_ask(r, "localhost", 7, on_answer, &w));
  wait_for(w.loop, is_answered, &w, "localhost is resolved");
  assert_true(w.addresses.count > 0);
  w.answers = 0;
  assert_true(resolver_ask(r, "no-such-host.invalid", 7, on_answer, &w));
  wait_for(w.loop, is_answered, &w, "the unknown name is answered");
  assert_int_equal(w.addresses.count, 0);
  assert_non_null(strstr(w.fault, "no-such-host.invalid"));
  resolver_destroy(r);
  ev_loop_destroy(w.loop);
}

static void who_no_longer_wants_an_answer_gets_none(void **state)
{
  (void)state;
  world wanted = {.loop = ev_loop_new(0)}, unwanted = {0};
  resolver *r = resolver_create(wanted.loop);
  for (int i = 0; i < 50; i++)
    assert_true(resolver_ask(r, "localhost", 7, on_answer, &unwanted));
  resolver_forget(r, &unwanted);
  assert_true(resolver_ask(r, "localhost", 7, on_answer, &wanted));
  wait_for(wanted.loop, is_answered, &wanted, "the wanted answer comes");
  assert_int_equal(unwanted.answers, 0);
  for (int i = 0; i < 50; i++)
    assert_true(resolver_ask(r, "no-such-host.invalid", 7, on_answer, &unwanted));
  resolver_destroy(r); /* waits for nobody */
  assert_int_equal(unwanted.answers, 0);
  ev_loop_destroy(wanted.loop);
}

static void add(resolver_addresses *list, const char *text, int port)
{
  resolver_addresses one;
  assert_true(resolver_literal(text, port, &one));
  list->items[list->count++] = one.items[0];
}

static void the_first_address_that_answers_is_taken(void **state)
{
  (void)state;
  world w = {.loop = ev_loop_new(0), .descriptor = -1};
  int listener = listener_open("127.0.0.1", 0);
  resolver_addresses list = {0};
  dialer d;
  add(&list, "127.0.0.1", 1); /* refuses */
  add(&list, "::1", 1);
  add(&list, "127.0.0.1", listener_port(listener));
  dialer_start(&d, w.loop, &list, 30, on_dialed, &w);
  wait_for(w.loop, is_answered, &w, "the third address is connected");
  assert_true(w.descriptor >= 0);
  close(w.descriptor);
  close(listener);
  ev_loop_destroy(w.loop);
}

static void when_none_answers_the_last_is_named(void **state)
{
  (void)state;
  world w = {.loop = ev_loop_new(0), .descriptor = 0};
  resolver_addresses list = {0};
  dialer d;
  add(&list, "127.0.0.1", 1);
  add(&list, "127.0.0.1", 2);
  dialer_start(&d, w.loop, &list, 30, on_dialed, &w);
  wait_for(w.loop, is_answered, &w, "both have refused");
  assert_int_equal(w.descriptor, -1);
  assert_non_null(strstr(w.fault, "127.0.0.1:2 refuses connections"));
  dialer_stop(&d);
  ev_loop_destroy(w.loop);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_needs_no_asking),
      cmocka_unit_test(a_known_name_gets_addresses_and_an_unknown_one_a_remedy),
      cmocka_unit_test(who_no_longer_wants_an_answer_gets_none),
      cmocka_unit_test(the_first_address_that_answers_is_taken),
      cmocka_unit_test(when_none_answers_the_last_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
