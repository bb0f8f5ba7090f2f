/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/incoming.h"

#include <assert.h>
#include <string.h>

struct text incoming_header(const struct alym_message *message, const char *name)
{
	struct text value = TEXT("");
	size_t found = 0;

	assert(message != NULL);

	for (size_t i = 0; i < message->header_count; i++) {
		if (text_is_any_case(message->headers[i].name, name)) {
			value = message->headers[i].value;
			found++;
		}
	}
	return found == 1 ? value : TEXT("");
}

struct text incoming_query(const struct alym_message *message)
{
	struct text path;
	const char *mark;

	assert(message != NULL);

	path = message->path;
	mark = path.size > 0 ? memchr(path.bytes, '?', path.size) : NULL;
	if (mark == NULL) {
		return TEXT("");
	}
	mark++;
	return (struct text){ mark, path.size - (size_t)(mark - path.bytes) };
}
