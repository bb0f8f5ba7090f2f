/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - a tariff set read from a folder, to be loaded as it is or after it was spoilt. */
#ifndef ALYM_TESTS_TARIFF_FIXTURE_H
#define ALYM_TESTS_TARIFF_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tariff/quote.h"
#include "tariff/tariff.h"

struct fixture {
	struct tariff_file files[TARIFF_FILES_MAX];
	size_t count;
};

/*
 * Every file of the folder; a test that cannot read its data fails.  What tests expect of a year
 * does not change when the next one's MRP is entered: fixture_open() leaves out every MRP after the
 * last year they were written for.
 */
enum { FIXTURE_KNOWN_LAST = 2026 };
void fixture_open(const char *folder, struct fixture *f);
void fixture_open_whole(const char *folder, struct fixture *f);
void fixture_close(struct fixture *f);

/* Replaces the first `old` in the file; it must be there. */
void fixture_replace(struct fixture *f, const char *name, const char *old, const char *new);
/* Another file, of a copy of those bytes. */
void fixture_add(struct fixture *f, const char *name, struct text bytes);
void fixture_add_string(struct fixture *f, const char *name, const char *string);
/* One file from anywhere, by its name without the folder. */
void fixture_add_file(struct fixture *f, const char *path);
void fixture_remove(struct fixture *f, const char *name);

/* The line on which the tag that `at` stands in ends (libxml2 names that one), 0 without `at`. */
long fixture_line(const struct fixture *f, const char *name, const char *at);

/* What every test gives as the digest: 00 01 02 ... 1f. */
void fixture_digest(uint8_t digest[TARIFF_DIGEST_SIZE]);

/* The set, or NULL and err. */
struct tariff *fixture_load(struct fixture *f, struct err *err);

/* The set of the folder as fixture_open() reads it, with one more file unless `name` is NULL; a
 * test whose set does not load fails. */
struct tariff *fixture_tariff(const char *folder, const char *name, const char *more);
/* Teardown for cmocka: frees the set that is the state. */
int fixture_free(void **state);

/* Loads in vain, to be told so in these words, and closes. */
void fixture_refuse(struct fixture *f, const char *says);

/* A request of one service, with nothing else stated. */
struct quote_request fixture_request(const char *service);

int32_t fixture_day(const char *date);

/* Quotes by the newest calculation, without exchange rates. */
struct quote_basis fixture_basis(const struct tariff *tariff, int32_t day);
/* Rates of that day for every currency: 47.359001 tenge for ten units, which leaves remainders. */
struct exchange_day fixture_rates(int32_t day);
enum quote_result fixture_quote(const struct tariff *tariff, const struct quote_request *request,
	int32_t day, struct quote *quote, struct quote_refusal *refusal);

#endif
