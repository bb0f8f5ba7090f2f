/* SPDX-License-Identifier: Apache-2.0 */

/* names - the permanent numbers of clients and gateways. */
#include <assert.h>

#include "ledger/book_parts.h"

static struct book_names *name_table(struct book *b, const struct job_name *n)
{
	assert(b != NULL);
	assert(n->name.size > 0 && n->name.size <= JOB_NAME_MAX);

	return n->gateway ? &b->gateways : &b->clients;
}

void name_decide(struct book *b, struct job *job)
{
	struct job_name *n = &job->u.name;
	const struct book_names *names = name_table(b, n);

	for (int32_t i = 0; i < names->count; i++) {
		if (text_is(n->name, names->names[i].name)) {
			n->number = i + 1;
			job->outcome = JOB_REPEATED;
			return;
		}
	}
	if (names->count == BOOK_NAMES_MAX) {
		job->outcome = JOB_EXHAUSTED;
	}
}

void name_apply(struct book *b, struct job *job)
{
	struct job_name *n = &job->u.name;
	struct book_names *names = name_table(b, n);
	struct book_name *name = &names->names[names->count++];
	struct json_writer *w =
		journal_begin(b->journal, n->gateway ? KIND_GATEWAY : KIND_CLIENT, job->now);
	bool fits = text_copy(n->name, name->name, sizeof(name->name));

	assert(fits);
	name->order_serial = -1;
	n->number = names->count;
	json_decimal(w, n->gateway ? "gateway" : "client", n->number);
	json_text(w, "name", n->name);
	job->record = journal_end(b->journal);
	store_put(b->store, n->gateway ? SQL_INSERT_GATEWAY : SQL_INSERT_CLIENT,
		(struct store_value[]){ STORE_OF_INT(n->number), STORE_OF_INT(job->record),
			STORE_OF_TEXT(n->name) },
		3);
}
