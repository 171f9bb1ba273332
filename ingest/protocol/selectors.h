/* selectors.h: what a feed's settings ask for (network, station and selectors with wildcards), in the words of either version of SeedLink. For this
 * folder's own use. */
#ifndef TOCSIN_PROTOCOL_SELECTORS_H
#define TOCSIN_PROTOCOL_SELECTORS_H

#include "protocol.h"

enum { SELECTORS_WORD = 32, SELECTORS_LINE = 220 };

/* Does the selection name this station? Empty patterns name all. */
bool selectors_name(const protocol_selection *selection, const char *network, const char *station);
bool selectors_have_wildcards(const protocol_selection *selection);

/* The next of several selectors; false at the end. One too long to be any is stepped over. */
bool selectors_next(const char **selectors, char word[SELECTORS_WORD]);

/* The selector as SeisComP takes it, which cannot name a blank location: "--BHZ" becomes "BHZ" and what is too much is filtered at home; false where
 * nothing can be said (an exclusion of a blank location would exclude all). */
bool selectors_without_blank(const char *word, char text[SELECTORS_WORD]);
bool selectors_name_blank(const char *selectors);

/* All of them as arguments of version 4's SELECT (exclusions first, since there the first match decides), from word `from` on, as many as fit into
 * `line`. The number of the first that did not fit; -1 where there is nothing to say. */
int selectors_to_4(const char *selectors, int from, char line[SELECTORS_LINE]);

/* Are records of this channel asked for? */
bool selectors_want(const char *selectors, const ingest_codes *codes);

#endif
