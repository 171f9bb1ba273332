/* data.h: where tests find the project, its build and the recordings, and what they share. Includes cmocka. */
#ifndef TOCSIN_TESTS_DATA_H
#define TOCSIN_TESTS_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* PATH below the recordings' folder (TOCSIN_DATA, default ../shared/data from the project's root), valid until the fourth call after. When the
   folder or that file is absent, the calling test is skipped, and says why. */
const char *data_path(const char *relative);

/* Like data_path(), but NULL instead of skipping. */
const char *data_path_if_any(const char *relative);

/* The whole file, malloc'ed and NUL-terminated; fails the test if it cannot be read. */
char *data_read(const char *path, size_t *length);

/* PATH below the project's root (TOCSIN_ROOT) and below its build folder (TOCSIN_BUILD). */
const char *project_path(const char *relative);
const char *build_path(const char *relative);

#endif
