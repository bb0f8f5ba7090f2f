/* SPDX-License-Identifier: Apache-2.0 */

/* An order to be opened at a gateway, as a service asks for it. */
#include <assert.h>
#include <string.h>

#include "daemon/api.h"

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

void api_order_read(struct json_reader *body, enum json_need need, struct api_order *order)
{
	assert(body != NULL);
	assert(order != NULL);

	json_take_text(body, "gateway", need, JOB_NAME_MAX, &order->gateway);
	json_take_text(body, "return_url", JSON_OPTIONAL, ALYM_URL_MAX, &order->return_url);
	if (order->return_url.size > 0 && !api_order_url_is_fine(order->return_url)) {
		json_complain(body, JSON_WRONG, "return_url", "must be an address https://...");
	} else if (order->gateway.size > 0 && order->return_url.size == 0) {
		json_complain(body, JSON_MISSING, "return_url", "is required with a gateway");
	} else if (order->gateway.size == 0 && order->return_url.size > 0) {
		json_complain(body, JSON_WRONG, "return_url", "goes with a gateway only");
	}
}

enum language api_order_language(const struct call *call)
{
	return language_choose(call_header(call, "Accept-Language", NULL), LANGUAGE_RU);
}

bool api_order_make(struct engine *engine, const struct api_order *order, int32_t valid_until,
	struct job_order *out, struct problem *problem)
{
	const struct engine_gateway *gateway = engine_gateway_by_name(engine, order->gateway);
	int64_t tariff_end = zone_day_start(engine->almaty, valid_until);
	int64_t session_end = engine_now(engine) + engine->settings.session_s;

	assert(out != NULL);

	if (gateway == NULL) {
		problem_set(problem, PROBLEM_INVALID_FIELD, "gateway", "there is no such gateway");
		return false;
	}
	assert(gateway->number > 0);
	*out = (struct job_order){
		.gateway = gateway->number,
		.rule = { .digits_min = gateway->plugin->order.digits_min,
			.digits_max = gateway->plugin->order.digits_max,
			.suffix_daily = gateway->plugin->order.suffix_daily },
		.expires_at = session_end < tariff_end ? session_end : tariff_end,
		.return_url = order->return_url,
		.language = text_of(language_name(order->language)),
	};
	return true;
}
