#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "signer_file.h"
#include "verbs.h"

static const char help[] = "usage: tocsin key create FILE   makes a signing key: FILE (secret, mode 0600) and FILE.pub (public)\n"
                           "       tocsin key show FILE     prints the id and the public half of FILE, secret or public\n"
                           "       tocsin key show --exercise  the published key that exercises are signed with\n"
                           "\n"
                           "Name FILE as `server.key` in the configuration of tocsind and give FILE.pub to all who verify messages.\n"
                           "A key is never overwritten. Exit status: 0 done, 1 it could not be done, 2 called wrongly.\n";

static void print_public(const unsigned char *public_key)
{
  char id[SIGNER_KEY_ID_TEXT], base64[sodium_base64_ENCODED_LEN(crypto_sign_PUBLICKEYBYTES, sodium_base64_VARIANT_ORIGINAL)];
  signer_public_id(public_key, id);
  sodium_bin2base64(base64, sizeof base64, public_key, crypto_sign_PUBLICKEYBYTES, sodium_base64_VARIANT_ORIGINAL);
  printf("%s %s%s\n", id, base64, signer_public_is_exercise(public_key) ? " exercise" : "");
}

static int show_signer(signer *s)
{
  if (!s)
    return 1;
  print_public(signer_public_key(s));
  signer_destroy(s);
  return 0;
}

/* "FILE" may be either half: a public one is what a subscriber has. */
static int show(const char *path)
{
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  size_t length = strlen(path);
  if (length < 4 || strcmp(path + length - 4, ".pub") != 0)
    return show_signer(signer_load(path));
  if (!signer_file_read_public(path, public_key))
    return 1;
  print_public(public_key);
  return 0;
}

static int create(const char *path)
{
  if (!signer_create(path))
    return 1;
  fprintf(stderr, "%s: secret key made; its public half is %s.pub\n", path, path);
  return show(path);
}

int verb_key(int argc, char **argv)
{
  if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
    fputs(help, stdout);
    return 0;
  }
  if (sodium_init() < 0) {
    fputs("tocsin key: libsodium found no source of randomness\n", stderr);
    return 1;
  }
  if (argc == 3 && strcmp(argv[1], "create") == 0)
    return create(argv[2]);
  if (argc == 3 && strcmp(argv[1], "show") == 0)
    return strcmp(argv[2], "--exercise") == 0 ? show_signer(signer_exercise()) : show(argv[2]);
  fputs(help, stderr);
  return 2;
}
