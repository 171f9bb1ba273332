/* check_feeds.h: can what the feeds name be read, and do their servers answer? */
#ifndef TOCSIN_CHECK_FEEDS_H
#define TOCSIN_CHECK_FEEDS_H

#include "findings.h"
#include "settings.h"

/* Their files. */
void check_feeds(findings *f, const settings *s);
/* Connects to all of them as the daemon would, for at most 20 s, and takes records as proof; keeps nothing. */
void check_servers(findings *f, const settings *s);

#endif
