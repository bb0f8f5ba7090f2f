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

bool reference_parse(struct text handle, struct reference *reference)
{
	const char *space = handle.size > 0 ? memchr(handle.bytes, ' ', handle.size) : NULL;

	assert(reference != NULL);

	if (space == NULL) {
		return false;
	}
	reference->rrn = (struct text){ handle.bytes, (size_t)(space - handle.bytes) };
	reference->int_ref = (struct text){ space + 1, handle.size - reference->rrn.size - 1 };
	return reference_is_fine(reference);
}
