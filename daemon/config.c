/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/file.h"
#include "daemon/inifile.h"
#include "daemon/option.h"

enum { CONFIG_LIST_MAX = 320, CONFIG_OPTIONS_MAX = 96 };

struct config_parser {
	struct config *config;
	const char *file;
	enum option_section section;
	char title[INIFILE_SECTION_MAX + 1]; /* what stood in its brackets */
	int line;                            /* of them; 0: no section has begun */
	void *target;                        /* the struct of the section */
	bool seen[CONFIG_OPTIONS_MAX];       /* its keys, by their place in the table */
};

/* Puts the defaults of a section into its struct. */
static void config_set_standards(enum option_section section, void *target)
{
	const struct option *o;
	char why[OPTION_WHY_SIZE];

	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		if (o->section == section && o->standard != NULL) {
			bool ok = option_take(o, o->standard, target, why);

			assert(ok);
			(void)ok;
		}
	}
}

/* The socket lies in the state_dir unless it is put elsewhere. */
static bool config_place_socket(struct config_daemon *daemon)
{
	int size;

	if (daemon->socket[0] != '\0') {
		return true;
	}
	size = snprintf(daemon->socket, sizeof(daemon->socket), "%s/" ALYM_SOCKET_NAME,
		daemon->state_dir);
	return size > 0 && (size_t)size < sizeof(daemon->socket);
}

/* Every default but the socket, which depends on what the file says. */
static struct config *config_blank(const char *file)
{
	struct config *config = mem_new(1, sizeof(*config));

	(void)snprintf(config->file, sizeof(config->file), "%s", file);
	config_set_standards(OPTION_DAEMON, &config->daemon);
	config_set_standards(OPTION_HTTPS, &config->https);
	config_set_standards(OPTION_TARIFF, &config->tariff);
	config_set_standards(OPTION_RATES, &config->rates);
	config_set_standards(OPTION_BOOK, &config->book);
	config_set_standards(OPTION_RETENTION, &config->retention);
	config->daemon.socket_group = CONFIG_NO_ID;
	return config;
}

struct config *config_new(void)
{
	struct config *config = config_blank("");
	bool ok = config_place_socket(&config->daemon);

	assert(ok);
	(void)ok;
	return config;
}

void config_free(struct config **config)
{
	assert(config != NULL);

	free(*config);
	*config = NULL;
}

/* ---- sections ---- */

static bool config_name_is_fine(struct text name)
{
	for (size_t i = 0; i < name.size; i++) {
		char c = name.bytes[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_') {
			return false;
		}
	}
	return name.size > 0 && name.size < CONFIG_NAME_SIZE;
}

static bool config_begin_client(struct config_parser *p, const char *name, int line,
	struct err *err)
{
	struct config_client *client;

	for (size_t i = 0; i < p->config->client_count; i++) {
		if (strcmp(p->config->clients[i].name, name) == 0) {
			return inifile_complain(err, p->file, line,
				"[client %s] stands in line %d already; rename or remove one", name,
				p->config->clients[i].line);
		}
	}
	if (p->config->client_count == ENGINE_CLIENTS_MAX) {
		return inifile_complain(err, p->file, line,
			"more than %d clients; let some share a group", ENGINE_CLIENTS_MAX);
	}
	client = &p->config->clients[p->config->client_count++];
	client->line = line;
	client->uid = CONFIG_NO_ID;
	client->gid = CONFIG_NO_ID;
	(void)snprintf(client->name, sizeof(client->name), "%s", name);
	p->target = client;
	config_set_standards(p->section, p->target);
	return true;
}

static bool config_begin_gateway(struct config_parser *p, const char *name, int line,
	struct err *err)
{
	struct config_gateway *gateway;

	for (size_t i = 0; i < p->config->gateway_count; i++) {
		if (strcmp(p->config->gateways[i].name, name) == 0) {
			return inifile_complain(err, p->file, line,
				"[gateway %s] stands in line %d already; rename or remove one",
				name, p->config->gateways[i].line);
		}
	}
	if (p->config->gateway_count == ENGINE_GATEWAYS_MAX) {
		return inifile_complain(err, p->file, line, "more than %d gateways; remove some",
			ENGINE_GATEWAYS_MAX);
	}
	gateway = &p->config->gateways[p->config->gateway_count++];
	gateway->line = line;
	(void)snprintf(gateway->name, sizeof(gateway->name), "%s", name);
	p->target = gateway;
	config_set_standards(p->section, p->target);
	return true;
}

/* A section without a name, which occurs once. */
static bool config_begin_single(struct config_parser *p, int line, struct err *err)
{
	struct config *config = p->config;
	int *seen_line = NULL;

	switch (p->section) {
	case OPTION_DAEMON:
		seen_line = &config->daemon.line;
		p->target = &config->daemon;
		break;
	case OPTION_HTTPS:
		seen_line = &config->https.line;
		p->target = &config->https;
		break;
	case OPTION_TARIFF:
		seen_line = &config->tariff.line;
		p->target = &config->tariff;
		break;
	case OPTION_RATES:
		seen_line = &config->rates.line;
		p->target = &config->rates;
		break;
	case OPTION_BOOK:
		seen_line = &config->book.line;
		p->target = &config->book;
		break;
	case OPTION_RETENTION:
		seen_line = &config->retention.line;
		p->target = &config->retention;
		break;
	case OPTION_CLIENT:
	case OPTION_GATEWAY:
	case OPTION_SECTION_COUNT:
		break;
	}
	assert(seen_line != NULL);
	if (*seen_line != 0) {
		return inifile_complain(err, p->file, line,
			"[%s] stands in line %d already; put its keys there", p->title, *seen_line);
	}
	*seen_line = line;
	return true;
}

static bool config_check_client(const struct config_parser *p, struct err *err)
{
	const struct config_client *client = p->target;

	if ((client->uid == CONFIG_NO_ID) == (client->gid == CONFIG_NO_ID)) {
		return inifile_complain(err, p->file, p->line,
			"[%s] needs uid or gid, one of the two", p->title);
	}
	for (size_t i = 0; i + 1 < p->config->client_count; i++) {
		const struct config_client *other = &p->config->clients[i];

		if (other->uid == client->uid && other->gid == client->gid) {
			return inifile_complain(err, p->file, p->line,
				"[%s] is the same user or group as [client %s] in line %d; remove one",
				p->title, other->name, other->line);
		}
	}
	return true;
}

static bool config_check_gateway(const struct config_parser *p, struct err *err)
{
	const struct config_gateway *gateway = p->target;

	if ((gateway->client_certificate[0] == '\0') != (gateway->client_key[0] == '\0')) {
		return inifile_complain(err, p->file, p->line,
			"[%s] has one of client_certificate and client_key; set both", p->title);
	}
	if (gateway->method == ROUTING_NONE &&
		(gateway->currencies[0] != '\0' || gateway->services[0] != '\0' ||
			gateway->amount_min > 0 || gateway->amount_max > 0)) {
		return inifile_complain(err, p->file, p->line,
			"[%s] has rules for a method and none; add a line method = card or bank",
			p->title);
	}
	if (gateway->amount_max > 0 && gateway->amount_min > gateway->amount_max) {
		return inifile_complain(err, p->file, p->line,
			"[%s] has an amount_min above its amount_max; exchange them", p->title);
	}
	return true;
}

/* What can be said of a section only when all of it is known. */
static bool config_end_section(const struct config_parser *p, struct err *err)
{
	const struct option *o;

	if (p->line == 0) {
		return true;
	}
	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		if (o->section == p->section && o->required && !p->seen[i]) {
			return inifile_complain(err, p->file, p->line,
				"[%s] has no %s; add a line %s = ...", p->title, o->key, o->key);
		}
	}
	if (p->section == OPTION_CLIENT) {
		return config_check_client(p, err);
	}
	if (p->section == OPTION_GATEWAY) {
		return config_check_gateway(p, err);
	}
	return true;
}

/* OPTION_SECTION_COUNT: no such section. */
static enum option_section config_section_of(struct text word)
{
	int s = 0;

	while (s < OPTION_SECTION_COUNT &&
		!text_is(word, option_section_name((enum option_section)s))) {
		s++;
	}
	return (enum option_section)s;
}

static bool config_section(void *context, const char *section, int line, struct err *err)
{
	struct config_parser *p = context;
	const char *space = strpbrk(section, " \t");
	struct text word = { section, space != NULL ? (size_t)(space - section) : strlen(section) };
	const char *name = space != NULL ? space + strspn(space, " \t") : "";

	if (!config_end_section(p, err)) {
		return false;
	}
	memset(p->seen, 0, sizeof(p->seen));
	(void)snprintf(p->title, sizeof(p->title), "%s", section);
	p->line = line;
	p->section = config_section_of(word);
	if (p->section == OPTION_SECTION_COUNT) {
		return inifile_complain(err, p->file, line,
			"unknown section [%s]; there are daemon, https, tariff, rates, book, retention, "
			"client NAME, gateway NAME",
			section);
	}
	if (p->section != OPTION_CLIENT && p->section != OPTION_GATEWAY) {
		if (name[0] != '\0') {
			return inifile_complain(err, p->file, line,
				"[%s] takes no name; write [%.*s]", section, TEXT_ARGS(word));
		}
		return config_begin_single(p, line, err);
	}
	if (!config_name_is_fine(text_of(name))) {
		return inifile_complain(err, p->file, line,
			"[%s] needs a name of 1 to %d of a-z, 0-9, - and _; write [%.*s NAME]",
			section, CONFIG_NAME_SIZE - 1, TEXT_ARGS(word));
	}
	return p->section == OPTION_CLIENT ? config_begin_client(p, name, line, err)
					   : config_begin_gateway(p, name, line, err);
}

/* ---- values ---- */

static bool config_twice(const struct config_parser *p, const char *key, int line, struct err *err)
{
	return inifile_complain(err, p->file, line, "%s is set twice in [%s]; remove one", key,
		p->title);
}

/* A gateway's own key: kept for its plugin to judge. */
static bool config_extra(struct config_parser *p, const char *key, const char *value, int line,
	struct err *err)
{
	struct config_gateway *gateway = p->target;
	struct config_extra *extra;

	for (size_t i = 0; i < gateway->extra_count; i++) {
		if (strcmp(gateway->extra[i].key, key) == 0) {
			return config_twice(p, key, line, err);
		}
	}
	if (gateway->extra_count == CONFIG_EXTRA_MAX) {
		return inifile_complain(err, p->file, line,
			"more than %d keys for a plugin; no plugin takes so many",
			CONFIG_EXTRA_MAX);
	}
	extra = &gateway->extra[gateway->extra_count++];
	extra->line = line;
	(void)snprintf(extra->key, sizeof(extra->key), "%s", key);
	(void)snprintf(extra->value, sizeof(extra->value), "%s", value);
	return true;
}

static bool config_unknown(const struct config_parser *p, const char *key, int line,
	struct err *err)
{
	struct buffer keys;

	buffer_init(&keys, CONFIG_LIST_MAX);
	option_list(p->section, &keys);
	assert(!keys.overflowed);
	(void)inifile_complain(err, p->file, line, "unknown key %s; [%s] takes %s", key, p->title,
		buffer_text(&keys).bytes);
	buffer_done(&keys);
	return false;
}

static bool config_value(void *context, const char *key, const char *value, int line,
	struct err *err)
{
	struct config_parser *p = context;
	const struct option *o = option_find(p->section, key);
	char why[OPTION_WHY_SIZE];
	size_t index;

	assert(p->target != NULL);

	if (o == NULL && p->section == OPTION_GATEWAY) {
		return config_extra(p, key, value, line, err);
	}
	if (o == NULL) {
		return config_unknown(p, key, line, err);
	}
	index = (size_t)(o - option_at(0));
	assert(index < CONFIG_OPTIONS_MAX);
	if (p->seen[index]) {
		return config_twice(p, key, line, err);
	}
	p->seen[index] = true;
	if (!option_take(o, value, p->target, why)) {
		return inifile_complain(err, p->file, line, "%s = %s: write %s", key, value, why);
	}
	return true;
}

/* ---- the whole ---- */

static bool config_check(struct config_parser *p, struct err *err)
{
	struct config *config = p->config;

	if (!config_end_section(p, err)) {
		return false;
	}
	if (!config_place_socket(&config->daemon)) {
		return inifile_complain(err, p->file, config->daemon.line,
			"state_dir is too long for a socket in it; set socket");
	}
	if (config->gateway_count > 0 && config->https.line == 0) {
		return inifile_complain(err, p->file, config->gateways[0].line,
			"[gateway %s] has nowhere to call back; add an [https] section",
			config->gateways[0].name);
	}
	return true;
}

bool config_parse(const char *file, struct text bytes, struct config **config, struct err *err)
{
	struct config_parser p = { .config = config_blank(file), .file = file };
	struct inifile_reader reader = { config_section, config_value, &p };
	bool ok;

	assert(file != NULL);
	assert(config != NULL);

	ok = inifile_read(file, bytes, &reader, err) && config_check(&p, err);
	if (ok) {
		*config = p.config;
	} else {
		config_free(&p.config);
	}
	return ok;
}

bool config_read(const char *path, struct config **config, struct err *err)
{
	struct buffer bytes;
	bool ok;

	buffer_init(&bytes, CONFIG_FILE_MAX);
	ok = file_read(path, &bytes, err) && config_parse(path, buffer_text(&bytes), config, err);
	buffer_done(&bytes);
	return ok;
}

/* ---- reloading ---- */

/* NULL, or the first key of a section whose change takes a restart. */
static const char *config_changed(enum option_section section, const void *now, const void *next)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		if (o->section == section && !o->reloads &&
			memcmp((const char *)now + o->offset, (const char *)next + o->offset,
				o->size) != 0) {
			return o->key;
		}
	}
	return NULL;
}

static bool config_needs_restart(struct err *err, const char *section, const char *name,
	const char *what)
{
	return err_set(err, ERR_INPUT, "[%s%s%s] %s has changed; restart to apply", section,
		name[0] != '\0' ? " " : "", name, what);
}

static bool config_extra_is_same(const struct config_gateway *now,
	const struct config_gateway *next)
{
	bool same = now->extra_count == next->extra_count;

	for (size_t i = 0; same && i < now->extra_count; i++) {
		same = strcmp(now->extra[i].key, next->extra[i].key) == 0 &&
		       strcmp(now->extra[i].value, next->extra[i].value) == 0;
	}
	return same;
}

static bool config_names_stay(const struct config *now, const struct config *next, struct err *err)
{
	if (now->client_count != next->client_count) {
		return config_needs_restart(err, "client", "", "sections: their number");
	}
	for (size_t i = 0; i < now->client_count; i++) {
		if (strcmp(now->clients[i].name, next->clients[i].name) != 0) {
			return config_needs_restart(err, "client", now->clients[i].name,
				"or its place");
		}
	}
	if (now->gateway_count != next->gateway_count) {
		return config_needs_restart(err, "gateway", "", "sections: their number");
	}
	for (size_t i = 0; i < now->gateway_count; i++) {
		const struct config_gateway *gateway = &now->gateways[i];
		const char *key = config_changed(OPTION_GATEWAY, gateway, &next->gateways[i]);

		if (strcmp(gateway->name, next->gateways[i].name) != 0) {
			return config_needs_restart(err, "gateway", gateway->name, "or its place");
		}
		if (key == NULL && !config_extra_is_same(gateway, &next->gateways[i])) {
			key = "a key of the plugin";
		}
		if (key != NULL) {
			return config_needs_restart(err, "gateway", gateway->name, key);
		}
	}
	return true;
}

bool config_may_replace(const struct config *now, const struct config *next, struct err *err)
{
	const struct {
		enum option_section section;
		const void *now;
		const void *next;
	} pairs[] = {
		{ OPTION_DAEMON, &now->daemon, &next->daemon },
		{ OPTION_HTTPS, &now->https, &next->https },
		{ OPTION_TARIFF, &now->tariff, &next->tariff },
		{ OPTION_RATES, &now->rates, &next->rates },
		{ OPTION_BOOK, &now->book, &next->book },
		{ OPTION_RETENTION, &now->retention, &next->retention },
	};

	assert(now != NULL);
	assert(next != NULL);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const char *key = config_changed(pairs[i].section, pairs[i].now, pairs[i].next);

		if (key != NULL) {
			return config_needs_restart(err, option_section_name(pairs[i].section), "",
				key);
		}
	}
	if ((now->https.line == 0) != (next->https.line == 0)) {
		return config_needs_restart(err, "https", "", "itself");
	}
	return config_names_stay(now, next, err);
}
