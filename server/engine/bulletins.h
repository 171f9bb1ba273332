/* bulletins.h: all that is said about each event: its own messages, the life cycle of its alert (new, update, cancel, final), its report.
 *
 * An alert's revisions run 1, 2, 3 without holes; after cancel or final nothing more is said. Bounded work a call, no allocation after creation but
 * in bulletins_adopt().
 */
#ifndef TOCSIN_ENGINE_BULLETINS_H
#define TOCSIN_ENGINE_BULLETINS_H

#include "messages.h"

enum { BULLETINS = 64 };

typedef struct bulletins bulletins;

/* Keeps pointers to `setup` and `post`. NULL if memory is short. */
bulletins *bulletins_create(const engine_setup *setup, post *out);
void bulletins_destroy(bulletins *b);

/* New rules and targets. An open alert keeps the targets that it told. False, and all as before, if memory is short. */
bool bulletins_adopt(bulletins *b, const engine_settings *settings);
/* Targets made of stations become those of the setup's inventory as it is now; others stay. False as above. */
bool bulletins_adopt_stations(bulletins *b);
const engine_rules *bulletins_rules(const bulletins *b);
const target_table *bulletins_targets(const bulletins *b);

/* A new revision of an event: the alert first, if one is due, then the event's own message. */
void bulletins_event(bulletins *b, const locator_event *event);

/* An operator takes an event back. False if no such event is open. */
bool bulletins_cancel(bulletins *b, const char *id);

/* Each engine step: updates that had to wait, further targets, reports that are due. */
void bulletins_step(bulletins *b);

/* The open alerts in the order in which their events came, for the heartbeat. */
typedef struct {
  const char *id;
  uint32_t revision;
} bulletin_open;
size_t bulletins_open_alerts(const bulletins *b, bulletin_open open[BULLETINS]);
size_t bulletins_open_events(const bulletins *b);

/* Counted so far: events, alert messages (without those to single targets). */
uint64_t bulletins_events(const bulletins *b);
uint64_t bulletins_alerts(const bulletins *b);

#endif
