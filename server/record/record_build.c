#define _GNU_SOURCE /* dl_iterate_phdr */
#include "record_build.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Notes follow each other, name and description padded to four bytes (System V ABI, "Note Section"). */
static void find_in(const uint8_t *notes, size_t length, char *text)
{
  ElfW(Nhdr) note;
  while (length >= sizeof note) {
    memcpy(&note, notes, sizeof note);
    size_t name = (note.n_namesz + 3u) & ~3u, whole = sizeof note + name + ((note.n_descsz + 3u) & ~3u);
    if (whole > length)
      return;
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(notes + sizeof note, "GNU", 4) == 0)
      for (uint32_t i = 0; i < note.n_descsz && 2 * i + 2 < RECORD_BUILD_TEXT; i++)
        snprintf(text + 2 * i, 3, "%02x", notes[sizeof note + name + i]);
    notes += whole;
    length -= whole;
  }
}

/* The first object is the program itself. */
static int look_at(struct dl_phdr_info *info, size_t size, void *text)
{
  (void)size;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_NOTE)
      find_in((const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), info->dlpi_phdr[i].p_memsz, text);
  return 1;
}

char *record_build_id(char text[RECORD_BUILD_TEXT])
{
  text[0] = '\0';
  dl_iterate_phdr(look_at, text);
  return text;
}

char *record_processor(char text[RECORD_PROCESSOR_TEXT])
{
#if defined(__x86_64__)
  snprintf(text, RECORD_PROCESSOR_TEXT, "x86-64%s%s%s%s%s%s", __builtin_cpu_supports("sse4.2") ? " sse4.2" : "",
           __builtin_cpu_supports("avx") ? " avx" : "", __builtin_cpu_supports("avx2") ? " avx2" : "", __builtin_cpu_supports("fma") ? " fma" : "",
           __builtin_cpu_supports("avx512f") ? " avx512f" : "", __builtin_cpu_supports("avx512vl") ? " avx512vl" : "");
#else
  snprintf(text, RECORD_PROCESSOR_TEXT, "not x86-64");
#endif
  return text;
}
