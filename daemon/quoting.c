/* SPDX-License-Identifier: Apache-2.0 */

/* Between the tariff's quote and the book's calculation. */
#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

#include "daemon/engine_parts.h"
#include "tariff/quote.h"

_Static_assert(JOB_DIGEST_SIZE == SHA256_DIGEST_LENGTH, "a quote's digest is a SHA-256");
_Static_assert((int)JOB_DIGEST_SIZE == (int)TARIFF_DIGEST_SIZE,
	"the book keeps a set's digest whole");

enum {
	QUOTING_DAY_LAST =
		2932896, /* 9999-12-31: the last that can be written; for a due without end */
	QUOTING_BYTES_MAX = 1 << 20,
};

void quoting_calculation(const struct quote *quote, const struct tariff *tariff, struct text bytes,
	struct job_calculation *calculation)
{
	assert(quote != NULL);
	assert(tariff != NULL);
	assert(bytes.size > 0);
	assert(calculation != NULL);

	*calculation = (struct job_calculation){
		.version = quote->version,
		.day = quote->day,
		.valid_from = quote->valid_from,
		.valid_until = quote->valid_until < QUOTING_DAY_LAST ? quote->valid_until
								     : QUOTING_DAY_LAST,
		.gross = quote->gross,
		.relief = quote->relief,
		.due = quote->due,
		.service = text_of(quote->service),
		.ground = text_of(quote->ground),
		.kbk = text_of(quote->kbk),
		.rows = text_of(quote->rows),
	};
	memcpy(calculation->tariff, tariff_digest(tariff), JOB_DIGEST_SIZE);
	(void)SHA256((const uint8_t *)bytes.bytes, bytes.size, calculation->quote);
}

/* The full quote's bytes. */
static bool quoting_write(const struct tariff *tariff, const struct quote_request *request,
	const struct quote *quote, struct buffer *bytes, struct err *err)
{
	struct json_writer w;

	json_writer_init(&w, bytes);
	quote_write(tariff, request, quote, &w, NULL);
	return !bytes->overflowed ||
	       err_set(err, ERR_LIMIT, "write a quote: longer than %zu bytes", bytes->max);
}

bool quoting_read(struct text stored, json_t **value, struct quote_request *request,
	struct err *err)
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
	json_decref(*value);
	*value = NULL;
	return err_set(err, ERR_INPUT, "read a stored request: %s %s", problem.path,
		problem.detail);
}

bool quoting_again(struct engine *engine, struct text quote_request, int32_t day,
	struct quote *quote, struct job_calculation *calculation, struct err *err)
{
	const struct tariff *tariff;
	struct buffer bytes;
	struct quote_request request = { 0 };
	struct quote_refusal refusal = { 0 };
	json_t *value = NULL;
	bool ok = false;

	assert(engine != NULL);
	assert(quote != NULL);

	tariff = tariffs_current(engine->tariffs);
	if (tariff == NULL) {
		return err_set(err, ERR_INPUT, "quote again: no tariff is in use");
	}
	buffer_init(&bytes, QUOTING_BYTES_MAX);
	if (!quoting_read(quote_request, &value, &request, err)) {
		goto out;
	}
	if (quote_compute(tariff, QUOTE_VERSION, &request, day, quote, &refusal) != QUOTE_DONE) {
		(void)err_set(err, ERR_INPUT, "quote again: %s %s", refusal.field, refusal.detail);
		goto out;
	}
	if (!quoting_write(tariff, &request, quote, &bytes, err)) {
		goto out;
	}
	quoting_calculation(quote, tariff, buffer_text(&bytes), calculation);
	ok = true;
out:
	buffer_done(&bytes);
	json_decref(value);
	return ok;
}

bool quoting_derive(struct tariffs *tariffs, struct reader *reader,
	const struct payment_view *payment, struct buffer *bytes, struct err *err)
{
	const struct job_calculation *stored = &payment->calculation;
	const struct tariff *tariff;
	struct quote_request request = { 0 };
	struct quote_refusal refusal = { 0 };
	struct quote quote;
	uint8_t digest[JOB_DIGEST_SIZE];
	json_t *value = NULL;
	bool ok = false;

	tariff = tariffs_find(tariffs, reader, stored->tariff, err);
	if (tariff == NULL || !quoting_read(payment->quote_request, &value, &request, err)) {
		goto out;
	}
	if (stored->version < 1 || stored->version > QUOTE_VERSION) {
		(void)err_set(err, ERR_INPUT, "derive a quote: calculation %d is not known",
			stored->version);
		goto out;
	}
	if (quote_compute(tariff, stored->version, &request, stored->day, &quote, &refusal) !=
		QUOTE_DONE) {
		(void)err_set(err, ERR_INPUT, "derive a quote: %s %s", refusal.field,
			refusal.detail);
		goto out;
	}
	if (!quoting_write(tariff, &request, &quote, bytes, err)) {
		goto out;
	}
	(void)SHA256((const uint8_t *)bytes->bytes, bytes->size, digest);
	if (memcmp(digest, stored->quote, sizeof(digest)) != 0) {
		(void)err_set(err, ERR_INPUT, "derive a quote: not the bytes that were stored");
		goto out;
	}
	ok = true;
out:
	json_decref(value);
	return ok;
}
