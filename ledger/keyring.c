/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/keyring.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

bool keyring_has(const struct keyring *keyring, const uint8_t public[NOTE_PUBLIC_SIZE])
{
	assert(keyring != NULL);

	for (size_t i = 0; i < keyring->count; i++) {
		if (memcmp(keyring->publics[i], public, NOTE_PUBLIC_SIZE) == 0) {
			return true;
		}
	}
	return false;
}

void keyring_add(struct keyring *keyring, const uint8_t public[NOTE_PUBLIC_SIZE])
{
	if (keyring_has(keyring, public)) {
		return;
	}
	keyring->publics =
		mem_grow(keyring->publics, keyring->count + 1, sizeof(*keyring->publics));
	memcpy(keyring->publics[keyring->count++], public, NOTE_PUBLIC_SIZE);
}

void keyring_join(struct keyring *keyring, const struct keyring *more)
{
	assert(more != NULL);

	for (size_t i = 0; i < more->count; i++) {
		keyring_add(keyring, more->publics[i]);
	}
}

void keyring_done(struct keyring *keyring)
{
	assert(keyring != NULL);

	free(keyring->publics);
	*keyring = (struct keyring){ .count = 0 };
}

/* ---- what the book says ---- */

/* The key of one of the record's members, if it has it. */
static void keyring_add_member(struct keyring *keyring, struct text leaf, const char *name)
{
	struct text quoted = json_member(json_member(leaf, "body"), name);
	uint8_t public[NOTE_PUBLIC_SIZE];

	/* Nothing in a verifier key is escaped. */
	if (quoted.size > 2 &&
		note_verifier_public((struct text){ quoted.bytes + 1, quoted.size - 2 }, public)) {
		keyring_add(keyring, public);
	}
}

bool keyring_add_named(struct keyring *keyring, struct store *store, struct err *err)
{
	bool ok;

	assert(store != NULL);

	store_begin_rows(store, SQL_KEYRING_RECORDS, NULL, 0);
	while (store_row(store)) {
		keyring_add_member(keyring, store_text(store, 0), "verifier");
		keyring_add_member(keyring, store_text(store, 0), "before");
	}
	store_end_rows(store);
	ok = !store_failed(store);
	if (!ok) {
		store_explain(store, err);
	}
	return ok;
}

bool keyring_add_named_in(struct keyring *keyring, const char *path, struct err *err)
{
	struct store *store = NULL;
	bool ok = store_open(path, NULL, STORE_READ, &store, err) &&
		  keyring_add_named(keyring, store, err);

	store_close(&store);
	return ok;
}

/* ---- checkpoints ---- */

bool keyring_open(const struct keyring *keyring, struct text note, struct head *head,
	struct err *err)
{
	struct tree_hash root;
	struct text origin;
	uint64_t size;
	struct err why = { 0 };
	bool ok = false;

	assert(keyring != NULL);

	if (!head_of(note, head) || !note_parse(note, &origin, &size, &root)) {
		return err_set(err, ERR_INPUT, "it is no checkpoint of a book");
	}
	for (size_t i = 0; i < keyring->count && !ok; i++) {
		char verifier[NOTE_VERIFIER_SIZE];

		ok = note_verifier_write(keyring->publics[i], origin, verifier, &why) &&
		     note_open(note, text_of(verifier), &size, &root, &why);
	}
	return ok || err_set(err, ERR_INPUT, "%s",
			     keyring->count > 0 ? why.message : "no key is known to open it by");
}
