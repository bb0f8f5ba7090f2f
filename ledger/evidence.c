/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/evidence.h"

#include <assert.h>
#include <string.h>

#include "base/json.h"
#include "ledger/reader_parts.h"

enum { EVIDENCE_ARENA = JOB_SALT_SIZE + 3 * JOB_EVIDENCE_MAX + 2 };

void evidence_init(struct evidence_view *view)
{
	assert(view != NULL);

	*view = (struct evidence_view){ .state = EVIDENCE_NONE };
	buffer_init(&view->arena, EVIDENCE_ARENA);
}

void evidence_done(struct evidence_view *view)
{
	assert(view != NULL);

	buffer_done(&view->arena);
}

/* What the leaf says of it: 64 digits, or nothing. */
static bool evidence_commitment(struct text leaf, char out[2 * JOB_DIGEST_SIZE + 1])
{
	struct text said = json_member(json_member(leaf, "body"), "evidence");

	if (said.size < 2 || said.bytes[0] != '"') {
		return false;
	}
	return text_copy((struct text){ said.bytes + 1, said.size - 2 }, out,
		(size_t)2 * JOB_DIGEST_SIZE + 1);
}

bool evidence_read(struct reader *r, int64_t record, struct text leaf, struct evidence_view *view,
	struct err *err)
{
	enum reader_result kept;
	int64_t erasure;

	assert(r != NULL);
	assert(view != NULL);

	if (!evidence_commitment(leaf, view->commitment)) {
		view->state = EVIDENCE_NONE;
		return true;
	}
	kept = reader_opening(r, record, true, &view->arena, err);
	if (kept == READER_FAILED) {
		return false;
	}
	if (kept == READER_FOUND) {
		struct text opening = buffer_text(&view->arena);

		assert(!view->arena.overflowed);
		memcpy(view->salt, opening.bytes, sizeof(view->salt));
		view->data = (struct text){ opening.bytes + JOB_SALT_SIZE,
			opening.size - JOB_SALT_SIZE };
		view->state = EVIDENCE_KEPT;
		return true;
	}
	erasure = reader_integer(r, SQL_VIEW_EVIDENCE_ERASED,
		(struct store_value[]){ STORE_OF_INT(record) }, 1);
	view->state = erasure > 0 ? EVIDENCE_ERASED : EVIDENCE_MISSING;
	view->erasure = erasure > 0 ? erasure : 0;
	return reader_end(r, err);
}

const char *evidence_state_name(enum evidence_state state)
{
	static const char *const names[] = {
		[EVIDENCE_NONE] = "none",
		[EVIDENCE_KEPT] = "kept",
		[EVIDENCE_ERASED] = "erased",
		[EVIDENCE_MISSING] = "missing",
	};

	assert((size_t)state < sizeof(names) / sizeof(*names));
	return names[state];
}
