/* SPDX-License-Identifier: Apache-2.0 */

/*
 * loader - opens a gateway's shared object, checks that it is one, and gives it its settings.
 *
 * Refuses, naming path and reason: a relative path, a library without `alym_gateway`, another ABI
 * or size, members left NULL, an order rule that can not be kept, and settings the gateway does
 * not take or misses.
 */
#ifndef ALYM_PLUGINS_LOADER_H
#define ALYM_PLUGINS_LOADER_H

#include "base/attr.h"
#include "base/err.h"
#include "plugins/gateway.h"

struct loader_plugin {
	void *handle;
	const struct alym_gateway *gateway; /* lives as long as the handle */
};

/* On success the caller owns *plugin and gives it back with loader_close(). */
bool loader_open(const char *path, struct loader_plugin *plugin, struct err *err) MUST_USE;
void loader_close(struct loader_plugin *plugin);

/* The key of that name the gateway takes, or NULL. */
const struct alym_key *loader_key(const struct loader_plugin *plugin, const char *name);

/* Checks that every required key is there and opens the gateway's state. */
bool loader_configure(const struct loader_plugin *plugin, const struct alym_setting *settings,
	size_t count, struct alym_gateway_state **state, struct err *err) MUST_USE;

#endif
