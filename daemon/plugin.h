/* SPDX-License-Identifier: Apache-2.0 */

/*
 * plugin - a gateway of the configuration, loaded and with its settings: its shared object, its
 * state, and where it may send.
 *
 * Secrets are read here, given to the gateway and wiped.  A complaint names the line of alym.conf.
 */
#ifndef ALYM_DAEMON_PLUGIN_H
#define ALYM_DAEMON_PLUGIN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "daemon/config.h"
#include "plugins/loader.h"

struct plugin {
	struct loader_plugin library;
	struct alym_gateway_state *state;
};

/* Fills *plugin, and the origins of *gateway, on success. */
bool plugin_open(const struct config *config, const struct config_gateway *section,
	struct plugin *plugin, struct engine_gateway *gateway, struct err *err) MUST_USE;

/* The library stays: a sanitizer wants its symbols at the end, and the process ends anyway. */
void plugin_close(struct plugin *plugin);

#endif
