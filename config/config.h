/* config.h: what a setting is, and the YAML reader that fills settings structs.
 *
 * Each folder declares a plain struct of settings and exports one table of rows that says, once, each setting's name, type, unit,
 * range, default, help and place in that struct. The parser, `tocsin check`, the commented example file and the hash that messages
 * carry all come from these rows. A file is one mapping of sections; a section is one struct:
 *
 *     picker:
 *       threshold: 10        # name of the row, in the section `picker`
 *     targets:               # a section that is a list: one struct an entry
 *       - {id: shenyang, name: Shenyang, name_zh: 沈阳, latitude_deg: 41.80, longitude_deg: 123.43}
 */
#ifndef TOCSIN_CONFIG_H
#define TOCSIN_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
  CONFIG_BOOL,   /* bool: true, false, yes, no, on, off */
  CONFIG_INT,    /* int64_t, or int where `size` says so, within minimum..maximum */
  CONFIG_REAL,   /* double within minimum..maximum, finite */
  CONFIG_TEXT,   /* char[size], UTF-8, NUL-terminated; longer texts are a fault */
  CONFIG_CHOICE, /* int: the index of one of `choices` */
} config_type;

typedef struct {
  const char *name; /* in its section, lower case with underscores, unit as suffix when not SI */
  config_type type;
  const char *unit;           /* as shown to people ("s", "km", "m/s2"); NULL or "" where there is none */
  double minimum, maximum;    /* CONFIG_INT, CONFIG_REAL: both included; 0 and 0: unbounded */
  const char *fallback;       /* the default, written as in the file; NULL: required in every entry of a list */
  const char *help;           /* one line, a sentence without a full stop */
  size_t offset;              /* offsetof() in the section's struct */
  size_t size;                /* CONFIG_TEXT: of the char array; CONFIG_INT: sizeof(int) for an int, 0 for an int64_t */
  const char *const *choices; /* CONFIG_CHOICE: NULL-terminated words, in the order of the enum */
} config_row;

/* One section of the file: a struct (`count` NULL) or a list of structs (`count` set). */
typedef struct {
  const char *name;       /* key at the top level of the file */
  const char *help;       /* one line */
  const config_row *rows; /* ended by a row whose name is NULL */
  size_t struct_size;
  void *values;  /* the struct; of a list: the address of a pointer (void **) to malloc'ed entries, NULL before, released with free() */
  size_t *count; /* of a list: number of entries */
} config_section;

typedef struct {
  size_t line, column; /* from 1; 0: the file as a whole */
  char text[320];      /* what was found and the nearest right thing, one sentence: "unknown setting `picker.treshold`; did you mean `threshold`?" */
} config_fault;

/* All faults of one reading, in the order of their lines. */
typedef struct {
  config_fault *items; /* malloc'ed; release with config_faults_clear() */
  size_t count;
} config_faults;

void config_faults_clear(config_faults *faults);

/* Sets every setting of `sections` (ended by a section whose name is NULL) to its default; lists become empty. */
void config_defaults(const config_section *sections);

/* Defaults, then what `bytes` say. Returns true when there was no fault. On faults, each is added to `faults` and the settings it
   concerns keep their defaults; all faults of the file are found in one reading. A duplicate key, an anchor or
   alias, a file larger than 16 MiB or deeper than four levels, a list of more than 65,536 entries is a fault; after 1000 faults reading ends. `bytes`
   need not end in NUL. What a list held before is not released. */
bool config_parse(const config_section *sections, const char *bytes, size_t length, config_faults *faults);

/* Adds a fault that only a comparison of settings shows (an id used twice), at the place where `bytes` set `name` in entry number `entry` (from 1; 0:
   the section is no list) of `section`, else as near as there is. Where a fault stands already none is added: what was refused needs no comparing. */
void config_fault_at(config_faults *faults, const char *bytes, size_t length, const char *section, size_t entry, const char *name, const char *text);

/* Where the writer's output goes, piece by piece. */
typedef void config_write(void *user, const char *text, size_t length);

/* The example file: every section and setting with its help, unit, range and choices as comments and its default as value. Parsing
   it gives the defaults. A list is shown as a commented entry. */
void config_example(const config_section *sections, config_write *write, void *user);

/* The settings as they are, one `section.name=value` a line, sorted bytewise (a list's entries as `section.N.name`, N from 1): what messages' hash
   is taken over. Numbers in the shortest form that reads back the same (%.17g at most). Writes nothing if memory is short. */
void config_canonical(const config_section *sections, config_write *write, void *user);

#endif
