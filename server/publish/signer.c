#include "signer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "signer_file.h"

/* The seed of the exercise key is the SHA-256 of this sentence, so that anybody can derive it and nobody can take it for a secret. */
static const char exercise_sentence[] = "Tocsin exercise key, version 1: published, so that it proves nothing but an exercise";

enum { SIGNATURE_TEXT = 88 }; /* 64 bytes in padded base64 */

struct signer {
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret_key[crypto_sign_SECRETKEYBYTES];
  char key_id[SIGNER_KEY_ID_TEXT];
  bool exercise;
};

static void exercise_keys(unsigned char *public_key, unsigned char *secret_key)
{
  unsigned char seed[crypto_sign_SEEDBYTES];
  _Static_assert(sizeof seed == crypto_hash_sha256_BYTES, "the seed is the hash");
  crypto_hash_sha256(seed, (const unsigned char *)exercise_sentence, sizeof exercise_sentence - 1);
  crypto_sign_seed_keypair(public_key, secret_key, seed);
}

bool signer_public_is_exercise(const unsigned char *public_key)
{
  unsigned char exercise[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
  exercise_keys(exercise, secret);
  return memcmp(public_key, exercise, sizeof exercise) == 0;
}

void signer_public_id(const unsigned char *public_key, char id[SIGNER_KEY_ID_TEXT])
{
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, public_key, crypto_sign_PUBLICKEYBYTES);
  sodium_bin2hex(id, SIGNER_KEY_ID_TEXT, hash, (SIGNER_KEY_ID_TEXT - 1) / 2);
}

/* Secrets live in locked pages that no core dump holds. */
static signer *allocate(void)
{
  if (sodium_init() < 0)
    return NULL;
  return sodium_malloc(sizeof(signer));
}

static signer *complete(signer *s)
{
  signer_public_id(s->public_key, s->key_id);
  s->exercise = signer_public_is_exercise(s->public_key);
  sodium_mprotect_readonly(s);
  return s;
}

signer *signer_exercise(void)
{
  signer *s = allocate();
  if (!s)
    return NULL;
  exercise_keys(s->public_key, s->secret_key);
  return complete(s);
}

signer *signer_load(const char *path)
{
  signer *s = allocate();
  if (!s) {
    fprintf(stderr, "%s: no memory for the key\n", path);
    return NULL;
  }
  unsigned char seed[crypto_sign_SEEDBYTES];
  if (!signer_file_read_secret(path, seed)) {
    sodium_free(s);
    return NULL;
  }
  crypto_sign_seed_keypair(s->public_key, s->secret_key, seed);
  sodium_memzero(seed, sizeof seed);
  return complete(s);
}

void signer_destroy(signer *s)
{
  if (s)
    sodium_free(s); /* wipes it */
}

bool signer_is_exercise(const signer *s)
{
  return s->exercise;
}

const char *signer_key_id(const signer *s)
{
  return s->key_id;
}

const unsigned char *signer_public_key(const signer *s)
{
  return s->public_key;
}

/* The tail before the signature, with the closing brace that the signed bytes have. */
static int write_tail(const signer *s, int64_t epoch, const signer_trace *trace, char *out, size_t capacity)
{
  if (!trace)
    return snprintf(out, capacity, ",\"epoch\":%" PRId64 ",\"trace\":null,\"key_id\":\"%s\",\"alg\":\"Ed25519\"}", epoch, s->key_id);
  return snprintf(out, capacity,
                  ",\"epoch\":%" PRId64 ",\"trace\":{\"sample_to_reception\":%" PRId64 ",\"reception_to_decision\":%" PRId64
                  ",\"decision_to_handover\":%" PRId64 ",\"signing\":%" PRId64 "},\"key_id\":\"%s\",\"alg\":\"Ed25519\"}",
                  epoch, trace->sample_to_reception, trace->reception_to_decision, trace->decision_to_handover, trace->signing, s->key_id);
}

size_t signer_finish(const signer *s, const char *json, size_t length, int64_t epoch, const signer_trace *trace, char *out, size_t capacity)
{
  static const char member[] = ",\"signature\":\"";
  if (capacity < SIGNER_TAIL_MAXIMUM || length > capacity - SIGNER_TAIL_MAXIMUM)
    return 0;
  memcpy(out, json, length);
  size_t n = length + (size_t)write_tail(s, epoch, trace, out + length, SIGNER_TAIL_MAXIMUM);
  unsigned char signature[crypto_sign_BYTES];
  crypto_sign_detached(signature, NULL, (const unsigned char *)out, n, s->secret_key);
  n--;
  memcpy(out + n, member, sizeof member - 1);
  n += sizeof member - 1;
  sodium_bin2base64(out + n, SIGNATURE_TEXT + 1, signature, sizeof signature, sodium_base64_VARIANT_ORIGINAL);
  n += SIGNATURE_TEXT;
  memcpy(out + n, "\"}", 2);
  return n + 2;
}
