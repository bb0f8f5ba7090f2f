/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A tariff file somebody sent.  An XML schema takes the place of the good one; anything else is one
 * more file of a small set, read first, and without that set's phrases if it has some itself.  The
 * set's own schema lets everything pass, so that the loader is alone; as all files are read before
 * any is understood, what is broken XML costs little.  A set that loads must quote every service
 * on any day, and every quote must be JSON.
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

			/* One applicant where it is asked who he is. */
			request.quantity = j % 2 == 0 ? 3 : 1;
			request.category = TEXT("B12");
			request.nationality = TEXT("DZ");
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

/* The small set: its schema, its elements, and the phrases as they are. */
static void open_small(struct fixture *small)
{
	small->count = 0;
	fixture_add_file(small, FUZZ_TARIFF "/tariff.xsd");
	fixture_add_file(small, FUZZ_TARIFF "/small.xml");
	fixture_add_file(small, TARIFF_DATA "/phrases.xml");
}

static bool has(const uint8_t *data, size_t size, const char *what)
{
	return memmem(data, size, what, strlen(what)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture small;
	struct tariff_file files[4] = { { "input.xml", { (const char *)data, size } } };
	size_t count = 1;
	uint8_t digest[TARIFF_DIGEST_SIZE];
	struct err err = { 0 };
	struct tariff *tariff = NULL;

	if (small.count == 0) {
		open_small(&small);
	}
	fixture_digest(digest);
	files[count++] = small.files[0];
	files[count++] = small.files[1];
	if (!has(data, size, "<phrase")) {
		files[count++] = small.files[2];
	}
	if (has(data, size, "<xs:schema")) {
		files[0] = (struct tariff_file){ "tariff.xsd", files[0].bytes };
		files[1] = files[--count];
	}
	if (tariff_load(files, count, digest, &tariff, &err)) {
		quote_everything(tariff);
	}
	assert((tariff == NULL) == (err.kind != ERR_NONE));
	tariff_free(&tariff);
	return 0;
}
