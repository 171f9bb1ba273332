#include <stdint.h>
#include <string.h>

#include "civil.h"
#include "ingest.h"

enum { YEAR_FIRST = 1900, YEAR_LAST = 2261 };

typedef struct {
  int year, month, day, hour, minute, second;
  int64_t fraction_ns, zone_s;
} calendar;

/* Days since 1970-01-01 of the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March (Hinnant 2014, chrono-compatible
 * algorithms). */
int64_t civil_days(int year, int month, int day)
{
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

bool civil_leap(int year)
{
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

void civil_date(int64_t days, int *year, int *month, int *day)
{
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, day_of_era = z - era * 146097;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), m = (5 * day_of_year + 2) / 153;
  *day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
  *month = (int)(m < 10 ? m + 3 : m - 9);
  *year = (int)(year_of_era + era * 400) + (*month <= 2);
}

static char *put(char *text, int64_t value, int digits)
{
  for (int i = digits; i-- > 0; value /= 10)
    text[i] = (char)('0' + value % 10);
  return text + digits;
}

char *ingest_time_format(int64_t time, char *text)
{
  int64_t microseconds = time / 1000 - (time % 1000 < 0), seconds = microseconds / 1000000 - (microseconds % 1000000 < 0);
  int64_t days = seconds / CIVIL_DAY_S - (seconds % CIVIL_DAY_S < 0), of_day = seconds - days * CIVIL_DAY_S;
  int year, month, day;
  civil_date(days, &year, &month, &day);
  memcpy(text, "0000-00-00T00:00:00.000000Z", INGEST_TIME_TEXT);
  put(text, year, 4);
  put(text + 5, month, 2);
  put(text + 8, day, 2);
  put(text + 11, of_day / 3600, 2);
  put(text + 14, of_day / 60 % 60, 2);
  put(text + 17, of_day % 60, 2);
  put(text + 20, microseconds - seconds * 1000000, 6);
  return text;
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool take(const char **text, int digits, int *value)
{
  int number = 0;
  for (int i = 0; i < digits; i++) {
    if (!is_digit((*text)[i]))
      return false;
    number = number * 10 + ((*text)[i] - '0');
  }
  *text += digits;
  *value = number;
  return true;
}

static bool take_char(const char **text, char c)
{
  if (**text != c)
    return false;
  ++*text;
  return true;
}

static bool take_date(const char **text, calendar *c)
{
  return take(text, 4, &c->year) && take_char(text, '-') && take(text, 2, &c->month) && take_char(text, '-') && take(text, 2, &c->day);
}

static bool take_fraction(const char **text, calendar *c)
{
  if (!take_char(text, '.'))
    return true;
  if (!is_digit(**text))
    return false;
  for (int64_t unit = INGEST_SECOND / 10; is_digit(**text); unit /= 10, ++*text)
    c->fraction_ns += (**text - '0') * unit;
  return true;
}

static bool take_clock(const char **text, calendar *c)
{
  if (!take_char(text, 'T') && !take_char(text, ' '))
    return true;
  return take(text, 2, &c->hour) && take_char(text, ':') && take(text, 2, &c->minute) && take_char(text, ':') && take(text, 2, &c->second) &&
         take_fraction(text, c);
}

static bool take_zone(const char **text, calendar *c)
{
  int sign = **text == '+' ? 1 : **text == '-' ? -1 : 0, hours, minutes;
  if (sign == 0)
    return take_char(text, 'Z') || **text == '\0';
  ++*text;
  if (!take(text, 2, &hours) || !take_char(text, ':') || !take(text, 2, &minutes) || hours > 23 || minutes > 59)
    return false;
  c->zone_s = sign * (hours * 3600 + minutes * 60);
  return true;
}

static bool is_possible(const calendar *c)
{
  static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (c->month < 1 || c->month > 12 || c->day < 1)
    return false;
  int days = month_days[c->month - 1] + (c->month == 2 && civil_leap(c->year));
  return c->day <= days && c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

bool ingest_time_parse(const char *text, int64_t *time)
{
  calendar c = {0};
  if (!take_date(&text, &c) || !take_clock(&text, &c) || !take_zone(&text, &c) || *text != '\0' || !is_possible(&c))
    return false;
  if (c.year < YEAR_FIRST || c.year > YEAR_LAST) {
    *time = c.year < YEAR_FIRST ? INT64_MIN : INT64_MAX;
    return true;
  }
  int64_t seconds = civil_days(c.year, c.month, c.day) * CIVIL_DAY_S + c.hour * 3600 + c.minute * 60 + c.second - c.zone_s;
  *time = seconds * INGEST_SECOND + c.fraction_ns;
  return true;
}
