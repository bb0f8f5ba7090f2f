/* SPDX-License-Identifier: Apache-2.0 */
#include "base/id.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t id_number_max(enum id_kind kind)
{
	return kind == ID_ATTEMPT ? ID_ATTEMPT_NUMBER_MAX : ID_NUMBER_MAX;
}

static bool id_is_sane(struct id id)
{
	return id.generation >= 1 && id.generation <= ID_GENERATION_MAX && id.number >= 1 &&
	       id.number <= id_number_max(id.kind);
}

const char *id_format(struct id id, char out[ID_SIZE])
{
	int size;

	assert(id_is_sane(id));
	assert(out != NULL);

	size = snprintf(out, ID_SIZE, "%c%" PRId32 "-%" PRId64, (char)id.kind, id.generation,
		id.number);
	assert(size > 0 && size < ID_SIZE);
	return out;
}

bool id_parse(struct text t, enum id_kind kind, struct id *id)
{
	struct id parsed = { .kind = kind };
	const char *hyphen = t.size > 0 ? memchr(t.bytes, '-', t.size) : NULL;
	char canonical[ID_SIZE];
	int64_t generation;

	assert(id != NULL);

	if (hyphen == NULL || t.bytes[0] != (char)kind || t.size >= ID_SIZE) {
		return false;
	}
	if (!text_parse_integer((struct text){ t.bytes + 1, (size_t)(hyphen - t.bytes) - 1 },
		    &generation) ||
		!text_parse_integer((struct text){ hyphen + 1,
					    t.size - (size_t)(hyphen - t.bytes) - 1 },
			&parsed.number) ||
		generation > ID_GENERATION_MAX) {
		return false;
	}
	parsed.generation = (int32_t)generation;
	if (!id_is_sane(parsed) || !text_is(t, id_format(parsed, canonical))) {
		return false;
	}
	*id = parsed;
	return true;
}
