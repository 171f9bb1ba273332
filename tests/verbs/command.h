/* command.h: a verb of `tocsin` as an operator runs it, in a folder of its own. */
#ifndef TOCSIN_TESTS_COMMAND_H
#define TOCSIN_TESTS_COMMAND_H

#include <stdio.h>

#include "data.h"

/* Fixtures of a group of tests: make the folder, remove it. */
int command_folder_make(void **state);
int command_folder_remove(void **state);

/* Runs `tocsin ARGUMENTS` there. Returns its exit status. */
int command_run(const char *arguments);
/* What it wrote on standard output and on standard error. */
const char *command_said(void);
const char *command_complained(void);

void command_assert_said(const char *needle);
void command_assert_complained(const char *needle);
/* On either. */
void command_assert_told(const char *needle);

/* The folder, a file in it with that text, and one opened there. */
const char *command_folder(void);
void command_write(const char *name, const char *text);
FILE *command_open(const char *name, const char *mode);

/* The value in column `name` of the CSV line `line` (0: the first after the header), as text; fails if there is none. Valid until the next call. */
const char *command_cell(size_t line, const char *name);
size_t command_lines(void);

#endif
