/* faults.h: how the reader of a configuration says what is wrong with it. */
#ifndef TOCSIN_CONFIG_FAULTS_H
#define TOCSIN_CONFIG_FAULTS_H

#include "config.h"

enum { FAULTS_MAXIMUM = 1000, FAULTS_QUOTE = 80 };

/* Adds one in its place by line and column; equal ones stay in the order in which they were found. False when FAULTS_MAXIMUM is reached
   or memory is short: more reading makes no sense. */
bool faults_add(config_faults *faults, size_t line, size_t column, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* `text` as a message may show it: at most about 60 bytes, whole characters, nothing that moves a terminal's cursor. Returns `out`. */
char *faults_quote(char out[FAULTS_QUOTE], const char *text, size_t length);

#endif
