/* crc32c.h: the check sum of version-3 records (CRC-32C: Castagnoli's polynomial 0x1EDC6F41, reflected; RFC 3720, appendix B.4). */
#ifndef TOCSIN_INGEST_CRC32C_H
#define TOCSIN_INGEST_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* The sum of what `crc` is the sum of (0: nothing) and these bytes after it. By the processor's own instruction where it has one. */
uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t length);

/* The same in plain C. */
uint32_t crc32c_plain(uint32_t crc, const uint8_t *bytes, size_t length);

#endif
