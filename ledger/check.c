/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/check.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "ledger/store.h"

enum { CHECK_STEP = 4096 };

/* The roots of the tree at one size and at its end. */
struct check_tree {
	uint64_t size; /* wanted */
	bool reached;
	struct tree_hash root;
	int64_t records;
};

static int64_t check_count(struct store *store)
{
	int64_t count = 0;

	store_begin_rows(store, SQL_SELECT_LAST, NULL, 0);
	if (store_row(store)) {
		count = store_int(store, 0);
	}
	store_end_rows(store);
	return count;
}

static bool check_grow(const struct check_options *options, struct store *store,
	struct check_tree *t, struct err *err)
{
	struct tree_hasher *hasher = tree_hasher_new();
	struct tree tree = { .size = 0 };
	int64_t all = check_count(store);
	bool wanted = true;

	store_begin_rows(store, SQL_CHECK_RECORDS, NULL, 0);
	while (wanted && store_row(store)) {
		struct tree_hash leaf = tree_leaf(hasher, store_text(store, 1));

		if (store_int(store, 0) != (int64_t)tree.size + 1) {
			store_damaged(store, "record", (int64_t)tree.size + 1, "is missing");
			break;
		}
		tree_append(hasher, &tree, &leaf);
		if (tree.size == t->size) {
			t->root = tree_root(hasher, &tree);
			t->reached = true;
		}
		if (tree.size % CHECK_STEP == 0 && options->step != NULL) {
			wanted = options->step(options->context, (int64_t)tree.size, all);
		}
	}
	store_end_rows(store);
	tree_hasher_free(&hasher);
	t->records = (int64_t)tree.size;
	if (store_failed(store)) {
		store_explain(store, err);
		return false;
	}
	return wanted || err_set(err, ERR_LIMIT, "stopped");
}

/* The newest checkpoint, by our own key. */
static bool check_note(struct store *store, const struct check_options *options,
	struct check_result *result, struct err *err)
{
	bool found = false;

	store_begin_rows(store, SQL_SELECT_CHECKPOINT_LAST, NULL, 0);
	if (store_row(store)) {
		found = text_copy(store_text(store, 2), result->note, sizeof(result->note));
	}
	store_end_rows(store);
	if (store_failed(store)) {
		store_explain(store, err);
		return false;
	}
	if (!found) {
		return err_set(err, ERR_DATABASE, "the file has no checkpoint to be verified by");
	}
	return keyring_open(options->keys, text_of(result->note), &result->head, err);
}

static bool check_store(struct store *store, const struct check_options *options,
	struct check_result *result, struct err *err)
{
	struct check_tree tree = { .size = 0 };

	if ((options->pages && !store_is_sound(store, err)) ||
		!check_note(store, options, result, err)) {
		return false;
	}
	tree.size = result->head.size;
	if (!check_grow(options, store, &tree, err)) {
		return false;
	}
	result->records = tree.records;
	if (!tree.reached ||
		memcmp(tree.root.bytes, result->head.root.bytes, sizeof(tree.root.bytes)) != 0) {
		return err_set(err, ERR_DATABASE,
			"the tree of the first %" PRIu64
			" records is not what the checkpoint in the file says",
			result->head.size);
	}
	return true;
}

bool check_file(const struct check_options *options, struct check_result *result, struct err *err)
{
	struct store *store = NULL;
	bool ok;

	assert(options->keys != NULL);
	assert(result != NULL);

	ok = store_open(options->path, NULL, STORE_READ, &store, err) &&
	     check_store(store, options, result, err);
	store_close(&store);
	return ok;
}

bool check_head(const char *path, const struct head *head, struct err *err)
{
	const struct check_options options = { .path = path };
	struct check_tree tree = { .size = head->size };
	struct store *store = NULL;
	bool ok = store_open(path, NULL, STORE_READ, &store, err) &&
		  check_grow(&options, store, &tree, err);

	store_close(&store);
	if (!ok) {
		return false;
	}
	if (!tree.reached) {
		return err_set(err, ERR_DATABASE,
			"the file has %" PRId64 " records, the checkpoint speaks of %" PRIu64,
			tree.records, head->size);
	}
	return memcmp(tree.root.bytes, head->root.bytes, sizeof(tree.root.bytes)) == 0 ||
	       err_set(err, ERR_DATABASE,
		       "the first %" PRIu64 " records are not those of the checkpoint", head->size);
}
