/* stationxml_response.h: what a channel's Response says of its gain, twice over: the whole's sensitivity and each stage's gain; for this folder's own
 * use. */
#ifndef TOCSIN_INGEST_STATIONXML_RESPONSE_H
#define TOCSIN_INGEST_STATIONXML_RESPONSE_H

#include "ingest.h"
#include "stationxml_poles.h"

enum { STATIONXML_TEXT = 128 };

typedef struct {
  bool has_sensitivity, has_polynomial;
  double sensitivity, frequency_hz;
  char unit[STATIONXML_TEXT];
  int stages;
  double product;                        /* of the gains of the stages so far, from 1; NAN when one states none */
  double product_frequency_hz;           /* the first stage's */
  char product_unit[STATIONXML_TEXT];    /* the first unit that a stage takes in */
  double stage_gain, stage_frequency_hz; /* of the stage that is being read */
  char stage_unit[STATIONXML_TEXT];
  stationxml_poles poles; /* of the first stage */
  double root_real, root_imaginary;
} stationxml_response;

void stationxml_response_begin(stationxml_response *r);
void stationxml_response_begin_stage(stationxml_response *r);
void stationxml_response_end_stage(stationxml_response *r);

/* Gain, unit and frequency for `epoch`: the sensitivity, or the product of the stages where there is none. NULL, or why it can be none of ground
   motion (a static text); then too `epoch` holds what was stated. */
const char *stationxml_response_gain(const stationxml_response *r, ingest_epoch *epoch, bool *of_stages);

/* How the response falls off towards low frequencies; a corner is put into the channel. After stationxml_response_gain(). */
stationxml_shape stationxml_response_shape(const stationxml_response *r, ingest_channel *channel);

/* True where sensitivity and stages disagree in unit or, by more than 5 %, in gain; said in `text`. */
bool stationxml_response_doubt(const stationxml_response *r, char *text, size_t room);

#endif
