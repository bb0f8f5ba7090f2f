/* SPDX-License-Identifier: Apache-2.0 */
/* How each type of value is read: one function per type, chosen by a table. */
#include <arpa/inet.h>
#include <assert.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/money.h"
#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/fetch.h"
#include "daemon/network.h"
#include "daemon/option.h"
#include "daemon/origin.h"

enum { OPTION_PORT_MAX = 65535 };

typedef bool option_take_fn(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE]);

static bool option_refuse(char why[OPTION_WHY_SIZE], const char *what)
{
	(void)snprintf(why, OPTION_WHY_SIZE, "%s", what);
	return false;
}

static bool option_is_visible(struct text value)
{
	for (size_t i = 0; i < value.size; i++) {
		if (value.bytes[i] <= ' ' || value.bytes[i] > '~') {
			return false;
		}
	}
	return value.size > 0;
}

static bool option_copy(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	return text_copy(value, out, o->size) || option_refuse(why, "a shorter value");
}

/* systemd.exec(5), LoadCredential=: a folder for the service alone, named in its environment. */
static bool option_credential(struct text name, char *path, size_t size, char why[OPTION_WHY_SIZE])
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	int needed;

	if (!text_is_made_of(name, "._-") || name.bytes[0] == '.') {
		return option_refuse(why, "credential:NAME, of A-Z a-z 0-9 . _ -");
	}
	if (folder == NULL || folder[0] != '/') {
		return option_refuse(why,
			"an absolute path, or start it by systemd with LoadCredential=: there is "
			"no CREDENTIALS_DIRECTORY");
	}
	needed = snprintf(path, size, "%s/%.*s", folder, TEXT_ARGS(name));
	return (needed > 0 && (size_t)needed < size) || option_refuse(why, "a shorter value");
}

bool option_path(struct text value, char *path, size_t size, char why[OPTION_WHY_SIZE])
{
	struct text credential = TEXT("credential:");

	assert(path != NULL);

	if (text_starts(value, credential)) {
		value = (struct text){ value.bytes + credential.size,
			value.size - credential.size };
		return option_credential(value, path, size, why);
	}
	if (value.size == 0 || value.bytes[0] != '/') {
		return option_refuse(why, "an absolute path: one that begins with /");
	}
	return text_copy(value, path, size) || option_refuse(why, "a shorter value");
}

static bool option_take_path(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	return option_path(value, out, o->size, why);
}

static bool option_take_word(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	if (!option_is_visible(value)) {
		return option_refuse(why, "one word of visible ASCII characters");
	}
	return option_copy(o, value, out, why);
}

static bool option_take_url(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	char origin[ENGINE_ORIGIN_SIZE];

	if (!option_is_visible(value) || !origin_of(value, origin) ||
		value.bytes[value.size - 1] == '/' ||
		memchr(value.bytes, '?', value.size) != NULL ||
		memchr(value.bytes, '#', value.size) != NULL) {
		return option_refuse(why,
			"an address like https://host[:port][/path], without a slash at the end");
	}
	return option_copy(o, value, out, why);
}

/* https://host/path?query with FETCH_DATE once behind the host. */
static bool option_take_dated(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	char origin[ENGINE_ORIGIN_SIZE];
	const char *hole = strstr(value.bytes, FETCH_DATE);
	const char *path = NULL;

	if (option_is_visible(value) && origin_of(value, origin)) {
		path = strchr(value.bytes + sizeof("https://") - 1, '/');
	}
	if (path == NULL || hole == NULL || hole < path || strstr(hole + 1, FETCH_DATE) != NULL ||
		memchr(value.bytes, '#', value.size) != NULL) {
		return option_refuse(why, "an address like https://host/path?day=" FETCH_DATE
					  ", with " FETCH_DATE " once, behind the host");
	}
	return option_copy(o, value, out, why);
}

static bool option_take_number(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	int64_t number;

	assert(o->size == sizeof(int64_t));

	if (!text_parse_integer(value, &number) || number < o->min || number > o->max) {
		(void)snprintf(why, OPTION_WHY_SIZE, "a whole number from %" PRId64 " to %" PRId64,
			o->min, o->max);
		return false;
	}
	memcpy(out, &number, sizeof(number));
	return true;
}

static bool option_take_choice(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	struct buffer words;

	assert(o->size == sizeof(int64_t));

	for (int64_t i = 0; i < OPTION_CHOICES_MAX && o->choices[i] != NULL; i++) {
		if (text_is(value, o->choices[i])) {
			memcpy(out, &i, sizeof(i));
			return true;
		}
	}
	buffer_init(&words, OPTION_WHY_SIZE - 1);
	for (size_t i = 0; i < OPTION_CHOICES_MAX && o->choices[i] != NULL; i++) {
		buffer_printf(&words, "%s%s", i > 0 ? " or " : "", o->choices[i]);
	}
	if (o->note != NULL) {
		buffer_printf(&words, " (%s)", o->note);
	}
	(void)option_refuse(why, buffer_text(&words).bytes);
	buffer_done(&words);
	return false;
}

/* Splits "host:port" and "[host]:port"; false when it is neither. */
static bool option_split_address(struct text value, char host[INET6_ADDRSTRLEN], bool *v6,
	in_port_t *port)
{
	struct text part = value;
	int64_t number;
	size_t colon = value.size;

	while (colon > 0 && value.bytes[colon - 1] != ':') {
		colon--;
	}
	if (colon < 2 ||
		!text_parse_integer((struct text){ value.bytes + colon, value.size - colon },
			&number) ||
		number > OPTION_PORT_MAX) {
		return false;
	}
	part.size = colon - 1;
	*v6 = part.bytes[0] == '[';
	if (*v6 && (part.size < 3 || part.bytes[part.size - 1] != ']')) {
		return false;
	}
	if (*v6) {
		part.bytes++;
		part.size -= 2;
	}
	*port = (in_port_t)number;
	return text_copy(part, host, INET6_ADDRSTRLEN);
}

static bool option_take_address(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	struct config_address *address = out;
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	char host[INET6_ADDRSTRLEN];
	in_port_t port = 0;
	bool is_v6 = false;
	int rc = 0;

	assert(o->size == sizeof(*address));

	if (option_split_address(value, host, &is_v6, &port)) {
		rc = inet_pton(is_v6 ? AF_INET6 : AF_INET, host,
			is_v6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr);
	}
	if (rc != 1 || !text_copy(value, address->text, sizeof(address->text))) {
		return option_refuse(why,
			"a numeric address and a port, 127.0.0.1:8443 or [::1]:8443");
	}
	memset(&address->socket, 0, sizeof(address->socket));
	if (is_v6) {
		v6.sin6_port = htons(port);
		memcpy(&address->socket, &v6, sizeof(v6));
		address->size = sizeof(v6);
	} else {
		v4.sin_port = htons(port);
		memcpy(&address->socket, &v4, sizeof(v4));
		address->size = sizeof(v4);
	}
	return true;
}

static bool option_take_uid(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	char name[CONFIG_VALUE_SIZE];
	int64_t id;

	assert(o->size == sizeof(id));

	if (!text_parse_integer(value, &id)) {
		const struct passwd *user =
			text_copy(value, name, sizeof(name)) ? getpwnam(name) : NULL;

		if (user == NULL) {
			return option_refuse(why, "a user of this system, by name or number");
		}
		id = user->pw_uid;
	}
	if (id > o->max) {
		return option_refuse(why, "a user's number");
	}
	memcpy(out, &id, sizeof(id));
	return true;
}

static bool option_take_gid(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	char name[CONFIG_VALUE_SIZE];
	int64_t id;

	assert(o->size == sizeof(id));

	if (!text_parse_integer(value, &id)) {
		const struct group *group =
			text_copy(value, name, sizeof(name)) ? getgrnam(name) : NULL;

		if (group == NULL) {
			return option_refuse(why, "a group of this system, by name or number");
		}
		id = group->gr_gid;
	}
	if (id > o->max) {
		return option_refuse(why, "a group's number");
	}
	memcpy(out, &id, sizeof(id));
	return true;
}

/* Takes the next of items separated by commas, spaces or both; false when there is none left. */
static bool option_item(struct text *rest, struct text *item)
{
	while (rest->size > 0 && strchr(", \t", rest->bytes[0]) != NULL) {
		rest->bytes++;
		rest->size--;
	}
	item->bytes = rest->bytes;
	item->size = 0;
	while (item->size < rest->size && strchr(", \t", rest->bytes[item->size]) == NULL) {
		item->size++;
	}
	rest->bytes += item->size;
	rest->size -= item->size;
	return item->size > 0;
}

static int64_t option_role(struct text item)
{
	if (text_is(item, "service")) {
		return CALL_ROLE_SERVICE;
	}
	if (text_is(item, "auditor")) {
		return CALL_ROLE_AUDITOR;
	}
	return text_is(item, "operator") ? CALL_ROLE_OPERATOR : 0;
}

static bool option_take_roles(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	struct text rest = value;
	struct text item;
	int64_t roles = 0;

	assert(o->size == sizeof(roles));

	while (option_item(&rest, &item)) {
		int64_t role = option_role(item);

		if (role == 0 || (roles & role) != 0) {
			return option_refuse(why, "service, auditor, operator, each once");
		}
		roles |= role;
	}
	if (roles == 0) {
		return option_refuse(why, "at least one of service, auditor, operator");
	}
	memcpy(out, &roles, sizeof(roles));
	return true;
}

static bool option_take_networks(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	struct config_networks networks = { .count = 0 };
	struct text rest = value;
	struct text item;

	assert(o->size == sizeof(networks));

	while (option_item(&rest, &item)) {
		if (networks.count == ENGINE_NETWORKS_MAX) {
			(void)snprintf(why, OPTION_WHY_SIZE, "at most %d networks",
				ENGINE_NETWORKS_MAX);
			return false;
		}
		if (!network_parse(item, &networks.network[networks.count])) {
			return option_refuse(why,
				"networks like 10.0.0.0/8 or 2001:db8::/32, no bits behind the prefix");
		}
		networks.count++;
	}
	if (networks.count == 0) {
		return option_refuse(why, "at least one network");
	}
	memcpy(out, &networks, sizeof(networks));
	return true;
}

static bool option_take_zone(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	bool fine = value.bytes[0] != '/';

	for (size_t i = 0; i < value.size; i++) {
		char c = value.bytes[i];

		fine = fine && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				       (c >= '0' && c <= '9') || strchr("_+-/", c) != NULL);
	}
	if (!fine) {
		return option_refuse(why, "a name of the tz database, Asia/Almaty");
	}
	return option_copy(o, value, out, why);
}

static bool option_take_plugin(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	bool fine = true;

	for (size_t i = 0; i < value.size && value.bytes[0] != '/'; i++) {
		char c = value.bytes[i];

		fine = fine &&
		       ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-');
	}
	if (!fine) {
		return option_refuse(why,
			"a plugin's name (a-z, 0-9, _ and -) or an absolute path");
	}
	return option_copy(o, value, out, why);
}

/* Writes the items with one space between; false: one is not what it must be. */
static bool option_take_list(const struct option *o, struct text value, void *out,
	bool (*fits)(struct text item))
{
	struct text rest = value;
	struct text item;
	struct buffer list;
	bool fine = true;

	buffer_init(&list, o->size);
	while (fine && option_item(&rest, &item)) {
		fine = fits(item);
		buffer_printf(&list, "%s%.*s", list.size > 0 ? " " : "", TEXT_ARGS(item));
	}
	fine = fine && list.size > 0 && text_copy(buffer_text(&list), out, o->size);
	buffer_done(&list);
	return fine;
}

static bool option_take_currencies(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	return option_take_list(o, value, out, money_currency_is_known) ||
	       option_refuse(why, "some of KZT, USD, EUR, GBP, CHF");
}

/* A service's code, or its beginning and a star. */
static bool option_is_service(struct text item)
{
	bool fine = item.bytes[0] >= 'a' && item.bytes[0] <= 'z';

	for (size_t i = 0; i < item.size; i++) {
		char c = item.bytes[i];

		fine = fine &&
		       ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
			       (c == '*' && i + 1 == item.size && i > 0 &&
				       item.bytes[i - 1] == '.'));
	}
	return fine;
}

static bool option_take_services(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	return option_take_list(o, value, out, option_is_service) ||
	       option_refuse(why, "services, or all that begin alike: evisa, visa.*");
}

static bool option_take_amount(const struct option *o, struct text value, void *out,
	char why[OPTION_WHY_SIZE])
{
	int64_t minor;

	assert(o->size == sizeof(minor));

	if (!money_parse_amount(value, &minor)) {
		return option_refuse(why, "an amount like 5000 or 5000.50");
	}
	memcpy(out, &minor, sizeof(minor));
	return true;
}

static option_take_fn *const option_takes[OPTION_TYPE_COUNT] = {
	[OPTION_PATH] = option_take_path,
	[OPTION_WORD] = option_take_word,
	[OPTION_URL] = option_take_url,
	[OPTION_DATED] = option_take_dated,
	[OPTION_NUMBER] = option_take_number,
	[OPTION_CHOICE] = option_take_choice,
	[OPTION_ADDRESS] = option_take_address,
	[OPTION_UID] = option_take_uid,
	[OPTION_GID] = option_take_gid,
	[OPTION_ROLES] = option_take_roles,
	[OPTION_NETWORKS] = option_take_networks,
	[OPTION_ZONE] = option_take_zone,
	[OPTION_PLUGIN] = option_take_plugin,
	[OPTION_CURRENCIES] = option_take_currencies,
	[OPTION_SERVICES] = option_take_services,
	[OPTION_AMOUNT] = option_take_amount,
};

bool option_take(const struct option *option, const char *value, void *section,
	char why[OPTION_WHY_SIZE])
{
	assert(option != NULL);
	assert(option->type < OPTION_TYPE_COUNT);
	assert(value != NULL && value[0] != '\0');
	assert(section != NULL);

	return option_takes[option->type](option, text_of(value), (char *)section + option->offset,
		why);
}
