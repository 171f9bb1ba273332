/* log.h: one line a fact on stderr, with the priority that journald understands when systemd holds the other end. */
#ifndef TOCSIN_LOG_H
#define TOCSIN_LOG_H

/* Severity as syslog's: 3 error, 4 warning, 5 notice, 6 info. */
void log_line(int severity, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Repeats of one kind: the first and then at most one a minute is written, with how many were held back. `kind` is a static text. */
void log_limited(int severity, const char *kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What each packet of a bad feed may say: one text of the same `kind` at most once a minute, and at most 200 texts a minute in all. */
void log_repeated(int severity, const char *kind, const char *text);

#endif
