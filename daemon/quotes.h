/* SPDX-License-Identifier: Apache-2.0 */

/*
 * quotes - full quotes, whose texts are shared.
 *
 * A quote is a pure function of a request and its basis, and its text is a hundred times
 * longer than its figures.  Most of what is asked differs only in whose document proves a ground,
 * or in nothing that the law looks at: such requests share one form, the full quote with holes for
 * the documents, and are kept as what stands in the holes.  What an answer needs of a payment just
 * created is found by the hash of its bytes. A bounded number of both is kept.  Safe from any
 * thread.
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
	const struct text *parts; /* the full quote: one after the other */
	size_t part_count;
	size_t size;                     /* of all parts */
	uint8_t digest[JOB_DIGEST_SIZE]; /* SHA-256 of their bytes */
	/* What follows is quotes.c's own. */
	struct text question; /* of a form: what all its requests have in common */
	const struct quotes_hole *holes;
	size_t hole_count;
	struct quoted *form; /* in whose holes documents were put; NULL: it is one */
	int holders;         /* the lock's */
};

struct quotes *quotes_new(void);
void quotes_free(struct quotes **quotes);

/* *quoted is set when QUOTE_DONE. */
enum quote_result quotes_make(struct quotes *quotes, const struct quote_basis *basis,
	const struct quote_request *request, struct quoted **quoted, struct quote_refusal *refusal)
	MUST_USE;

/* The one whose bytes have that hash, or NULL. */
struct quoted *quotes_find(struct quotes *quotes, const uint8_t digest[JOB_DIGEST_SIZE]);

/* Adds the full quote to `out`. */
void quotes_write(const struct quoted *quoted, struct buffer *out);

/* Takes it back, nulls; NULL is fine. */
void quotes_drop(struct quotes *quotes, struct quoted **quoted);

#endif
