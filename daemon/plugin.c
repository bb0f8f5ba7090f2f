/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/plugin.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/file.h"
#include "daemon/inifile.h"
#include "daemon/option.h"
#include "daemon/origin.h"

enum {
	PLUGIN_PATH_SIZE = 2 * CONFIG_VALUE_SIZE + 8,
	PLUGIN_LIST_MAX = 512,
	PLUGIN_SETTINGS_MAX = CONFIG_EXTRA_MAX + 1, /* the plugin's keys, and the endpoint */
};

/* What the gateway is given; `secret` owns what came from files. */
struct plugin_settings {
	struct alym_setting setting[PLUGIN_SETTINGS_MAX];
	size_t count;
	struct buffer secret[PLUGIN_SETTINGS_MAX];
	size_t secret_count;
};

static bool plugin_ends(const char *key, const char *end)
{
	size_t size = strlen(key);

	return size >= strlen(end) && strcmp(key + size - strlen(end), end) == 0;
}

static bool plugin_unknown_key(const struct config *config, const struct config_extra *extra,
	const struct loader_plugin *library, struct err *err)
{
	struct buffer keys;

	buffer_init(&keys, PLUGIN_LIST_MAX);
	option_list(OPTION_GATEWAY, &keys);
	for (const struct alym_key *key = library->gateway->keys; key->name != NULL; key++) {
		buffer_printf(&keys, ", %s", key->name);
	}
	(void)inifile_complain(err, config->file, extra->line,
		"unknown key %s; a gateway of %s takes %s", extra->key, library->gateway->name,
		keys.overflowed ? "what its README says" : buffer_text(&keys).bytes);
	buffer_done(&keys);
	return false;
}

/* A key that names a file stands for what is in it. */
static bool plugin_add_secret(struct plugin_settings *s, const struct config *config,
	const struct config_extra *extra, struct err *err)
{
	struct buffer *secret = &s->secret[s->secret_count++];
	char path[CONFIG_VALUE_SIZE];
	char why[OPTION_WHY_SIZE];

	buffer_init(secret, FILE_SECRET_MAX);
	if (!option_path(text_of(extra->value), path, sizeof(path), why)) {
		return inifile_complain(err, config->file, extra->line, "%s = %s: write %s",
			extra->key, extra->value, why);
	}
	if (!file_read_secret(path, secret, err)) {
		return inifile_blame(err, config->file, extra->line);
	}
	s->setting[s->count++] = (struct alym_setting){ extra->key, buffer_text(secret) };
	return true;
}

static bool plugin_add_extra(struct plugin_settings *s, const struct config *config,
	const struct config_extra *extra, struct engine_gateway *gateway, struct err *err)
{
	if (plugin_ends(extra->key, "_file")) {
		return plugin_add_secret(s, config, extra, err);
	}
	if (plugin_ends(extra->key, "_endpoint") && !origin_add(gateway, text_of(extra->value))) {
		return inifile_complain(err, config->file, extra->line,
			"%s = %s: write an https address (at most %d hosts)", extra->key,
			extra->value, ENGINE_ORIGINS_MAX);
	}
	s->setting[s->count++] = (struct alym_setting){ extra->key, text_of(extra->value) };
	return true;
}

static bool plugin_collect(struct plugin_settings *s, const struct config *config,
	const struct config_gateway *section, const struct loader_plugin *library,
	struct engine_gateway *gateway, struct err *err)
{
	for (size_t i = 0; i < section->extra_count; i++) {
		const struct config_extra *extra = &section->extra[i];

		if (loader_key(library, extra->key) == NULL) {
			return plugin_unknown_key(config, extra, library, err);
		}
		if (!plugin_add_extra(s, config, extra, gateway, err)) {
			return false;
		}
	}
	if (section->endpoint[0] == '\0') {
		return true;
	}
	if (loader_key(library, "endpoint") == NULL) {
		return inifile_complain(err, config->file, section->line,
			"[gateway %s]: %s takes no endpoint; remove it", section->name,
			library->gateway->name);
	}
	s->setting[s->count++] = (struct alym_setting){ "endpoint", text_of(section->endpoint) };
	return origin_add(gateway, text_of(section->endpoint)) ||
	       inifile_complain(err, config->file, section->line,
		       "[gateway %s] has more than %d hosts to send to", section->name,
		       ENGINE_ORIGINS_MAX);
}

static bool plugin_path(const struct config *config, const struct config_gateway *section,
	char path[PLUGIN_PATH_SIZE])
{
	int size = section->plugin[0] == '/'
			   ? snprintf(path, PLUGIN_PATH_SIZE, "%s", section->plugin)
			   : snprintf(path, PLUGIN_PATH_SIZE, "%s/%s.so", config->daemon.plugin_dir,
				     section->plugin);

	return size > 0 && size < PLUGIN_PATH_SIZE;
}

bool plugin_open(const struct config *config, const struct config_gateway *section,
	struct plugin *plugin, struct engine_gateway *gateway, struct err *err)
{
	struct plugin_settings settings = { .count = 0 };
	struct engine_gateway found = *gateway;
	struct plugin fresh = { .state = NULL };
	char path[PLUGIN_PATH_SIZE];
	bool ok;

	assert(plugin != NULL);

	ok = plugin_path(config, section, path);
	assert(ok);
	if (!loader_open(path, &fresh.library, err)) {
		return inifile_blame(err, config->file, section->line);
	}
	ok = plugin_collect(&settings, config, section, &fresh.library, &found, err);
	if (ok && !loader_configure(&fresh.library, settings.setting, settings.count, &fresh.state,
			  err)) {
		ok = inifile_blame(err, config->file, section->line);
	}
	for (size_t i = 0; i < settings.secret_count; i++) {
		file_forget(&settings.secret[i]);
	}
	if (!ok) {
		loader_close(&fresh.library);
		return false;
	}
	found.plugin = fresh.library.gateway;
	found.state = fresh.state;
	*gateway = found;
	*plugin = fresh;
	return true;
}

void plugin_close(struct plugin *plugin)
{
	assert(plugin != NULL);

	if (plugin->state != NULL) {
		plugin->library.gateway->close(plugin->state);
	}
	*plugin = (struct plugin){ .state = NULL };
}
