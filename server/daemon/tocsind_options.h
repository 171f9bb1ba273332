/* tocsind_options.h: the daemon's command line. */
#ifndef TOCSIN_TOCSIND_OPTIONS_H
#define TOCSIN_TOCSIND_OPTIONS_H

#include <stdbool.h>

typedef struct {
  const char *config;    /* NULL: defaults alone */
  const char *inventory; /* NULL: as configured */
  bool exercise, virtual_clock, standard_input;
} tocsind_options;

/* True: go on with `options`. False: end with `*status` (help and version are printed, faults said on stderr). */
bool tocsind_options_read(tocsind_options *options, int argc, char **argv, int *status);

#endif
