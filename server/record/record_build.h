/* record_build.h: what must be the same for the same inputs to give the same messages to the byte: the program and the processor. */
#ifndef TOCSIN_RECORD_BUILD_H
#define TOCSIN_RECORD_BUILD_H

enum { RECORD_BUILD_TEXT = 65, RECORD_PROCESSOR_TEXT = 128 };

/* The running program's build id (ELF note NT_GNU_BUILD_ID) in hex; "" if the linker left none. Returns `text`. */
char *record_build_id(char text[RECORD_BUILD_TEXT]);

/* Of the tocsind that was built with this tocsin: written when that is linked, and there in tocsin alone. */
extern const char record_daemon_build_id[];

/* The processor's kind and those of its flags by which code is chosen here and in the mathematical library. */
char *record_processor(char text[RECORD_PROCESSOR_TEXT]);

#endif
