/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A checkpoint and a verifier key that somebody handed us, parted by the first NUL.  What opens
 * must be what a note of the same origin, size and root says.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, 0, size) : NULL;
	struct text verifier = { .bytes = (const char *)data, .size = size };
	struct text note = TEXT("");
	uint64_t stated_size = 0;
	struct tree_hash root;
	struct err err = { 0 };

	if (end != NULL) {
		verifier.size = (size_t)(end - data);
		note = (struct text){ (const char *)end + 1, size - verifier.size - 1 };
	}
	if (note_open(note, verifier, &stated_size, &root, &err)) {
		assert(stated_size <= INT64_MAX);
		assert(note.size <= NOTE_SIZE_MAX);
	} else {
		assert(err.kind != ERR_NONE);
	}
	return 0;
}
