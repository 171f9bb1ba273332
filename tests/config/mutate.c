#include "mutate.h"

#include <string.h>

static const char *const pieces[] = {":",     ": ",   "\n",           "- ",   "{",  "}",      "[",   "]",  ",",    "\"", "'",     "#",    "&a",
                                     "*a",    "!t",   "|\n",          ">\n",  "? ", "---",    "...", "\t", "\xFF", "震", "1e999", ".nan", "alarm",
                                     "doors", "null", "\xEF\xBB\xBF", "\r\n", "%",  "\\u0000"};

size_t mutate(random_source *r, char *text, size_t length, size_t capacity)
{
  size_t at = (size_t)random_below(r, (int64_t)length + 1);
  const char *piece = pieces[random_below(r, sizeof pieces / sizeof pieces[0])];
  size_t size = strlen(piece), cut = (size_t)random_below(r, 12);
  switch (random_below(r, 3)) {
  case 0:
    if (at < length)
      text[at] = (char)random_below(r, 256);
    return length;
  case 1:
    cut = cut > length - at ? length - at : cut;
    memmove(text + at, text + at + cut, length - at - cut);
    return length - cut;
  default:
    if (length + size > capacity)
      return length;
    memmove(text + at + size, text + at, length - at);
    memcpy(text + at, piece, size);
    return length + size;
  }
}
