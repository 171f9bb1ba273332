/* number.h: numbers as text, in the C locale, which no part of the program leaves. */
#ifndef TOCSIN_CONFIG_NUMBER_H
#define TOCSIN_CONFIG_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum { NUMBER_TEXT = 32 };

/* Bytes at the start of the text that form a decimal number; 0: none. `whole` says that it has neither point nor exponent. */
size_t number_length(const char *text, size_t length, bool *whole);

/* Of a text that number_length() accepts. May be infinite. */
double number_value(const char *text);

/* The shortest decimal form that reads back as the same number; whole numbers below 1e15 without an exponent. Returns `out`. */
char *number_print(double value, char out[NUMBER_TEXT]);

#endif
