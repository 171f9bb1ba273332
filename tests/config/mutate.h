/* mutate.h: what slips of the finger, of the editor and of the disk do to a file. */
#ifndef TOCSIN_TESTS_CONFIG_MUTATE_H
#define TOCSIN_TESTS_CONFIG_MUTATE_H

#include <stddef.h>

#include "random.h"

/* Changes a byte, cuts a few out or puts a piece of YAML in, in place; returns the new length, at most `capacity`. */
size_t mutate(random_source *r, char *text, size_t length, size_t capacity);

#endif
