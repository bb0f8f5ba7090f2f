/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A tariff file somebody sent.  An XML schema is loaded with a small set; anything else is one more
 * file of that set, read first, and without the set's phrases if it has some itself.  The set's own
 * schema lets everything pass, so that the loader is alone; it and the set's files are parsed once.
 * A set that loads must quote every service on any day, and every quote must be JSON.
 */
#include <assert.h>
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tariff/document.h"
#include "tariff/set.h"
#include "tests/tariff/fixture.h"

enum { FUZZ_JSON_MAX = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void quote_once(const struct quote_basis *basis, const struct quote_request *request)
{
	struct quote_refusal refusal = { 0 };
	struct quote quote;
	struct json_writer w;
	struct buffer b;
	json_t *json;

	if (quote_compute(basis, request, &quote, &refusal) != QUOTE_DONE) {
		assert(refusal.field[0] != '\0');
		return;
	}
	assert(quote.gross.minor - quote.relief.minor == quote.due.minor);
	buffer_init(&b, FUZZ_JSON_MAX);
	json_writer_init(&w, &b);
	quote_write(basis, request, &quote, &w, NULL);
	json = json_loadb(b.bytes, b.size, JSON_REJECT_DUPLICATES, NULL);
	assert(json != NULL);
	json_decref(json);
	buffer_done(&b);
}

static void quote_everything(const struct tariff *tariff)
{
	static const int32_t days[] = { 18261, 18353, 19158, 20453, 20454, 20800, 0 };

	for (size_t i = 0; i < tariff_service_count(tariff); i++) {
		struct quote_request request = fixture_request(tariff_service_code(tariff, i));
		struct quote_request abroad = request;
		struct quote_request tenge = request;

		request.quantity = 3;
		abroad.category = TEXT("B12");
		abroad.nationality = TEXT("DZ");
		abroad.mission = TEXT("m");
		abroad.currency = TEXT("USD");
		abroad.years = 1;
		tenge.currency = TEXT("KZT");
		for (size_t j = 0; j < sizeof(days) / sizeof(*days); j++) {
			struct quote_basis basis = fixture_basis(tariff, days[j]);
			struct exchange_day exchange = fixture_rates(days[j]);

			quote_once(&basis, &request);
			quote_once(&basis, &abroad);
			basis.exchange = &exchange;
			quote_once(&basis, &tenge);
		}
	}
}

/* The small set: its schema, its elements, and the phrases as they are. */
struct small {
	struct fixture files;
	struct document_schema *schema;
	xmlDoc *elements;
	xmlDoc *phrases;
};

static void open_small(struct small *small)
{
	const struct tariff_file *f = small->files.files;
	bool ok;

	fixture_add_file(&small->files, FUZZ_TARIFF "/tariff.xsd");
	fixture_add_file(&small->files, FUZZ_TARIFF "/small.xml");
	fixture_add_file(&small->files, TARIFF_DATA "/phrases.xml");
	ok = document_schema_new(f[0].name, f[0].bytes, &small->schema, NULL) &&
	     document_read(f[1].name, f[1].bytes, small->schema, &small->elements, NULL) &&
	     document_read(f[2].name, f[2].bytes, small->schema, &small->phrases, NULL);
	assert(ok);
}

static bool has(struct text t, const char *what)
{
	return memmem(t.bytes, t.size, what, strlen(what)) != NULL;
}

static struct tariff *load_schema(const struct small *small, struct text input, struct err *err)
{
	struct tariff_file files[] = { { "tariff.xsd", input }, small->files.files[1],
		small->files.files[2] };
	struct tariff *tariff = NULL;
	uint8_t digest[TARIFF_DIGEST_SIZE];
	bool ok;

	fixture_digest(digest);
	ok = tariff_load(files, sizeof(files) / sizeof(*files), digest, &tariff, err);
	assert(ok == (tariff != NULL));
	return tariff;
}

static struct tariff *load_file(const struct small *small, struct text input, struct err *err)
{
	struct set_documents d = {
		.documents = { NULL, small->elements, small->phrases },
		.names = { "input.xml", "small.xml", "phrases.xml" },
		.count = has(input, "<phrase") ? 2 : 3,
	};
	struct tariff *tariff = NULL;
	uint8_t digest[TARIFF_DIGEST_SIZE];
	bool ok;

	fixture_digest(digest);
	ok = document_read("input.xml", input, small->schema, &d.documents[0], err) &&
	     set_make(&d, digest, &tariff, err);
	assert(ok == (tariff != NULL));
	document_free(&d.documents[0]);
	return tariff;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct small small;
	struct text input = { (const char *)data, size };
	struct err err = { 0 };
	struct tariff *tariff;

	if (small.schema == NULL) {
		open_small(&small);
	}
	tariff = has(input, "<xs:schema") ? load_schema(&small, input, &err)
					  : load_file(&small, input, &err);
	assert((tariff == NULL) == (err.kind != ERR_NONE));
	if (tariff != NULL) {
		quote_everything(tariff);
	}
	tariff_free(&tariff);
	return 0;
}
