/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/endpoint.h"

#include <assert.h>
#include <string.h>

const char *endpoint_parse(struct endpoint *endpoint, struct text setting)
{
	struct text scheme = TEXT("https://");
	struct text host;
	struct text path = TEXT("");
	const char *slash;

	assert(endpoint != NULL);

	if (!text_starts(setting, scheme)) {
		return "must begin with https://";
	}
	if (!text_copy(setting, endpoint->address, sizeof(endpoint->address))) {
		return "is too long";
	}
	host = (struct text){ setting.bytes + scheme.size, setting.size - scheme.size };
	slash = host.size > 0 ? memchr(host.bytes, '/', host.size) : NULL;
	if (slash != NULL) {
		path = (struct text){ slash, host.size - (size_t)(slash - host.bytes) };
		host.size -= path.size;
	}
	endpoint->origin_size = scheme.size + host.size;
	if (!text_is_made_of(host, ".:-[]")) {
		return "has no usable host";
	}
	if (path.size > 0 &&
		(path.bytes[path.size - 1] == '/' || !text_is_made_of(path, "/.-_~"))) {
		return "has a path that can not be used, or ends in a slash";
	}
	return NULL;
}
