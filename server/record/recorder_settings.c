#include "recorder_settings.h"

#define AT(member) .offset = offsetof(recorder_settings, member)

const config_row recorder_rows[] = {
    {"folder", CONFIG_TEXT, "", 0, 0, "",
     "Folder that takes the recording of every input, to be replayed (a relative path begins in the working directory); empty: nothing is recorded",
     AT(folder), .size = sizeof((recorder_settings *)0)->folder},
    {"segment_mib", CONFIG_INT, "MiB", 1, 65536, "64", "A file of the recording is closed at this size, or after an hour", AT(segment_mib)},
    {"limit_mib", CONFIG_INT, "MiB", 2, 1e9, "10240", "The oldest files are deleted when all together are larger", AT(limit_mib)},
    {"limit_days", CONFIG_REAL, "d", 0.01, 36500, "30", "Older files are deleted", AT(limit_days)},
    {"events_limit_mib", CONFIG_INT, "MiB", 1, 1e9, "10240", "What is kept of the oldest events is deleted when all of it is larger",
     AT(events_limit_mib)},
    {"buffer_mib", CONFIG_INT, "MiB", 1, 16384, "64", "Memory for what waits for the disk; recording pauses while it is full", AT(buffer_mib)},
    {"keep_before_s", CONFIG_REAL, "s", 0, 86400, "120", "Files are kept with an event from so long before its origin", AT(keep_before_s)},
    {"keep_after_s", CONFIG_REAL, "s", 0, 86400, "600", "... to so long after it", AT(keep_after_s)},
    {0},
};
