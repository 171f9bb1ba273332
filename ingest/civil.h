/* civil.h: days and dates, for this folder's own use. */
#ifndef TOCSIN_INGEST_CIVIL_H
#define TOCSIN_INGEST_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY_S INT64_C(86400)

int64_t civil_days(int year, int month, int day); /* since 1970-01-01 */
void civil_date(int64_t days, int *year, int *month, int *day);
bool civil_leap(int year);

#endif
