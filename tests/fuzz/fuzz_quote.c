/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What a service sends to POST /v1/quotes: read, answered and written.  What was read must be
 * writable and read the same again; what was answered must be JSON and add up.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tariff/fixture.h"

enum { FUZZ_JSON_MAX = 1 << 20, FUZZ_OFFSET = 5 * 3600, FUZZ_DAY = 86400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int32_t day_of(void *context, int64_t seconds)
{
	(void)context;
	return (int32_t)((seconds + FUZZ_OFFSET) / FUZZ_DAY);
}

static void answer(const struct tariff *tariff, const struct quote_request *request, int32_t day)
{
	struct quote_refusal refusal = { 0 };
	struct quote_basis basis = fixture_basis(tariff, day);
	struct exchange_day exchange = fixture_rates(day);
	struct quote quote;
	struct json_writer w;
	struct buffer b;
	struct json_value *json;

	basis.exchange = &exchange;
	if (quote_compute(&basis, request, &quote, &refusal) != QUOTE_DONE) {
		assert(refusal.field[0] != '\0');
		return;
	}
	assert(quote.gross.minor - quote.relief.minor == quote.due.minor);
	assert(quote.valid_from <= day && day < quote.valid_until);
	buffer_init(&b, FUZZ_JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(&basis, request, &quote, &w, NULL);
	assert(!b.overflowed);
	json = json_parse(buffer_text(&b), NULL);
	assert(json != NULL);
	json_free(&json);
	buffer_done(&b);
}

static void write_again(const struct quote_request *request)
{
	struct json_problem problem = { 0 };
	struct quote_request again;
	struct json_reader r;
	struct json_writer w;
	struct buffer first;
	struct buffer second;
	struct json_value *json;
	bool fine;

	buffer_init(&first, QUOTE_REQUEST_SIZE_MAX);
	buffer_init(&second, QUOTE_REQUEST_SIZE_MAX);
	json_writer_init(&w, &first);
	quote_request_write(request, &w, NULL);
	assert(!first.overflowed);
	json = json_parse(buffer_text(&first), NULL);
	json_reader_init(&r, json, "", &problem);
	quote_read(&r, false, NULL, NULL, &again, NULL);
	fine = json_reader_end(&r);
	assert(fine);
	json_writer_init(&w, &second);
	quote_request_write(&again, &w, NULL);
	assert(text_equal(buffer_text(&first), buffer_text(&second)));
	json_free(&json);
	buffer_done(&first);
	buffer_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tariff *tariff;
	struct json_problem problem = { 0 };
	struct quote_request request;
	struct json_reader r;
	int32_t day = 20513;
	struct json_value *json;

	if (tariff == NULL) {
		struct fixture f;

		fixture_open(TARIFF_DATA, &f);
		tariff = fixture_load(&f, NULL);
		fixture_close(&f);
		assert(tariff != NULL);
	}
	json = json_parse((struct text){ (const char *)data, size }, NULL);
	if (json == NULL) {
		return 0;
	}
	json_reader_init(&r, json, "", &problem);
	quote_read(&r, true, day_of, NULL, &request, &day);
	if (json_reader_end(&r)) {
		write_again(&request);
		answer(tariff, &request, day);
	}
	json_free(&json);
	return 0;
}
