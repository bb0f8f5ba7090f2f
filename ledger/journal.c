/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct journal {
	struct journal_source source;
	struct tree tree;
	int64_t booked_at; /* of the last record */
	struct buffer leaf;
	struct json_writer writer;
	enum kind_record kind; /* of the record being written */
	bool open;
	/* Hashes of the tiles being filled: level 0 of leaves, level n of complete tiles below. */
	struct {
		size_t count;
		struct tree_hash hashes[JOURNAL_TILE_WIDTH];
	} tiles[JOURNAL_TILE_LEVELS];
};

static bool journal_read_tile(struct store *store, unsigned level, uint64_t number,
	struct tree_hash *hashes)
{
	bool found = false;

	assert(store != NULL);
	assert(level < JOURNAL_TILE_LEVELS);

	store_begin_rows(store, SQL_SELECT_TILE,
		(struct store_value[]){ STORE_OF_INT(level), STORE_OF_INT((int64_t)number) }, 2);
	if (store_row(store)) {
		struct text t = store_text(store, 0);

		found = t.size == sizeof(*hashes) * JOURNAL_TILE_WIDTH;
		if (found) {
			memcpy(hashes, t.bytes, t.size);
		}
	}
	store_end_rows(store);
	return found;
}

static bool journal_read_leaf(const struct journal_source *s, uint64_t index,
	struct tree_hash *hash)
{
	bool found;

	assert(s != NULL);
	assert(hash != NULL);

	store_begin_rows(s->store, SQL_SELECT_LEAF,
		(struct store_value[]){ STORE_OF_INT((int64_t)index + 1) }, 1);
	found = store_row(s->store);
	if (found) {
		*hash = tree_leaf(s->hasher, store_text(s->store, 0));
	} else {
		store_damaged(s->store, "record", (int64_t)index + 1, "is missing");
	}
	store_end_rows(s->store);
	return found;
}

/* One hash of a tile level: a leaf, or the root of the complete tile below. */
static bool journal_tile_hash(const struct journal_source *s, unsigned level, uint64_t index,
	struct tree_hash *hash)
{
	struct tree_hash hashes[JOURNAL_TILE_WIDTH];

	assert(level < JOURNAL_TILE_LEVELS);

	if (level == 0) {
		return journal_read_leaf(s, index, hash);
	}
	if (!journal_read_tile(s->store, level - 1, index, hashes)) {
		store_damaged(s->store, "tile", (int64_t)index,
			"of level %u is missing or has another size", level - 1);
		return false;
	}
	*hash = tree_fold(s->hasher, hashes, JOURNAL_TILE_WIDTH);
	return true;
}

bool journal_source(void *source, unsigned level, uint64_t index, struct tree_hash *hash)
{
	const struct journal_source *s = source;
	unsigned tile = level / JOURNAL_TILE_HEIGHT;
	size_t width = (size_t)1 << (level % JOURNAL_TILE_HEIGHT);
	uint64_t first = index * width;
	struct tree_hash hashes[JOURNAL_TILE_WIDTH];

	assert(s->store != NULL);
	assert(hash != NULL);

	if (tile >= JOURNAL_TILE_LEVELS) {
		return false;
	}
	if (width > 1 && journal_read_tile(s->store, tile, first / JOURNAL_TILE_WIDTH, hashes)) {
		*hash = tree_fold(s->hasher, &hashes[first % JOURNAL_TILE_WIDTH], width);
		return true;
	}
	/* The tile is not complete yet: its hashes one by one. */
	for (size_t i = 0; i < width; i++) {
		if (!journal_tile_hash(s, tile, first + i, &hashes[i])) {
			return false;
		}
	}
	*hash = tree_fold(s->hasher, hashes, width);
	return true;
}

bool journal_tile(const struct journal_source *s, unsigned level, uint64_t number, size_t width,
	struct tree_hash hashes[JOURNAL_TILE_WIDTH])
{
	assert(level < JOURNAL_TILE_LEVELS);
	assert(width > 0 && width <= JOURNAL_TILE_WIDTH);

	if (journal_read_tile(s->store, level, number, hashes)) {
		return true;
	}
	/* It is not complete yet. */
	for (size_t i = 0; i < width; i++) {
		if (!journal_tile_hash(s, level, number * JOURNAL_TILE_WIDTH + i, &hashes[i])) {
			return false;
		}
	}
	return true;
}

/* The tiles being filled, from what is on disk. */
static bool journal_load_tiles(struct journal *j)
{
	uint64_t size = j->tree.size;

	assert(j->source.store != NULL);

	for (unsigned level = 0; level < JOURNAL_TILE_LEVELS; level++) {
		uint64_t whole = size / JOURNAL_TILE_WIDTH * JOURNAL_TILE_WIDTH;

		for (uint64_t i = whole; i < size; i++) {
			if (!journal_tile_hash(&j->source, level, i,
				    &j->tiles[level].hashes[i - whole])) {
				return false;
			}
		}
		j->tiles[level].count = (size_t)(size - whole);
		size /= JOURNAL_TILE_WIDTH;
	}
	return true;
}

bool journal_open(struct store *store, struct journal **journal)
{
	static const struct store_column columns[] = {
		{ "number", STORE_INT, 0, INT64_MAX - 1 },
		{ "booked_at", STORE_INT, 0, INT64_MAX },
	};
	struct journal *j = mem_new(1, sizeof(*j));
	uint64_t size = 0;

	assert(store != NULL);
	assert(journal != NULL);

	j->source.store = store;
	j->source.hasher = tree_hasher_new();
	buffer_init(&j->leaf, JOURNAL_LEAF_MAX);
	store_begin_rows(store, SQL_SELECT_LAST, NULL, 0);
	if (store_row(store) && store_row_is(store, "record", store_int(store, 0), columns, 2)) {
		size = (uint64_t)store_int(store, 0);
		j->booked_at = store_int(store, 1);
	}
	store_end_rows(store);
	*journal = j;
	return !store_failed(store) && tree_at(size, journal_source, &j->source, &j->tree) &&
	       journal_load_tiles(j);
}

void journal_close(struct journal **journal)
{
	struct journal *j;

	assert(journal != NULL);

	j = *journal;
	*journal = NULL;
	if (j == NULL) {
		return;
	}
	tree_hasher_free(&j->source.hasher);
	buffer_done(&j->leaf);
	free(j);
}

int64_t journal_next(const struct journal *j)
{
	assert(j != NULL);

	return (int64_t)j->tree.size + 1;
}

const struct tree *journal_tree(const struct journal *j)
{
	assert(j != NULL);

	return &j->tree;
}

struct tree_hash journal_root(struct journal *j)
{
	assert(j != NULL);

	return tree_root(j->source.hasher, &j->tree);
}

bool journal_root_at(struct journal *j, uint64_t size, struct tree_hash *root)
{
	assert(size > 0 && size <= j->tree.size);

	return tree_root_at(j->source.hasher, size, journal_source, &j->source, root);
}

int64_t journal_time(const struct journal *j, int64_t now)
{
	assert(j != NULL);

	return now > j->booked_at ? now : j->booked_at;
}

struct json_writer *journal_begin(struct journal *j, enum kind_record kind, int64_t now)
{
	assert(j != NULL);
	assert(!j->open);

	j->open = true;
	j->kind = kind;
	j->booked_at = journal_time(j, now);
	buffer_reset(&j->leaf);
	json_writer_init(&j->writer, &j->leaf);
	json_open_object(&j->writer, NULL);
	json_time(&j->writer, "at", j->booked_at);
	json_open_object(&j->writer, "body");
	return &j->writer;
}

/* A full tile goes to disk; the tree's edge has its root, which is the next hash of the tile above.
 */
static void journal_grow_tiles(struct journal *j)
{
	uint64_t number = (j->tree.size - 1) / JOURNAL_TILE_WIDTH;

	for (unsigned level = 0; level < JOURNAL_TILE_LEVELS; level++) {
		assert(j->tiles[level].count < JOURNAL_TILE_WIDTH);
		j->tiles[level].hashes[j->tiles[level].count++] =
			j->tree.edge[(size_t)level * JOURNAL_TILE_HEIGHT];
		if (j->tiles[level].count < JOURNAL_TILE_WIDTH) {
			break;
		}
		store_put(j->source.store, SQL_INSERT_TILE,
			(struct store_value[]){ STORE_OF_INT(level), STORE_OF_INT((int64_t)number),
				STORE_OF_BLOB(j->tiles[level].hashes,
					sizeof(j->tiles[level].hashes)) },
			3);
		j->tiles[level].count = 0;
		number /= JOURNAL_TILE_WIDTH;
	}
}

int64_t journal_end(struct journal *j)
{
	int64_t number = journal_next(j);
	struct tree_hash leaf;

	assert(j->open);

	json_close_object(&j->writer);
	json_cstring(&j->writer, "kind", kind_record_name(j->kind));
	json_decimal(&j->writer, "number", number);
	json_decimal(&j->writer, "v", JOURNAL_VERSION);
	json_close_object(&j->writer);
	assert(!j->leaf.overflowed); /* every text in a body has a bound */
	store_put(j->source.store, SQL_INSERT_RECORD,
		(struct store_value[]){ STORE_OF_INT(number), STORE_OF_INT(j->kind),
			STORE_OF_INT(j->booked_at), STORE_OF_BLOB(j->leaf.bytes, j->leaf.size) },
		4);
	leaf = tree_leaf(j->source.hasher, buffer_text(&j->leaf));
	tree_append(j->source.hasher, &j->tree, &leaf);
	journal_grow_tiles(j);
	j->open = false;
	return number;
}
