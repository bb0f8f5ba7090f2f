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
#include "tests/sim/portal.h"

enum {
	BANK_ORDERS_MAX = 4096,
	BANK_OPERATIONS_MAX = 8192,
	BANK_TEXT_SIZE = 1024,
	BANK_SIGNATURE_SIZE = 65,
	BANK_RETRY_S = 30,
	BANK_FAULTY_PER_MILLE = 250,
};

enum bank_status { BANK_PENDING, BANK_PAID, BANK_DECLINED, BANK_EXPIRED };

static const char *const bank_words[] = { "pending", "paid", "declined", "expired" };

struct bank_order {
	char number[16];
	int64_t amount;
	int64_t expires_at;
	enum bank_status status;
	size_t operation; /* index + 1, once paid */
};

/* Money that moved, or an outcome that Alym is to hear of; `told` once it acknowledged it. */
struct bank_operation {
	char name[24];
	char about[40]; /* "\"order\":\"123\"" or a code */
	enum bank_status status;
	int64_t amount;
	char currency[4];
	int64_t paid_at;
	bool refusable; /* the payer is debited only when Alym says yes */
	bool taken;     /* the money is the bank's */
	bool told;
	bool silent; /* the bank never sends a message: only the status tells */
	int in_flight;
	int64_t next_at;
	int extra; /* how often it is repeated although it was acknowledged */
};

struct bank {
	struct world *world;
	struct random random;
	struct bank_order orders[BANK_ORDERS_MAX];
	size_t order_count;
	struct bank_operation operations[BANK_OPERATIONS_MAX];
	size_t operation_count;
	size_t acknowledged[BANK_OPERATIONS_MAX];
	size_t acknowledged_count;
	char answer[BANK_TEXT_SIZE];
	char signature[BANK_SIGNATURE_SIZE];
	char timestamp[24];
};

static const char bank_secret[] = "0123456789abcdef0123456789abcdef";

static void bank_sign(const char *message, char out[BANK_SIGNATURE_SIZE])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	(void)HMAC(EVP_sha256(), bank_secret, (int)strlen(bank_secret),
		(const unsigned char *)message, strlen(message), digest, &size);
	assert(size == 32);
	text_hex(digest, size, out);
}

static bool bank_trouble(struct bank *b, unsigned per_mille)
{
	return !b->world->calm && random_chance(&b->random, per_mille);
}

/* ---- what the payer does ---- */

static struct bank_operation *bank_operate(struct bank *b, const char *about,
	enum bank_status status, int64_t amount, const char *currency)
{
	struct bank_operation *o;

	if (b->operation_count == BANK_OPERATIONS_MAX) {
		return NULL;
	}
	o = &b->operations[b->operation_count++];
	*o = (struct bank_operation){ .status = status,
		.amount = amount,
		.paid_at = b->world->now };
	(void)snprintf(o->name, sizeof(o->name), "op-%zu", b->operation_count);
	(void)snprintf(o->about, sizeof(o->about), "%s", about);
	(void)snprintf(o->currency, sizeof(o->currency), "%s", currency);
	o->taken = status == BANK_PAID;
	o->extra = b->world->calm ? 0 : (int)random_below(&b->random, 4);
	o->next_at = b->world->now + (int64_t)random_below(&b->random, 60);
	return o;
}

static void bank_payer_decides(struct bank *b, struct bank_order *order)
{
	char about[40];
	uint64_t draw = random_below(&b->random, 10);
	struct bank_operation *o = NULL;
	int64_t amount = order->amount;

	(void)snprintf(about, sizeof(about), "\"order\":\"%s\"", order->number);
	if (b->world->now >= order->expires_at) {
		order->status = BANK_EXPIRED;
	} else if (draw < 6) {
		if (bank_trouble(b, 100)) {
			amount += random_chance(&b->random, 500) ? 100 : -100;
		}
		order->status = BANK_PAID;
	} else if (draw < 8) {
		order->status = BANK_DECLINED;
	} else {
		return; /* walks away */
	}
	o = bank_operate(b, about, order->status, amount, "KZT");
	if (o == NULL) {
		order->status = BANK_DECLINED;
		return;
	}
	o->silent = bank_trouble(b, 200);
	order->operation = b->operation_count;
}

/* Somebody pays at the cash desk by a code he was given, or mistypes it, or pays too little. */
static void bank_cash_desk(struct bank *b)
{
	int64_t due = 0;
	const char *code = portal_code(b->world->portal, &due);
	char about[40];
	uint64_t draw = random_below(&b->random, 12);
	struct bank_operation *o;

	if (code == NULL || b->world->calm) {
		return;
	}
	(void)snprintf(about, sizeof(about), "\"code\":\"%s\"", draw == 0 ? "123456789012" : code);
	if (draw == 1) {
		due += 700;
	} else if (draw == 2 && due > 1000) {
		due -= 1000;
	} else if (draw == 3) {
		due = due / 2 + 1;
	}
	o = bank_operate(b, about, BANK_PAID, due, draw == 4 ? "USD" : "KZT");
	if (o != NULL && draw > 6) {
		o->refusable = true;
		o->taken = false;
	}
}

/* ---- messages to Alym ---- */

static void bank_heard(struct world *w, void *context, int status, struct text body)
{
	struct bank *b = w->bank;
	struct bank_operation *o = context;
	json_t *root = status == 200 ? json_loadb(body.bytes, body.size, 0, NULL) : NULL;

	o->in_flight--;
	if (json_is_true(json_object_get(root, "accepted"))) {
		if (!o->told && o->status == BANK_PAID) {
			o->taken = true;
			b->acknowledged[b->acknowledged_count++] = (size_t)(o - b->operations);
		}
		o->told = true;
	} else if (json_is_false(json_object_get(root, "accepted")) && status == 200) {
		if (!o->refusable) {
			world_fail(w, "money of %s was refused although it was taken: %.*s",
				o->name, TEXT_ARGS(body));
		}
		if (o->taken) {
			world_fail(w, "%s was accepted before and is refused now", o->name);
		}
		o->told = true;
	} else if (status != 0 && status != 503) {
		world_fail(w, "message about %s answered %d: %.*s", o->name, status,
			TEXT_ARGS(body));
	}
	json_decref(root);
}

/* Somebody who does not know the secret must get nowhere. */
static void bank_forged(struct world *w, void *context, int status, struct text body)
{
	struct bank_operation *o = context;

	o->in_flight--;
	if (status != 0 && status != 401 && status != 503) {
		world_fail(w, "a forged message was answered %d: %.*s", status, TEXT_ARGS(body));
	}
}

static void bank_tell(struct bank *b, struct bank_operation *o)
{
	char body[BANK_TEXT_SIZE];
	char message[2 * BANK_TEXT_SIZE];
	char timestamp[24];
	char signature[BANK_SIGNATURE_SIZE];
	char paid_at[DATE_TIME_TEXT_SIZE];
	char money[160] = "";
	struct call_header headers[3];
	bool forged;

	if (o->status == BANK_PAID) {
		(void)snprintf(money, sizeof(money), ",\"operation\":\"%s\",\"paid_at\":\"%s\"%s",
			o->name, date_time_format(o->paid_at, paid_at),
			o->refusable ? ",\"refusable\":true" : "");
	}
	(void)snprintf(body, sizeof(body),
		"{\"amount\":%lld,\"currency\":\"%s\",\"kind\":\"payment\",\"merchant\":\"shop\",%s,\"status\":\"%s\"%s}",
		(long long)o->amount, o->currency, o->about, bank_words[o->status], money);
	(void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)b->world->now);
	(void)snprintf(message, sizeof(message), "%s.POST./callbacks/sandbox.%s", timestamp, body);
	bank_sign(message, signature);
	forged = bank_trouble(b, 30);
	if (forged) {
		signature[5] = signature[5] == 'a' ? 'b' : 'a';
	}
	headers[0] = (struct call_header){ TEXT("X-Sandbox-Timestamp"), text_of(timestamp) };
	headers[1] = (struct call_header){ TEXT("X-Sandbox-Signature"), text_of(signature) };
	headers[2] = (struct call_header){ TEXT("Content-Type"), TEXT("application/json") };
	o->in_flight++;
	o->next_at = b->world->now + BANK_RETRY_S;
	world_call(b->world, CALL_HTTPS, "POST", "/callbacks/sandbox", headers, 3, body,
		forged ? bank_forged : bank_heard, o);
}

/* ---- requests of Alym ---- */

static struct bank_order *bank_find(struct bank *b, struct text number)
{
	for (size_t i = 0; i < b->order_count; i++) {
		if (text_is(number, b->orders[i].number)) {
			return &b->orders[i];
		}
	}
	return NULL;
}

static int bank_register(struct bank *b, struct text body)
{
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const char *number = json_string_value(json_object_get(root, "order"));
	const char *expires = json_string_value(json_object_get(root, "expires_at"));
	struct bank_order *order;

	if (number == NULL || expires == NULL) {
		world_fail(b->world, "an order without number or end: %.*s", TEXT_ARGS(body));
	}
	if (bank_find(b, text_of(number)) != NULL) {
		json_decref(root);
		(void)snprintf(b->answer, sizeof(b->answer), "{\"reason\":\"exists\"}");
		return 409;
	}
	if (b->order_count == BANK_ORDERS_MAX) {
		json_decref(root);
		(void)snprintf(b->answer, sizeof(b->answer), "{\"reason\":\"full\"}");
		return 400;
	}
	order = &b->orders[b->order_count++];
	*order = (struct bank_order){ .amount =
					      json_integer_value(json_object_get(root, "amount")) };
	(void)snprintf(order->number, sizeof(order->number), "%s", number);
	if (!date_time_parse(text_of(expires), &order->expires_at)) {
		world_fail(b->world, "expires_at %s", expires);
	}
	json_decref(root);
	(void)snprintf(b->answer, sizeof(b->answer),
		"{\"order\":\"%s\",\"pay_url\":\"https://bank.test/pay/%s\",\"session\":\"s-%s\",\"status\":\"pending\"}",
		order->number, order->number, order->number);
	return 201;
}

static int bank_tell_status(struct bank *b, struct text number)
{
	const struct bank_order *order = bank_find(b, number);
	const struct bank_operation *o;
	char paid_at[DATE_TIME_TEXT_SIZE];
	char money[160] = "";
	int64_t amount;

	if (order == NULL) {
		(void)snprintf(b->answer, sizeof(b->answer), "{\"reason\":\"unknown\"}");
		return 404;
	}
	amount = order->amount;
	if (order->status == BANK_PAID) {
		o = &b->operations[order->operation - 1];
		amount = o->amount;
		(void)snprintf(money, sizeof(money), ",\"operation\":\"%s\",\"paid_at\":\"%s\"",
			o->name, date_time_format(o->paid_at, paid_at));
	}
	(void)snprintf(b->answer, sizeof(b->answer),
		"{\"amount\":%lld,\"currency\":\"KZT\",\"order\":\"%s\",\"status\":\"%s\"%s}",
		(long long)amount, order->number, bank_words[order->status], money);
	return 200;
}

static int bank_serve(struct bank *b, const struct exchange *e)
{
	static const struct text prefix = { "https://bank.test/v1/orders/", 28 };
	struct text number;
	const char *query;

	if (text_is(e->method, "POST") && text_is(e->url, "https://bank.test/v1/orders")) {
		return bank_register(b, e->body);
	}
	if (!text_is(e->method, "GET") || !text_starts(e->url, prefix)) {
		world_fail(b->world, "the bank does not know %.*s %.*s", TEXT_ARGS(e->method),
			TEXT_ARGS(e->url));
	}
	number = (struct text){ e->url.bytes + prefix.size, e->url.size - prefix.size };
	query = memchr(number.bytes, '?', number.size);
	if (query != NULL) {
		number.size = (size_t)(query - number.bytes);
	}
	return bank_tell_status(b, number);
}

static struct text bank_request_signature(const struct exchange *e)
{
	for (size_t i = 0; i < e->header_count; i++) {
		if (text_is(e->headers[i].name, "X-Sandbox-Signature")) {
			return e->headers[i].value;
		}
	}
	return TEXT("");
}

static void bank_answer(struct bank *b, struct exchange *e, int status)
{
	char message[2 * BANK_TEXT_SIZE];

	(void)snprintf(b->timestamp, sizeof(b->timestamp), "%lld", (long long)b->world->now);
	(void)snprintf(message, sizeof(message), "%s.%d.%s.%.*s", b->timestamp, status, b->answer,
		TEXT_ARGS(bank_request_signature(e)));
	bank_sign(message, b->signature);
	e->result = EXCHANGE_ANSWERED;
	e->status = status;
	e->answer_headers[0] =
		(struct alym_header){ TEXT("X-Sandbox-Timestamp"), text_of(b->timestamp) };
	e->answer_headers[1] =
		(struct alym_header){ TEXT("X-Sandbox-Signature"), text_of(b->signature) };
	e->answer_header_count = 2;
	e->answer = text_of(b->answer);
}

void bank_exchange(struct bank *b, struct exchange *e)
{
	uint64_t fate = random_below(&b->random, 6);
	int status;

	if (!bank_trouble(b, BANK_FAULTY_PER_MILLE)) {
		fate = 100;
	}
	if (fate < 2) { /* before the effect */
		e->result = fate == 0 ? EXCHANGE_NOT_SENT : EXCHANGE_PERHAPS_SENT;
		return;
	}
	status = bank_serve(b, e);
	bank_answer(b, e, status);
	if (fate == 2) { /* after the effect */
		e->result = EXCHANGE_PERHAPS_SENT;
	} else if (fate == 3) {
		e->status = 500;
		e->answer = TEXT("<html>oops</html>");
		e->answer_header_count = 0;
	} else if (fate == 4 && e->answer.size > 10) {
		e->answer.size -= 10; /* cut short: the signature no longer fits */
	}
	world_trace(b->world, "bank: %.*s %.*s -> %d (%d)", TEXT_ARGS(e->method), TEXT_ARGS(e->url),
		e->status, (int)e->result);
}

/* ---- time at the bank ---- */

void bank_step(struct bank *b)
{
	size_t begin;

	if (b->order_count > 0) {
		struct bank_order *order = &b->orders[random_below(&b->random, b->order_count)];

		if (order->status == BANK_PENDING) {
			bank_payer_decides(b, order);
		}
	}
	if (random_chance(&b->random, 200)) {
		bank_cash_desk(b);
	}
	if (b->operation_count == 0) {
		return;
	}
	begin = (size_t)random_below(&b->random, b->operation_count);
	for (size_t i = 0; i < b->operation_count; i++) {
		struct bank_operation *o = &b->operations[(begin + i) % b->operation_count];
		bool again = o->told && o->extra > 0 && !b->world->calm;

		if (o->in_flight > 3 || (o->silent && !b->world->calm) ||
			o->next_at > b->world->now || (o->told && !again)) {
			continue;
		}
		o->extra -= again;
		bank_tell(b, o);
		return;
	}
}

bool bank_is_quiet(const struct bank *b)
{
	for (size_t i = 0; i < b->operation_count; i++) {
		if (!b->operations[i].told || b->operations[i].in_flight > 0) {
			return false;
		}
	}
	for (size_t i = 0; i < b->order_count; i++) {
		if (b->orders[i].status == BANK_PENDING) {
			return false;
		}
	}
	return true;
}

int64_t bank_money(const struct bank *b, const char *currency)
{
	int64_t sum = 0;

	for (size_t i = 0; i < b->operation_count; i++) {
		const struct bank_operation *o = &b->operations[i];

		if (o->taken && o->status == BANK_PAID && strcmp(o->currency, currency) == 0) {
			sum += o->amount;
		}
	}
	return sum;
}

const char *bank_acknowledged(const struct bank *b, size_t i)
{
	return i < b->acknowledged_count ? b->operations[b->acknowledged[i]].name : NULL;
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
	free(*bank);
	*bank = NULL;
}
