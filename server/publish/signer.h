/* signer.h: the tail and the proof of every message: epoch, trace, key_id, alg, signature (Ed25519, libsodium).
 *
 * Signed are the bytes of the finished message with `,"signature":"..."` cut out. A key file is text: one line "tocsin-ed25519-secret-v1 BASE64"
 * (mode 0600); its public half, FILE.pub: "tocsin-ed25519-public-v1 BASE64".
 */
#ifndef TOCSIN_SIGNER_H
#define TOCSIN_SIGNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"

enum { SIGNER_KEY_ID_TEXT = 17, SIGNER_TAIL_MAXIMUM = 512 };

typedef struct signer signer;

/* The fixed, published key of exercises. Anyone can sign with it, so nothing actual may be: signer_is_exercise() tells it. */
signer *signer_exercise(void);
/* From a key file. NULL, said on stderr with the remedy, if it is missing, readable by others, or no key. */
signer *signer_load(const char *path);
void signer_destroy(signer *s);
bool signer_is_exercise(const signer *s);
const char *signer_key_id(const signer *s);

/* Creates `path` (0600, never overwriting) and `path`.pub. False, said on stderr. */
bool signer_create(const char *path);

/* Nanoseconds in each stage; a replay has none (NULL). */
typedef struct {
  int64_t sample_to_reception, reception_to_decision, decision_to_handover, signing;
} signer_trace;

/* Completes a message of the engine into `out`: json + tail + "}". Returns its length, 0 if `capacity` is short (length + SIGNER_TAIL_MAXIMUM always
   does). Not NUL-terminated. */
size_t signer_finish(const signer *s, const char *json, size_t length, int64_t epoch, const signer_trace *trace, char *out, size_t capacity);

typedef struct signer_keyring signer_keyring; /* public keys that a subscriber trusts */
/* Public key files; NULL path list entry ends. Holds the exercise key too when `exercise`. NULL, said on stderr. */
signer_keyring *signer_keyring_load(char *const *paths, size_t count, bool exercise);
void signer_keyring_destroy(signer_keyring *k);
/* True when the message bears a valid signature of a key in the ring. The exercise key never vouches for an actual message. */
bool signer_verify(const signer_keyring *k, const char *message, size_t length);

#endif
