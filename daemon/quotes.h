/* SPDX-License-Identifier: Apache-2.0 */

/*
 * quotes - full quotes, whose texts are shared.
 *
 * A quote is a pure function of a request and its basis, and its text is a hundred times
 * longer than its figures.  Most of what is asked differs only in whose document proves a ground,
 * or in nothing that the law looks at: such requests share one form, the full quote with holes for
 * the documents.  What an answer needs of a payment just created is found by the hash of its bytes.
 * A bounded number of both is kept.  Safe from any thread.
 */
#ifndef ALYM_DAEMON_QUOTES_H
#define ALYM_DAEMON_QUOTES_H

#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "ledger/job.h"
#include "tariff/quote.h"

enum { QUOTES_BYTES_MAX = 1 << 18 }; /* of one full quote */

struct quotes;

struct quotes_hole;

/* Never changes; belongs to whoever has it until quotes_drop(). */
struct quoted {
	struct quote_basis basis;
	struct quote quote;
	struct text bytes;               /* the full quote */
	uint8_t digest[JOB_DIGEST_SIZE]; /* SHA-256 of the bytes */
	/* What follows is quotes.c's own. */
	struct text question; /* of a form: what all its requests have in common */
	const struct quotes_hole *holes;
	size_t hole_count;
	int holders; /* the lock's */
};

struct quotes *quotes_new(void);
void quotes_free(struct quotes **quotes);

/* *quoted is set when QUOTE_DONE. */
enum quote_result quotes_make(struct quotes *quotes, const struct quote_basis *basis,
	const struct quote_request *request, struct quoted **quoted, struct quote_refusal *refusal)
	MUST_USE;

/* The one whose bytes have that hash, or NULL. */
struct quoted *quotes_find(struct quotes *quotes, const uint8_t digest[JOB_DIGEST_SIZE]);

/* Takes it back, nulls; NULL is fine. */
void quotes_drop(struct quotes *quotes, struct quoted **quoted);

#endif
