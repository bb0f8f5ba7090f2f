/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/router.h"

#include <assert.h>
#include <string.h>

#include "daemon/breaker.h"
#include "ledger/digest.h"
#include "ledger/reader.h"

_Static_assert((int)ROUTING_GATEWAYS_MAX == (int)ENGINE_GATEWAYS_MAX,
	"the rules are about all gateways there may be");
_Static_assert(ENGINE_GATEWAYS_MAX *(JOB_NAME_MAX + (int)sizeof(" :currency")) <= JOB_ROUTE_MAX,
	"each may be passed over, for the longest of reasons");

static struct breaker *router_breaker(struct engine *engine, const struct engine_gateway *gateway)
{
	return &engine->breakers[engine_gateway_index(engine, gateway)];
}

static bool router_was_tried(const struct router_payment *payment, int32_t number)
{
	for (size_t i = 0; i < payment->tried_count; i++) {
		if (payment->tried[i] == number) {
			return true;
		}
	}
	return false;
}

static uint64_t router_draw(const struct engine *engine, const struct router_payment *payment)
{
	char client[ENGINE_NUMBER_SIZE];
	const struct text parts[] = { engine_number(payment->client, client), TEXT(" "),
		payment->reference };
	uint8_t digest[DIGEST_SIZE];
	uint64_t draw = 0;

	digest_of(engine->digest, parts, sizeof(parts) / sizeof(*parts), digest);
	for (size_t i = 0; i < sizeof(draw); i++) {
		draw = draw << 8 | digest[i];
	}
	return draw;
}

/* "card kassa:resting other:amount" */
static void router_write(const struct engine *engine, enum routing_method method,
	const struct routing_choice *chosen, struct router_choice *choice)
{
	struct buffer out;
	bool fits;

	buffer_init(&out, JOB_ROUTE_MAX);
	buffer_add_string(&out, routing_method_name(method));
	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		const struct engine_gateway *gateway = &engine->settings.gateways[i];

		if (chosen->why[i] > ROUTING_ELSE && gateway != choice->gateway) {
			buffer_printf(&out, " %s:%s", gateway->name,
				routing_why_name(chosen->why[i]));
		}
	}
	assert(!out.overflowed);
	fits = text_copy(buffer_text(&out), choice->route, sizeof(choice->route));
	assert(fits);
	(void)fits;
	buffer_done(&out);
}

static enum router_result router_result_of(const struct routing_choice *chosen, size_t count)
{
	if (chosen->count > 0) {
		return ROUTER_FOUND;
	}
	for (size_t i = 0; i < count; i++) {
		if (chosen->why[i] == ROUTING_RESTING) {
			return ROUTER_RESTING;
		}
	}
	return ROUTER_UNFIT;
}

enum router_result router_choose(struct engine *engine, enum routing_method method,
	const struct router_payment *payment, struct router_choice *choice)
{
	struct routing_gateway gateways[ROUTING_GATEWAYS_MAX];
	const struct routing_payment asked = {
		.method = method,
		.amount = payment->amount,
		.service = payment->service,
		.draw = router_draw(engine, payment),
	};
	const size_t count = engine->settings.gateway_count;
	struct routing_choice chosen;

	for (size_t i = 0; i < count; i++) {
		const struct engine_gateway *gateway = &engine->settings.gateways[i];

		gateways[i] = (struct routing_gateway){
			.rule = gateway->rule,
			.resting =
				breaker_state(router_breaker(engine, gateway),
					engine->ports.now_ms(engine->ports.world)) == BREAKER_OPEN,
			.tried = router_was_tried(payment, gateway->number),
		};
	}
	routing_choose(gateways, count, &asked, &chosen);
	choice->gateway = chosen.count > 0 ? &engine->settings.gateways[chosen.place[0]] : NULL;
	choice->untried = chosen.untried > 0;
	router_write(engine, method, &chosen, choice);
	return router_result_of(&chosen, count);
}

void router_payment_of(const struct payment_view *view, struct router_payment *payment)
{
	*payment = (struct router_payment){
		.client = view->client,
		.reference = view->reference,
		.amount = money_of(view->due.minor - view->paid.minor - view->held.minor,
			view->due.currency),
		.service = view->calculation.service,
	};
	for (size_t i = 0; i < view->attempt_count; i++) {
		payment->tried[payment->tried_count++] = view->attempts[i].gateway_number;
	}
}

enum routing_method router_method(struct text route)
{
	const char *space = route.size > 0 ? memchr(route.bytes, ' ', route.size) : NULL;

	if (space != NULL) {
		route.size = (size_t)(space - route.bytes);
	}
	return routing_method_of(route);
}

/* ---- breakers ---- */

static void router_log(struct engine *engine, const struct engine_gateway *gateway,
	enum ports_level level, const char *event)
{
	const struct ports_field fields[] = { { "gateway", text_of(gateway->name) } };

	engine_log(engine, level, event, fields, 1);
}

void router_sent(struct engine *engine, const struct engine_gateway *gateway)
{
	breaker_send(router_breaker(engine, gateway), engine->ports.now_ms(engine->ports.world));
}

void router_learn(struct engine *engine, const struct engine_gateway *gateway, bool arrived)
{
	struct breaker *breaker = router_breaker(engine, gateway);

	if (arrived && breaker_succeed(breaker)) {
		router_log(engine, gateway, PORTS_INFO, "gateway.breaker_closed");
	} else if (!arrived && breaker_fail(breaker, engine->ports.now_ms(engine->ports.world))) {
		router_log(engine, gateway, PORTS_WARNING, "gateway.breaker_opened");
	}
}
