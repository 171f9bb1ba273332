#include "stationxml_response.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "units.h"

static const double most_difference = 0.05;

void stationxml_response_begin(stationxml_response *r)
{
  *r = (stationxml_response){.product = 1, .poles.factor = (double)NAN};
}

void stationxml_response_begin_stage(stationxml_response *r)
{
  r->stage_gain = (double)NAN;
  r->stage_frequency_hz = 0;
  r->stage_unit[0] = '\0';
}

void stationxml_response_end_stage(stationxml_response *r)
{
  if (r->stages++ == 0)
    r->product_frequency_hz = r->stage_frequency_hz;
  if (r->product_unit[0] == '\0')
    memcpy(r->product_unit, r->stage_unit, sizeof r->product_unit);
  r->product *= r->stage_gain;
}

static bool has_product(const stationxml_response *r)
{
  return r->stages > 0 && isfinite(r->product) && r->product != 0;
}

const char *stationxml_response_gain(const stationxml_response *r, ingest_epoch *epoch, bool *of_stages)
{
  double size;
  *of_stages = !r->has_sensitivity && has_product(r);
  epoch->unit = units_read(*of_stages && r->unit[0] == '\0' ? r->product_unit : r->unit, &size);
  epoch->gain = (*of_stages ? r->product : r->sensitivity) / size;
  epoch->gain_frequency_hz = *of_stages ? r->product_frequency_hz : r->frequency_hz;
  if (!isfinite(epoch->gain_frequency_hz))
    epoch->gain_frequency_hz = 0;
  if (r->has_polynomial && epoch->gain == 0)
    return "only a polynomial response is stated; an InstrumentSensitivity is needed";
  if (epoch->gain != 0 && epoch->unit == INGEST_UNIT_OTHER)
    return "the sensitivity's input unit is none of ground motion; state it as M/S, M/S**2 or M (or in one of their spellings)";
  return NULL;
}

/* Poles of an accelerometer have nothing to do with the velocity that is integrated from it. */
stationxml_shape stationxml_response_shape(const stationxml_response *r, ingest_channel *channel)
{
  double corner_hz, damping;
  stationxml_shape shape = channel->epoch.unit == INGEST_UNIT_VELOCITY ? stationxml_poles_shape(&r->poles, &corner_hz, &damping) : STATIONXML_FLAT;
  if (shape == STATIONXML_CORNER) {
    channel->corner_hz = corner_hz;
    channel->damping = damping;
  }
  return shape;
}

bool stationxml_response_doubt(const stationxml_response *r, char *text, size_t room)
{
  double size, product_size;
  if (!r->has_sensitivity || !has_product(r))
    return false;
  ingest_unit unit = units_read(r->unit, &size), product_unit = units_read(r->product_unit, &product_size);
  if (product_unit == INGEST_UNIT_OTHER) {
    product_unit = unit;
    product_size = size;
  }
  if (unit != product_unit) {
    snprintf(text, room,
             "the sensitivity is one of %.20s, but the first stage takes in %.20s; the sensitivity is used; correct the one that is wrong", r->unit,
             r->product_unit);
    return true;
  }
  double gain = r->sensitivity / size, product = r->product / product_size;
  if (fabs(product - gain) <= most_difference * fabs(gain))
    return false;
  snprintf(text, room,
           "the sensitivity is %g (at %g Hz), the product of the stages' gains %g (at %g Hz); the sensitivity is used; correct the one that is wrong",
           gain, r->frequency_hz, product, r->product_frequency_hz);
  return true;
}
