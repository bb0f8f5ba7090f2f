/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/lookup.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { LOOKUP_MAGIC = 0x100CB00C };

/* Whoever comes with the token of an order that never was anywhere is led to the one after it. */
static void lookup_follow(struct reader *reader, struct lookup *lookup)
{
	const struct payment_view *payment = &lookup->payment_view;
	int64_t last = payment->attempt_count > 0
			       ? payment->attempts[payment->attempt_count - 1].number
			       : 0;

	if (lookup->token[0] == '\0' || lookup->result != READER_FOUND ||
		lookup->attempt_view.state != ATTEMPT_NOT_ATTEMPTED || last <= lookup->attempt) {
		return;
	}
	lookup->attempt = last;
	payment_view_done(&lookup->payment_view);
	payment_view_init(&lookup->payment_view);
	lookup->result = reader_attempt(reader, last, &lookup->payment_view, &lookup->attempt_view,
		&lookup->err);
}

/* On a reader's thread. */
static void lookup_run(struct reader *reader, struct query *query)
{
	struct lookup *lookup = (struct lookup *)query;
	int32_t generation = 0;

	assert(lookup->magic == LOOKUP_MAGIC);

	if (lookup->token[0] != '\0' &&
		!reader_token(reader, text_of(lookup->token), &generation, &lookup->attempt)) {
		lookup->result = READER_ABSENT;
	} else if (lookup->attempt != 0) {
		lookup->result = reader_attempt(reader, lookup->attempt, &lookup->payment_view,
			&lookup->attempt_view, &lookup->err);
		/* A token of a book that was lost names nothing that this one has. */
		if (lookup->result == READER_FOUND && generation != 0 &&
			lookup->attempt_view.generation != generation) {
			lookup->result = READER_ABSENT;
		}
		lookup_follow(reader, lookup);
	} else {
		lookup->result = reader_payment(reader, lookup->payment, READER_LATEST,
			&lookup->payment_view, &lookup->err);
	}
}

static void lookup_finish(struct query *query)
{
	struct lookup *lookup = (struct lookup *)query;

	assert(lookup->magic == LOOKUP_MAGIC);

	engine_query_done(lookup->engine);
	if (query->again) { /* what it saw was lost */
		lookup->result = READER_FAILED;
		(void)err_set(&lookup->err, ERR_DATABASE, "what was read is not on disk");
	}
	if (lookup->result == READER_FAILED && !engine_has_failed(lookup->engine)) {
		const struct ports_field fields[] = { { "why", text_of(lookup->err.message) } };

		engine_log(lookup->engine, PORTS_ERROR, "book.unreadable", fields, 1);
	}
	lookup->done(lookup);
}

struct lookup *lookup_new(struct engine *engine)
{
	struct lookup *lookup = mem_new(1, sizeof(*lookup));

	assert(engine != NULL);

	lookup->magic = LOOKUP_MAGIC;
	lookup->engine = engine;
	lookup->query.run = lookup_run;
	lookup->query.done = lookup_finish;
	lookup->result = READER_FAILED; /* until it has run */
	payment_view_init(&lookup->payment_view);
	return lookup;
}

void lookup_start(struct lookup *lookup)
{
	assert(lookup->magic == LOOKUP_MAGIC);
	assert(lookup->done != NULL);
	assert(lookup->token[0] != '\0' || lookup->attempt != 0 || lookup->payment != 0);

	engine_query(lookup->engine, &lookup->query);
}

void lookup_free(struct lookup **lookup)
{
	assert(lookup != NULL);

	if (*lookup != NULL) {
		assert((*lookup)->magic == LOOKUP_MAGIC);
		(*lookup)->magic = 0;
		payment_view_done(&(*lookup)->payment_view);
		free(*lookup);
		*lookup = NULL;
	}
}

void lookup_order(const struct lookup *lookup, const struct engine_gateway *gateway,
	struct lookup_order *out)
{
	const struct payment_view *payment = &lookup->payment_view;
	const struct attempt_view *attempt = &lookup->attempt_view;
	const char *public_url = lookup->engine->settings.public_url;
	int size;

	assert(lookup->magic == LOOKUP_MAGIC);
	assert(lookup->result == READER_FOUND);
	assert(attempt->number != 0);

	*out = (struct lookup_order){ 0 };
	size = snprintf(out->description, sizeof(out->description), "%.*s, %s",
		TEXT_ARGS(payment->calculation.service), payment->code);
	assert(size > 0 && (size_t)size < sizeof(out->description));
	if (public_url != NULL) {
		size = snprintf(out->callback_url, sizeof(out->callback_url), "%s/callbacks/%s",
			public_url, gateway->name);
		assert(size > 0 && (size_t)size < sizeof(out->callback_url));
	}
	out->order = (struct alym_order){
		.number = text_of(attempt->order),
		.code = text_of(payment->code),
		.amount = attempt->amount,
		.captured = attempt->captured,
		.description = text_of(out->description),
		.language = attempt->language,
		.return_url = attempt->return_url,
		.payer_address = TEXT(""),
		.callback_url = text_of(out->callback_url),
		.handle = attempt->handle,
		.created_at = attempt->created_at,
		.expires_at = attempt->expires_at,
		.refund = money_of(0, attempt->amount.currency),
		.refund_id = TEXT(""),
		.refunded = money_of(0, attempt->amount.currency),
	};
}
