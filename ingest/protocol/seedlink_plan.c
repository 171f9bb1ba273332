#include "seedlink_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seedlink_server_select.h"
#include "selectors.h"

static const protocol_selection everything = {.network = "*", .station = "*"};

void seedlink_plan_clear(seedlink_plan *plan)
{
  plan->count = 0;
  plan->short_of_memory = false;
}

void seedlink_plan_free(seedlink_plan *plan)
{
  free(plan->asks);
  *plan = (seedlink_plan){0};
}

static size_t selections_of(const protocol_client_setup *setup, const protocol_selection **selections)
{
  bool given = setup->selections && setup->selections_count > 0;
  *selections = given ? setup->selections : &everything;
  return given ? setup->selections_count : 1;
}

/* Codes that no server could understand are noted, not said. */
static bool is_sayable(const char *code)
{
  return !code[0] || select_is_pattern(code);
}

static void add(seedlink_plan *plan, const char *network, const char *station, const char *selectors, const protocol_position *from)
{
  if (!is_sayable(network) || !is_sayable(station))
    return;
  if (plan->count == plan->capacity) {
    size_t capacity = plan->capacity ? 2 * plan->capacity : 16;
    seedlink_ask *asks = realloc(plan->asks, capacity * sizeof *asks);
    if (!asks) {
      plan->short_of_memory = true;
      return;
    }
    plan->asks = asks;
    plan->capacity = capacity;
  }
  seedlink_ask *ask = &plan->asks[plan->count++];
  *ask = (seedlink_ask){.selectors = selectors, .sequence = from ? from->sequence : PROTOCOL_NO_SEQUENCE, .time = from ? from->time : 0};
  snprintf(ask->network, sizeof ask->network, "%s", network[0] ? network : "*");
  snprintf(ask->station, sizeof ask->station, "%s", station[0] ? station : "*");
}

void seedlink_plan_one_row(seedlink_plan *plan, const protocol_client_setup *setup)
{
  const protocol_selection *selections;
  size_t count = selections_of(setup, &selections);
  for (size_t i = 0; i < count; i++)
    add(plan, selections[i].network, selections[i].station, selections[i].selectors, protocol_resume_find(setup->resume, ""));
}

/* The network and station of "NET_STA". */
static bool split(const char *id, char network[SEEDLINK_CODE], char station[SEEDLINK_CODE])
{
  const char *bar = strchr(id, '_');
  if (!bar || bar == id || (size_t)(bar - id) >= SEEDLINK_CODE || !bar[1] || strlen(bar + 1) >= SEEDLINK_CODE)
    return false;
  snprintf(network, SEEDLINK_CODE, "%.*s", (int)(bar - id), id);
  snprintf(station, SEEDLINK_CODE, "%s", bar + 1);
  return true;
}

static const protocol_position *position_of(const protocol_client_setup *setup, const char *network, const char *station)
{
  char id[PROTOCOL_STATION_TEXT + 16];
  snprintf(id, sizeof id, "%s_%s", network, station);
  return protocol_resume_find(setup->resume, id);
}

/* The first selection that names the station. */
static const protocol_selection *selection_of(const protocol_client_setup *setup, const char *network, const char *station)
{
  const protocol_selection *selections;
  size_t count = selections_of(setup, &selections);
  for (size_t i = 0; i < count; i++)
    if (selectors_name(&selections[i], network, station))
      return &selections[i];
  return NULL;
}

void seedlink_plan_rows(seedlink_plan *plan, const protocol_client_setup *setup)
{
  char network[SEEDLINK_CODE], station[SEEDLINK_CODE];
  const protocol_selection *selections;
  size_t count = selections_of(setup, &selections);
  for (size_t s = 0; s < count; s++) {
    const protocol_selection *chosen = &selections[s];
    if (!selectors_have_wildcards(chosen)) {
      if (selection_of(setup, chosen->network, chosen->station) == chosen)
        add(plan, chosen->network, chosen->station, chosen->selectors, position_of(setup, chosen->network, chosen->station));
      continue;
    }
    for (size_t i = 0; i < protocol_resume_count(setup->resume); i++) {
      const protocol_position *p = protocol_resume_at(setup->resume, i);
      if (split(p->station, network, station) && selectors_name(chosen, network, station) && selection_of(setup, network, station) == chosen)
        add(plan, network, station, chosen->selectors, p);
    }
    add(plan, chosen->network, chosen->station, chosen->selectors, NULL);
  }
}

void seedlink_plan_station(seedlink_plan *plan, const protocol_client_setup *setup, const char *network, const char *station)
{
  const protocol_selection *chosen = selection_of(setup, network, station);
  if (chosen && selectors_have_wildcards(chosen))
    add(plan, network, station, chosen->selectors, position_of(setup, network, station));
}

void seedlink_plan_exact(seedlink_plan *plan, const protocol_client_setup *setup)
{
  const protocol_selection *selections;
  size_t count = selections_of(setup, &selections);
  for (size_t i = 0; i < count; i++) {
    const char *network = selections[i].network, *station = selections[i].station;
    if (!selectors_have_wildcards(&selections[i]) && selection_of(setup, network, station) == &selections[i])
      add(plan, network, station, selections[i].selectors, position_of(setup, network, station));
  }
}
