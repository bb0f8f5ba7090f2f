/* SPDX-License-Identifier: Apache-2.0 */

/* reader_tiles - the log as tiles and bundles of entries, for whoever mirrors it. */
#include <assert.h>

#include "ledger/journal.h"
#include "ledger/reader_parts.h"

_Static_assert(JOURNAL_LEAF_MAX <= UINT16_MAX, "two bytes hold the size of any leaf");

/* Whether the book has the first `width` hashes of that tile. */
static bool reader_has_tile(struct reader *r, unsigned level, uint64_t number, size_t width)
{
	int64_t last = reader_last(r, SQL_VIEW_RECORD_LAST, "record");
	uint64_t hashes;

	assert(width > 0 && width <= JOURNAL_TILE_WIDTH);

	if (last < 1 || level >= JOURNAL_TILE_LEVELS) {
		return false;
	}
	hashes = (uint64_t)last >> (level * JOURNAL_TILE_HEIGHT); /* of that level */
	return number <= hashes / JOURNAL_TILE_WIDTH &&
	       number * JOURNAL_TILE_WIDTH + width <= hashes;
}

enum reader_result reader_tile(struct reader *r, unsigned level, uint64_t number, size_t width,
	struct buffer *hashes, struct err *err)
{
	const struct journal_source source = { .store = r->store, .hasher = r->hasher };
	struct tree_hash tile[JOURNAL_TILE_WIDTH];
	bool found;

	assert(hashes != NULL);

	found = reader_has_tile(r, level, number, width) &&
		journal_tile(&source, level, number, width, tile);
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	if (found) {
		buffer_add(hashes, (struct text){ (const char *)tile, width * sizeof(*tile) });
	}
	return found ? READER_FOUND : READER_ABSENT;
}

enum reader_result reader_bundle(struct reader *r, uint64_t number, size_t width,
	struct buffer *leaves, struct err *err)
{
	static const struct store_column columns[] = {
		{ "leaf", STORE_BLOB, 2, JOURNAL_LEAF_MAX },
	};
	bool found = reader_has_tile(r, 0, number, width);
	size_t count = 0;

	assert(leaves != NULL);

	if (found) {
		int64_t before = (int64_t)(number * JOURNAL_TILE_WIDTH);

		store_begin_rows(r->store, SQL_VIEW_LEAVES,
			(struct store_value[]){ STORE_OF_INT(before),
				STORE_OF_INT((int64_t)width) },
			2);
		while (count < width && store_row(r->store) &&
			READER_ROW_IS(r, "record", before + (int64_t)count + 1, columns)) {
			struct text leaf = store_text(r->store, 0);

			buffer_add_char(leaves, (char)(leaf.size >> 8));
			buffer_add_char(leaves, (char)(leaf.size & 0xff));
			buffer_add(leaves, leaf);
			count++;
		}
	}
	if (!reader_end(r, err)) {
		return READER_FAILED;
	}
	return found && count == width ? READER_FOUND : READER_ABSENT;
}
