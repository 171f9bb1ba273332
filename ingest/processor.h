/* processor.h: hot loops in one more copy, for processors with AVX2, chosen once as the program starts. Each copy gives the same bits. For this
 * folder and those to its right. */
#ifndef TOCSIN_INGEST_PROCESSOR_H
#define TOCSIN_INGEST_PROCESSOR_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif

#endif
