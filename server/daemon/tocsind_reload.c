/* SIGHUP: the configuration is read again off the loop; what holds without a restart is adopted. */
#include <signal.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "log.h"
#include "tocsind.h"

void reload_on_hangup(struct ev_loop *loop, ev_signal *signal, int events)
{
  (void)loop, (void)events;
  daemon_state *d = signal->data;
  if (!d->options.config) {
    log_line(5, "SIGHUP: there is no configuration file to read again; start tocsind with --config FILE");
    return;
  }
  sd_notify(0, "RELOADING=1");
  worker_load(d->worker);
}

static void take_rules(daemon_state *d, settings *fresh)
{
  settings *before = d->reloaded;
  d->reloaded = fresh;
  settings_hash(fresh, d->reloaded_hash);
  engine_settings_result result = {.settings = &fresh->engine, .config_hash = d->reloaded_hash};
  inputs_settings(d, &result);
  log_line(5, "rules and %zu targets of %s hold now; changes of other sections need a restart", fresh->engine.targets_count, d->options.config);
  if (before) {
    settings_release(before);
    free(before);
  }
}

void reload_on_loaded(void *user, settings *fresh)
{
  daemon_state *d = user;
  if (fresh) {
    take_rules(d, fresh);
  } else {
    inputs_settings(d, NULL);
    log_line(3, "%s has faults (above): the old rules and targets stay; correct it and send SIGHUP again", d->options.config);
  }
  sd_notify(0, "READY=1");
}
