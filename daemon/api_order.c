/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/api_order.h"

#include <assert.h>
#include <string.h>

enum { API_ORDER_ROUTE_MAX = 160 }; /* bytes of a route that a problem tells */

static const char api_order_scheme[] = "https://";

/* https://host..., visible ASCII, no user before the host: whose browser goes there is the payer's.
 */
static bool api_order_url_is_fine(struct text url)
{
	size_t scheme = sizeof(api_order_scheme) - 1;
	size_t host = 0;

	if (!text_starts(url, text_of(api_order_scheme))) {
		return false;
	}
	for (size_t i = scheme; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] > '~' ||
			strchr("\"<>\\^`{|}", url.bytes[i])) {
			return false;
		}
	}
	while (scheme + host < url.size && strchr("/?#", url.bytes[scheme + host]) == NULL) {
		if (url.bytes[scheme + host] == '@') {
			return false;
		}
		host++;
	}
	return host > 0;
}

bool api_order_is_wanted(const struct api_order *order)
{
	return order->gateway.size > 0 || order->method.size > 0;
}

void api_order_read(struct json_reader *body, enum json_need need, struct api_order *order)
{
	assert(body != NULL);
	assert(order != NULL);

	json_take_text(body, "gateway", JSON_OPTIONAL, JOB_NAME_MAX, &order->gateway);
	json_take_text(body, "method", JSON_OPTIONAL, JOB_NAME_MAX, &order->method);
	json_take_text(body, "return_url", JSON_OPTIONAL, ALYM_URL_MAX, &order->return_url);
	if (order->gateway.size > 0 && order->method.size > 0) {
		json_complain(body, JSON_WRONG, "method", "goes without a gateway");
	} else if (need == JSON_REQUIRED && !api_order_is_wanted(order)) {
		json_complain(body, JSON_MISSING, "gateway", "is required, or a method");
	} else if (order->method.size > 0 && routing_method_of(order->method) == ROUTING_NONE) {
		json_complain(body, JSON_WRONG, "method", "must be card or bank");
	}
	if (order->return_url.size > 0 && !api_order_url_is_fine(order->return_url)) {
		json_complain(body, JSON_WRONG, "return_url", "must be an address https://...");
	} else if (api_order_is_wanted(order) && order->return_url.size == 0) {
		json_complain(body, JSON_MISSING, "return_url",
			"is required with a gateway or method");
	} else if (!api_order_is_wanted(order) && order->return_url.size > 0) {
		json_complain(body, JSON_WRONG, "return_url", "goes with a gateway or method only");
	}
}

enum language api_order_language(const struct call *call)
{
	return language_choose(call_header(call, "Accept-Language", NULL), LANGUAGE_RU);
}

/* NULL: the problem says why there is none. */
static const struct engine_gateway *api_order_gateway(struct engine *engine,
	struct api_order *order, const struct router_payment *payment, struct problem *problem)
{
	const struct engine_gateway *gateway = engine_gateway_by_name(engine, order->gateway);

	if (order->method.size > 0) {
		switch (router_choose(engine, routing_method_of(order->method), payment,
			&order->choice)) {
		case ROUTER_FOUND:
			return order->choice.gateway;
		case ROUTER_UNFIT:
			problem_set(problem, PROBLEM_NO_GATEWAY, "method",
				"no gateway takes it: %.*s", API_ORDER_ROUTE_MAX,
				order->choice.route);
			return NULL;
		case ROUTER_RESTING:
			problem_set(problem, PROBLEM_UNAVAILABLE, "method",
				"no gateway can be reached now: %.*s", API_ORDER_ROUTE_MAX,
				order->choice.route);
			return NULL;
		}
	}
	if (gateway == NULL) {
		problem_set(problem, PROBLEM_INVALID_FIELD, "gateway", "there is no such gateway");
	}
	return gateway;
}

bool api_order_make(struct engine *engine, struct api_order *order,
	const struct router_payment *payment, int32_t valid_until, struct job_order *out,
	struct problem *problem)
{
	const struct engine_gateway *gateway = api_order_gateway(engine, order, payment, problem);
	int64_t tariff_end = zone_day_start(engine->almaty, valid_until);
	int64_t session_end = engine_now(engine) + engine->settings.session_s;

	assert(out != NULL);

	if (gateway == NULL) {
		return false;
	}
	assert(gateway->number > 0);
	*out = (struct job_order){
		.gateway = gateway->number,
		.rule = engine_order_rule(gateway),
		.expires_at = session_end < tariff_end ? session_end : tariff_end,
		.return_url = order->return_url,
		.language = text_of(language_name(order->language)),
		.route = order->method.size > 0 ? text_of(order->choice.route) : TEXT(""),
	};
	return true;
}
