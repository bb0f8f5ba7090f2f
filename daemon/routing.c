/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/routing.h"

#include <assert.h>
#include <string.h>

static const char *const routing_methods[ROUTING_METHOD_COUNT] = {
	[ROUTING_NONE] = "none",
	[ROUTING_CARD] = "card",
	[ROUTING_BANK] = "bank",
};

enum routing_method routing_method_of(struct text name)
{
	for (int i = ROUTING_NONE + 1; i < ROUTING_METHOD_COUNT; i++) {
		if (text_is(name, routing_methods[i])) {
			return (enum routing_method)i;
		}
	}
	return ROUTING_NONE;
}

const char *routing_method_name(enum routing_method method)
{
	assert(method < ROUTING_METHOD_COUNT);

	return routing_methods[method];
}

const char *routing_why_name(enum routing_why why)
{
	static const char *const names[ROUTING_WHY_COUNT] = {
		[ROUTING_CURRENCY] = "currency",
		[ROUTING_SERVICE] = "service",
		[ROUTING_AMOUNT] = "amount",
		[ROUTING_RESTING] = "resting",
		[ROUTING_TRIED] = "tried",
	};

	assert(why < ROUTING_WHY_COUNT);
	assert(names[why] != NULL);

	return names[why];
}

/* ---- does it fit? ---- */

/* "visa.*" is every service that begins with "visa."; else the word is the service. */
static bool routing_word_is(struct text word, struct text wanted)
{
	if (word.size > 1 && word.bytes[word.size - 1] == '*') {
		word.size--;
		return text_starts(wanted, word);
	}
	return text_equal(word, wanted);
}

/* An empty list has everything. */
static bool routing_has(const char *list, struct text wanted)
{
	const char *at = list;

	while (*at != '\0') {
		size_t size = strcspn(at, " ");

		if (routing_word_is((struct text){ at, size }, wanted)) {
			return true;
		}
		at += size;
		at += strspn(at, " ");
	}
	return list[0] == '\0';
}

static enum routing_why routing_judge(const struct routing_gateway *gateway,
	const struct routing_payment *payment)
{
	const struct routing_rule *rule = &gateway->rule;

	if (rule->method != payment->method) {
		return ROUTING_ELSE;
	}
	if (!routing_has(rule->currencies, text_of(payment->amount.currency))) {
		return ROUTING_CURRENCY;
	}
	if (!routing_has(rule->services, payment->service)) {
		return ROUTING_SERVICE;
	}
	if (payment->amount.minor < rule->amount_min ||
		(rule->amount_max > 0 && payment->amount.minor > rule->amount_max)) {
		return ROUTING_AMOUNT;
	}
	if (gateway->resting) {
		return ROUTING_RESTING;
	}
	return gateway->tried ? ROUTING_TRIED : ROUTING_FITS;
}

/* ---- in which order? ---- */

/* The next number of a sequence that its start decides (splitmix64). */
static uint64_t routing_draw(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* Who is drawn among those that are equal: each by its share, the first where none has any. */
static size_t routing_pick(const struct routing_gateway *gateways, const size_t *equal,
	size_t count, uint64_t *state)
{
	const uint64_t number = routing_draw(state);
	uint64_t total = 0;
	uint64_t ticket;

	assert(count > 0);

	for (size_t i = 0; i < count; i++) {
		total += (uint64_t)gateways[equal[i]].rule.share;
	}
	if (total == 0) {
		return equal[0];
	}
	ticket = number % total;
	for (size_t i = 0; i < count; i++) {
		uint64_t share = (uint64_t)gateways[equal[i]].rule.share;

		if (ticket < share) {
			return equal[i];
		}
		ticket -= share;
	}
	return equal[count - 1];
}

/* Of those that wait the ones of the first rank: so many. */
static size_t routing_first(const struct routing_gateway *gateways, size_t count, const bool *waits,
	size_t *first)
{
	int64_t rank = INT64_MAX;
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (waits[i] && gateways[i].rule.rank < rank) {
			rank = gateways[i].rule.rank;
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (waits[i] && gateways[i].rule.rank == rank) {
			first[found++] = i;
		}
	}
	return found;
}

/* Puts all of the gateways that are so, rank by rank, into the order. */
static void routing_order(const struct routing_gateway *gateways, size_t count,
	enum routing_why why, uint64_t *state, struct routing_choice *choice)
{
	bool waits[ROUTING_GATEWAYS_MAX];
	size_t first[ROUTING_GATEWAYS_MAX];
	size_t found;

	for (size_t i = 0; i < count; i++) {
		waits[i] = choice->why[i] == why;
	}
	while ((found = routing_first(gateways, count, waits, first)) > 0) {
		size_t drawn = routing_pick(gateways, first, found, state);

		waits[drawn] = false;
		choice->place[choice->count++] = drawn;
	}
}

void routing_choose(const struct routing_gateway *gateways, size_t count,
	const struct routing_payment *payment, struct routing_choice *choice)
{
	uint64_t state = payment->draw;

	assert(count <= ROUTING_GATEWAYS_MAX);
	assert(payment->method != ROUTING_NONE);

	*choice = (struct routing_choice){ .count = 0 };
	for (size_t i = 0; i < count; i++) {
		choice->why[i] = routing_judge(&gateways[i], payment);
	}
	routing_order(gateways, count, ROUTING_FITS, &state, choice);
	choice->untried = choice->count;
	routing_order(gateways, count, ROUTING_TRIED, &state, choice);
}
