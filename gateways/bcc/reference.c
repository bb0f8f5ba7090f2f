/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/reference.h"

#include <assert.h>
#include <string.h>

static bool reference_is_word(struct text t)
{
	return t.size > 0 && t.size <= REFERENCE_MAX && text_is_made_of(t, "");
}

bool reference_is_fine(const struct reference *reference)
{
	assert(reference != NULL);

	return reference_is_word(reference->rrn) && reference_is_word(reference->int_ref);
}

/* The next word of `rest`, which goes on behind the space after it. */
static struct text reference_word(struct text *rest)
{
	const char *space = memchr(rest->bytes, ' ', rest->size);
	struct text word = { rest->bytes,
		space == NULL ? rest->size : (size_t)(space - rest->bytes) };
	size_t used = space == NULL ? word.size : word.size + 1;

	rest->bytes += used;
	rest->size -= used;
	return word;
}

bool reference_parse(struct text handle, struct reference *reference)
{
	assert(reference != NULL);

	if (handle.size == 0) {
		return false;
	}
	reference->rrn = reference_word(&handle);
	reference->int_ref = reference_word(&handle);
	reference->hold = handle;
	return reference_is_fine(reference) &&
	       (handle.size == 0 || text_is(handle, "0") || text_is(handle, "12"));
}
