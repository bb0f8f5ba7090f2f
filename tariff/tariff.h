/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tariff - the law as dated data: one immutable set, loaded whole or not at all.
 *
 * A set is made from the bytes of XML files (tariff/data) validated by tariff/data/tariff.xsd and
 * by the loader: gaps, overlaps, duplicates, unknown units, codes and dates that do not exist are
 * refused with file and line.  Who reads the files is the caller's business, as is the set's
 * digest: SHA-256 is taken by the caller over the files as tariff_order_files() leaves them, and
 * given here to be shown.
 *
 * Pure: no clock, no files, no accounts.  A set is read by any number of threads at once.
 */
#ifndef ALYM_TARIFF_TARIFF_H
#define ALYM_TARIFF_TARIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/date.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

enum {
	TARIFF_FILES_MAX = 32,
	TARIFF_FILE_SIZE_MAX = 4 << 20,
	TARIFF_DIGEST_SIZE = 32,
	TARIFF_SERVICE_SIZE = 48, /* of a service code and its NUL */
};

/* 9999-12-31 as the first day something no longer acts: no end is known. */
#define TARIFF_NO_END DATE_DAY_MAX

/* One file of a set; the schema is the one named "tariff.xsd" and is part of the set. */
struct tariff_file {
	const char *name; /* without folder */
	struct text bytes;
};

struct tariff;

/* Once, before there are threads: the library that reads XML has tables that they share. */
void tariff_init(void);

/* Sorts by name (bytes): the order the digest is taken in: for each file name NUL size(decimal) NUL
 * bytes. */
void tariff_order_files(struct tariff_file *files, size_t count);

/*
 * Gives a set to be freed with tariff_free(); the bytes are not needed afterwards.
 * err says "mrp.xml:12: ..." and what to do about it.
 */
bool tariff_load(const struct tariff_file *files, size_t count,
	const uint8_t digest[TARIFF_DIGEST_SIZE], struct tariff **tariff, struct err *err) MUST_USE;
void tariff_free(struct tariff **tariff);

const uint8_t *tariff_digest(const struct tariff *tariff);

/* Whether the set has all that this version of the calculation says; a set made for an older one
 * still serves that, for what was quoted by it. */
bool tariff_serves(const struct tariff *tariff, int version, struct err *err) MUST_USE;

/* How many rows, of all kinds. */
size_t tariff_row_count(const struct tariff *tariff);

/* How many services, and the code of the i-th in the order of the codes. */
size_t tariff_service_count(const struct tariff *tariff);
const char *tariff_service_code(const struct tariff *tariff, size_t i);

/* GET /v1/services and /v1/services/{code}: what it is (kk, ru, en), its actions, rates by date
 * with their law and status. */
bool tariff_has_service(const struct tariff *tariff, struct text code);
void tariff_write_service(const struct tariff *tariff, struct text code, struct json_writer *w,
	const char *name);

/* The law of the rows with these ids (comma-separated, as a quote lists them), each as in a
 * service's rates; ids that the set does not have are left out. */
void tariff_write_rows(const struct tariff *tariff, struct text ids, struct json_writer *w,
	const char *name);

/* Of these, the rows that exempt by the ground, briefly: act, article, item, id, status. */
void tariff_write_exemption(const struct tariff *tariff, struct text ids, struct text ground,
	struct json_writer *w, const char *name);

/* The last day for which an MRP for state duties is known. */
int32_t tariff_mrp_until(const struct tariff *tariff);

#endif
