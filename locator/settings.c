/* The locator's settings. */
#include "locator.h"

#define ROW_REAL(field, unit_, from, to, fallback_, help_)                                                                    \
  {                                                                                                                           \
    .name = #field, .type = CONFIG_REAL, .unit = unit_, .minimum = from, .maximum = to, .fallback = fallback_, .help = help_, \
    .offset = offsetof(locator_settings, field)                                                                               \
  }

#define REGION_REAL(field, from, to, help_)                                                                             \
  {                                                                                                                     \
    .name = #field, .type = CONFIG_REAL, .unit = "km", .minimum = from, .maximum = to, .fallback = "-1", .help = help_, \
    .offset = offsetof(locator_region, field)                                                                           \
  }

const config_row locator_rows[] = {
    {.name = "minimum_stations",
     .type = CONFIG_INT,
     .minimum = 3,
     .maximum = 64,
     .fallback = "4",
     .help = "Sites with a P that make an event",
     .offset = offsetof(locator_settings, minimum_stations)},
    ROW_REAL(search_radius_km, "km", 10, 1000, "200", "How far from a new pick's station an epicentre is looked for"),
    ROW_REAL(maximum_depth_km, "km", 5, 700, "120", "Deepest hypocentre that is looked for"),
    ROW_REAL(default_depth_km, "km", 0, 700, "10", "Depth where the data cannot say"),
    ROW_REAL(depth_sigma_km, "km", 0.5, 300, "8", "How far depths usually lie from the default"),
    ROW_REAL(model_error, "", 0, 0.2, "0.015",
             "By what part of their travel times waves are usually earlier or later everywhere than in the model; 0: the model is exact"),
    ROW_REAL(residual_s, "s", 0.1, 10, "1", "A pick further off than this, or 5 % of its travel time if that is more, does not belong"),
    ROW_REAL(minimum_likelihood, "", 0, 1, "0.25", "Below this likelihood of being real an event is not published, or is cancelled"),
    ROW_REAL(minimum_magnitude, "", -9, 10, "-9",
             "Smaller events and those whose amplitudes nothing is known of are not published; -9: all are, and alerts ask for more by rules of "
             "their own"),
    ROW_REAL(close_after_s, "s", 1, 3600, "60", "An event is final so long after its last change"),
    ROW_REAL(amplitude_interval_s, "s", 0.1, 60, "0.2", "Magnitude and likelihood follow amplitudes and silences at most this often"),
    ROW_REAL(step_km, "km", 0, 1000, "2", "A place that moved by more is published"),
    ROW_REAL(step_magnitude, "", 0, 10, "0.1", "A magnitude that changed by more is published"),
    ROW_REAL(step_s, "s", 0, 60, "0.3", "An origin time that changed by more is published"),
    ROW_REAL(fault_magnitude, "", 5, 10, "6", "A line source is looked for in the shaking of events of at least this magnitude"),
    {.name = "model",
     .type = CONFIG_TEXT,
     .fallback = "iasp91",
     .help = "Velocity model: iasp91, north-china, or a CSV file of depth_km,vp_km_s,vs_km_s",
     .offset = offsetof(locator_settings, model),
     .size = sizeof((locator_settings *)0)->model},
    {.name = "corrections",
     .type = CONFIG_TEXT,
     .fallback = "",
     .help = "Station corrections: a CSV file of network,station,phase,seconds, observed less predicted, as `tocsin associate` makes it; empty: none",
     .offset = offsetof(locator_settings, corrections),
     .size = sizeof((locator_settings *)0)->corrections},
    {.name = "seismicity",
     .type = CONFIG_TEXT,
     .fallback = "",
     .help = "Past earthquakes: a CSV file of latitude_deg,longitude_deg and, if there, weight; where they were the next is likelier; empty: none",
     .offset = offsetof(locator_settings, seismicity),
     .size = sizeof((locator_settings *)0)->seismicity},
    ROW_REAL(seismicity_kernel_km, "km", 2, 200, "15", "They are smoothed by a Gaussian of this standard deviation"),
    ROW_REAL(seismicity_floor, "", 0.001, 1, "0.1", "Part of all earthquakes that may be anywhere, whatever the list says"),
    {.name = NULL},
};

const config_row locator_region_rows[] = {
    {.name = "name",
     .type = CONFIG_TEXT,
     .fallback = NULL,
     .help = "What it is called in faults and by `tocsin check`",
     .offset = offsetof(locator_region, name),
     .size = sizeof((locator_region *)0)->name},
    {.name = "outline",
     .type = CONFIG_TEXT,
     .fallback = NULL,
     .help = "Its corners in order, latitude and longitude in degrees: 41 122, 42 122, 42 124",
     .offset = offsetof(locator_region, outline),
     .size = sizeof((locator_region *)0)->outline},
    {.name = "model",
     .type = CONFIG_TEXT,
     .fallback = "",
     .help = "Velocity model, as `locator.model`; empty: that one",
     .offset = offsetof(locator_region, model),
     .size = sizeof((locator_region *)0)->model},
    REGION_REAL(default_depth_km, -1, 700, "Depth where the data cannot say; -1: `locator.default_depth_km`"),
    REGION_REAL(depth_sigma_km, -1, 300, "How far depths usually lie from the default; -1: `locator.depth_sigma_km`"),
    REGION_REAL(minimum_depth_km, -1, 700, "Shallowest hypocentre that is looked for; -1: 0"),
    REGION_REAL(maximum_depth_km, -1, 700, "Deepest hypocentre that is looked for; -1: `locator.maximum_depth_km`"),
    {.name = NULL},
};
