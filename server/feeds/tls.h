/* tls.h: TLS on a non-blocking socket, the peer's certificate and name verified (OpenSSL); what is wrong with it is said with its remedy. */
#ifndef TOCSIN_TLS_H
#define TOCSIN_TLS_H

#include <stddef.h>
#include <sys/types.h>

enum { TLS_FAULT_TEXT = 320 };

/* Whom to believe; shared by sessions. */
typedef struct tls_trust tls_trust;

/* The authorities of `ca_file` (PEM); "": the system's. NULL, with `fault` (TLS_FAULT_TEXT) saying why. */
tls_trust *tls_trust_load(const char *ca_file, char *fault);
void tls_trust_free(tls_trust *trust);

typedef struct tls_session tls_session;

/* On a connected socket, which stays the caller's; the peer must prove to be `server_name` (a name or an IP address). NULL if memory is short. */
tls_session *tls_open(const tls_trust *trust, int descriptor, const char *server_name);
/* Says goodbye as far as that goes without waiting. */
void tls_close(tls_session *s);

/* Results less than 0; 0 is the peer's orderly end. */
enum { TLS_FAILED = -1, TLS_WANTS_READ = -2, TLS_WANTS_WRITE = -3 };

/* 1: done. */
int tls_handshake(tls_session *s);
ssize_t tls_read(tls_session *s, void *bytes, size_t room);
ssize_t tls_write(tls_session *s, const void *bytes, size_t length);
/* Why the last call failed, a sentence with its remedy. */
const char *tls_fault(const tls_session *s);

#endif
