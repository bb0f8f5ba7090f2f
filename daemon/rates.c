/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/rates.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "ledger/digest.h"

enum { RATES_MAGIC = 0x4A7E5000, RATES_PAGE = 100, RATES_QUANT_DIGITS = 12, RATES_FIRST = 64 };

_Static_assert((int)FEED_SIZE_MAX == (int)JOB_FEED_MAX, "the book keeps a list whole");
_Static_assert((int)EXCHANGE_DIGEST_SIZE == (int)JOB_DIGEST_SIZE, "by the same digest");
_Static_assert((int)EXCHANGE_WRITTEN_SIZE == (int)JOB_RATE_TEXT_SIZE, "a rate as it is written");

/* What the book has under one record. */
struct rates_kept {
	int64_t record;
	struct exchange_day exchange;
};

struct rates {
	pthread_mutex_t lock;     /* of all that follows */
	struct rates_kept **kept; /* by day, and by record within one */
	size_t count;
	size_t capacity;
};

static void rates_lock(struct rates *rates)
{
	int rc = pthread_mutex_lock(&rates->lock);

	assert(rc == 0);
}

static void rates_unlock(struct rates *rates)
{
	int rc = pthread_mutex_unlock(&rates->lock);

	assert(rc == 0);
}

struct rates *rates_new(void)
{
	struct rates *rates = mem_new(1, sizeof(*rates));
	int rc = pthread_mutex_init(&rates->lock, NULL);

	assert(rc == 0);
	return rates;
}

void rates_free(struct rates **rates)
{
	struct rates *r;

	assert(rates != NULL);

	r = *rates;
	*rates = NULL;
	if (r == NULL) {
		return;
	}
	for (size_t i = 0; i < r->count; i++) {
		free(r->kept[i]);
	}
	free(r->kept);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

/* With the lock held: where the first after that day and record stands, or would. */
static size_t rates_place(const struct rates *rates, int32_t day, int64_t record)
{
	size_t low = 0;
	size_t high = rates->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct rates_kept *kept = rates->kept[middle];

		if (kept->exchange.day < day ||
			(kept->exchange.day == day && kept->record <= record)) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* With the lock held: the day's newest, or NULL. */
static const struct exchange_day *rates_newest(const struct rates *rates, int32_t day)
{
	size_t end = rates_place(rates, day, INT64_MAX);

	return end > 0 && rates->kept[end - 1]->exchange.day == day
		       ? &rates->kept[end - 1]->exchange
		       : NULL;
}

const struct exchange_day *rates_of_day(struct rates *rates, int32_t day)
{
	const struct exchange_day *found;

	assert(rates != NULL);

	rates_lock(rates);
	found = rates_newest(rates, day);
	rates_unlock(rates);
	return found;
}

const struct exchange_day *rates_of_list(struct rates *rates, int32_t day,
	const uint8_t digest[EXCHANGE_DIGEST_SIZE])
{
	const struct exchange_day *found = NULL;

	assert(rates != NULL);

	rates_lock(rates);
	for (size_t i = rates_place(rates, day, 0);
		found == NULL && i < rates->count && rates->kept[i]->exchange.day == day; i++) {
		if (memcmp(rates->kept[i]->exchange.digest, digest, EXCHANGE_DIGEST_SIZE) == 0) {
			found = &rates->kept[i]->exchange;
		}
	}
	rates_unlock(rates);
	return found;
}

bool rates_are_whole(const struct exchange_day *exchange)
{
	assert(exchange != NULL);

	return exchange_find(exchange, "USD") != NULL && exchange_find(exchange, "EUR") != NULL;
}

int32_t rates_last_day(struct rates *rates)
{
	int32_t day;

	assert(rates != NULL);

	rates_lock(rates);
	day = rates->count > 0 ? rates->kept[rates->count - 1]->exchange.day : DATE_NONE;
	rates_unlock(rates);
	return day;
}

static void rates_keep(struct rates *rates, int64_t record, const struct exchange_day *exchange)
{
	struct rates_kept *fresh = mem_new(1, sizeof(*fresh));
	size_t at;

	assert(record > 0);

	fresh->record = record;
	fresh->exchange = *exchange;
	rates_lock(rates);
	if (rates->count == rates->capacity) {
		rates->capacity = rates->capacity == 0 ? RATES_FIRST : 2 * rates->capacity;
		rates->kept = mem_grow(rates->kept, rates->capacity, sizeof(struct rates_kept *));
	}
	at = rates_place(rates, exchange->day, record);
	memmove(&rates->kept[at + 1], &rates->kept[at],
		(rates->count - at) * sizeof(struct rates_kept *));
	rates->kept[at] = fresh;
	rates->count++;
	rates_unlock(rates);
}

/* ---- as JSON, which is how the book has them ---- */

void rates_write(const struct exchange_day *exchange, struct json_writer *w, const char *name)
{
	assert(exchange != NULL);

	json_open_array(w, name);
	for (size_t i = 0; i < exchange->count; i++) {
		json_open_object(w, NULL);
		json_cstring(w, "currency", exchange->rates[i].currency);
		json_decimal(w, "quant", exchange->rates[i].quant);
		json_cstring(w, "rate", exchange->rates[i].written);
		json_close_object(w);
	}
	json_close_array(w);
}

static bool rates_read_one(const struct json_value *value, struct exchange_rate *rate)
{
	struct json_problem problem = { 0 };
	struct text currency = TEXT("");
	struct text quant = TEXT("");
	struct text written = TEXT("");
	struct json_reader r;

	json_reader_init(&r, value, "", &problem);
	json_take_text(&r, "currency", JSON_REQUIRED, MONEY_CURRENCY_SIZE - 1, &currency);
	json_take_text(&r, "quant", JSON_REQUIRED, RATES_QUANT_DIGITS, &quant);
	json_take_text(&r, "rate", JSON_REQUIRED, EXCHANGE_WRITTEN_SIZE - 1, &written);
	return json_reader_end(&r) && money_currency_is_known(currency) &&
	       text_copy(currency, rate->currency, sizeof(rate->currency)) &&
	       text_parse_integer(quant, &rate->quant) && rate->quant > 0 &&
	       text_copy(written, rate->written, sizeof(rate->written)) &&
	       rational_parse(written, &rate->value) && rate->value.numerator > 0;
}

static bool rates_read(const struct rates_row *row, struct exchange_day *exchange, struct err *err)
{
	struct json_value *array = json_parse(text_of(row->rates), err);
	bool ok = array != NULL && array->kind == JSON_KIND_ARRAY;

	*exchange = (struct exchange_day){ .day = row->day };
	memcpy(exchange->digest, row->digest, sizeof(exchange->digest));
	for (const struct json_value *value = ok ? array->first : NULL; ok && value != NULL;
		value = value->next) {
		ok = exchange->count < EXCHANGE_RATES_MAX &&
		     rates_read_one(value, &exchange->rates[exchange->count++]);
	}
	json_free(&array);
	return ok || err_set(err, ERR_DATABASE,
			     "the book is damaged: table rates, row %lld: rates is not what it "
			     "must be",
			     (long long)row->record);
}

/* ---- from the book ---- */

struct rates_loading {
	struct query query; /* first */
	unsigned magic;
	struct engine *engine;
	void (*done)(struct engine *engine);
	struct reader_page page;
	bool read;
	struct err err;
	struct rates_row rows[RATES_PAGE];
};

/* On a reader's thread. */
static void rates_loading_run(struct reader *reader, struct query *query)
{
	struct rates_loading *loading = (struct rates_loading *)(void *)query;

	assert(loading->magic == RATES_MAGIC);

	loading->read = reader_rates(reader, &loading->page, loading->rows, &loading->err);
}

static bool rates_loading_keep(struct rates_loading *loading)
{
	for (size_t i = 0; loading->read && i < loading->page.count; i++) {
		const struct rates_row *row = &loading->rows[i];
		struct exchange_day exchange;

		if (!rates_read(row, &exchange, &loading->err)) {
			return false;
		}
		rates_keep(loading->engine->rates, row->record, &exchange);
		loading->page.after = row->record;
	}
	return loading->read;
}

static void rates_loading_done(struct query *query)
{
	struct rates_loading *loading = (struct rates_loading *)(void *)query;
	struct engine *engine = loading->engine;
	void (*done)(struct engine * engine) = loading->done;

	assert(loading->magic == RATES_MAGIC);

	engine_query_done(engine);
	if (!engine->failed && !rates_loading_keep(loading)) {
		const struct ports_field fields[] = { { "why", text_of(loading->err.message) } };

		engine_log(engine, PORTS_ERROR, "book.unreadable", fields, 1);
		engine_fail(engine, "the exchange rates can not be read");
	}
	if (!engine->failed && loading->page.count == RATES_PAGE) {
		loading->read = false;
		engine_query(engine, &loading->query);
		return;
	}
	loading->magic = 0;
	free(loading);
	done(engine);
}

void rates_load(struct engine *engine, void (*done)(struct engine *engine))
{
	struct rates_loading *loading = mem_new(1, sizeof(*loading));

	assert(engine->rates != NULL);
	assert(done != NULL);

	loading->magic = RATES_MAGIC;
	loading->engine = engine;
	loading->done = done;
	loading->page.limit = RATES_PAGE;
	loading->query.run = rates_loading_run;
	loading->query.done = rates_loading_done;
	engine_query(engine, &loading->query);
}

/* ---- into use ---- */

struct rates_taking {
	unsigned magic;
	struct engine *engine;
	struct job job;
	struct exchange_day exchange;
	struct buffer rates;
	char *feed;
	char source[JOB_SOURCE_MAX + 1];
	char reason[JOB_REASON_MAX + 1];
	rates_done_fn *done;
	void *context;
};

static void rates_taking_log(const struct rates_taking *taking)
{
	char digest[2 * JOB_DIGEST_SIZE + 1];
	char day[DATE_TEXT_SIZE];
	const struct ports_field fields[] = {
		{ "day", text_of(date_format(taking->exchange.day, day)) },
		{ "sha256", { digest, sizeof(digest) - 1 } },
		{ "source", text_of(taking->source) },
		{ "reason", text_of(taking->reason) },
	};

	text_hex(taking->exchange.digest, JOB_DIGEST_SIZE, digest);
	engine_log(taking->engine, PORTS_INFO, "rates.in_use", fields,
		sizeof(fields) / sizeof(*fields));
}

static void rates_taking_done(struct job *job)
{
	struct rates_taking *taking = job->context;
	struct engine *engine = taking->engine;
	struct rates_taken taken = { .job = job, .now = &taking->exchange };

	assert(taking->magic == RATES_MAGIC);

	engine_job_done(engine, job);
	taken.before = rates_of_day(engine->rates, taking->exchange.day);
	if (job->outcome == JOB_DONE) {
		rates_keep(engine->rates, job->record, &taking->exchange);
		rates_taking_log(taking);
	} else if (job->outcome == JOB_REPEATED) {
		assert(taken.before != NULL);
		taken.now = taken.before; /* its digest is the one that the book has */
	}
	taking->done(taking->context, &taken);
	taking->magic = 0;
	buffer_done(&taking->rates);
	free(taking->feed);
	free(taking);
}

static void rates_taking_start(struct engine *engine, const struct rates_order *order,
	const struct exchange_day *exchange, rates_done_fn *done, void *context)
{
	struct rates_taking *taking = mem_new(1, sizeof(*taking));
	struct job_rates *r = &taking->job.u.rates;
	struct json_writer w;
	bool fits = text_copy(order->source, taking->source, sizeof(taking->source)) &&
		    text_copy(order->reason, taking->reason, sizeof(taking->reason));

	assert(fits); /* whoever orders sees to it */
	taking->magic = RATES_MAGIC;
	taking->engine = engine;
	taking->exchange = *exchange;
	taking->feed = mem_copy(order->feed.bytes, order->feed.size);
	taking->done = done;
	taking->context = context;
	buffer_init(&taking->rates, JOB_RATES_MAX);
	json_writer_init(&w, &taking->rates);
	rates_write(exchange, &w, NULL);
	assert(!taking->rates.overflowed);
	r->day = exchange->day;
	memcpy(r->digest, exchange->digest, sizeof(r->digest));
	r->feed = (struct text){ taking->feed, order->feed.size };
	r->rates = buffer_text(&taking->rates);
	r->source = text_of(taking->source);
	r->reason = text_of(taking->reason);
	r->replace = order->replace;
	taking->job.kind = JOB_RATES;
	taking->job.done = rates_taking_done;
	taking->job.context = taking;
	engine_submit(engine, &taking->job);
}

enum feed_result rates_take(struct engine *engine, const struct rates_order *order,
	rates_done_fn *done, void *context, struct err *err)
{
	struct exchange_day exchange;
	uint8_t digest[DIGEST_SIZE];
	enum feed_result result;

	assert(order->source.size > 0);
	assert(order->reason.size > 0);
	assert(done != NULL);

	digest_of(engine->digest, &order->feed, 1, digest);
	result = feed_read(order->name, order->feed, digest, &exchange, err);
	if (result == FEED_READ && order->day != DATE_NONE && exchange.day != order->day) {
		char day[DATE_TEXT_SIZE];

		(void)err_set(err, ERR_INPUT, "%.60s: it is the list of %s", order->name,
			date_format(exchange.day, day));
		return FEED_EMPTY;
	}
	if (result == FEED_READ && order->day != DATE_NONE && !rates_are_whole(&exchange)) {
		(void)err_set(err, ERR_INPUT, "%.60s: it lacks USD or EUR", order->name);
		return FEED_REFUSED;
	}
	if (result == FEED_READ) {
		rates_taking_start(engine, order, &exchange, done, context);
	}
	return result;
}
