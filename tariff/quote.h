/* SPDX-License-Identifier: Apache-2.0 */

/*
 * quote - how much is due and by which law: a pure function of the request and its basis (tariff
 * set, official exchange rates, day, version of the calculation).
 *
 * The figures are in `struct quote`; the argument (each line's rate, index, law, exemptions
 * considered and why or why not, explanation in kk, ru, en) is written by quote_write() as
 * canonical JSON.  The same request and basis give the same bytes for ever: a version, once
 * released, is never changed; what a newer one says more, an older one leaves out.
 */
#ifndef ALYM_TARIFF_QUOTE_H
#define ALYM_TARIFF_QUOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "tariff/exchange.h"
#include "tariff/tariff.h"

enum {
	QUOTE_VERSION = 2, /* of the calculation: what new payments use */
	QUOTE_CLAIMS_MAX = 8,
	QUOTE_QUANTITY_MAX = 1000,
	QUOTE_GROUND_SIZE = 32,
	QUOTE_KBK_SIZE = 8,
	QUOTE_ROWS_SIZE = 208,
	QUOTE_DOCUMENT_MAX = 200, /* bytes of a claim's document */
	QUOTE_NATIONALITY_MAX = 2,
	QUOTE_CATEGORY_MAX = 8,
	QUOTE_PLACE_DIGITS = 9, /* of a KATO code */
	QUOTE_YEARS_MAX = 10,
	QUOTE_REQUEST_SIZE_MAX = 8192,
};

struct quote_claim {
	struct text ground;   /* "investor" */
	struct text document; /* what proves it, as the service states */
};

/* All texts borrowed from whoever made the request (the JSON it was read from). */
struct quote_request {
	struct text service;
	struct text
		action;   /* "issue" "restore" "extend" "reissue" ...; empty: the service's first */
	int64_t quantity; /* 1..QUOTE_QUANTITY_MAX; 0: not stated, one */
	struct text nationality; /* ISO 3166-1 alpha-2 or empty */
	int32_t birth_date;      /* or DATE_NONE */
	struct quote_claim claims[QUOTE_CLAIMS_MAX];
	size_t claim_count;
	struct text category; /* visa category or empty */
	struct text currency; /* or empty: the fee's own */
	/* Of the status paid for; of an extension: when the running term began; or DATE_NONE. */
	int32_t activation_date;
	int32_t travel_date; /* eta; or DATE_NONE */
	struct text place;   /* KATO code or empty */
	struct text mission; /* or empty */
	int64_t years;       /* or 0 */
};

/*
 * Reads the members of a quote request from `r` (POST /v1/quotes and the "quote" of a payment).
 * `day` gets "date" or the Almaty day of "time" through `day_of` - or stays when neither is there.
 * With `dates` false both are unknown members: creating a payment takes no date.
 * Complaints stick to the reader's problem; the caller ends the reader.
 */
typedef int32_t quote_day_fn(void *context, int64_t seconds);
void quote_read(struct json_reader *r, bool dates, quote_day_fn *day_of, void *context,
	struct quote_request *request, int32_t *day);

/* Canonical JSON of the request (absent members absent), at most QUOTE_REQUEST_SIZE_MAX: what a
 * payment keeps, and what its quote is derived from again. */
void quote_request_write(const struct quote_request *request, struct json_writer *w,
	const char *name);

/* In the order they are checked; the first that applies is returned. */
enum quote_result {
	QUOTE_DONE,
	QUOTE_UNKNOWN_SERVICE, /* refusal.field "service" */
	QUOTE_INVALID_FIELD,   /* refusal.field names it: unknown action, ground, currency, country
				  ... */
	QUOTE_TARIFF_MISSING,  /* no rate, or no MRP, on that day */
	QUOTE_RATE_MISSING,    /* no exchange rate on that day */
	QUOTE_NOT_ELIGIBLE,    /* paying would be pointless: refusal.detail says why */
	QUOTE_OUT_OF_RANGE,    /* the sum does not fit */
};

struct quote_refusal {
	char field[64];
	char detail[256]; /* English, for the log and "detail" */
};

/* For tariff/ alone: fills the refusal; returns `result`, which is not QUOTE_DONE. */
enum quote_result quote_refuse(struct quote_refusal *refusal, enum quote_result result,
	const char *field, const char *format, ...) PRINTF_LIKE(4, 5);

/* What a quote is a function of, beside the request. */
struct quote_basis {
	const struct tariff *tariff;
	const struct exchange_day *exchange; /* the official rates of the day, or NULL: not known */
	int version;                         /* of the calculation: 1..QUOTE_VERSION */
	int32_t day;                         /* of the payment, in Almaty */
};

/* Figures only; what the book needs. */
struct quote {
	int version;
	int32_t day;
	struct money gross;
	struct money relief; /* gross - due */
	struct money due;
	struct exchange_rate rate; /* that the fee was converted by; its quant is 0: it was not */
	struct money own_gross;    /* in the fee's own currency */
	char service[TARIFF_SERVICE_SIZE];
	char ground[QUOTE_GROUND_SIZE]; /* of the relief, or empty */
	char kbk[QUOTE_KBK_SIZE];       /* budget code, or empty where no source names one */
	int32_t valid_from;  /* days [valid_from, valid_until) say the same, as TARIFF.md has it */
	int32_t valid_until; /* TARIFF_NO_END where no change is known */
	bool unverified;     /* some value the sum rests on is not confirmed by its source */
	bool beneficiary_unknown;   /* something is due, and to which account is not known */
	bool personal;              /* the applicant's country or day of birth was looked at */
	char rows[QUOTE_ROWS_SIZE]; /* ids of the tariff rows used, comma-separated */
};

/* The set must be fit for the version: tariff_serves(). */
enum quote_result quote_compute(const struct quote_basis *basis,
	const struct quote_request *request, struct quote *quote, struct quote_refusal *refusal)
	MUST_USE;

/*
 * What the full argument rests on: without the applicant, where nobody looked at him.  Requests
 * whose essence is the same have the same figures and the same bytes.
 */
struct quote_request quote_essence(const struct quote_request *request, const struct quote *quote);

/*
 * The full argument as one JSON object: due gross relief lines[] (rate, index value,
 * law, gross, exemptions[] with decision and why, net, kbk, knp, beneficiary) explanation{kk,ru,en}
 * tariff date valid_until refund channels warnings version.  `quote` came from quote_compute() with
 * the same arguments.
 */
void quote_write(const struct quote_basis *basis, const struct quote_request *request,
	const struct quote *quote, struct json_writer *w, const char *name);

#endif
