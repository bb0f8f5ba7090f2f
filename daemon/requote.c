/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/requote.h"

#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/lookup.h"

enum { REQUOTE_MAGIC = 0x4E900E7E };

static void requote_read(struct lookup *lookup)
{
	struct requote *requote = lookup->context;
	char day[DATE_TEXT_SIZE];
	struct err err = { 0 };

	assert(requote->magic == REQUOTE_MAGIC);

	requote->unread = lookup->result == READER_FAILED;
	if (lookup->result == READER_FOUND) {
		requote->succeeded =
			quoting_again(requote->engine, lookup->payment_view.quote_request,
				requote->day, &requote->quote, &requote->calculation, &err);
	}
	if (!requote->succeeded) {
		const struct ports_field fields[] = {
			{ "day", text_of(date_format(requote->day, day)) },
			{ "why", text_of(err.message) },
		};

		engine_log(requote->engine, PORTS_WARNING, "payment.requote_failed", fields,
			sizeof(fields) / sizeof(*fields));
	}
	requote->done(requote);
}

struct requote *requote_new(struct engine *engine, int64_t payment, int32_t day,
	requote_done_fn *done, void *context)
{
	struct requote *requote = mem_new(1, sizeof(*requote));

	assert(engine != NULL);
	assert(payment != 0);
	assert(day != DATE_NONE);
	assert(done != NULL);

	requote->magic = REQUOTE_MAGIC;
	requote->engine = engine;
	requote->day = day;
	requote->done = done;
	requote->context = context;
	requote->lookup = lookup_new(engine);
	requote->lookup->payment = payment;
	requote->lookup->done = requote_read;
	requote->lookup->context = requote;
	return requote;
}

void requote_start(struct requote *requote)
{
	assert(requote->magic == REQUOTE_MAGIC);

	lookup_start(requote->lookup);
}

void requote_free(struct requote **requote)
{
	assert(requote != NULL);

	if (*requote != NULL) {
		assert((*requote)->magic == REQUOTE_MAGIC);
		(*requote)->magic = 0;
		lookup_free(&(*requote)->lookup);
		free(*requote);
		*requote = NULL;
	}
}
