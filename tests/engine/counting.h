/* counting.h: an allocator that counts: link with -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,... and look at it around a call. */
#ifndef TOCSIN_TESTS_COUNTING_H
#define TOCSIN_TESTS_COUNTING_H

#include <stddef.h>

/* Calls of malloc, calloc, realloc, aligned_alloc and posix_memalign since the program started, by any code linked statically. */
size_t counting_allocations(void);

#endif
