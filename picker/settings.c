#include "picker.h"

#define ROW(member, unit_text, least, most, standard, text)                                                                         \
  {                                                                                                                                 \
    .name = #member, .type = CONFIG_REAL, .unit = unit_text, .minimum = least, .maximum = most, .fallback = standard, .help = text, \
    .offset = offsetof(picker_settings, member)                                                                                     \
  }

const config_row picker_rows[] = {
    ROW(filter_window_s, "s", 0.2, 4, "1", "Longest period of the band filters; the bands are at 1, 2, 4, 8, 16 and 25 times its frequency"),
    ROW(long_term_window_s, "s", 2, 60, "8", "Memory of the noise level"),
    ROW(warm_up_s, "s", 0.5, 30, "2", "Silence after the start and after a gap"),
    ROW(threshold_1, "", 3, 100, "8", "Energy over noise, in any band, that opens a trigger"),
    ROW(threshold_2, "", -5, 5, "0", "How much stricter than tuned a trigger is judged; each unit asks for e times the odds"),
    ROW(tentative, "", 0, 5, "3", "So far below threshold_2 a trigger is a tentative pick, which only several stations together make count; 0: none"),
    ROW(up_event_s, "s", 0.1, 1.3, "1.3", "Longest time that a trigger is looked at before it is dropped"),
    ROW(refractory_s, "s", 0, 60, "14", "Time after a P within which another must stand out from its coda, ever less"),
    ROW(minimum_snr, "", 1, 100, "2", "Weaker onsets are dropped: peak of the first half second over the noise"),
    ROW(quiet_s, "s", 2, 300, "10", "A window of shaking ends after so long below a fifth of its peak"),
    {.name = "s_picks",
     .type = CONFIG_BOOL,
     .fallback = "true",
     .help = "Whether S waves are looked for after each P and handed to the locator; tocsin pick always looks for them",
     .offset = offsetof(picker_settings, s_picks)},
    {.name = NULL},
};
