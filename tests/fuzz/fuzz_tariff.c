/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A tariff file somebody sent: the first byte picks which file of the good set it takes the place
 * of, the rest is its contents.  A set that loads must quote every service on any day, and every
 * quote must be JSON.
 */
#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/tariff/fixture.h"

enum { FUZZ_JSON_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void quote_everything(const struct tariff *tariff)
{
	static const int32_t days[] = { 18261, 18353, 19158, 20453, 20454, 20800, 0 };

	for (size_t i = 0; i < tariff_service_count(tariff); i++) {
		for (size_t j = 0; j < sizeof(days) / sizeof(*days); j++) {
			struct quote_request request =
				fixture_request(tariff_service_code(tariff, i));
			struct quote_refusal refusal;
			struct quote_basis basis = fixture_basis(tariff, days[j]);
			struct quote quote;
			struct json_writer w;
			struct buffer b;
			json_t *json;

			request.quantity = 3;
			if (quote_compute(&basis, &request, &quote, &refusal) != QUOTE_DONE) {
				continue;
			}
			assert(quote.gross.minor - quote.relief.minor == quote.due.minor);
			buffer_init(&b, FUZZ_JSON_MAX);
			json_writer_init(&w, &b);
			quote_write(&basis, &request, &quote, &w, NULL);
			json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
			assert(json != NULL);
			json_decref(json);
			buffer_done(&b);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture good;
	struct fixture f;
	struct err err = { 0 };
	struct tariff *tariff;

	if (good.count == 0) {
		fixture_open(TARIFF_DATA, &good);
	}
	if (size == 0) {
		return 0;
	}
	f = good;
	f.files[data[0] % f.count].bytes = (struct text){ (const char *)data + 1, size - 1 };
	tariff = fixture_load(&f, &err);
	assert((tariff == NULL) == (err.kind != ERR_NONE));
	if (tariff != NULL) {
		quote_everything(tariff);
	}
	tariff_free(&tariff);
	return 0;
}
