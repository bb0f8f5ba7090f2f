/* SPDX-License-Identifier: Apache-2.0 */

/* tariff_use - tariff sets taken into use, byte for byte. */
#include <assert.h>
#include <string.h>

#include "ledger/act.h"

void tariff_decide(struct book *b, struct job *job)
{
	const struct job_tariff *t = &job->u.tariff;

	assert(t->count > 0 && t->count <= JOB_TARIFF_FILES_MAX);

	if (b->has_tariff && memcmp(b->tariff, t->digest, sizeof(b->tariff)) == 0) {
		job->outcome = JOB_REPEATED;
	}
}

void tariff_apply(struct book *b, struct job *job)
{
	const struct job_tariff *t = &job->u.tariff;
	struct json_writer *w = journal_begin(b->journal, KIND_TARIFF, job->now);

	assert(t->reason.size <= JOB_REASON_MAX);
	assert(t->proposal.size <= JOB_REASON_MAX);
	assert(t->proposed_by == NULL || t->activated_by != NULL);

	act_write_actor(w, "activated_by", t->activated_by, TEXT(""));
	json_open_array(w, "files");
	for (size_t i = 0; i < t->count; i++) {
		json_cstring(w, NULL, t->files[i].name);
	}
	json_close_array(w);
	act_write_actor(w, "proposed_by", t->proposed_by, t->proposal);
	json_text(w, "reason", t->reason);
	json_hex(w, "sha256", t->digest, sizeof(t->digest));
	job->record = journal_end(b->journal);
	for (size_t i = 0; i < t->count; i++) {
		store_put(b->store, SQL_INSERT_TARIFF_FILE,
			(struct store_value[]){ STORE_OF_BLOB(t->digest, sizeof(t->digest)),
				STORE_OF_INT((int64_t)i), STORE_OF_TEXT(text_of(t->files[i].name)),
				STORE_OF_BLOB(t->files[i].bytes.bytes, t->files[i].bytes.size) },
			4);
	}
	store_put(b->store, SQL_INSERT_TARIFF_USE,
		(struct store_value[]){ STORE_OF_INT(job->record),
			STORE_OF_BLOB(t->digest, sizeof(t->digest)), STORE_OF_TEXT(t->reason) },
		3);
	memcpy(b->tariff, t->digest, sizeof(b->tariff));
	b->has_tariff = true;
}
