#include "virtual_clock.h"

#include "ingest.h"

static const int64_t skip_ns = 60 * INGEST_SECOND, doubt_ns = 3600 * INGEST_SECOND;

static bool is_believed(virtual_clock *c, int64_t last)
{
  int64_t apart = last > c->doubted ? last - c->doubted : c->doubted - last;
  c->agreeing = c->agreeing > 0 && apart <= skip_ns ? c->agreeing + 1 : 1;
  c->doubted = last;
  return c->agreeing >= VIRTUAL_CLOCK_AGREEING;
}

bool virtual_clock_take(virtual_clock *c, const uint8_t *record, size_t length)
{
  ingest_record header;
  if (ingest_record_read(record, length, &header))
    return false;
  int64_t last = ingest_record_last(&header), jump = last - c->now;
  bool first = c->now == 0;
  if (!first && jump > doubt_ns && !is_believed(c, last))
    return false;
  c->agreeing = 0;
  if (jump <= 0)
    return false;
  c->now = last;
  return !first && jump > skip_ns;
}
