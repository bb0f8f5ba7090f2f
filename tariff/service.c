/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/service.h"

#include <assert.h>

#include "base/date.h"
#include "tariff/document.h"
#include "tariff/segment.h"
#include "tariff/tariff.h"

static const char *const service_regime_names[SERVICE_REGIME_COUNT] = {
	[SERVICE_CONSULAR_FEE] = "consular-fee",
	[SERVICE_PROGRAMME_FEE] = "programme-fee",
	[SERVICE_STATE_DUTY] = "state-duty",
	[SERVICE_WITHOUT_FEE] = "without-fee",
};

const char *service_regime_name(enum service_regime regime)
{
	assert(regime < SERVICE_REGIME_COUNT);

	return service_regime_names[regime];
}

/* What a service is being read into. */
struct service_reading {
	const struct acts *acts;
	struct service *service;
	service_row_fn *on_row;
	void *context;
};

static bool service_read_name(const struct node *n, struct service_reading *reading)
{
	if (reading->service->name.in[0].bytes != NULL) {
		return node_refuse(n, "stands here twice");
	}
	return node_texts(n, &reading->service->name);
}

static bool service_read_action(const struct node *n, struct service_reading *reading)
{
	struct service *service = reading->service;
	struct service_action action = { 0 };

	if (!node_word(n, "code", NODE_REQUIRED, &action.code) || !node_texts(n, &action.name)) {
		return false;
	}
	if (action.code.size >= SERVICE_ACTION_SIZE) {
		return node_refuse(n, "code is longer than %d bytes", SERVICE_ACTION_SIZE - 1);
	}
	if (service_action_find(service, action.code) < service->action_count) {
		return node_refuse(n, "code=\"%s\" is a duplicate", action.code.bytes);
	}
	if (service->action_count == SERVICE_ACTIONS_MAX) {
		return node_refuse(n, "is one more than %d actions", SERVICE_ACTIONS_MAX);
	}
	service->actions[service->action_count++] = action;
	return true;
}

/* A row was read: into its chain, and to whoever keeps the register of rows. */
static void service_keep(const struct node *n, struct service_reading *reading, struct chain *chain,
	const struct row *row)
{
	chain_add(chain, n->arena, row);
	reading->on_row(reading->context, row);
}

static bool service_read_rate(const struct node *n, struct service_reading *reading)
{
	struct rate *rate = arena_take(n->arena, 1, sizeof(*rate));

	if (!rate_read(n, reading->acts, rate)) {
		return false;
	}
	service_keep(n, reading, &reading->service->rates, &rate->row);
	return true;
}

static bool service_read_rounding(const struct node *n, struct service_reading *reading)
{
	struct rounding *rounding = arena_take(n->arena, 1, sizeof(*rounding));

	if (!rounding_read(n, reading->acts, rounding)) {
		return false;
	}
	service_keep(n, reading, &reading->service->roundings, &rounding->row);
	return true;
}

static bool service_read_budget(const struct node *n, struct service_reading *reading)
{
	struct budget *budget = arena_take(n->arena, 1, sizeof(*budget));

	if (!budget_read(n, reading->acts, budget)) {
		return false;
	}
	service_keep(n, reading, &reading->service->budgets, &budget->row);
	return true;
}

static bool service_read_refund(const struct node *n, struct service_reading *reading)
{
	struct refund *refund = arena_take(n->arena, 1, sizeof(*refund));

	if (!refund_read(n, reading->acts, refund)) {
		return false;
	}
	service_keep(n, reading, &reading->service->refunds, &refund->row);
	return true;
}

static bool service_read_rule(const struct node *n, struct service_reading *reading)
{
	struct rule *rule = arena_take(n->arena, 1, sizeof(*rule));

	if (!rule_read(n, reading->acts, rule)) {
		return false;
	}
	service_keep(n, reading, &reading->service->rules[rule->kind], &rule->row);
	return true;
}

static bool service_read_category(const struct node *n, struct service_reading *reading)
{
	return category_read(n, &reading->service->eligibilities);
}

static bool service_read_eligibility(const struct node *n, struct service_reading *reading)
{
	const struct row *row = NULL;

	if (!eligibility_read(n, reading->acts, &reading->service->eligibilities, &row)) {
		return false;
	}
	reading->on_row(reading->context, row);
	return true;
}

static bool service_read_child(const struct node *n, struct service_reading *reading)
{
	static const struct {
		const char *name;
		bool (*read)(const struct node *n, struct service_reading *reading);
	} kinds[] = {
		{ "name", service_read_name },
		{ "action", service_read_action },
		{ "category", service_read_category },
		{ "rate", service_read_rate },
		{ "rounding", service_read_rounding },
		{ "budget", service_read_budget },
		{ "refund", service_read_refund },
		{ "rule", service_read_rule },
		{ "eligibility", service_read_eligibility },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (node_is(n, kinds[i].name)) {
			return kinds[i].read(n, reading);
		}
	}
	return node_refuse(n, "does not belong into a service");
}

static bool service_check_channels(const struct node *n, const struct node_list *channels)
{
	static const char *const known[] = { "bank", "cash", "pshep" };

	for (size_t i = 0; i < channels->count; i++) {
		bool found = false;

		for (size_t j = 0; j < sizeof(known) / sizeof(*known); j++) {
			found = found || text_is(channels->words[i], known[j]);
		}
		if (!found) {
			return node_refuse(n, "channels: %.*s is not known",
				TEXT_ARGS(channels->words[i]));
		}
	}
	return true;
}

bool service_read(const struct node *n, const struct acts *acts, service_row_fn *on_row,
	void *context, struct service **service)
{
	struct service *s = arena_take(n->arena, 1, sizeof(*s));
	struct service_reading reading = { acts, s, on_row, context };
	size_t regime = 0;
	struct node child;

	assert(on_row != NULL);
	assert(service != NULL);

	s->origin = n->origin;
	if (!node_word(n, "code", NODE_REQUIRED, &s->code) ||
		!node_choice(n, "regime", service_regime_names, SERVICE_REGIME_COUNT, &regime) ||
		!node_list(n, "channels", NODE_OPTIONAL, &s->channels) ||
		!service_check_channels(n, &s->channels)) {
		return false;
	}
	if (s->code.size >= TARIFF_SERVICE_SIZE) {
		return node_refuse(n, "code is longer than %d bytes", TARIFF_SERVICE_SIZE - 1);
	}
	s->regime = (enum service_regime)regime;
	for (bool more = node_first(n, &child); more; more = node_next(&child, &child)) {
		if (!service_read_child(&child, &reading)) {
			return false;
		}
	}
	if (s->name.in[0].bytes == NULL || s->action_count == 0 || s->rates.count == 0) {
		return node_refuse(n, "%s lacks a name, an action or a rate", s->code.bytes);
	}
	*service = s;
	return true;
}

size_t service_action_find(const struct service *service, struct text code)
{
	assert(service != NULL);

	for (size_t i = 0; code.size > 0 && i < service->action_count; i++) {
		if (text_equal(service->actions[i].code, code)) {
			return i;
		}
	}
	return code.size == 0 && service->action_count > 0 ? 0 : service->action_count;
}

/* Gives a rate to the actions it names, or to all. */
static bool service_assign_rate(struct service *service, const struct rate *rate,
	struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < rate->actions.count; i++) {
		size_t at = service_action_find(service, rate->actions.words[i]);

		if (at == service->action_count) {
			return row_refuse(&rate->row, err,
				"names the action %.*s, which %s has not",
				TEXT_ARGS(rate->actions.words[i]), service->code.bytes);
		}
		if (!variants_add(&service->actions[at].variants, arena, rate, err)) {
			return false;
		}
	}
	for (size_t i = 0; rate->actions.count == 0 && i < service->action_count; i++) {
		if (!variants_add(&service->actions[i].variants, arena, rate, err)) {
			return false;
		}
	}
	return true;
}

static bool service_close_chains(struct service *service, struct err *err)
{
	static const char *const rule_names[RULE_KIND_COUNT] = {
		[RULE_SCOPE] = "the scope",
		[RULE_NOT_REQUIRED] = "who need not have it",
		[RULE_FOREIGNERS_ONLY] = "that it is for foreigners",
		[RULE_MINIMUM_AGE] = "the minimum age",
		[RULE_NOTICE_HOURS] = "the notice",
		[RULE_DEADLINE_DAYS] = "the deadline",
		[RULE_MOVE_BUSINESS_DAYS] = "the deadline after moving",
		[RULE_TERM_MONTHS] = "the term",
		[RULE_VALIDITY_DAYS] = "the validity",
		[RULE_CONDITIONS] = "the conditions",
	};

	for (size_t i = 0; i < RULE_KIND_COUNT; i++) {
		if (!chain_close(&service->rules[i], CHAIN_EXACT, rule_names[i], err)) {
			return false;
		}
	}
	return chain_close(&service->roundings, CHAIN_EXACT, "the rounding", err) &&
	       chain_close(&service->budgets, CHAIN_EXACT, "the budget code", err) &&
	       chain_close(&service->refunds, CHAIN_EXACT, "the refund rule", err);
}

/* On every day with a rate there is a refund rule and, for what goes to a budget, its code. */
static bool service_check_cover(const struct service *service, const struct chain_link *rate,
	struct err *err)
{
	if (!chain_covers(&service->refunds, rate->days)) {
		return row_refuse(rate->row, err, "has days without a refund rule of %s",
			service->code.bytes);
	}
	if (service->regime == SERVICE_STATE_DUTY && !chain_covers(&service->budgets, rate->days)) {
		return row_refuse(rate->row, err, "has days without a budget code of %s",
			service->code.bytes);
	}
	return true;
}

static bool service_close_variant(const struct service *service, struct variant *variant,
	const struct mrps *mrps, struct arena *arena, struct err *err)
{
	if (!chain_close(&variant->rates, CHAIN_EXACT, "the rate", err)) {
		return false;
	}
	for (size_t i = 0; i < variant->rates.count; i++) {
		if (!service_check_cover(service, &variant->rates.links[i], err)) {
			return false;
		}
	}
	return segments_make(service, variant, mrps, arena, err);
}

static bool service_close_action(const struct service *service, struct service_action *action,
	const struct mrps *mrps, struct arena *arena, struct err *err)
{
	if (action->variants.count == 0) {
		return document_refuse(service->origin.file, service->origin.line, err,
			"%s: its action %s has no rate", service->code.bytes, action->code.bytes);
	}
	for (size_t i = 0; i < action->variants.count; i++) {
		if (!service_close_variant(service, &action->variants.variants[i], mrps, arena,
			    err)) {
			return false;
		}
	}
	return variants_check(&action->variants, err);
}

bool service_close(struct service *service, const struct mrps *mrps, struct arena *arena,
	struct err *err)
{
	assert(service != NULL);
	assert(mrps != NULL);

	for (size_t i = 0; i < service->rates.count; i++) {
		const struct rate *rate = (const struct rate *)service->rates.links[i].row;

		if (!service_assign_rate(service, rate, arena, err)) {
			return false;
		}
	}
	if (!service_close_chains(service, err)) {
		return false;
	}
	for (size_t i = 0; i < service->action_count; i++) {
		if (!service_close_action(service, &service->actions[i], mrps, arena, err)) {
			return false;
		}
	}
	return true;
}
