/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/origin.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { ORIGIN_HOST_MAX = 253, ORIGIN_PORT_MAX = 65535, ORIGIN_PORT_DEFAULT = 443 };

_Static_assert(ENGINE_ORIGIN_SIZE > ORIGIN_HOST_MAX + sizeof("[]:65535"),
	"every host with its port fits");

static char origin_lower(char c)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz";

	if (c < 'A' || c > 'Z') {
		return c;
	}
	return lower[c - 'A'];
}

static bool origin_is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static bool origin_is_address_byte(char c)
{
	return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == '.' || c == ':';
}

/* The size of the host that `rest` begins with: a name, or an IPv6 address in brackets; 0: none. */
static size_t origin_host_size(struct text rest)
{
	bool bracket = rest.size > 0 && rest.bytes[0] == '[';
	size_t size = bracket ? 1 : 0;

	while (size < rest.size &&
		(bracket ? origin_is_address_byte(origin_lower(rest.bytes[size]))
			 : origin_is_name_byte(origin_lower(rest.bytes[size])))) {
		size++;
	}
	if (!bracket) {
		return size;
	}
	return size > 1 && size < rest.size && rest.bytes[size] == ']' ? size + 1 : 0;
}

/* What follows the host: nothing, a path, a query - or a port first. */
static bool origin_port(struct text rest, int64_t *port)
{
	size_t size = 0;

	*port = ORIGIN_PORT_DEFAULT;
	if (rest.size > 0 && rest.bytes[0] == ':') {
		rest = (struct text){ rest.bytes + 1, rest.size - 1 };
		while (size < rest.size && rest.bytes[size] >= '0' && rest.bytes[size] <= '9') {
			size++;
		}
		if (!text_parse_integer((struct text){ rest.bytes, size }, port)) {
			return false;
		}
	}
	if (*port < 1 || *port > ORIGIN_PORT_MAX) {
		return false;
	}
	return size == rest.size || rest.bytes[size] == '/' || rest.bytes[size] == '?' ||
	       rest.bytes[size] == '#';
}

bool origin_of(struct text url, char out[ENGINE_ORIGIN_SIZE])
{
	struct text scheme = TEXT("https://");
	struct text rest;
	char host[ORIGIN_HOST_MAX + 1];
	size_t size;
	int64_t port;

	assert(out != NULL);

	if (!text_starts(url, scheme)) {
		return false;
	}
	rest = (struct text){ url.bytes + scheme.size, url.size - scheme.size };
	size = origin_host_size(rest);
	if (size == 0 || size > ORIGIN_HOST_MAX) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		host[i] = origin_lower(rest.bytes[i]);
	}
	host[size] = '\0';
	if (!origin_port((struct text){ rest.bytes + size, rest.size - size }, &port)) {
		return false;
	}
	(void)snprintf(out, ENGINE_ORIGIN_SIZE, "%s:%d", host, (int)port);
	return true;
}

bool origin_add(struct engine_gateway *gateway, struct text url)
{
	assert(gateway != NULL);

	if (gateway->origin_count == ENGINE_ORIGINS_MAX ||
		!origin_of(url, gateway->origins[gateway->origin_count])) {
		return false;
	}
	gateway->origin_count++;
	return true;
}

bool origin_allows(const struct engine_gateway *gateway, struct text url)
{
	char origin[ENGINE_ORIGIN_SIZE];

	assert(gateway != NULL);
	assert(gateway->origin_count <= ENGINE_ORIGINS_MAX);

	if (!origin_of(url, origin)) {
		return false;
	}
	for (size_t i = 0; i < gateway->origin_count; i++) {
		if (strcmp(gateway->origins[i], origin) == 0) {
			return true;
		}
	}
	return false;
}
