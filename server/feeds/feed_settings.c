#include "feed_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "resolver.h"

enum { RAW_PORT = 18100 };

#define AT(member) .offset = offsetof(feed_settings, member)
#define TEXT_AT(member) .offset = offsetof(feed_settings, member), .size = sizeof((feed_settings *)0)->member

const char *const feed_kinds[] = {"seedlink", "datalink", "raw", NULL};

const config_row feed_rows[] = {
    {"name", CONFIG_TEXT, "", 0, 0, NULL, "Its name in the log, in `tocsin status` and in the state file: letters, digits, _, . and -, each once",
     TEXT_AT(name)},
    {"kind", CONFIG_CHOICE, "", 0, 0, "seedlink", "What it speaks; raw: miniSEED records one after the other", AT(kind), .choices = feed_kinds},
    {"address", CONFIG_TEXT, "", 0, 0, NULL, "Name or IP address of the server", TEXT_AT(address)},
    {"port", CONFIG_INT, "", 0, 65535, "0", "Its TCP port; 0: the usual one, SeedLink 18000 (with TLS 18500), DataLink 16000 (16500), raw 18100",
     AT(port)},
    {"tls", CONFIG_BOOL, "", 0, 0, "false", "The connection is TLS 1.2 or 1.3, the server's certificate and name are verified", AT(tls)},
    {"ca_file", CONFIG_TEXT, "", 0, 0, "", "File of the certificate authorities (PEM) that may vouch for the server; empty: the system's",
     TEXT_AT(ca_file)},
    {"server_name", CONFIG_TEXT, "", 0, 0, "", "Name that the server's certificate must bear; empty: `address`", TEXT_AT(server_name)},
    {"user", CONFIG_TEXT, "", 0, 0, "", "User for the server (with `tls` only); empty: none", TEXT_AT(user)},
    {"password_file", CONFIG_TEXT, "", 0, 0, "", "File whose first line is that user's password", TEXT_AT(password_file)},
    {"token_file", CONFIG_TEXT, "", 0, 0, "", "File whose first line is a JSON web token, in place of user and password (with `tls` only)",
     TEXT_AT(token_file)},
    {"selections", CONFIG_TEXT, "", 0, 0, "",
     "Stations and streams asked for, as \"CN.SY* BH?; CN.DL 00HN?\": network.station with * and ?, then selectors; empty: all that the server has",
     TEXT_AT(selections)},
    {"version", CONFIG_INT, "", 0, 4, "0", "SeedLink version to speak, 3 or 4; 0: the newest that both know", AT(version)},
    {"link", CONFIG_TEXT, "", 0, 0, "", "Name of the line that its stations share: what fails together counts once; empty: unknown", TEXT_AT(link)},
    {"provider", CONFIG_TEXT, "", 0, 0, "", "Name of who runs its stations; empty: unknown", TEXT_AT(provider)},
    {"idle_s", CONFIG_REAL, "s", 1, 3600, "30", "After so long a silence the server is asked for a sign of life", AT(idle_s)},
    {"dead_s", CONFIG_REAL, "s", 2, 86400, "60", "After so long a silence it is given up and connected anew", AT(dead_s)},
    {0},
};

const protocol_adapter *feed_adapter(const feed_settings *f)
{
  return protocol_adapter_named(feed_kinds[f->kind]);
}

int feed_port(const feed_settings *f)
{
  const protocol_adapter *adapter = feed_adapter(f);
  int usual = f->kind == FEED_RAW ? RAW_PORT : f->tls ? adapter->tls_port : adapter->port;
  return f->port ? (int)f->port : usual;
}

const char *feed_server_name(const feed_settings *f)
{
  return f->server_name[0] ? f->server_name : f->address;
}

static size_t size_of(const config_row *row)
{
  switch (row->type) {
  case CONFIG_BOOL:
    return sizeof(bool);
  case CONFIG_CHOICE:
    return sizeof(int);
  case CONFIG_REAL:
    return sizeof(double);
  default:
    return sizeof(int64_t);
  }
}

bool feed_is_same(const feed_settings *a, const feed_settings *b)
{
  for (const config_row *row = feed_rows; row->name; row++) {
    const char *x = (const char *)a + row->offset, *y = (const char *)b + row->offset;
    if (row->type == CONFIG_TEXT ? strcmp(x, y) != 0 : memcmp(x, y, size_of(row)) != 0)
      return false;
  }
  return true;
}

ingest_feed_path *feed_paths(const feed_settings *list, size_t count)
{
  ingest_feed_path *paths = calloc(count + 1, sizeof *paths);
  for (size_t i = 0; paths && i < count; i++) {
    memcpy(paths[1 + i].link, list[i].link, sizeof paths->link);
    memcpy(paths[1 + i].provider, list[i].provider, sizeof paths->provider);
  }
  return paths;
}

/* ---- selections ---- */

static const char station_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*?-";

/* "CN.SY* BH? HN?" of `length` bytes. */
static bool read_selection(const char *text, size_t length, protocol_selection *s, char *fault)
{
  size_t network = strspn(text, station_letters);
  size_t station = network < length && text[network] == '.' ? strspn(text + network + 1, station_letters) : 0;
  size_t names = network + 1 + station;
  if (network == 0 || station == 0 || (names < length && text[names] != ' ')) {
    snprintf(fault, FEED_FAULT_TEXT, "`%.*s` must begin with NETWORK.STATION (letters, digits, * and ?), as in \"CN.SY* BH?; CN.DL HN?\"",
             (int)(length < 60 ? length : 60), text);
    return false;
  }
  while (names < length && text[names] == ' ')
    names++;
  if (network >= sizeof s->network || station >= sizeof s->station || length - names >= sizeof s->selectors) {
    snprintf(fault, FEED_FAULT_TEXT, "`%.*s` is too long: network and station have at most 15 characters, the selectors of one station 255",
             (int)(length < 60 ? length : 60), text);
    return false;
  }
  memset(s, 0, sizeof *s);
  memcpy(s->network, text, network);
  memcpy(s->station, text + network + 1, station);
  memcpy(s->selectors, text + names, length - names);
  return !protocol_selection_fault(s, fault);
}

int feed_read_selections(const char *text, protocol_selection **selections, char *fault)
{
  size_t room = 1, count = 0;
  for (const char *c = text; *c; c++)
    room += *c == ';';
  protocol_selection *list = calloc(room, sizeof *list);
  *selections = NULL;
  if (!list) {
    snprintf(fault, FEED_FAULT_TEXT, "memory is short");
    return -1;
  }
  for (const char *end; *text; text = *end ? end + 1 : end) {
    text += strspn(text, " ");
    end = text + strcspn(text, ";");
    size_t length = (size_t)(end - text);
    while (length > 0 && text[length - 1] == ' ')
      length--;
    if (length > 0 && !read_selection(text, length, &list[count++], fault)) {
      free(list);
      return -1;
    }
  }
  if (count > 0)
    *selections = list;
  else
    free(list);
  return (int)count;
}

/* ---- what single settings cannot show ---- */

static const char *name_fault(const feed_settings *list, size_t index, char *text)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  const char *name = list[index].name;
  if (!name[0] || strspn(name, letters) != strlen(name)) {
    snprintf(text, FEED_FAULT_TEXT, "`feeds.%zu.name` must be letters, digits, _, . and -, at least one; found `%s`", index + 1, name);
    return "name";
  }
  for (size_t i = 0; i < index; i++)
    if (strcmp(list[i].name, name) == 0) {
      snprintf(text, FEED_FAULT_TEXT, "`feeds.%zu.name` is `%s` as that of entry %zu; a name is one feed's", index + 1, name, i + 1);
      return "name";
    }
  return NULL;
}

static const char *selections_fault(const feed_settings *f, char *text)
{
  char fault[FEED_FAULT_TEXT];
  protocol_selection *selections;
  int count = feed_read_selections(f->selections, &selections, fault);
  free(selections);
  if (count >= 0 && (f->kind != FEED_RAW || count == 0))
    return NULL;
  if (count > 0)
    snprintf(fault, sizeof fault, "nothing can be selected of raw records; leave it out");
  snprintf(text, FEED_FAULT_TEXT, "the `selections` of the feed `%s`: %.150s", f->name, fault);
  return "selections";
}

static const char *secret_fault(const feed_settings *f, char *text)
{
  if (!f->tls && (f->user[0] || f->token_file[0])) {
    snprintf(text, FEED_FAULT_TEXT, "the feed `%s` would send its password in the clear; set `tls: true`, or leave `%s` out", f->name,
             f->user[0] ? "user" : "token_file");
    return f->user[0] ? "user" : "token_file";
  }
  if (f->user[0] && !f->password_file[0]) {
    snprintf(text, FEED_FAULT_TEXT, "the feed `%s` has a user, so `password_file` must name the file of its password", f->name);
    return "password_file";
  }
  return NULL;
}

/* "host:18000" and "slink://host" are what people write out of habit. */
static bool is_address(const char *address)
{
  resolver_addresses literal;
  if (resolver_literal(address, 0, &literal))
    return true;
  return address[0] && !strpbrk(address, " /:@");
}

const char *feed_fault(const feed_settings *list, size_t index, char *text)
{
  const feed_settings *f = &list[index];
  const char *at = name_fault(list, index, text);
  at = at ? at : selections_fault(f, text);
  at = at ? at : secret_fault(f, text);
  if (at)
    return at;
  if (!is_address(f->address)) {
    snprintf(text, FEED_FAULT_TEXT,
             "the feed `%s` needs the `address` of its server, a name or an IP address alone (`port` is a setting of its own), found `%.60s`",
             f->name, f->address);
    return "address";
  }
  if (f->version == 1 || f->version == 2) {
    snprintf(text, FEED_FAULT_TEXT, "the feed `%s`: `version` is 0 (the newest that both know), 3 or 4", f->name);
    return "version";
  }
  if (f->idle_s >= f->dead_s) {
    snprintf(text, FEED_FAULT_TEXT, "the feed `%s`: `idle_s` must be less than `dead_s`: a server is asked before it is given up", f->name);
    return "idle_s";
  }
  return NULL;
}
