#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <sodium.h>

#include "signer_file.h"

/* A finished message ends in these bytes exactly: ,"key_id":"16 hex","alg":"Ed25519","signature":"88 base64"} */
#define KEY_ID_MEMBER ",\"key_id\":\""
#define ALGORITHM_MEMBER "\",\"alg\":\"Ed25519\""
#define SIGNATURE_MEMBER ",\"signature\":\""
enum {
  KEY_ID = SIGNER_KEY_ID_TEXT - 1,
  SIGNATURE_TEXT = 88,
  SIGNATURE_SPAN = sizeof SIGNATURE_MEMBER - 1 + SIGNATURE_TEXT + 2, /* with "} */
  KEY_SPAN = sizeof KEY_ID_MEMBER - 1 + KEY_ID + sizeof ALGORITHM_MEMBER - 1,
};

struct trusted {
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  char key_id[SIGNER_KEY_ID_TEXT];
  bool exercise;
};

struct signer_keyring {
  size_t count;
  struct trusted keys[];
};

static void trust(signer_keyring *k, const unsigned char *public_key)
{
  struct trusted *key = &k->keys[k->count++];
  memcpy(key->public_key, public_key, sizeof key->public_key);
  signer_public_id(public_key, key->key_id);
  key->exercise = signer_public_is_exercise(public_key);
}

static bool trust_exercise(signer_keyring *k)
{
  signer *s = signer_exercise();
  if (!s)
    return false;
  trust(k, signer_public_key(s));
  signer_destroy(s);
  return true;
}

signer_keyring *signer_keyring_load(char *const *paths, size_t count, bool exercise)
{
  signer_keyring *k = sodium_init() < 0 ? NULL : calloc(1, sizeof *k + (count + 1) * sizeof k->keys[0]);
  if (!k || (exercise && !trust_exercise(k))) {
    fputs("no memory for the keys to trust\n", stderr);
    free(k);
    return NULL;
  }
  for (size_t i = 0; i < count && paths[i]; i++) {
    unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
    if (!signer_file_read_public(paths[i], public_key)) {
      free(k);
      return NULL;
    }
    trust(k, public_key);
  }
  return k;
}

void signer_keyring_destroy(signer_keyring *k)
{
  free(k);
}

static bool has(const char *at, const char *text, size_t length)
{
  return memcmp(at, text, length) == 0;
}

/* Where the `,"signature":` begins, NULL if the message does not end as a signed one does; `key_id` points at 16 digits. */
static const char *split(const char *message, size_t length, const char **key_id)
{
  if (length < SIGNATURE_SPAN + KEY_SPAN || !has(message + length - 2, "\"}", 2))
    return NULL;
  const char *signature = message + length - SIGNATURE_SPAN;
  const char *key = signature - KEY_SPAN;
  if (!has(signature, SIGNATURE_MEMBER, sizeof SIGNATURE_MEMBER - 1) || !has(key, KEY_ID_MEMBER, sizeof KEY_ID_MEMBER - 1))
    return NULL;
  *key_id = key + sizeof KEY_ID_MEMBER - 1;
  return has(*key_id + KEY_ID, ALGORITHM_MEMBER, sizeof ALGORITHM_MEMBER - 1) ? signature : NULL;
}

/* Ed25519 over the head and the closing brace, which the cut-out signature stands between. */
static bool signature_holds(const struct trusted *key, const char *message, const char *signature)
{
  unsigned char bytes[crypto_sign_BYTES];
  size_t used = 0, head = (size_t)(signature - message);
  if (sodium_base642bin(bytes, sizeof bytes, signature + sizeof SIGNATURE_MEMBER - 1, SIGNATURE_TEXT, NULL, &used, NULL,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      used != sizeof bytes)
    return false;
  unsigned char *signed_bytes = malloc(head + 1);
  if (!signed_bytes)
    return false;
  memcpy(signed_bytes, message, head);
  signed_bytes[head] = '}';
  bool holds = crypto_sign_verify_detached(bytes, signed_bytes, head + 1, key->public_key) == 0;
  free(signed_bytes);
  return holds;
}

/* Anybody can sign with the exercise key, so the message is read as a subscriber would, and a second `status` in it is a forgery. */
static bool says_exercise(const char *message, size_t length)
{
  json_t *root = json_loadb(message, length, JSON_REJECT_DUPLICATES, NULL);
  const char *status = json_string_value(json_object_get(root, "status"));
  bool says = status && (strcmp(status, engine_status_words[ENGINE_EXERCISE]) == 0 || strcmp(status, engine_status_words[ENGINE_TEST]) == 0);
  json_decref(root);
  return says;
}

bool signer_verify(const signer_keyring *k, const char *message, size_t length)
{
  const char *key_id = NULL, *signature = split(message, length, &key_id);
  if (!signature)
    return false;
  for (size_t i = 0; i < k->count; i++)
    if (has(key_id, k->keys[i].key_id, KEY_ID))
      return signature_holds(&k->keys[i], message, signature) && (!k->keys[i].exercise || says_exercise(message, length));
  return false;
}
