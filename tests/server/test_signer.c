#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "data.h"
#include "private_redis.h"
#include "signer_file.h"

enum { MESSAGE_ROOM = 4096 };

static const char exercise[] =
    "{\"schema\":\"tocsin.alert.v1\",\"status\":\"exercise\",\"id\":\"E\",\"revision\":1,\"text\":\"地震\",\"config\":\"9f2c41d0\"";
static const char actual[] = "{\"schema\":\"tocsin.alert.v1\",\"status\":\"actual\",\"id\":\"E\",\"revision\":1,\"config\":\"9f2c41d0\"";

struct message {
  char text[MESSAGE_ROOM];
  size_t length;
};

static struct message finished(const signer *s, const char *json)
{
  struct message m;
  m.length = signer_finish(s, json, strlen(json), 1562383160, NULL, m.text, sizeof m.text);
  assert_true(m.length > strlen(json));
  return m;
}

/* A folder with one key pair in it. */
struct keys {
  char folder[64], path[96], public_path[104];
};

static struct keys made_keys(void)
{
  struct keys k;
  temporary_folder(k.folder, sizeof k.folder);
  snprintf(k.path, sizeof k.path, "%s/key", k.folder);
  snprintf(k.public_path, sizeof k.public_path, "%s.pub", k.path);
  assert_true(signer_create(k.path));
  return k;
}

static signer_keyring *ring_of(struct keys *k, bool with_exercise)
{
  char *paths[] = {k->public_path};
  signer_keyring *ring = signer_keyring_load(paths, 1, with_exercise);
  assert_non_null(ring);
  return ring;
}

static void a_message_verifies_with_the_public_half_of_its_key(void **state)
{
  (void)state;
  struct keys k = made_keys();
  signer *s = signer_load(k.path);
  assert_non_null(s);
  signer_keyring *ring = ring_of(&k, false);
  struct message m = finished(s, actual);
  assert_true(signer_verify(ring, m.text, m.length));
  assert_false(signer_is_exercise(s));
  signer_keyring_destroy(ring);
  signer_destroy(s);
  remove_folder(k.folder);
}

static void the_finished_message_is_json_with_the_whole_tail(void **state)
{
  (void)state;
  signer *s = signer_exercise();
  char text[MESSAGE_ROOM];
  const signer_trace trace = {1, 2, 3, 4};
  size_t length = signer_finish(s, exercise, strlen(exercise), 77, &trace, text, sizeof text);
  json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
  assert_non_null(root);
  assert_int_equal(json_integer_value(json_object_get(root, "epoch")), 77);
  assert_int_equal(json_integer_value(json_object_get(json_object_get(root, "trace"), "signing")), 4);
  assert_string_equal(json_string_value(json_object_get(root, "key_id")), signer_key_id(s));
  assert_string_equal(json_string_value(json_object_get(root, "alg")), "Ed25519");
  assert_int_equal(json_string_length(json_object_get(root, "signature")), 88);
  json_decref(root);
  signer_destroy(s);
}

static void any_changed_byte_breaks_the_signature(void **state)
{
  (void)state;
  signer *s = signer_exercise();
  signer_keyring *ring = signer_keyring_load(NULL, 0, true);
  struct message m = finished(s, exercise);
  assert_true(signer_verify(ring, m.text, m.length));
  for (size_t i = 0; i < m.length; i++)
    for (int bit = 0; bit < 8; bit++) {
      m.text[i] ^= (char)(1 << bit);
      if (signer_verify(ring, m.text, m.length))
        fail_msg("byte %zu, bit %d changed, and the message still verifies", i, bit);
      m.text[i] ^= (char)(1 << bit);
    }
  signer_keyring_destroy(ring);
  signer_destroy(s);
}

static void a_cut_or_lengthened_message_does_not_verify(void **state)
{
  (void)state;
  signer *s = signer_exercise();
  signer_keyring *ring = signer_keyring_load(NULL, 0, true);
  struct message m = finished(s, exercise);
  for (size_t length = 0; length < m.length; length++)
    assert_false(signer_verify(ring, m.text, length));
  m.text[m.length] = ' ';
  assert_false(signer_verify(ring, m.text, m.length + 1));
  signer_keyring_destroy(ring);
  signer_destroy(s);
}

static void the_exercise_key_never_vouches_for_an_actual_message(void **state)
{
  (void)state;
  signer *s = signer_exercise();
  signer_keyring *ring = signer_keyring_load(NULL, 0, true);
  struct message plain = finished(s, actual);
  struct message second = finished(s, "{\"schema\":\"a\",\"status\":\"exercise\",\"status\":\"actual\",\"config\":\"9\"");
  struct message escaped = finished(s, "{\"schema\":\"a\",\"status\":\"exercise\",\"st\\u0061tus\":\"actual\",\"config\":\"9\"");
  struct message none = finished(s, "{\"schema\":\"a\",\"config\":\"9\"");
  assert_false(signer_verify(ring, plain.text, plain.length));
  assert_false(signer_verify(ring, second.text, second.length));
  assert_false(signer_verify(ring, escaped.text, escaped.length));
  assert_false(signer_verify(ring, none.text, none.length));
  signer_keyring_destroy(ring);
  signer_destroy(s);
}

static void a_key_that_is_not_in_the_ring_is_not_trusted(void **state)
{
  (void)state;
  struct keys mine = made_keys(), other = made_keys();
  signer *s = signer_load(other.path);
  signer_keyring *ring = ring_of(&mine, true);
  struct message m = finished(s, exercise);
  assert_false(signer_verify(ring, m.text, m.length));
  signer_keyring_destroy(ring);
  signer_destroy(s);
  remove_folder(mine.folder);
  remove_folder(other.folder);
}

static void the_exercise_key_is_the_same_everywhere_and_known_as_such(void **state)
{
  (void)state;
  signer *s = signer_exercise();
  assert_true(signer_is_exercise(s));
  assert_string_equal(signer_key_id(s), "eb013474d90eb2f0");
  signer_destroy(s);
}

static void a_secret_key_is_private_and_never_overwritten(void **state)
{
  (void)state;
  struct keys k = made_keys();
  struct stat status;
  assert_int_equal(stat(k.path, &status), 0);
  assert_int_equal(status.st_mode & 0777, 0600);
  assert_false(signer_create(k.path));
  unlink(k.path);
  assert_false(signer_create(k.path)); /* its public half is still there */
  assert_int_not_equal(access(k.path, F_OK), 0);
  remove_folder(k.folder);
}

static void a_key_that_others_may_read_is_refused(void **state)
{
  (void)state;
  struct keys k = made_keys();
  assert_int_equal(chmod(k.path, 0640), 0);
  assert_null(signer_load(k.path));
  assert_int_equal(chmod(k.path, 0600), 0);
  signer *s = signer_load(k.path);
  assert_non_null(s);
  signer_destroy(s);
  remove_folder(k.folder);
}

static void write_file(const char *path, const char *text)
{
  int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  assert_true(descriptor >= 0);
  assert_int_equal(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
  close(descriptor);
}

static void a_damaged_key_file_is_refused(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      "\n",
      "tocsin-ed25519-secret-v1",
      "tocsin-ed25519-secret-v1 ",
      "tocsin-ed25519-secret-v1 AAAA\n",
      "tocsin-ed25519-secret-v1 not base64 at all, and long enough to be a key\n",
      "tocsin-ed25519-public-v1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
      "tocsin-ed25519-secret-v1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= and more\n",
  };
  struct keys k = made_keys();
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    write_file(k.path, texts[i]);
    assert_null(signer_load(k.path));
  }
  unlink(k.path);
  assert_null(signer_load(k.path));
  remove_folder(k.folder);
}

static void a_message_that_does_not_fit_is_not_finished(void **state)
{
  (void)state;
  char text[MESSAGE_ROOM];
  signer *s = signer_exercise();
  assert_int_equal(signer_finish(s, exercise, strlen(exercise), 1, NULL, text, strlen(exercise) + SIGNER_TAIL_MAXIMUM - 1), 0);
  assert_int_not_equal(signer_finish(s, exercise, strlen(exercise), 1, NULL, text, strlen(exercise) + SIGNER_TAIL_MAXIMUM), 0);
  signer_destroy(s);
}

static void the_longest_tail_fits_its_bound(void **state)
{
  (void)state;
  char text[MESSAGE_ROOM];
  const signer_trace trace = {INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN};
  signer *s = signer_exercise();
  size_t length = signer_finish(s, exercise, strlen(exercise), INT64_MIN, &trace, text, sizeof text);
  assert_true(length <= strlen(exercise) + SIGNER_TAIL_MAXIMUM);
  signer_destroy(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_message_verifies_with_the_public_half_of_its_key),
      cmocka_unit_test(the_finished_message_is_json_with_the_whole_tail),
      cmocka_unit_test(any_changed_byte_breaks_the_signature),
      cmocka_unit_test(a_cut_or_lengthened_message_does_not_verify),
      cmocka_unit_test(the_exercise_key_never_vouches_for_an_actual_message),
      cmocka_unit_test(a_key_that_is_not_in_the_ring_is_not_trusted),
      cmocka_unit_test(the_exercise_key_is_the_same_everywhere_and_known_as_such),
      cmocka_unit_test(a_secret_key_is_private_and_never_overwritten),
      cmocka_unit_test(a_key_that_others_may_read_is_refused),
      cmocka_unit_test(a_damaged_key_file_is_refused),
      cmocka_unit_test(a_message_that_does_not_fit_is_not_finished),
      cmocka_unit_test(the_longest_tail_fits_its_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
