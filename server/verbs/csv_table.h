/* csv_table.h: a CSV file in memory, read line by line, its columns found by the names in its header. */
#ifndef TOCSIN_CSV_TABLE_H
#define TOCSIN_CSV_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { CSV_COLUMNS = 64, CSV_FAULTS_SHOWN = 20 };

/* Fields stay valid until the next line. */
typedef struct {
  const char *path;
  char *bytes, *at; /* bytes: malloc'ed */
  size_t line, fields, faults;
  char *field[CSV_COLUMNS];
} csv_table;

/* Reads the file and its header. False, said on stderr, if there is none. */
bool csv_open(csv_table *t, const char *verb, const char *path);
void csv_close(csv_table *t);

/* The next line that is not blank. A field may stand in double quotes, then with commas in it. */
bool csv_next(csv_table *t);

/* Where each name stands in the header that was just read, -1 for a missing one; false, said on stderr, if one of the first `needed` is missing. */
bool csv_columns(const csv_table *t, const char *const *names, size_t needed, size_t all, int *found);

/* "" where the line has no such column. */
const char *csv_value(const csv_table *t, int column);
bool csv_number(const char *text, double least, double most, double *number);

/* Says and counts what is wrong with the line; of many only the first are said, and csv_close() says how many more. */
void csv_fault(csv_table *t, const char *what, const char *found, const char *remedy);

#endif
