/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/settings.h"

#include <assert.h>
#include <string.h>

struct text settings_find(const struct settings *settings, const char *name)
{
	assert(settings != NULL);
	assert(name != NULL);

	for (size_t i = 0; i < settings->count; i++) {
		if (strcmp(settings->items[i].name, name) == 0) {
			return settings->items[i].value;
		}
	}
	return TEXT("");
}

struct text settings_find_line(const struct settings *settings, const char *name)
{
	struct text value = settings_find(settings, name);

	if (value.size > 0 && value.bytes[value.size - 1] == '\n') {
		value.size--;
	}
	return value;
}
