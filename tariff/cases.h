/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cases - what a tariff must come to, as people worked it out by hand, and a set held against it.
 *
 * A <cases> document says requests with their expected sums or refusals, and values of the MRP,
 * each with its source (docs/TARIFF.md).  Cases are no part of a set: the same are run over any.
 * A row is hit when a case comes to what was expected and rests on that row; what no sum shows (the
 * codes of a budget, a refund, a rule) only when the case expects its value.
 */
#ifndef ALYM_TARIFF_CASES_H
#define ALYM_TARIFF_CASES_H

#include "tariff/quote.h"

enum {
	CASES_COUNT_MAX = 20000,
	CASES_ANSWER_SIZE = 320,
};

struct cases;

/* Gives the cases of all files, to be freed with cases_free(); the bytes are not needed afterwards.
 * err says "visa.xml:12: ..." and what to do about it. */
bool cases_read(const struct tariff_file *files, size_t count, struct cases **cases,
	struct err *err) MUST_USE;
void cases_free(struct cases **cases);

size_t cases_count(const struct cases *cases);

/* What a case asks, and where it stands; all of it lives as long as the cases. */
struct cases_question {
	const char *file;
	long line;
	const struct quote_request *request; /* NULL: of the MRP, not of a service */
	const struct exchange_day *exchange; /* of that day; NULL: not stated */
	int32_t day;
};

struct cases_question cases_question(const struct cases *cases, size_t i);

/* A case that came to something else. */
struct cases_fault {
	const char *file;
	long line;
	char expected[CASES_ANSWER_SIZE];
	char came[CASES_ANSWER_SIZE];
};

/* A row of the set that no case hit. */
struct cases_unhit {
	const char *row;
	const char *file;
	long line;
};

/* Its texts live as long as the cases and the set. */
struct cases_report {
	size_t case_count;
	struct cases_fault *faults;
	size_t fault_count;
	size_t row_count; /* of the set */
	struct cases_unhit *unhit;
	size_t unhit_count;
};

/* Runs every case by the newest calculation the set serves; the report is to be given to
 * cases_report_done(). */
void cases_run(const struct cases *cases, const struct tariff *tariff, struct cases_report *report);
void cases_report_done(struct cases_report *report);

#endif
