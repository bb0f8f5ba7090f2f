/* SPDX-License-Identifier: Apache-2.0 */

/*
 * close - a month is closed: its balances become a record, and a checkpoint over it is signed.
 *
 * The balances are those of the booked axis: what every entry up to the month's last one sums to.
 * Nothing is booked on those days any more (the schema refuses it), so they stand for ever.
 */
#include <assert.h>
#include <string.h>

#include "base/date.h"
#include "ledger/act.h"
#include "ledger/checkpoint.h"

enum { CLOSE_LIST_MAX = CHART_ACCOUNTS_MAX * 256 };

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static int32_t close_entry_day(struct book *b, int64_t entry)
{
	static const struct store_column columns[] = {
		{ "booked_day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX },
	};
	int32_t day = DATE_DAY_MAX;

	assert(entry > 0);

	store_begin_rows(b->store, SQL_VIEW_ENTRY_DAY,
		(struct store_value[]){ STORE_OF_INT(entry) }, 1);
	if (!store_row(b->store)) {
		store_damaged(b->store, "entry", entry, "is missing");
	} else if (store_row_is(b->store, "entry", entry, columns, COUNT(columns))) {
		day = (int32_t)store_int(b->store, 0);
	}
	store_end_rows(b->store);
	return day;
}

/* The last entry booked until the end of that day, or 0: days never fall with the number. */
static int64_t close_entry_until(struct book *b, int32_t day)
{
	int64_t low = 0; /* booked by then */
	int64_t high = b->entry_last + 1;

	while (high - low > 1 && !store_failed(b->store)) {
		int64_t middle = low + (high - low) / 2;

		if (close_entry_day(b, middle) <= day) {
			low = middle;
		} else {
			high = middle;
		}
	}
	return low;
}

void close_decide(struct book *b, struct job *job)
{
	const struct job_close *c = &job->u.close;
	int32_t last_day = date_month_last(c->month);
	int64_t entry;

	assert(c->reason.size > 0 && c->reason.size <= JOB_REASON_MAX);

	if (act_seen(b, job, &c->request)) {
		return;
	}
	if (c->month <= b->closed_month) {
		job->outcome = JOB_TAKEN;
		job->day = b->closed_day;
		return;
	}
	if (last_day >= job->today) {
		job->outcome = JOB_ILLEGAL;
		return;
	}
	entry = close_entry_until(b, last_day);
	if (entry == 0) {
		job->outcome = JOB_NOT_FOUND;
	} else if (entry > b->closed_entry &&
		   close_entry_day(b, b->closed_entry + 1) < date_month_first(c->month)) {
		job->outcome = JOB_BLOCKED;
		job->day = close_entry_day(b, b->closed_entry + 1);
	}
}

/* The canonical list of the month's balances, as SHA-256 hashes it; gives how many they are. */
static int64_t close_list(struct book *b, int32_t month, struct buffer *out)
{
	struct json_writer w;
	int64_t count = 0;

	json_writer_init(&w, out);
	json_open_array(&w, NULL);
	store_begin_rows(b->store, SQL_SELECT_PERIOD_BALANCES,
		(struct store_value[]){ STORE_OF_INT(month) }, 1);
	while (store_row(b->store)) {
		json_open_object(&w, NULL);
		json_text(&w, "account", store_text(b->store, 0));
		json_decimal(&w, "credit", store_int(b->store, 3));
		json_text(&w, "currency", store_text(b->store, 1));
		json_decimal(&w, "debit", store_int(b->store, 2));
		json_close_object(&w);
		count++;
	}
	store_end_rows(b->store);
	json_close_array(&w);
	assert(!out->overflowed); /* so many accounts there can not be */
	return count;
}

static void close_write_totals(struct book *b, struct json_writer *w, int32_t month)
{
	json_open_array(w, "totals");
	store_begin_rows(b->store, SQL_SELECT_PERIOD_TOTALS,
		(struct store_value[]){ STORE_OF_INT(month) }, 1);
	while (store_row(b->store)) {
		json_open_object(w, NULL);
		json_decimal(w, "credit", store_int(b->store, 2));
		json_text(w, "currency", store_text(b->store, 0));
		json_decimal(w, "debit", store_int(b->store, 1));
		json_close_object(w);
	}
	store_end_rows(b->store);
	json_close_array(w);
}

static int64_t close_record(struct book *b, const struct job *job, int64_t entry, int64_t accounts,
	const uint8_t digest[DIGEST_SIZE])
{
	const struct job_close *c = &job->u.close;
	struct json_writer *w = journal_begin(b->journal, KIND_CLOSE, job->now);
	char month[DATE_MONTH_TEXT_SIZE];

	assert(entry > 0);

	json_decimal(w, "accounts", accounts);
	act_write_actor(w, "closed_by", &c->actor, TEXT(""));
	json_decimal(w, "last_entry", entry);
	json_cstring(w, "month", date_month_format(c->month, month));
	json_text(w, "reason", c->reason);
	book_write_request(b, w, &c->request);
	json_hex(w, "sha256", digest, DIGEST_SIZE);
	close_write_totals(b, w, c->month);
	return journal_end(b->journal);
}

void close_apply(struct book *b, struct job *job)
{
	const struct job_close *c = &job->u.close;
	int32_t last_day = date_month_last(c->month);
	int64_t entry = close_entry_until(b, last_day);
	uint8_t digest[DIGEST_SIZE];
	struct text bytes;
	struct buffer list;
	int64_t accounts;

	assert(c->month > b->closed_month);

	chart_flush(b->chart, b->store); /* what this batch booked before */
	store_put(b->store, SQL_INSERT_PERIOD_BALANCES,
		(struct store_value[]){ STORE_OF_INT(c->month), STORE_OF_INT(b->closed_month),
			STORE_OF_INT(b->closed_day), STORE_OF_INT(last_day) },
		4);
	buffer_init(&list, CLOSE_LIST_MAX);
	accounts = close_list(b, c->month, &list);
	bytes = buffer_text(&list);
	digest_of(b->digest, &bytes, 1, digest);
	buffer_done(&list);
	job->record = close_record(b, job, entry, accounts, digest);
	store_put(b->store, SQL_INSERT_PERIOD,
		(struct store_value[]){ STORE_OF_INT(c->month), STORE_OF_INT(job->record),
			STORE_OF_INT(last_day), STORE_OF_INT(entry), STORE_OF_INT(accounts),
			STORE_OF_BLOB(digest, sizeof(digest)), STORE_OF_INT(c->actor.uid),
			STORE_OF_INT(c->actor.client), STORE_OF_TEXT(c->reason) },
		9);
	act_keep(b, job, &c->request);
	checkpoint_over(b, job); /* the balances are part of one before anybody knows of them */
	b->closed_month = c->month;
	b->closed_day = last_day;
	b->closed_entry = entry;
}

void close_load(struct book *b)
{
	static const struct store_column columns[] = {
		{ "month", STORE_INT, 190001, 999912 },
		{ "last_day", STORE_INT, DATE_DAY_MIN, DATE_DAY_MAX - 1 },
		{ "last_entry", STORE_INT, 1, INT64_MAX },
	};

	assert(b->closed_month == 0);

	b->closed_day = DATE_NONE;
	store_begin_rows(b->store, SQL_SELECT_PERIOD_LAST, NULL, 0);
	if (store_row(b->store) &&
		store_row_is(b->store, "period", store_int(b->store, 0), columns, COUNT(columns))) {
		b->closed_month = (int32_t)store_int(b->store, 0);
		b->closed_day = (int32_t)store_int(b->store, 1);
		b->closed_entry = store_int(b->store, 2);
		if (b->closed_entry > b->entry_last) {
			store_damaged(b->store, "period", b->closed_month,
				"last_entry is past the last entry");
		}
		/* The clock may have been set back: what was closed was over. */
		if (b->day_last <= b->closed_day) {
			b->day_last = b->closed_day + 1;
		}
	}
	store_end_rows(b->store);
}
