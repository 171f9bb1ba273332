/* check_redis.h: is the Redis server fit for service, and may its users do what the publisher does? */
#ifndef TOCSIN_CHECK_REDIS_H
#define TOCSIN_CHECK_REDIS_H

#include "findings.h"
#include "settings.h"

/* Connects as the actual and as the exercise user, at most 2 s a step. Writes nothing. */
void check_redis(findings *f, const redis_settings *r);

#endif
