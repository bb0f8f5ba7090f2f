/* SPDX-License-Identifier: Apache-2.0 */

/*
 * exemption - who pays nothing, by which ground, for which actions, from when.
 *
 * A ground is claimed; it is accepted only where a row of the law names it for that very service
 * and action on that day, where a document proves it, and where what the row asks for besides -
 * an agreement with the applicant's country, an age - is met.  No agreement on record: not exempt.
 * Two rows that decide the same case are a contradiction, and refused when the set is loaded.
 */
#ifndef ALYM_TARIFF_EXEMPTION_H
#define ALYM_TARIFF_EXEMPTION_H

#include "tariff/quote.h"
#include "tariff/service.h"

enum { EXEMPTION_GROUNDS_MAX = 64, EXEMPTION_AGE_MAX = 150 };

enum agreement_kind { AGREEMENT_MUTUAL_WAIVER, AGREEMENT_RECIPROCITY, AGREEMENT_KIND_COUNT };

/* One country with which something is agreed, or practised in return. */
struct agreement {
	struct row row;
	enum agreement_kind kind;
	struct text country;
	int64_t age_below;         /* under reciprocity: of those it covers; else 0 */
	struct node_list services; /* it is for; empty: for all */
};

struct ground {
	struct text code;
	size_t number; /* its place in the law's list */
	struct texts name;
	struct origin origin;
};

struct exemption {
	struct row row;
	const struct ground *ground;
	struct node_list services;
	struct node_list actions; /* empty: all */
	uint32_t action_bits;     /* of the service it is filed under */
	bool by_agreement;
	enum agreement_kind agreement;
	int64_t age_below;     /* 0: any age */
	enum rate_place where; /* it frees what is done there */
};

/* Every ground, agreement and exemption of a set. */
struct exemptions {
	struct ground *grounds[EXEMPTION_GROUNDS_MAX];
	size_t ground_count;
	struct agreement **agreements; /* sorted by kind, country, day once closed */
	size_t agreement_count;
	size_t agreement_capacity;
	struct exemption **rows;
	size_t row_count;
	size_t row_capacity;
};

bool ground_read(const struct node *n, struct exemptions *all) MUST_USE;
bool agreement_read(const struct node *n, const struct acts *acts, struct exemptions *all,
	const struct row **row) MUST_USE;
/* Whether it says anything of that service. */
bool agreement_is_for(const struct agreement *agreement, struct text service);

bool exemption_read(const struct node *n, const struct acts *acts, struct exemptions *all,
	const struct row **row) MUST_USE;

/* Files each row under the services (sorted by code) it names; refuses contradictions. */
bool exemptions_close(struct exemptions *all, struct service *const *services, size_t count,
	struct arena *arena, struct err *err) MUST_USE;

/* NULL when the set has no such ground. */
const struct ground *ground_find(const struct exemptions *all, struct text code);

enum exemption_reason {
	EXEMPTION_NOT_IN_LIST,
	EXEMPTION_NOT_CLAIMED,
	EXEMPTION_NO_DOCUMENT,
	EXEMPTION_NATIONALITY_MISSING,
	EXEMPTION_NO_TREATY,
	EXEMPTION_NO_RECIPROCITY,
	EXEMPTION_BIRTH_DATE_MISSING,
	EXEMPTION_ONE_PERSON_ONLY, /* a day of birth says nothing about the others */
	EXEMPTION_TOO_OLD,
	EXEMPTION_ACCEPTED,
	EXEMPTION_ALSO_APPLIES, /* accepted, but another ground has freed the line already */
	EXEMPTION_REASON_COUNT,
};

const char *exemption_reason_name(enum exemption_reason reason);
bool exemption_reason_accepts(enum exemption_reason reason);

/* What was asked, as far as an exemption looks at it. */
struct exemption_case {
	const struct service *service;
	size_t action;
	int32_t day;
	enum rate_place where; /* the action is done */
	const struct quote_request *request;
};

struct exemption_decision {
	enum exemption_reason reason;
	const struct ground *ground;
	const struct exemption *exemption; /* NULL: no row names the ground */
	const struct agreement *agreement; /* that was looked at, or NULL */
	const struct quote_claim *claim;   /* NULL: not claimed */
	int64_t age_limit;                 /* that was looked at, or 0 */
};

/* Decides one ground; `valid` is narrowed to the days on which the decision stays. */
void exemption_decide(const struct exemptions *all, const struct exemption_case *c,
	const struct ground *ground, struct exemption_decision *decision, struct span *valid);

#endif
