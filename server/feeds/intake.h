/* intake.h: records that come by themselves: the listening port, each of whose connections is a feed, and standard input. Raw miniSEED. */
#ifndef TOCSIN_INTAKE_H
#define TOCSIN_INTAKE_H

#include "feed.h"
#include "feeds.h"

typedef struct intake intake;

typedef struct {
  feed_round *round;
  const char *address;
  int port; /* -1: none */
  bool standard_input;
  int32_t *last_number; /* of any feed; the next connection gets the next */
  void (*ended)(void *user, int32_t number);
  void *user;
} intake_setup;

/* NULL, said in the log, if the port cannot be opened or memory is short. */
intake *intake_create(const intake_setup *setup);
void intake_destroy(intake *in);

int intake_port(const intake *in);
uint64_t intake_open(const intake *in);
uint64_t intake_accepted(const intake *in);
/* Of the feed at `index` of intake_open(). */
void intake_describe(const intake *in, size_t index, feed_status *status);

#endif
