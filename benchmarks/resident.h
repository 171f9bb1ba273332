/* resident.h: what this process, or a child of it, holds in memory. */
#ifndef TOCSIN_BENCHMARKS_RESIDENT_H
#define TOCSIN_BENCHMARKS_RESIDENT_H

/* Bytes in memory now (not the most that there were); 0 if the kernel does not say. */
double resident_bytes(void);

/* Of process `pid`: `what` is "VmRSS:", now, or "VmHWM:", the most that there were. */
double resident_bytes_of(int pid, const char *what);

#endif
