/* TLS of feeds, against a server with certificates that are good, and bad in every way that operators meet. */
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "data.h"
#include "feeds.h"
#include "listener.h"
#include "made_records.h"
#include "private_redis.h"

enum { RECORDS = 3000, DAY_S = 86400 };

/* ---- certificates ---- */

typedef struct {
  EVP_PKEY *key;
  X509 *certificate;
} identity;

typedef struct {
  const char *name;        /* the subject's */
  const char *alternative; /* "IP:127.0.0.1", "DNS:seis.example"; NULL: none */
  const identity *issuer;  /* NULL: itself */
  long from_s, until_s;    /* from now */
} certificate_wish;

static void add_extension(X509 *certificate, int kind, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);
  assert_non_null(extension);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

static identity mint(const certificate_wish *wish)
{
  identity made = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
  const identity *issuer = wish->issuer ? wish->issuer : &made;
  static long serial = 1;
  X509_set_version(made.certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.certificate), wish->from_s);
  X509_gmtime_adj(X509_getm_notAfter(made.certificate), wish->until_s);
  X509_set_pubkey(made.certificate, made.key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.certificate), "CN", MBSTRING_ASC, (const unsigned char *)wish->name, -1, -1, 0);
  X509_set_issuer_name(made.certificate, X509_get_subject_name(issuer->certificate));
  if (!wish->alternative)
    add_extension(made.certificate, NID_basic_constraints, "critical,CA:TRUE");
  else
    add_extension(made.certificate, NID_subject_alt_name, wish->alternative);
  assert_true(X509_sign(made.certificate, issuer->key, EVP_sha256()) > 0);
  return made;
}

static void discard(identity *i)
{
  EVP_PKEY_free(i->key);
  X509_free(i->certificate);
}

static void write_certificate(const identity *i, const char *path)
{
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(PEM_write_X509(file, i->certificate), 1);
  fclose(file);
}

/* ---- a server ---- */

/* Sends RECORDS seconds of XX.S000 to whoever completes the handshake. */
typedef struct {
  pthread_t thread;
  int listener, port;
  SSL_CTX *context; /* NULL: plain text */
} tls_server;

static void send_all(SSL *ssl)
{
  for (int k = 0; k < RECORDS; k++) {
    made_record r = made_second("S000", (1000000000 + k) * INGEST_SECOND, (uint64_t)k);
    if (SSL_write(ssl, r.bytes, (int)r.length) <= 0)
      return;
  }
  char byte;
  SSL_read(ssl, &byte, 1); /* until the client goes */
}

static void *serve(void *argument)
{
  tls_server *s = argument;
  for (int descriptor; (descriptor = accept(s->listener, NULL, NULL)) >= 0; close(descriptor)) {
    if (!s->context) {
      if (write(descriptor, "SeedLink v3.1 (plain)\r\n", 23) != 23)
        return NULL;
      continue;
    }
    SSL *ssl = SSL_new(s->context);
    SSL_set_fd(ssl, descriptor);
    if (SSL_accept(ssl) == 1)
      send_all(ssl);
    SSL_free(ssl);
  }
  return NULL;
}

static void start_server(tls_server *s, const identity *i, int highest_version)
{
  *s = (tls_server){.listener = socket(AF_INET, SOCK_STREAM, 0)};
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  assert_int_equal(bind(s->listener, (struct sockaddr *)&any, sizeof any), 0);
  assert_int_equal(listen(s->listener, 8), 0);
  s->port = listener_port(s->listener);
  if (i) {
    s->context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(s->context, 0);
    SSL_CTX_set_max_proto_version(s->context, highest_version);
    assert_int_equal(SSL_CTX_use_certificate(s->context, i->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(s->context, i->key), 1);
  }
  assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void stop_server(tls_server *s)
{
  shutdown(s->listener, SHUT_RDWR);
  pthread_join(s->thread, NULL);
  close(s->listener);
  SSL_CTX_free(s->context);
}

/* ---- a client of it ---- */

typedef struct {
  struct ev_loop *loop;
  feeds *f;
  char folder[64], authorities[96];
  identity authority;
  feed_settings settings;
  int64_t next; /* second that must come next */
} world;

static void on_record(void *user, int32_t feed, const uint8_t *bytes, size_t length, int64_t received)
{
  world *w = user;
  ingest_record r;
  assert_int_equal(feed, 1);
  assert_true(received > 0);
  assert_null(ingest_record_read(bytes, length, &r));
  assert_int_equal(r.start, (1000000000 + w->next) * INGEST_SECOND);
  w->next++;
}

static void begin(world *w)
{
  memset(w, 0, sizeof *w);
  signal(SIGPIPE, SIG_IGN);
  w->loop = ev_loop_new(0);
  temporary_folder(w->folder, sizeof w->folder);
  snprintf(w->authorities, sizeof w->authorities, "%s/ca.pem", w->folder);
  w->authority = mint(&(certificate_wish){.name = "Our authority", .from_s = -DAY_S, .until_s = 365 * DAY_S});
  write_certificate(&w->authority, w->authorities);
  w->settings = (feed_settings){.name = "secure", .kind = FEED_RAW, .address = "127.0.0.1", .tls = true, .idle_s = 20, .dead_s = 40};
  snprintf(w->settings.ca_file, sizeof w->settings.ca_file, "%s", w->authorities);
}

static void connect_to(world *w, const tls_server *s)
{
  w->settings.port = s->port;
  w->f = feeds_create(&(feeds_setup){.loop = w->loop,
                                     .address = "127.0.0.1",
                                     .port = -1,
                                     .configured = &w->settings,
                                     .configured_count = 1,
                                     .retry_first_s = 30,
                                     .retry_longest_s = 30,
                                     .record = on_record,
                                     .user = w});
  assert_non_null(w->f);
}

static void clear(world *w)
{
  feeds_destroy(w->f);
  discard(&w->authority);
  ev_loop_destroy(w->loop);
  remove_folder(w->folder);
}

static feed_status status_of(const world *w)
{
  feed_status s;
  feeds_describe(w->f, 0, &s);
  return s;
}

static bool all_are_in(void *user)
{
  return ((world *)user)->next == RECORDS;
}

static bool has_failed(void *user)
{
  feed_status s = status_of(user);
  return s.state == FEED_WAITING && s.error[0];
}

static void assert_all_comes(world *w, const certificate_wish *wish)
{
  tls_server s;
  identity i = mint(wish);
  start_server(&s, &i, TLS1_3_VERSION);
  connect_to(w, &s);
  wait_for(w->loop, all_are_in, w, "all records have come through TLS");
  assert_string_equal(feed_state_words[status_of(w).state], "connected");
  clear(w);
  stop_server(&s);
  discard(&i);
}

/* `i` NULL: a server without TLS. */
static void assert_refused(world *w, const identity *i, int highest_version, const char *first, const char *second)
{
  tls_server s;
  start_server(&s, i, highest_version);
  connect_to(w, &s);
  wait_for(w->loop, has_failed, w, "the connection is given up");
  const char *error = status_of(w).error;
  if (!strstr(error, first) || !strstr(error, second))
    fail_msg("\"%s\" does not name \"%s\" and \"%s\"", error, first, second);
  assert_int_equal(w->next, 0);
  clear(w);
  stop_server(&s);
}

static certificate_wish good_for(const world *w, const char *alternative)
{
  return (certificate_wish){.name = "seis.example", .alternative = alternative, .issuer = &w->authority, .from_s = -DAY_S, .until_s = 30 * DAY_S};
}

static void records_come_through_tls_whole_and_in_order(void **state)
{
  (void)state;
  world w;
  begin(&w);
  certificate_wish wish = good_for(&w, "IP:127.0.0.1");
  assert_all_comes(&w, &wish);
}

static void a_certificate_for_the_configured_name_is_taken_at_any_address(void **state)
{
  (void)state;
  world w;
  begin(&w);
  snprintf(w.settings.server_name, sizeof w.settings.server_name, "seis.example");
  certificate_wish wish = good_for(&w, "DNS:seis.example");
  assert_all_comes(&w, &wish);
}

static void an_expired_certificate_is_refused_with_its_date(void **state)
{
  (void)state;
  world w;
  begin(&w);
  certificate_wish wish = good_for(&w, "IP:127.0.0.1");
  wish.from_s = -20 * DAY_S;
  wish.until_s = -10 * DAY_S;
  identity i = mint(&wish);
  char date[16];
  time_t then = time(NULL) - 10 * DAY_S;
  strftime(date, sizeof date, "%Y-%m-%d", gmtime(&then));
  assert_refused(&w, &i, TLS1_3_VERSION, "expired on", date);
  discard(&i);
}

static void a_certificate_for_another_name_is_refused_with_both_names(void **state)
{
  (void)state;
  world w;
  begin(&w);
  certificate_wish wish = good_for(&w, "DNS:other.example");
  identity i = mint(&wish);
  assert_refused(&w, &i, TLS1_3_VERSION, "found other.example, wanted 127.0.0.1", "server_name");
  discard(&i);
}

static void a_certificate_that_signs_itself_is_refused(void **state)
{
  (void)state;
  world w;
  begin(&w);
  certificate_wish wish = good_for(&w, "IP:127.0.0.1");
  wish.issuer = NULL;
  identity i = mint(&wish);
  assert_refused(&w, &i, TLS1_3_VERSION, "signed by itself (seis.example)", "ca_file");
  discard(&i);
}

static void an_authority_that_nobody_named_is_refused(void **state)
{
  (void)state;
  world w;
  begin(&w);
  w.settings.ca_file[0] = '\0';
  certificate_wish wish = good_for(&w, "IP:127.0.0.1");
  identity i = mint(&wish);
  assert_refused(&w, &i, TLS1_3_VERSION, "not known here (Our authority)", "ca_file");
  discard(&i);
}

static void what_is_older_than_tls_1_2_is_refused(void **state)
{
  (void)state;
  world w;
  begin(&w);
  certificate_wish wish = good_for(&w, "IP:127.0.0.1");
  identity i = mint(&wish);
  assert_refused(&w, &i, TLS1_1_VERSION, "TLS is too old", "1.2");
  discard(&i);
}

static void a_server_without_tls_is_told_from_a_bad_certificate(void **state)
{
  (void)state;
  world w;
  begin(&w);
  assert_refused(&w, NULL, 0, "speaks no TLS on this port", "tls: false");
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
  (void)state;
  world w;
  begin(&w);
  snprintf(w.settings.ca_file, sizeof w.settings.ca_file, "%s/none.pem", w.folder);
  assert_refused(&w, NULL, 0, "none.pem: No such file or directory", "ca_file");
  begin(&w);
  snprintf(w.settings.user, sizeof w.settings.user, "me");
  snprintf(w.settings.password_file, sizeof w.settings.password_file, "%s/none", w.folder);
  assert_refused(&w, NULL, 0, "/none", "password_file");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_come_through_tls_whole_and_in_order),
      cmocka_unit_test(a_certificate_for_the_configured_name_is_taken_at_any_address),
      cmocka_unit_test(an_expired_certificate_is_refused_with_its_date),
      cmocka_unit_test(a_certificate_for_another_name_is_refused_with_both_names),
      cmocka_unit_test(a_certificate_that_signs_itself_is_refused),
      cmocka_unit_test(an_authority_that_nobody_named_is_refused),
      cmocka_unit_test(what_is_older_than_tls_1_2_is_refused),
      cmocka_unit_test(a_server_without_tls_is_told_from_a_bad_certificate),
      cmocka_unit_test(a_file_that_cannot_be_read_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
