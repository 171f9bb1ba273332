#include "signer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

static const char secret_mark[] = "tocsin-ed25519-secret-v1";
static const char public_mark[] = "tocsin-ed25519-public-v1";

enum { KEY_BYTES = 32, FILE_MAXIMUM = 256 };
_Static_assert(KEY_BYTES == crypto_sign_SEEDBYTES && KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "both halves are stored in 32 bytes");

static bool said(const char *path, const char *what)
{
  fprintf(stderr, "%s: %s\n", path, what);
  return false;
}

static bool is_private(const char *path, int descriptor)
{
  struct stat status;
  if (fstat(descriptor, &status) != 0)
    return said(path, strerror(errno));
  if (!S_ISREG(status.st_mode))
    return said(path, "is no plain file; name a key file that `tocsin key create` made");
  if (status.st_mode & (S_IRWXG | S_IRWXO)) {
    fprintf(stderr, "%s: others may read or change this secret key (mode %04o); do `chmod 600 %s`, and make a new key if it may have been read\n",
            path, (unsigned)(status.st_mode & 07777), path);
    return false;
  }
  return true;
}

/* "MARK BASE64" and at most one line end after it. */
static bool parse(const char *path, const char *text, size_t length, const char *mark, unsigned char *key)
{
  size_t prefix = strlen(mark), used = 0;
  const char *end = NULL;
  if (length <= prefix || memcmp(text, mark, prefix) != 0 || text[prefix] != ' ') {
    fprintf(stderr, "%s: is no key file: it must begin with \"%s \"; make one with `tocsin key create`\n", path, mark);
    return false;
  }
  while (length > prefix && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  if (sodium_base642bin(key, KEY_BYTES, text + prefix + 1, length - prefix - 1, NULL, &used, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
      used != KEY_BYTES || end != text + length)
    return said(path, "its key is damaged (not 32 bytes of base64); copy it again or make a new one with `tocsin key create`");
  return true;
}

static bool read_key(const char *path, const char *mark, bool secret, unsigned char *key)
{
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    fprintf(stderr, "%s: cannot be read: %s; make a key with `tocsin key create FILE`, or correct the path\n", path, strerror(errno));
    return false;
  }
  char text[FILE_MAXIMUM];
  bool good = !secret || is_private(path, descriptor);
  if (good) {
    ssize_t n = read(descriptor, text, sizeof text);
    good = n < 0 ? said(path, strerror(errno)) : parse(path, text, (size_t)n, mark, key);
    sodium_memzero(text, sizeof text);
  }
  close(descriptor);
  return good;
}

bool signer_file_read_secret(const char *path, unsigned char *seed)
{
  return read_key(path, secret_mark, true, seed);
}

bool signer_file_read_public(const char *path, unsigned char *public_key)
{
  return read_key(path, public_mark, false, public_key);
}

/* Writes "MARK BASE64\n" to a file that must not exist yet, and makes sure that it is on the disk. */
static bool write_key(const char *path, mode_t mode, const char *mark, const unsigned char *key)
{
  char text[FILE_MAXIMUM], base64[sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_ORIGINAL)];
  sodium_bin2base64(base64, sizeof base64, key, KEY_BYTES, sodium_base64_VARIANT_ORIGINAL);
  int length = snprintf(text, sizeof text, "%s %s\n", mark, base64);
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  bool good = descriptor >= 0 && write(descriptor, text, (size_t)length) == length && fsync(descriptor) == 0;
  if (!good)
    fprintf(stderr, "%s: cannot be created: %s%s\n", path, strerror(errno),
            errno == EEXIST ? "; a key is never overwritten: choose another name" : "");
  if (descriptor >= 0)
    close(descriptor);
  sodium_memzero(text, sizeof text);
  sodium_memzero(base64, sizeof base64);
  return good;
}

bool signer_create(const char *path)
{
  char public_path[4096];
  if (sodium_init() < 0)
    return said(path, "libsodium found no source of randomness");
  if ((size_t)snprintf(public_path, sizeof public_path, "%s.pub", path) >= sizeof public_path)
    return said(path, "the path is too long");
  if (access(public_path, F_OK) == 0)
    return said(public_path, "is there already; a key is never overwritten: choose another name");
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES], seed[crypto_sign_SEEDBYTES];
  crypto_sign_keypair(public_key, secret_key);
  crypto_sign_ed25519_sk_to_seed(seed, secret_key);
  bool good = write_key(path, 0600, secret_mark, seed);
  sodium_memzero(secret_key, sizeof secret_key);
  sodium_memzero(seed, sizeof seed);
  if (good && !write_key(public_path, 0644, public_mark, public_key)) {
    unlink(path);
    return false;
  }
  return good;
}
