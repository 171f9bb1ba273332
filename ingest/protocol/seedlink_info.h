/* seedlink_info.h: answers to INFO: XML of version 3, JSON of version 4. For this folder's own use. */
#ifndef TOCSIN_PROTOCOL_SEEDLINK_INFO_H
#define TOCSIN_PROTOCOL_SEEDLINK_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct seedlink_info seedlink_info;
/* Once a station of INFO STATIONS or STREAMS. */
typedef void seedlink_info_station(void *user, const char *network, const char *station);

/* NULL if memory is short. */
seedlink_info *seedlink_info_create(seedlink_info_station *station, void *user);
void seedlink_info_destroy(seedlink_info *info);
/* The next piece of the XML. False: it is none, or longer than any such answer. */
bool seedlink_info_feed(seedlink_info *info, const uint8_t *bytes, size_t length, bool last);

/* Does this word stand in the JSON, between quotation marks or blanks? */
bool seedlink_info_has(const uint8_t *json, size_t length, const char *word);

#endif
