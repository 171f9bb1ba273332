/* resident.h: what this process holds in memory. */
#ifndef TOCSIN_BENCHMARKS_RESIDENT_H
#define TOCSIN_BENCHMARKS_RESIDENT_H

/* Bytes in memory now (not the most that there were); 0 if the kernel does not say. */
double resident_bytes(void);

#endif
