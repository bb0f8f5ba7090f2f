/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/failover.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "daemon/carry.h"
#include "daemon/router.h"
#include "ledger/reader.h"

struct failover {
	struct carry carry;
	enum routing_method method;
	struct router_payment payment;
	int64_t from; /* the attempt */
	int64_t expires_at;
	struct text return_url;
	struct text language;
	struct router_choice choice;
};

struct failover *failover_new(const struct lookup *lookup)
{
	const struct attempt_view *attempt = &lookup->attempt_view;
	enum routing_method method = router_method(attempt->route);
	struct failover *f;

	if (method == ROUTING_NONE) {
		return NULL;
	}
	f = mem_new(1, sizeof(*f));
	f->method = method;
	router_payment_of(&lookup->payment_view, &f->payment);
	f->payment.reference = carry_text(&f->carry, f->payment.reference);
	f->payment.service = carry_text(&f->carry, f->payment.service);
	f->from = attempt->number;
	f->expires_at = attempt->expires_at;
	f->return_url = carry_text(&f->carry, attempt->return_url);
	f->language = carry_text(&f->carry, attempt->language);
	return f;
}

void failover_free(struct failover **failover)
{
	assert(failover != NULL);

	if (*failover != NULL) {
		carry_done(&(*failover)->carry);
		free(*failover);
		*failover = NULL;
	}
}

bool failover_next(struct failover *f, struct engine *engine, struct job_order *next)
{
	if (router_choose(engine, f->method, &f->payment, &f->choice) != ROUTER_FOUND ||
		!f->choice.untried) {
		return false;
	}
	*next = (struct job_order){
		.gateway = f->choice.gateway->number,
		.rule = engine_order_rule(f->choice.gateway),
		.expires_at = f->expires_at,
		.return_url = f->return_url,
		.language = f->language,
		.route = text_of(f->choice.route),
	};
	return true;
}

void failover_go(const struct failover *f, struct engine *engine, int64_t attempt)
{
	char from[ENGINE_NUMBER_SIZE];
	char to[ENGINE_NUMBER_SIZE];
	const struct ports_field fields[] = {
		{ "gateway", text_of(f->choice.gateway->name) },
		{ "attempt", engine_number(attempt, to) },
		{ "after", engine_number(f->from, from) },
		{ "route", text_of(f->choice.route) },
	};

	assert(attempt > 0);

	engine->counts.failovers++;
	engine_log(engine, PORTS_INFO, "attempt.failed_over", fields,
		sizeof(fields) / sizeof(*fields));
	dispatch_send(engine, attempt, f->choice.gateway->number);
}
