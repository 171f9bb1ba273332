/* forecast.h: what one event means at each target, the nearest first, in portions of counted work. */
#ifndef TOCSIN_ENGINE_FORECAST_H
#define TOCSIN_ENGINE_FORECAST_H

#include "targets.h"

/* Before an alert goes out, the nearest so many targets are predicted; right after it, so many are told; each step of the engine then serves as many
   of the further ones, of all events together. */
enum { FORECAST_NEAR = 64, FORECAST_PORTION = 256, FORECAST_LISTED = 50 };

typedef struct {
  intensity_prediction shaking; /* intensity NAN: not predicted yet */
  uint32_t event_revision;      /* that it was predicted from, 0: to be predicted anew */
  bool told;                    /* was at its threshold in some message */
  int8_t told_level;            /* the highest level it was told, -1: none */
} forecast_row;

typedef struct {
  target_table *targets;
  forecast_row *row; /* one a target */
  uint32_t *order;   /* targets from far to near: the last `served` are sorted, those before are a heap */
  double *nearness;  /* one a target */
  size_t served;
  uint32_t arranged_revision; /* of the event that the order is of, 0: none */
  uint32_t *predicted;        /* the targets whose rows hold a prediction: few of many while an event is young */
  size_t predicted_count;
} forecast;

/* Takes hold of `targets`. False if memory is short. */
bool forecast_create(forecast *f, target_table *targets);
void forecast_destroy(forecast *f);

/* Forgets an earlier event. */
void forecast_clear(forecast *f);

/* Arranges the targets around the epicentre, once for each revision of the event; none is served then. Keeps the rows. */
void forecast_arrange(forecast *f, const locator_event *event);

/* The place of the k-th nearest target (from 0); `count` past the last. Cheap in ascending order. */
size_t forecast_nearest(forecast *f, size_t k);

/* The intensity is kept as it is published, to one decimal, so that thresholds and levels agree with what is read. */
void forecast_predict(forecast *f, size_t target, const locator_event *event, const intensity_settings *settings, const locator_travel_times *tables);

/* Takes over what another table's forecast holds of a target, to be predicted anew: its threshold or ground may be others now. */
void forecast_carry(forecast *f, size_t target, const forecast_row *row);

/* The most shaken of the rows predicted so far, at most FORECAST_LISTED: by intensity, then nearness, then place in the table. */
size_t forecast_strongest(const forecast *f, uint32_t listed[FORECAST_LISTED]);

#endif
