/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/act.h"

#include <assert.h>
#include <string.h>

bool act_seen(struct book *b, struct job *job, const struct job_request *r)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 1, INT64_MAX },
		{ "client", STORE_INT, 0, BOOK_NAMES_MAX },
		{ "fingerprint", STORE_BLOB, KEYSET_KEY_SIZE, KEYSET_KEY_SIZE },
	};
	bool seen;

	assert(b != NULL);
	assert(job != NULL);

	if (r->key.size == 0) {
		return false;
	}
	book_request_ask(b, r);
	store_begin_rows(b->store, SQL_SELECT_ACT,
		(struct store_value[]){
			STORE_OF_BLOB(b->asked.key.bytes, sizeof(b->asked.key.bytes)) },
		1);
	seen = store_row(b->store);
	if (seen && store_row_is(b->store, "act", store_int(b->store, 0), columns,
			    sizeof(columns) / sizeof(*columns))) {
		job->record = store_int(b->store, 0);
		job->outcome = book_request_compare(b, store_text(b->store, 2));
	}
	store_end_rows(b->store);
	return seen;
}

void act_keep(struct book *b, const struct job *job, const struct job_request *r)
{
	const struct book_request *asked = &b->asked;

	assert(b != NULL);
	assert(job->record > 0);

	if (r->key.size == 0) {
		return;
	}
	store_put(b->store, SQL_INSERT_ACT,
		(struct store_value[]){ STORE_OF_INT(job->record), STORE_OF_INT(r->client),
			STORE_OF_BLOB(asked->key.bytes, sizeof(asked->key.bytes)),
			STORE_OF_BLOB(asked->fingerprint.bytes, sizeof(asked->fingerprint.bytes)) },
		4);
}

void act_write_actor(struct json_writer *w, const char *name, const struct job_actor *actor,
	struct text reason)
{
	assert(w != NULL);

	if (actor == NULL) {
		return;
	}
	json_open_object(w, name);
	json_decimal(w, "client", actor->client);
	json_text_said(w, "reason", reason);
	json_decimal(w, "uid", actor->uid);
	json_close_object(w);
}
