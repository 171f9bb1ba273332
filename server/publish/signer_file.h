/* signer_file.h: key files as signer.h describes them; and what a public key alone tells. */
#ifndef TOCSIN_SIGNER_FILE_H
#define TOCSIN_SIGNER_FILE_H

#include <stdbool.h>

#include "signer.h"

/* The 32-byte seed of a secret key file, or the 32 bytes of a public one. False, said on stderr with the remedy. The caller wipes a seed. */
bool signer_file_read_secret(const char *path, unsigned char *seed);
bool signer_file_read_public(const char *path, unsigned char *public_key);

/* Of 32 bytes of a public key: its id, and whether it is the published exercise key. */
void signer_public_id(const unsigned char *public_key, char id[SIGNER_KEY_ID_TEXT]);
bool signer_public_is_exercise(const unsigned char *public_key);

/* The 32 bytes of a signer's public half. */
const unsigned char *signer_public_key(const signer *s);

#endif
