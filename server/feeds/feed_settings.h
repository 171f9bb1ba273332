/* feed_settings.h: the servers that records are fetched from, as the section `feeds` names them. */
#ifndef TOCSIN_FEED_SETTINGS_H
#define TOCSIN_FEED_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "protocol.h"

enum { FEED_SEEDLINK, FEED_DATALINK, FEED_RAW };
enum { FEED_NAME_TEXT = 48, FEED_ADDRESS_TEXT = 256, FEED_SELECTIONS_TEXT = 8192, FEED_FAULT_TEXT = 240 };

typedef struct {
  char name[FEED_NAME_TEXT]; /* [A-Za-z0-9_.-]+, unique */
  int kind;
  char address[FEED_ADDRESS_TEXT]; /* name or IP */
  int64_t port;                    /* 0: the kind's usual one */
  bool tls;
  char ca_file[512], server_name[FEED_ADDRESS_TEXT];
  char user[64], password_file[512], token_file[512];
  char selections[FEED_SELECTIONS_TEXT]; /* "NET.STA selectors; ..." */
  int64_t version;
  char link[32], provider[32];
  double idle_s, dead_s;
} feed_settings;
extern const config_row feed_rows[];

extern const char *const feed_kinds[];
const protocol_adapter *feed_adapter(const feed_settings *f);
int feed_port(const feed_settings *f);
/* The name that the server's certificate must bear. */
const char *feed_server_name(const feed_settings *f);

/* Whether all that the file can say of a feed is equal. */
bool feed_is_same(const feed_settings *a, const feed_settings *b);

/* What feed number i says of its line and provider, as the engine takes it at its creation: malloc'ed, `count` + 1 of them; NULL if memory is short.
 */
ingest_feed_path *feed_paths(const feed_settings *list, size_t count);

/* The selections, malloc'ed (NULL where there are none); their number, or -1 with `fault` (FEED_FAULT_TEXT) saying what is wrong. */
int feed_read_selections(const char *text, protocol_selection **selections, char *fault);

/* What single settings cannot show of entry `index`: NULL, or the setting's name at fault with `text` (FEED_FAULT_TEXT) filled. */
const char *feed_fault(const feed_settings *list, size_t index, char *text);

#endif
