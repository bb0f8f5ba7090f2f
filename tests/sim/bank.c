/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/bank.h"

#include <assert.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/sim/bank_parts.h"

enum { BANK_FAULTY_PER_MILLE = 250, BANK_LATE_S = 900, BANK_DELAY_S = 6 * 3600 };

static const struct {
	const char *gateway;
	const char *endpoint;
	const char *merchant;
	const char *secret;
} houses[WORLD_GATEWAYS] = {
	{ "sandbox", "https://bank.test", "shop", "0123456789abcdef0123456789abcdef" },
	{ "kassa", "https://kassa.test/api", "state-duty", "fedcba9876543210fedcba9876543210" },
};

const char *const bank_words[] = { "pending", "authorized", "paid", "declined", "expired" };

const char *bank_gateway(size_t i)
{
	return houses[i].gateway;
}

const char *bank_endpoint(size_t i)
{
	return houses[i].endpoint;
}

const char *bank_merchant(size_t i)
{
	return houses[i].merchant;
}

const char *bank_secret(size_t i)
{
	return houses[i].secret;
}

void bank_sign(size_t house, const char *message, char out[BANK_SIGNATURE_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	(void)HMAC(EVP_sha256(), houses[house].secret, (int)strlen(houses[house].secret),
		(const unsigned char *)message, strlen(message), digest, &size);
	assert(size == 32);
	text_hex(digest, size, out);
}

void bank_turn(struct bank_order *order, enum bank_status status)
{
	order->status = status;
	order->said |= 1U << status;
}

bool bank_trouble(struct bank *b, unsigned per_mille)
{
	return !b->world->calm && random_chance(&b->random, per_mille);
}

struct bank_operation *bank_operate(struct bank *b, size_t house, struct bank_order *order,
	const char *code, enum bank_status status, int64_t amount)
{
	struct bank_operation *o = &b->operations[b->operation_count];

	if (b->operation_count == BANK_OPERATIONS_MAX) {
		return NULL;
	}
	b->operation_count++;
	*o = (struct bank_operation){ .house = house,
		.order = order != NULL ? (size_t)(order - b->orders) + 1 : 0,
		.status = status,
		.amount = amount,
		.currency = "KZT",
		.paid_at = b->world->now,
		.taken = status == BANK_PAID };
	(void)snprintf(o->name, sizeof(o->name), "op-%zu", ++b->operation_counts[house]);
	(void)snprintf(o->code, sizeof(o->code), "%s", code);
	if (order != NULL) {
		order->said |= 1U << status;
	}
	o->extra = b->world->calm ? 0 : (int)random_below(&b->random, 4);
	o->next_at = b->world->now + (int64_t)random_below(&b->random, 60);
	if (bank_trouble(b, 100)) {
		o->next_at += (int64_t)random_below(&b->random, BANK_DELAY_S);
	}
	return o;
}

/* ---- requests of Alym ---- */

static struct bank_order *bank_find(struct bank *b, size_t house, struct text number)
{
	for (size_t i = 0; i < b->order_count; i++) {
		if (b->orders[i].house == house && text_is(number, b->orders[i].number)) {
			return &b->orders[i];
		}
	}
	return NULL;
}

static int bank_say(struct bank *b, int status, const char *text)
{
	(void)snprintf(b->answer, sizeof(b->answer), "%s", text);
	return status;
}

static void bank_read_order(struct bank *b, size_t house, json_t *root, struct bank_order *order)
{
	const char *number = json_string_value(json_object_get(root, "order"));
	const char *expires = json_string_value(json_object_get(root, "expires_at"));
	const char *merchant = json_string_value(json_object_get(root, "merchant"));
	const char *back = json_string_value(json_object_get(root, "callback_url"));
	char expected[96];

	(void)snprintf(expected, sizeof(expected), "https://alym.test/callbacks/%s",
		houses[house].gateway);
	if (number == NULL || expires == NULL || merchant == NULL || back == NULL ||
		!date_time_parse(text_of(expires), &order->expires_at) ||
		strcmp(merchant, houses[house].merchant) != 0 || strcmp(back, expected) != 0) {
		world_fail(b->world, "an order of %s that is not for it", houses[house].gateway);
	}
	order->house = house;
	order->amount = json_integer_value(json_object_get(root, "amount"));
	(void)snprintf(order->number, sizeof(order->number), "%s", number);
}

static int bank_register(struct bank *b, size_t house, struct text body, bool late)
{
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	struct bank_order *order = &b->orders[b->order_count];

	*order = (struct bank_order){ .arrives_at = b->world->now };
	bank_read_order(b, house, root, order);
	json_decref(root);
	if (bank_find(b, house, text_of(order->number)) != NULL) {
		return bank_say(b, 409, "{\"reason\":\"exists\"}");
	}
	if (b->order_count + 1 == BANK_ORDERS_MAX) {
		return bank_say(b, 400, "{\"reason\":\"full\"}");
	}
	b->order_count++;
	if (late) {
		order->arrives_at += (int64_t)random_below(&b->random, BANK_LATE_S);
	}
	(void)snprintf(b->answer, sizeof(b->answer),
		"{\"order\":\"%s\",\"pay_url\":\"%s/pay/%s\",\"session\":\"s-%s\",\"status\":\"pending\"}",
		order->number, houses[house].endpoint, order->number, order->number);
	return 201;
}

static int bank_tell_status(struct bank *b, const struct bank_order *order)
{
	const struct bank_operation *o;
	char paid_at[DATE_TIME_TEXT_SIZE];
	char money[160] = "";
	const char *currency = "KZT";
	int64_t amount = order->amount;

	if (order->status == BANK_PAID) {
		o = &b->operations[order->operation - 1];
		amount = o->amount;
		currency = o->currency;
		(void)snprintf(money, sizeof(money), ",\"operation\":\"%s\",\"paid_at\":\"%s\"",
			o->name, date_time_format(o->paid_at, paid_at));
	}
	(void)snprintf(b->answer, sizeof(b->answer),
		"{\"amount\":%lld,\"currency\":\"%s\",\"order\":\"%s\",\"status\":\"%s\"%s}",
		(long long)amount, currency, order->number, bank_words[order->status], money);
	return 200;
}

static struct text bank_header(const struct exchange *e, const char *name)
{
	for (size_t i = 0; i < e->header_count; i++) {
		if (text_is(e->headers[i].name, name)) {
			return e->headers[i].value;
		}
	}
	return TEXT("");
}

/* The request is signed by the secret of this bank, over what stands behind the host. */
static struct text bank_open(struct bank *b, size_t house, const struct exchange *e)
{
	const char *slash = strchr(houses[house].endpoint + strlen("https://"), '/');
	size_t origin = slash != NULL ? (size_t)(slash - houses[house].endpoint)
				      : strlen(houses[house].endpoint);
	struct text path = { e->url.bytes + origin, e->url.size - origin };
	char message[2 * BANK_TEXT_SIZE];
	char signature[BANK_SIGNATURE_SIZE];

	if (!text_starts(e->url, text_of(houses[house].endpoint))) {
		world_fail(b->world, "%.*s is not at %s", TEXT_ARGS(e->url),
			houses[house].endpoint);
	}
	(void)snprintf(message, sizeof(message), "%.*s.%.*s.%.*s.%.*s",
		TEXT_ARGS(bank_header(e, "X-Sandbox-Timestamp")), TEXT_ARGS(e->method),
		TEXT_ARGS(path), TEXT_ARGS(e->body));
	bank_sign(house, message, signature);
	if (!text_is(bank_header(e, "X-Sandbox-Signature"), signature)) {
		world_fail(b->world, "%.*s was not signed for %s", TEXT_ARGS(e->url),
			houses[house].gateway);
	}
	return (struct text){ e->url.bytes + strlen(houses[house].endpoint),
		e->url.size - strlen(houses[house].endpoint) };
}

static int bank_moved(struct bank *b, const char *operation, const char *status)
{
	(void)snprintf(b->answer, sizeof(b->answer), "{\"operation\":\"%s\",\"status\":\"%s\"}",
		operation, status);
	return 200;
}

/* Takes what is held. */
static void bank_take(struct bank *b, struct bank_order *order)
{
	struct bank_operation *o =
		bank_operate(b, order->house, order, "", BANK_PAID, order->amount);

	if (o == NULL) {
		bank_turn(order, BANK_DECLINED);
		return;
	}
	o->untimed = true;
	o->silent = order->cabinet && random_chance(&b->random, 500);
	bank_turn(order, BANK_PAID);
	order->operation = b->operation_count;
}

/* A repeat is told of the first, unless that was not Alym's. */
static int bank_capture(struct bank *b, struct bank_order *order)
{
	if (order->status == BANK_AUTHORIZED && !order->misfit) {
		bank_take(b, order);
	}
	if (order->status != BANK_PAID || order->cabinet) {
		return bank_moved(b, "op-none", "declined");
	}
	return bank_moved(b, b->operations[order->operation - 1].name, "done");
}

static int bank_release(struct bank *b, struct bank_order *order)
{
	if (order->status == BANK_PAID) {
		return bank_moved(b, "op-none", "declined");
	}
	bank_turn(order, BANK_DECLINED);
	order->released = true;
	return bank_moved(b, "op-release", "done");
}

/* The order a path names; what stands behind its number goes to *rest. */
static struct bank_order *bank_named(struct bank *b, size_t house, struct text path,
	struct text *rest)
{
	size_t head = strlen("/v1/orders/");
	size_t digits = 0;

	if (!text_starts(path, TEXT("/v1/orders/"))) {
		world_fail(b->world, "the bank has no %.*s", TEXT_ARGS(path));
	}
	path = (struct text){ path.bytes + head, path.size - head };
	while (digits < path.size && path.bytes[digits] >= '0' && path.bytes[digits] <= '9') {
		digits++;
	}
	*rest = (struct text){ path.bytes + digits, path.size - digits };
	return bank_find(b, house, (struct text){ path.bytes, digits });
}

/* That an order is not there was said of what was sent. */
static void bank_miss(struct bank *b, size_t house, struct text path)
{
	for (size_t i = 0; i < b->sent_count; i++) {
		size_t size = strlen(b->sent[i].number);

		if (b->sent[i].house == house && path.size > strlen("/v1/orders/") + size - 1 &&
			strncmp(path.bytes + strlen("/v1/orders/"), b->sent[i].number, size) == 0) {
			b->sent[i].absent = true;
		}
	}
}

static int bank_serve(struct bank *b, const struct exchange *e, bool late)
{
	size_t house = e->gateway;
	struct text path = bank_open(b, house, e);
	struct bank_order *order;
	struct text rest;

	if (text_is(e->method, "POST") && text_is(path, "/v1/orders")) {
		return bank_register(b, house, e->body, late);
	}
	order = bank_named(b, house, path, &rest);
	if (order == NULL || order->arrives_at > b->world->now) {
		bank_miss(b, house, path);
		return bank_say(b, 404, "{\"reason\":\"unknown\"}");
	}
	if (text_is(e->method, "POST") && text_is(rest, "/capture")) {
		return bank_capture(b, order);
	}
	if (text_is(e->method, "POST") && text_is(rest, "/release")) {
		return bank_release(b, order);
	}
	if (!text_is(e->method, "GET") || !text_starts(rest, TEXT("?merchant="))) {
		world_fail(b->world, "the bank does not know %.*s %.*s", TEXT_ARGS(e->method),
			TEXT_ARGS(e->url));
	}
	return bank_tell_status(b, order);
}

static void bank_answer(struct bank *b, struct exchange *e, int status, int64_t ago_s)
{
	char message[2 * BANK_TEXT_SIZE];

	(void)snprintf(b->timestamp, sizeof(b->timestamp), "%lld",
		(long long)(b->world->now - ago_s));
	(void)snprintf(message, sizeof(message), "%s.%d.%s.%.*s", b->timestamp, status, b->answer,
		TEXT_ARGS(bank_header(e, "X-Sandbox-Signature")));
	bank_sign(e->gateway, message, b->signature);
	e->result = EXCHANGE_ANSWERED;
	e->status = status;
	e->answer_headers[0] =
		(struct alym_header){ TEXT("X-Sandbox-Timestamp"), text_of(b->timestamp) };
	e->answer_headers[1] =
		(struct alym_header){ TEXT("X-Sandbox-Signature"), text_of(b->signature) };
	e->answer_header_count = 2;
	e->answer = text_of(b->answer);
}

/* Spoils an answer: in each case Alym must take it for none. */
static void bank_spoil(struct bank *b, struct exchange *e, int status)
{
	switch (random_below(&b->random, 5)) {
	case 0:
		e->status = 500;
		e->answer = TEXT("<html>oops</html>");
		e->answer_header_count = 0;
		break;
	case 1: /* cut short: the signature no longer fits */
		e->answer.size -= e->answer.size > 10 ? 10 : 0;
		break;
	case 2: /* said long ago */
		bank_answer(b, e, status, 3600);
		break;
	case 3: /* about another order */
		(void)bank_say(b, 0,
			"{\"amount\":1,\"currency\":\"KZT\",\"operation\":\"op-0\",\"order\":\"99999999\","
			"\"paid_at\":\"2026-01-02T00:00:00Z\",\"status\":\"paid\"}");
		bank_answer(b, e, 200, 0);
		break;
	default: /* signed by somebody else */
		b->signature[7] = b->signature[7] == '0' ? '1' : '0';
		break;
	}
}

static bool bank_is_order(const struct exchange *e)
{
	return text_is(e->method, "POST") && e->url.bytes[e->url.size - 1] == 's'; /* orders */
}

/* What was perhaps sent is asked for and never sent again, whether it arrived or not. */
static void bank_notice(struct bank *b, const struct exchange *e)
{
	struct bank_order *order = &b->sent[b->sent_count];
	json_t *root;

	if (!bank_is_order(e)) {
		return;
	}
	root = json_loadb(e->body.bytes, e->body.size, 0, NULL);
	bank_read_order(b, e->gateway, root, order);
	json_decref(root);
	for (size_t i = 0; i < b->sent_count; i++) {
		if (strcmp(b->sent[i].number, order->number) == 0) {
			world_fail(b->world, "order %s was sent twice", order->number);
		}
	}
	b->sent_count += b->sent_count + 1 < BANK_ORDERS_MAX;
}

void bank_exchange(struct bank *b, struct exchange *e)
{
	uint64_t fate = bank_trouble(b, BANK_FAULTY_PER_MILLE) ? random_below(&b->random, 6) : 6;
	int status;

	bank_notice(b, e);
	if (fate < 2) { /* before the effect */
		if (fate == 0 && b->sent_count > 0 && bank_is_order(e)) {
			b->sent[b->sent_count - 1].absent = true;
		}
		e->result = fate == 0 ? EXCHANGE_NOT_SENT : EXCHANGE_PERHAPS_SENT;
		return;
	}
	status = bank_serve(b, e, fate == 2);
	bank_answer(b, e, status, 0);
	if (fate <= 3) { /* after the effect, which may come later still */
		e->result = EXCHANGE_PERHAPS_SENT;
	} else if (fate < 6) {
		bank_spoil(b, e, status);
	}
	world_trace(b->world, "bank: %.*s %.*s -> %d (%d)", TEXT_ARGS(e->method), TEXT_ARGS(e->url),
		e->status, (int)e->result);
}

void bank_overhear(struct bank *b, const struct exchange *e)
{
	bank_notice(b, e);
	if (random_chance(&b->random, 500)) {
		(void)bank_serve(b, e, random_chance(&b->random, 500));
	}
}

/* ---- time at the banks ---- */

void bank_step(struct bank *b)
{
	payer_step(b);
	courier_step(b);
}

bool bank_is_quiet(const struct bank *b)
{
	for (size_t i = 0; i < b->operation_count; i++) {
		if (!b->operations[i].told || b->operations[i].in_flight > 0) {
			return false;
		}
	}
	for (size_t i = 0; i < b->order_count; i++) {
		if (b->orders[i].status <= BANK_AUTHORIZED) {
			return false;
		}
	}
	return b->probes == 0;
}

/* ---- what they took ---- */

bool bank_bears_out(const struct bank *b, struct text gateway, struct text order, const char *state)
{
	size_t house = text_is(gateway, houses[0].gateway) ? 0 : 1;
	unsigned said = 0;
	bool released = false;
	bool sent = false;
	bool absent = false;

	for (size_t i = 0; i < b->order_count; i++) {
		if (b->orders[i].house == house && text_is(order, b->orders[i].number)) {
			said = b->orders[i].said;
			released = b->orders[i].released;
		}
	}
	for (size_t i = 0; i < b->sent_count; i++) {
		if (b->sent[i].house == house && text_is(order, b->sent[i].number)) {
			sent = true;
			absent = b->sent[i].absent;
		}
	}
	if (strcmp(state, "not_attempted") == 0) {
		return !sent || absent;
	}
	if (strcmp(state, "released") == 0) {
		return released;
	}
	if (strcmp(state, "captured") == 0) {
		return (said & 1U << BANK_PAID) != 0;
	}
	if (strcmp(state, "expired") == 0) {
		return (said & 1U << BANK_EXPIRED) != 0;
	}
	return (said & (1U << BANK_DECLINED | 1U << BANK_EXPIRED)) != 0;
}

static void bank_fill_money(const struct bank *b, const struct bank_operation *o,
	struct bank_money *m)
{
	*m = (struct bank_money){ .house = o->house,
		.operation = o->name,
		.code = text_of(o->code),
		.amount = o->amount,
		.currency = o->currency,
		.paid_at = o->paid_at,
		.untimed = o->untimed,
		.taken = o->taken,
		.told = o->told };
	if (o->order > 0) {
		m->order = text_of(b->orders[o->order - 1].number);
		m->order_house = b->orders[o->order - 1].house;
	}
}

bool bank_money(const struct bank *b, size_t i, struct bank_money *m)
{
	for (size_t k = 0; k < b->operation_count; k++) {
		if (b->operations[k].status == BANK_PAID && i-- == 0) {
			bank_fill_money(b, &b->operations[k], m);
			return true;
		}
	}
	return false;
}

bool bank_find_money(const struct bank *b, struct text gateway, struct text operation,
	struct bank_money *m)
{
	for (size_t i = 0; i < b->operation_count; i++) {
		const struct bank_operation *o = &b->operations[i];

		if (o->status == BANK_PAID && text_is(gateway, houses[o->house].gateway) &&
			text_is(operation, o->name)) {
			bank_fill_money(b, o, m);
			return true;
		}
	}
	return false;
}

struct bank *bank_new(struct world *w)
{
	struct bank *b = mem_new(1, sizeof(*b));

	b->world = w;
	b->random.state = random_next(&w->random);
	return b;
}

void bank_free(struct bank **bank)
{
	for (size_t i = 0; i < (*bank)->operation_count; i++) {
		free((*bank)->operations[i].answer);
	}
	free(*bank);
	*bank = NULL;
}
