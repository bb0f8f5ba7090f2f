/* SPDX-License-Identifier: Apache-2.0 */

/* Between the tariff's quote and the book's calculation. */
#include <assert.h>
#include <string.h>

#include "daemon/engine_parts.h"
#include "daemon/quotes.h"
#include "daemon/rates.h"
#include "ledger/digest.h"
#include "tariff/quote.h"

_Static_assert((int)JOB_DIGEST_SIZE == (int)TARIFF_DIGEST_SIZE, "the book keeps a set's digest");

static void quoting_fill_conversion(const struct quote *quote, const struct exchange_day *exchange,
	struct job_conversion *conversion)
{
	bool fits;

	if (quote->rate.quant == 0) {
		return;
	}
	assert(exchange != NULL);
	memcpy(conversion->rates, exchange->digest, sizeof(conversion->rates));
	conversion->gross = quote->own_gross;
	conversion->quant = quote->rate.quant;
	fits = text_copy(text_of(quote->rate.written), conversion->rate, sizeof(conversion->rate));
	assert(fits);
}

/* The texts of *calculation point into *quote. */
static void quoting_fill(const struct quote *quote, const struct quote_basis *basis,
	const uint8_t digest[JOB_DIGEST_SIZE], struct job_calculation *calculation)
{
	*calculation = (struct job_calculation){
		.version = quote->version,
		.day = quote->day,
		.valid_from = quote->valid_from,
		.valid_until = quote->valid_until,
		.gross = quote->gross,
		.relief = quote->relief,
		.due = quote->due,
		.service = text_of(quote->service),
		.ground = text_of(quote->ground),
		.kbk = text_of(quote->kbk),
		.rows = text_of(quote->rows),
	};
	memcpy(calculation->tariff, tariff_digest(basis->tariff), JOB_DIGEST_SIZE);
	memcpy(calculation->quote, digest, JOB_DIGEST_SIZE);
	quoting_fill_conversion(quote, basis->exchange, &calculation->conversion);
}

void quoting_calculation(const struct quoted *quoted, struct job_calculation *calculation)
{
	assert(quoted->size > 0);
	assert(calculation != NULL);

	quoting_fill(&quoted->quote, &quoted->basis, quoted->digest, calculation);
}

/* A stored request; its texts point into *value, which is the caller's. */
static bool quoting_read(struct text stored, struct json_value **value,
	struct quote_request *request, struct err *err)
{
	struct json_problem problem = { 0 };
	struct json_reader r;
	int32_t day = DATE_NONE;

	assert(value != NULL);
	assert(request != NULL);

	*value = json_parse(stored, err);
	if (*value == NULL) {
		return false;
	}
	json_reader_init(&r, *value, "", &problem);
	quote_read(&r, false, NULL, NULL, request, &day);
	if (json_reader_end(&r)) {
		return true;
	}
	json_free(value);
	return err_set(err, ERR_INPUT, "read a stored request: %s %s", problem.path,
		problem.detail);
}

/* False with err when there is no such calculation, or the set is not made for it. */
static bool quoting_is_possible(const struct quote_basis *basis, struct err *err)
{
	if (basis->version < 1 || basis->version > QUOTE_VERSION) {
		return err_set(err, ERR_INPUT, "quote: calculation %d is not known",
			basis->version);
	}
	return tariff_serves(basis->tariff, basis->version, err);
}

/* Quotes a stored request. */
static bool quoting_make(struct quotes *quotes, const struct quote_basis *basis, struct text stored,
	struct quoted **quoted, struct err *err)
{
	struct quote_request request = { 0 };
	struct quote_refusal refusal = { 0 };
	struct json_value *value = NULL;
	bool ok = false;

	if (!quoting_is_possible(basis, err) || !quoting_read(stored, &value, &request, err)) {
		return false;
	}
	ok = quotes_make(quotes, basis, &request, quoted, &refusal) == QUOTE_DONE;
	if (!ok) {
		(void)err_set(err, ERR_INPUT, "quote: %s %s", refusal.field, refusal.detail);
	}
	json_free(&value);
	return ok;
}

bool quoting_again(struct engine *engine, struct text quote_request, int32_t day,
	struct quote *quote, struct job_calculation *calculation, struct err *err)
{
	struct quote_basis basis = { .version = QUOTE_VERSION, .day = day };
	struct quoted *quoted = NULL;

	assert(engine != NULL);
	assert(quote != NULL);

	basis.tariff = tariffs_current(engine->tariffs);
	if (basis.tariff == NULL) {
		return err_set(err, ERR_INPUT, "quote again: no tariff is in use");
	}
	basis.exchange = rates_of_day(engine->rates, day);
	if (!quoting_make(engine->quotes, &basis, quote_request, &quoted, err)) {
		return false;
	}
	*quote = quoted->quote;
	quoting_fill(quote, &quoted->basis, quoted->digest, calculation);
	quotes_drop(engine->quotes, &quoted);
	return true;
}

/* What a stored calculation was made from. */
static bool quoting_basis(struct engine *engine, struct reader *reader,
	const struct job_calculation *stored, struct quote_basis *basis, struct err *err)
{
	*basis = (struct quote_basis){ .version = stored->version, .day = stored->day };
	basis->tariff = tariffs_find(engine->tariffs, reader, stored->tariff, err);
	if (basis->tariff == NULL || stored->conversion.quant == 0) {
		return basis->tariff != NULL;
	}
	basis->exchange = rates_of_list(engine->rates, stored->day, stored->conversion.rates);
	return basis->exchange != NULL ||
	       err_set(err, ERR_DATABASE, "its exchange rates are not in the book");
}

bool quoting_derive(struct engine *engine, struct reader *reader,
	const struct payment_view *payment, struct quoted **quoted, struct err *err)
{
	const struct job_calculation *stored = &payment->calculation;
	struct quote_basis basis;

	assert(quoted != NULL);
	assert(*quoted == NULL);

	*quoted = quotes_find(engine->quotes, stored->quote);
	if (*quoted != NULL) {
		return true;
	}
	if (!quoting_basis(engine, reader, stored, &basis, err) ||
		!quoting_make(engine->quotes, &basis, payment->quote_request, quoted, err)) {
		return false;
	}
	assert(*quoted != NULL);
	if (memcmp((*quoted)->digest, stored->quote, JOB_DIGEST_SIZE) != 0) {
		quotes_drop(engine->quotes, quoted);
		return err_set(err, ERR_INPUT, "derive a quote: not the bytes that were stored");
	}
	return true;
}

/* The figures and, by `bytes`, the full quote of a request. */
static bool quoting_write(const struct quote_basis *basis, const struct quote_request *request,
	struct quote *quote, struct buffer *bytes, struct err *err)
{
	struct quote_refusal refusal = { 0 };
	struct quote_request essence;
	struct json_writer w;

	if (quote_compute(basis, request, quote, &refusal) != QUOTE_DONE) {
		return err_set(err, ERR_INPUT, "quote: %s %s", refusal.field, refusal.detail);
	}
	essence = quote_essence(request, quote);
	json_writer_init(&w, bytes);
	quote_write(basis, &essence, quote, &w, NULL);
	return !bytes->overflowed ||
	       err_set(err, ERR_LIMIT, "quote: longer than %d bytes", QUOTES_BYTES_MAX);
}

bool quoting_recompute(struct engine *engine, struct reader *reader,
	const struct payment_view *payment, struct quote *quote,
	struct job_calculation *calculation, struct err *err)
{
	struct quote_request request = { 0 };
	struct json_value *value = NULL;
	struct quote_basis basis;
	struct buffer bytes;
	struct text text;
	struct digest *digest = NULL;
	uint8_t hash[JOB_DIGEST_SIZE];
	bool ok = false;

	assert(quote != NULL);
	assert(calculation != NULL);

	buffer_init(&bytes, QUOTES_BYTES_MAX);
	if (!quoting_basis(engine, reader, &payment->calculation, &basis, err) ||
		!quoting_is_possible(&basis, err) ||
		!quoting_read(payment->quote_request, &value, &request, err) ||
		!quoting_write(&basis, &request, quote, &bytes, err)) {
		goto out;
	}
	text = buffer_text(&bytes);
	digest = digest_new();
	digest_of(digest, &text, 1, hash);
	quoting_fill(quote, &basis, hash, calculation);
	ok = true;
out:
	digest_free(&digest);
	json_free(&value);
	buffer_done(&bytes);
	return ok;
}
