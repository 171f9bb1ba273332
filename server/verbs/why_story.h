/* why_story.h: what was decided of earthquakes, in words. */
#ifndef TOCSIN_WHY_STORY_H
#define TOCSIN_WHY_STORY_H

#include <stdbool.h>

#include <jansson.h>

/* One line: an event's last revision. */
void why_print_line(const json_t *event);

/* One revision of an event: when, where, how large; with all that its likelihood was made of if `whole`. */
void why_print_event(const json_t *event, bool whole);

/* An alert message. */
void why_print_alert(const json_t *alert);

/* Whether a revision says more than that the numbers moved: why there is an alert or none, its state, its witnesses. */
bool why_is_turn(const json_t *before, const json_t *event);

#endif
