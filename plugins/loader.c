/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/loader.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

enum {
	LOADER_WHY_SIZE = 256,
	LOADER_ORDER_DIGITS_MAX = 15,
	LOADER_SUFFIX_DAILY = 6,       /* the one daily rule that alymd knows how to keep, */
	LOADER_SUFFIX_DIGITS_MIN = 13, /* in numbers that have room for so many digits */
};

static bool loader_order_rule_holds(const struct alym_order_rule *rule)
{
	assert(rule != NULL);

	if (rule->digits_min < 1 || rule->digits_min > rule->digits_max ||
		rule->digits_max > LOADER_ORDER_DIGITS_MAX) {
		return false;
	}
	return rule->suffix_daily == 0 || (rule->suffix_daily == LOADER_SUFFIX_DAILY &&
						  rule->digits_max >= LOADER_SUFFIX_DIGITS_MIN);
}

/* NULL when `g` can be used, else what is wrong with it.  Behind another ABI or size nothing
 * is where we think it is, hence these two first. */
static const char *loader_complaint(const struct alym_gateway *g)
{
	assert(g != NULL);

	if (g->abi != ALYM_GATEWAY_ABI) {
		return "built for another ABI";
	}
	if (g->size != sizeof(*g)) {
		return "built against another plugins/gateway.h";
	}
	if (g->name == NULL || g->name[0] == '\0') {
		return "has no name";
	}
	if (g->keys == NULL || g->open == NULL || g->close == NULL || g->step == NULL) {
		return "leaves a required member NULL";
	}
	if (!loader_order_rule_holds(&g->order)) {
		return "asks for order numbers that can not be made";
	}
	if (g->session_size > ALYM_SESSION_MAX) {
		return "asks for more memory than a session may have";
	}
	return NULL;
}

bool loader_open(const char *path, struct loader_plugin *plugin, struct err *err)
{
	struct loader_plugin p = { 0 };
	const char *complaint;

	assert(path != NULL);
	assert(plugin != NULL);

	if (path[0] != '/') { /* never the search path of dlopen() */
		return err_set(err, ERR_INPUT, "load gateway %s: the path is not absolute", path);
	}
	p.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (p.handle == NULL) {
		return err_set(err, ERR_SYSTEM, "load gateway %s: %s", path, dlerror());
	}
	p.gateway = dlsym(p.handle, ALYM_GATEWAY_SYMBOL);
	complaint = "exports no " ALYM_GATEWAY_SYMBOL;
	if (p.gateway != NULL) {
		complaint = loader_complaint(p.gateway);
	}
	if (complaint != NULL) {
		loader_close(&p);
		return err_set(err, ERR_PEER, "load gateway %s: %s", path, complaint);
	}
	*plugin = p;
	return true;
}

void loader_close(struct loader_plugin *plugin)
{
	assert(plugin != NULL);

	if (plugin->handle != NULL) {
		(void)dlclose(plugin->handle);
	}
	*plugin = (struct loader_plugin){ 0 };
}

const struct alym_key *loader_key(const struct loader_plugin *plugin, const char *name)
{
	assert(plugin != NULL);
	assert(plugin->gateway != NULL);
	assert(name != NULL);

	for (const struct alym_key *key = plugin->gateway->keys; key->name != NULL; key++) {
		if (strcmp(key->name, name) == 0) {
			return key;
		}
	}
	return NULL;
}

static size_t loader_setting_count(const struct alym_setting *settings, size_t count,
	const char *name)
{
	size_t found = 0;

	assert(settings != NULL || count == 0);
	assert(name != NULL);

	for (size_t i = 0; i < count; i++) {
		found += strcmp(settings[i].name, name) == 0;
	}
	return found;
}

/* Each setting is one the gateway takes, once, and each required one is there. */
static bool loader_check_settings(const struct loader_plugin *plugin,
	const struct alym_setting *settings, size_t count, struct err *err)
{
	const struct alym_gateway *g = plugin->gateway;

	for (size_t i = 0; i < count; i++) {
		if (loader_key(plugin, settings[i].name) == NULL) {
			return err_set(err, ERR_INPUT, "gateway %s: unknown key %s", g->name,
				settings[i].name);
		}
		if (loader_setting_count(settings, count, settings[i].name) > 1) {
			return err_set(err, ERR_INPUT, "gateway %s: key %s is set twice", g->name,
				settings[i].name);
		}
	}
	for (const struct alym_key *key = g->keys; key->name != NULL; key++) {
		if (key->required && loader_setting_count(settings, count, key->name) == 0) {
			return err_set(err, ERR_INPUT, "gateway %s: key %s is missing", g->name,
				key->name);
		}
	}
	return true;
}

bool loader_configure(const struct loader_plugin *plugin, const struct alym_setting *settings,
	size_t count, struct alym_gateway_state **state, struct err *err)
{
	struct alym_gateway_state *opened;
	char why[LOADER_WHY_SIZE] = "";

	assert(plugin != NULL);
	assert(plugin->gateway != NULL);
	assert(settings != NULL || count == 0);
	assert(state != NULL);

	if (!loader_check_settings(plugin, settings, count, err)) {
		return false;
	}
	opened = plugin->gateway->open(settings, count, why, sizeof(why));
	if (opened == NULL) {
		why[sizeof(why) - 1] = '\0'; /* the gateway's promise, not our knowledge */
		return err_set(err, ERR_INPUT, "gateway %s: %s", plugin->gateway->name,
			why[0] != '\0' ? why : "refused its settings");
	}
	*state = opened;
	return true;
}
