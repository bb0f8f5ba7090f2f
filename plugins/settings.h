/* SPDX-License-Identifier: Apache-2.0 */

/* settings - a gateway's own, by name; alymd has seen to it that each is there at most once. */
#ifndef ALYM_PLUGINS_SETTINGS_H
#define ALYM_PLUGINS_SETTINGS_H

#include "plugins/gateway.h"

struct settings {
	const struct alym_setting *items;
	size_t count;
};

/* The value, or empty when it was not set. */
struct text settings_find(const struct settings *settings, const char *name);

/* The same without the line break that ends a file: of settings that are named `*_file`. */
struct text settings_find_line(const struct settings *settings, const char *name);

#endif
