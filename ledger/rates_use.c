/* SPDX-License-Identifier: Apache-2.0 */

/* rates_use - exchange rates taken into use, with the list they came from byte for byte. */
#include <assert.h>
#include <string.h>

#include "ledger/book_parts.h"

/* The day's rates as they are. */
struct rates_now {
	int64_t record; /* 0: it has none */
	bool same;      /* as the job's: the same list, or another that says the same */
};

static struct rates_now rates_look(struct book *b, const struct job_rates *r)
{
	static const struct store_column columns[] = {
		{ "record", STORE_INT, 1, INT64_MAX },
		{ "digest", STORE_BLOB, JOB_DIGEST_SIZE, JOB_DIGEST_SIZE },
		{ "rates", STORE_TEXT, 2, JOB_RATES_MAX },
	};
	struct rates_now now = { .record = 0 };

	assert(b->store != NULL);

	store_begin_rows(b->store, SQL_SELECT_RATES_OF_DAY,
		(struct store_value[]){ STORE_OF_INT(r->day) }, 1);
	if (store_row(b->store) && store_row_is(b->store, "rates", store_int(b->store, 0), columns,
					   sizeof(columns) / sizeof(*columns))) {
		now.record = store_int(b->store, 0);
		now.same =
			memcmp(store_text(b->store, 1).bytes, r->digest, sizeof(r->digest)) == 0 ||
			text_equal(store_text(b->store, 2), r->rates);
	}
	store_end_rows(b->store);
	return now;
}

void rates_decide(struct book *b, struct job *job)
{
	const struct job_rates *r = &job->u.rates;
	struct rates_now now;

	assert(r->feed.size > 0 && r->feed.size <= JOB_FEED_MAX);
	assert(r->rates.size >= 2 && r->rates.size <= JOB_RATES_MAX);
	assert(r->reason.size > 0 && r->reason.size <= JOB_REASON_MAX);
	assert(r->source.size > 0 && r->source.size <= JOB_SOURCE_MAX);

	now = rates_look(b, r);
	if (now.record == 0 || (!now.same && r->replace)) {
		return;
	}
	job->outcome = now.same ? JOB_REPEATED : JOB_TAKEN;
	job->record = now.record;
}

void rates_apply(struct book *b, struct job *job)
{
	const struct job_rates *r = &job->u.rates;
	int64_t replaces = rates_look(b, r).record;
	struct json_writer *w = journal_begin(b->journal, KIND_RATES, job->now);

	assert(replaces == 0 || r->replace);

	json_day(w, "day", r->day);
	json_raw(w, "rates", r->rates);
	json_text(w, "reason", r->reason);
	if (replaces > 0) {
		json_decimal(w, "replaces", replaces);
	}
	json_hex(w, "sha256", r->digest, sizeof(r->digest));
	json_text(w, "source", r->source);
	job->record = journal_end(b->journal);
	store_put(b->store, SQL_INSERT_RATES,
		(struct store_value[]){ STORE_OF_INT(job->record), STORE_OF_INT(r->day),
			STORE_OF_INT(replaces), STORE_OF_BLOB(r->digest, sizeof(r->digest)),
			STORE_OF_TEXT(r->rates), STORE_OF_TEXT(r->source), STORE_OF_TEXT(r->reason),
			STORE_OF_BLOB(r->feed.bytes, r->feed.size) },
		8);
}
