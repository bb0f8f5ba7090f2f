/* SPDX-License-Identifier: Apache-2.0 */

/*
 * impact - what requests cost by one tariff set and by another, side by side.
 *
 * The samples are every action of every service of either set, in each of its variants, with
 * each category where there are some, on the day asked and on every day within a year on which
 * something of either set begins or ends; and cases, whose expected sums are not looked at.  No
 * exemption is claimed but by cases.  Where the old set has no tariff yet for a later day and the
 * new one has, as before each year's MRP, the old one is asked for the day asked instead.  Fees are
 * compared in their own currency.  Both sets outlive the comparison.
 */
#ifndef ALYM_TARIFF_IMPACT_H
#define ALYM_TARIFF_IMPACT_H

#include "tariff/cases.h"
#include "tariff/quote.h"

enum {
	IMPACT_SAMPLES_MAX = 100000,
	IMPACT_DAYS_AHEAD = 366,
	IMPACT_ADULT_YEARS = 30, /* how old the applicant of a sample is, by the calendar */
};

/* From what matters most to what matters least. */
enum impact_kind {
	IMPACT_MORE,
	IMPACT_REFUSED,  /* it can no longer be quoted */
	IMPACT_CURRENCY, /* the fee is in another currency */
	IMPACT_LESS,
	IMPACT_POSSIBLE, /* it can be quoted now, and the old set has nothing for it */
	IMPACT_SAME,
	IMPACT_NEITHER, /* neither set quotes it */
	IMPACT_KIND_COUNT,
};

const char *impact_kind_name(enum impact_kind kind);

struct impact_side {
	int32_t day; /* by which it was quoted: the sample's, or (old) the day asked */
	enum quote_result result;
	struct money due;       /* when QUOTE_DONE; of all persons */
	const char *refused_as; /* else "tariff_missing" ... */
};

struct impact_sample {
	struct quote_request request;
	int32_t day;
	const struct exchange_day *exchange; /* what a case states of it; else NULL */
	const char *file;                    /* of a case; else NULL */
	long line;
	enum impact_kind kind;
	int64_t difference; /* minor units, new less old; of MORE, LESS and SAME */
	struct impact_side old;
	struct impact_side new;
};

struct impact_counts {
	const char *service; /* NULL: of all */
	size_t count[IMPACT_KIND_COUNT];
};

struct impact;

/* Compares from that day on; `cases` may be NULL.  False: there are more than IMPACT_SAMPLES_MAX
 * samples.  To be freed with impact_free(), before the sets and the cases. */
bool impact_make(const struct tariff *old, const struct tariff *new, int32_t day,
	const struct cases *cases, struct impact **impact, struct err *err) MUST_USE;
void impact_free(struct impact **impact);

/* Who pays more first, and by how much; then in the order of the kinds, services, days. */
size_t impact_count(const struct impact *impact);
const struct impact_sample *impact_sample(const struct impact *impact, size_t i);

/* The first is of all; then by service, sorted. */
const struct impact_counts *impact_counts(const struct impact *impact, size_t *count);

/* The days of the samples that are no cases', ascending. */
const int32_t *impact_days(const struct impact *impact, size_t *count);

#endif
