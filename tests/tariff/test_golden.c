/* SPDX-License-Identifier: Apache-2.0 */

/*
 * golden - quotes of calculation version 1 over a set that is kept for this purpose, byte for byte.
 *
 * The set is tariff/data as it was when the version was released; the answers were read by a
 * person before they were kept.  A difference is a broken promise, not a file to be renewed: a
 * calculation that must change gets the next version number and golden files of its own.
 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tests/alym_test.h"
#include "tests/tariff/fixture.h"

enum { GOLDEN_VERSION = 1, GOLDEN_JSON_MAX = 1 << 20, GOLDEN_NAME_MAX = 64 };

static const char *const names[] = {
	"child-without-reciprocity",
	"eresidency",
	"eta",
	"invitation-three",
	"visa-exit-2022",
	"visa-multiple",
	"visa-multiple-investor",
	"visa-reissue-error",
	"visa-two-grounds",
};

static int32_t day_of(void *context, int64_t seconds)
{
	(void)context;
	(void)seconds;
	fail_msg("a golden request states its day");
	return 0;
}

static const struct tariff_file *golden_file(const struct fixture *f, const char *name,
	const char *ending)
{
	char wanted[GOLDEN_NAME_MAX];

	(void)snprintf(wanted, sizeof(wanted), "%s.%s.json", name, ending);
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->files[i].name, wanted) == 0) {
			return &f->files[i];
		}
	}
	fail_msg("tests/tariff/golden/v1 has no %s", wanted);
	return NULL;
}

static void golden_quote(const struct tariff *tariff, struct text request_json, struct buffer *out)
{
	struct json_problem problem = { 0 };
	struct quote_refusal refusal = { 0 };
	struct quote_request request;
	struct json_reader r;
	struct json_writer w;
	struct quote_basis basis = { .tariff = tariff, .version = GOLDEN_VERSION };
	struct quote quote;
	struct json_value *json = json_parse(request_json, NULL);

	assert_non_null(json);
	json_reader_init(&r, json, "", &problem);
	quote_read(&r, true, day_of, NULL, &request, &basis.day);
	assert_true(json_reader_end(&r));
	assert_int_equal(quote_compute(&basis, &request, &quote, &refusal), QUOTE_DONE);
	json_writer_init(&w, out);
	quote_write(&basis, &request, &quote, &w, NULL);
	json_free(&json);
}

static void the_same_inputs_give_the_same_bytes_for_ever(void **state)
{
	struct fixture set;
	struct fixture golden;
	struct tariff *tariff;
	struct err err = { 0 };

	(void)state;
	fixture_open(TARIFF_TESTS "/golden/set-1", &set);
	fixture_open(TARIFF_TESTS "/golden/v1", &golden);
	assert_int_equal(golden.count, 2 * COUNT(names));
	tariff = fixture_load(&set, &err);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		struct text request = golden_file(&golden, names[i], "request")->bytes;
		struct text kept = golden_file(&golden, names[i], "quote")->bytes;
		struct buffer b;
		size_t same = 0;

		buffer_init(&b, GOLDEN_JSON_MAX);
		golden_quote(tariff, request, &b);
		buffer_add_char(&b, '\n'); /* as every text file ends */
		while (same < b.size && same < kept.size && b.bytes[same] == kept.bytes[same]) {
			same++;
		}
		if (b.size != kept.size || same != kept.size) {
			fail_msg("%s: byte %zu: %.60s", names[i], same, b.bytes + same);
		}
		buffer_done(&b);
	}
	tariff_free(&tariff);
	fixture_close(&set);
	fixture_close(&golden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_inputs_give_the_same_bytes_for_ever),
	};

	return cmocka_run_group_tests_name("tariff/golden", tests, NULL, NULL);
}
