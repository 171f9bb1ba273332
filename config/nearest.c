/* nearest.c: edit distance with swaps of neighbours (optimal string alignment; Damerau 1964, Levenshtein 1966). */
#include "nearest.h"

#include <string.h>

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Three rows of the table of distances between prefixes suffice: this one and the two before it. */
static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
  size_t rows[3][LONGEST + 1];
  for (size_t j = 0; j <= b_length; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= a_length; i++) {
    size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *second_above = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_length; j++) {
      size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = least(row[j], second_above[j - 2] + 1);
    }
  }
  return rows[a_length % 3][b_length];
}

/* A third of the word may be wrong: more, and the suggestion is a guess that misleads. */
static size_t tolerance(size_t length)
{
  return length < 3 ? 1 : (length + 2) / 3;
}

void nearest_offer(nearest *n, const char *candidate)
{
  size_t length = strlen(candidate);
  if (n->length == 0 || n->length > LONGEST || length > LONGEST)
    return;
  size_t distance = edit_distance(n->word, n->length, candidate, length);
  if (distance > tolerance(n->length) || (n->best && distance >= n->distance))
    return;
  n->best = candidate;
  n->distance = distance;
}
