/* SIGHUP: configuration and inventory are read again off the loop; what holds without a restart is adopted. */
#include <signal.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "log.h"
#include "tocsind.h"

void reload_on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)loop, (void)events;
  daemon_state *d = signal->data;
  sd_notify(0, "RELOADING=1");
  worker_load(d->worker);
}

/* The engine says what changed. Should memory have ended in the midst of it, both are kept. */
static void take_inventory(daemon_state *d, ingest_inventory *fresh, record_text *text)
{
  ingest_inventory *before = d->inventory;
  inputs_inventory(d, fresh, text);
  ingest_inventory_destroy(d->half_adopted);
  d->half_adopted = NULL;
  if (engine_inventory(d->engine) == fresh) {
    d->inventory = fresh;
    ingest_inventory_destroy(before);
  } else {
    d->half_adopted = fresh;
  }
}

/* Most networks have none: then nothing is said. */
static void take_corrections(daemon_state *d, locator_corrections *fresh, record_text *text)
{
  locator_corrections *before = d->prior.corrections;
  if (locator_corrections_count(fresh) + locator_corrections_count(before) == 0) {
    locator_corrections_destroy(fresh);
    record_text_release(text);
    return;
  }
  inputs_corrections(d, fresh, text);
  d->prior.corrections = fresh;
  locator_corrections_destroy(before);
}

static void take_rules(daemon_state *d, settings *fresh, record_text *text)
{
  settings *before = d->reloaded;
  d->reloaded = fresh;
  settings_hash(fresh, d->reloaded_hash);
  engine_settings_result result = {.settings = &fresh->engine, .config_hash = d->reloaded_hash};
  inputs_settings(d, &result, text);
  feeds_adopt(d->feeds, fresh->feeds, fresh->feeds_count);
  inputs_feeds(d, fresh->feeds_count);
  log_line(5, "rules, %zu targets and %zu feeds of %s hold now; changes of other sections need a restart", fresh->engine.targets_count,
           fresh->feeds_count, d->options.config);
  if (before) {
    settings_release(before);
    free(before);
  }
}

/* The inventory first: targets may be made of its stations, and corrections are of them. */
void reload_on_loaded(void *user, worker_result *loaded)
{
  daemon_state *d = user;
  if (loaded->inventory) {
    take_inventory(d, loaded->inventory, loaded->inventory_text);
  } else if (loaded->settings || !d->options.config) {
    inputs_inventory(d, NULL, NULL);
    log_line(3, "the inventory stays as it was; `tocsin check` names all faults: correct them and send SIGHUP again");
  }
  if (loaded->corrections)
    take_corrections(d, loaded->corrections, loaded->corrections_text);
  else if (loaded->settings)
    log_line(3, "the station corrections have faults (above): the old ones stay; correct their file and send SIGHUP again");
  if (loaded->settings) {
    take_rules(d, loaded->settings, loaded->settings_text);
  } else if (d->options.config) {
    inputs_settings(d, NULL, NULL);
    log_line(3, "%s has faults (above): the old rules, targets, feeds and inventory stay; correct it and send SIGHUP again", d->options.config);
  }
  sd_notify(0, "READY=1");
}
