#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum { NAME_TEXT = 120, DATE_TEXT = 16 };

struct tls_trust {
  SSL_CTX *context;
};

struct tls_session {
  SSL *ssl;
  char server_name[256], fault[TLS_FAULT_TEXT];
};

static int on_certificate(int good, X509_STORE_CTX *store);

/* ---- whom to believe ---- */

/* The system's are looked up one by one in its folder: to read its bundle of all would hold the loop for 40 ms. */
static bool load_authorities(SSL_CTX *context, const char *ca_file, char *fault)
{
  if (ca_file[0] ? SSL_CTX_load_verify_file(context, ca_file) == 1 : SSL_CTX_load_verify_dir(context, X509_get_default_cert_dir()) == 1)
    return true;
  unsigned long error = ERR_peek_error();
  const char *reason = ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);
  snprintf(fault, TLS_FAULT_TEXT, "no certificate authority can be read from %.150s: %s; name a PEM file in `ca_file` that tocsind may read",
           ca_file[0] ? ca_file : "the system's store", reason ? reason : "it holds none");
  ERR_clear_error();
  return false;
}

tls_trust *tls_trust_load(const char *ca_file, char *fault)
{
  tls_trust *trust = calloc(1, sizeof *trust);
  if (trust)
    trust->context = SSL_CTX_new(TLS_client_method());
  if (!trust || !trust->context) {
    snprintf(fault, TLS_FAULT_TEXT, "memory is short for TLS");
    tls_trust_free(trust);
    return NULL;
  }
  SSL_CTX_set_min_proto_version(trust->context, TLS1_2_VERSION);
  SSL_CTX_set_mode(trust->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(trust->context, SSL_VERIFY_PEER, on_certificate);
  if (load_authorities(trust->context, ca_file, fault))
    return trust;
  tls_trust_free(trust);
  return NULL;
}

void tls_trust_free(tls_trust *trust)
{
  if (!trust)
    return;
  SSL_CTX_free(trust->context);
  free(trust);
}

/* ---- a session ---- */

static bool is_ip(const char *text)
{
  unsigned char address[16];
  return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* The certificate must be for that name or address; a name is told to the peer, too, since one address may serve several (SNI). */
static bool expect(SSL *ssl, const char *server_name)
{
  X509_VERIFY_PARAM *wanted = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_ip(server_name))
    return X509_VERIFY_PARAM_set1_ip_asc(wanted, server_name) == 1;
  return X509_VERIFY_PARAM_set1_host(wanted, server_name, 0) == 1 && SSL_set_tlsext_host_name(ssl, server_name) == 1;
}

tls_session *tls_open(const tls_trust *trust, int descriptor, const char *server_name)
{
  tls_session *s = calloc(1, sizeof *s);
  if (!s)
    return NULL;
  snprintf(s->server_name, sizeof s->server_name, "%s", server_name);
  s->ssl = SSL_new(trust->context);
  if (s->ssl && SSL_set_fd(s->ssl, descriptor) == 1 && SSL_set_app_data(s->ssl, s) == 1 && expect(s->ssl, server_name))
    return s;
  tls_close(s);
  return NULL;
}

void tls_close(tls_session *s)
{
  if (!s)
    return;
  if (s->ssl && SSL_is_init_finished(s->ssl))
    SSL_shutdown(s->ssl);
  ERR_clear_error();
  SSL_free(s->ssl);
  free(s);
}

const char *tls_fault(const tls_session *s)
{
  return s->fault;
}

static bool speaks_no_tls(unsigned long error)
{
  int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL &&
         (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST || reason == SSL_R_PACKET_LENGTH_TOO_LONG);
}

/* What a call came to that did not succeed. A fault of the certificate has been named already. */
static int outcome(tls_session *s, int result, int system_error)
{
  int kind = SSL_get_error(s->ssl, result);
  unsigned long error = ERR_peek_error();
  if (kind == SSL_ERROR_WANT_READ)
    return TLS_WANTS_READ;
  if (kind == SSL_ERROR_WANT_WRITE)
    return TLS_WANTS_WRITE;
  if (kind == SSL_ERROR_ZERO_RETURN)
    return 0;
  if (s->fault[0])
    ;
  else if (speaks_no_tls(error))
    snprintf(s->fault, sizeof s->fault, "the server speaks no TLS on this port; correct `port` (SeedLink with TLS is 18500), or set `tls: false`");
  else if (ERR_GET_REASON(error) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || ERR_GET_REASON(error) == SSL_R_UNSUPPORTED_PROTOCOL)
    snprintf(s->fault, sizeof s->fault, "the server's TLS is too old: 1.2 or 1.3 is needed; its operator must bring it up to date");
  else if (error == 0 || ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    snprintf(s->fault, sizeof s->fault, "TLS: %s", system_error ? strerror(system_error) : "the server hung up");
  else
    snprintf(s->fault, sizeof s->fault, "TLS: %s; the server's log may say more", ERR_reason_error_string(error));
  ERR_clear_error();
  return TLS_FAILED;
}

int tls_handshake(tls_session *s)
{
  ERR_clear_error();
  errno = 0;
  int result = SSL_connect(s->ssl), error = errno;
  if (result == 1)
    return 1;
  result = outcome(s, result, error);
  if (result == 0)
    snprintf(s->fault, sizeof s->fault, "TLS: the server hung up");
  return result == 0 ? TLS_FAILED : result;
}

static int at_most(size_t length)
{
  return length < INT_MAX ? (int)length : INT_MAX;
}

ssize_t tls_read(tls_session *s, void *bytes, size_t room)
{
  ERR_clear_error();
  errno = 0;
  int n = SSL_read(s->ssl, bytes, at_most(room)), error = errno;
  return n > 0 ? n : outcome(s, n, error);
}

ssize_t tls_write(tls_session *s, const void *bytes, size_t length)
{
  ERR_clear_error();
  errno = 0;
  int n = SSL_write(s->ssl, bytes, at_most(length)), error = errno;
  return n > 0 ? n : outcome(s, n, error);
}

/* ---- what is wrong with a certificate ---- */

static const char *name_of(const X509_NAME *name, char text[NAME_TEXT])
{
  int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_text_by_NID(name, NID_commonName, text, NAME_TEXT) < 0)
    X509_NAME_oneline(name, text, NAME_TEXT);
  return text;
}

static const char *date_of(const ASN1_TIME *time, char text[DATE_TEXT])
{
  struct tm utc;
  memset(&utc, 0, sizeof utc);
  ASN1_TIME_to_tm(time, &utc);
  strftime(text, DATE_TEXT, "%Y-%m-%d", &utc);
  return text;
}

static void append_name(char text[NAME_TEXT], const char *name)
{
  size_t n = strlen(text);
  snprintf(text + n, NAME_TEXT - n, "%s%s", n ? ", " : "", name);
}

/* The names and addresses that it is for: its alternative names, else its subject (RFC 6125, section 6.4.4). */
static const char *names_in(X509 *certificate, char text[NAME_TEXT])
{
  GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  text[0] = '\0';
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
    char ip[INET6_ADDRSTRLEN];
    if (name->type == GEN_DNS)
      append_name(text, (const char *)ASN1_STRING_get0_data(name->d.dNSName));
    else if (name->type == GEN_IPADD &&
             inet_ntop(ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress), ip, sizeof ip))
      append_name(text, ip);
  }
  GENERAL_NAMES_free(names);
  return text[0] ? text : name_of(X509_get_subject_name(certificate), text);
}

static void name_certificate_fault(tls_session *s, X509 *certificate, int error)
{
  char name[NAME_TEXT], date[DATE_TEXT];
  const char *issuer = name_of(X509_get_issuer_name(certificate), name);
  switch (error) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    snprintf(s->fault, sizeof s->fault, "the certificate of %.80s expired on %s; its operator must renew it",
             name_of(X509_get_subject_name(certificate), name), date_of(X509_get0_notAfter(certificate), date));
    return;
  case X509_V_ERR_CERT_NOT_YET_VALID:
    snprintf(s->fault, sizeof s->fault, "the certificate of %.80s begins to hold on %s; see to this machine's clock, or to theirs",
             name_of(X509_get_subject_name(certificate), name), date_of(X509_get0_notBefore(certificate), date));
    return;
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    snprintf(s->fault, sizeof s->fault,
             "the server's certificate is for another name: found %.100s, wanted %.80s; if that server is right, say so in `server_name`",
             names_in(certificate, name), s->server_name);
    return;
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    snprintf(s->fault, sizeof s->fault, "the server's certificate is signed by itself (%.80s); get it from its operator and name it in `ca_file`",
             issuer);
    return;
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    snprintf(s->fault, sizeof s->fault,
             "the server's certificate is vouched for by an authority that is not known here (%.80s); name the authority's file in `ca_file`",
             issuer);
    return;
  default:
    snprintf(s->fault, sizeof s->fault, "the server's certificate is refused: %s", X509_verify_cert_error_string(error));
  }
}

static int on_certificate(int good, X509_STORE_CTX *store)
{
  const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  tls_session *s = SSL_get_app_data(ssl);
  X509 *certificate = X509_STORE_CTX_get_current_cert(store);
  if (!good && certificate && !s->fault[0])
    name_certificate_fault(s, certificate, X509_STORE_CTX_get_error(store));
  return good;
}
