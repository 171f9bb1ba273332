/* tune_pool.h: numbered trials in parallel processes: each sees the caller's memory as it was, and hands its result back. */
#ifndef TOCSIN_TUNE_POOL_H
#define TOCSIN_TUNE_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { TUNE_RESULT_BYTES = 480 };

/* One trial, in a process of its own; false: it failed. */
typedef bool tune_attempt(void *user, size_t trial, void *result);

/* results[trial] of `size` bytes (at most TUNE_RESULT_BYTES), `jobs` processes at a time. False, said on stderr in the verb's name, if one failed. */
bool tune_pool(const char *verb, size_t trials, int jobs, tune_attempt *attempt, void *user, void *results, size_t size);

#endif
