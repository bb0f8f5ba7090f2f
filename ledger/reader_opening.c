/* SPDX-License-Identifier: Apache-2.0 */

/* reader_opening - what a leaf commits to. */
#include <assert.h>

#include "ledger/reader_parts.h"

enum reader_result reader_opening(struct reader *r, int64_t record, bool evidence,
	struct buffer *bytes, struct err *err)
{
	static const struct store_column columns[] = {
		{ "salt", STORE_BLOB, JOB_SALT_SIZE, JOB_SALT_SIZE },
		{ "data", STORE_BLOB, 0, INT32_MAX },
	};
	bool found;

	assert(bytes != NULL);

	store_begin_rows(r->store, evidence ? SQL_VIEW_EVIDENCE : SQL_VIEW_PRIVATE,
		(struct store_value[]){ STORE_OF_INT(record) }, 1);
	found = store_row(r->store) &&
		READER_ROW_IS(r, evidence ? "evidence" : "private", record, columns);
	if (found) {
		buffer_add(bytes, store_text(r->store, 0));
		buffer_add(bytes, store_text(r->store, 1));
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found ? READER_FOUND : READER_ABSENT;
}
