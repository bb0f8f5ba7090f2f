/* SPDX-License-Identifier: Apache-2.0 */

/* courier - messages of the banks to Alym: true ones until they are acknowledged, and others. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/sim/bank_parts.h"
#include "tests/sim/law.h"
#include "tests/sim/process.h"

enum { COURIER_IN_FLIGHT_MAX = 4, COURIER_WINDOW_S = 300, COURIER_HOURS_S = 6 * 3600 };

static const int64_t courier_retries_s[] = { 30, 30, 60, 300, 1800 };
static const int64_t courier_repeats_s[] = { 5, 60, 600, 3600, COURIER_HOURS_S, 172800 };

/* Whose secret and whose door, and when it says it was written. */
struct courier_letter {
	size_t house;   /* that signs */
	size_t address; /* where it goes */
	int64_t timestamp;
	bool broken; /* the signature is of something else */
};

static void courier_send(struct bank *b, const struct courier_letter *letter, const char *body,
	process_answer_fn *answer, void *context)
{
	char path[64];
	char timestamp[24];
	char signature[BANK_SIGNATURE_SIZE];
	char message[2 * BANK_TEXT_SIZE];
	struct call_header headers[] = {
		{ TEXT("X-Sandbox-Timestamp"), TEXT("") },
		{ TEXT("X-Sandbox-Signature"), TEXT("") },
		{ TEXT("Content-Type"), TEXT("application/json") },
	};

	(void)snprintf(path, sizeof(path), "/callbacks/%s", bank_gateway(letter->address));
	(void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)letter->timestamp);
	(void)snprintf(message, sizeof(message), "%s.POST.%s.%s", timestamp, path, body);
	bank_sign(letter->house, message, signature);
	if (letter->broken) {
		signature[5] = signature[5] == 'a' ? 'b' : 'a';
	}
	headers[0].value = text_of(timestamp);
	headers[1].value = text_of(signature);
	process_call(b->world,
		&(struct process_request){ .face = CALL_HTTPS,
			.method = "POST",
			.path = path,
			.headers = headers,
			.header_count = sizeof(headers) / sizeof(*headers),
			.body = body },
		answer, context);
}

static void courier_write(const struct bank *b, const struct bank_operation *o,
	const char *merchant, char body[BANK_TEXT_SIZE])
{
	char paid_at[DATE_TIME_TEXT_SIZE];
	char money[160] = "";
	const char *word = o->order > 0 ? "order" : "code";
	const char *about = o->order > 0 ? b->orders[o->order - 1].number : o->code;

	if (o->status == BANK_PAID) {
		(void)snprintf(money, sizeof(money), ",\"operation\":\"%s\",\"paid_at\":\"%s\"%s",
			o->name, date_time_format(o->paid_at, paid_at),
			o->refusable ? ",\"refusable\":true" : "");
	}
	(void)snprintf(body, BANK_TEXT_SIZE,
		"{\"amount\":%lld,\"currency\":\"%s\",\"kind\":\"payment\",\"merchant\":\"%s\",\"%s\":\"%s\",\"status\":\"%s\"%s}",
		(long long)o->amount, o->currency, merchant, word, about, bank_words[o->status],
		money);
}

/* ---- what Alym says to a true message ---- */

/* A repeat gets the same answer, to the byte. */
static void courier_compare(struct world *w, struct bank_operation *o, struct text body)
{
	if (o->answer == NULL) {
		o->answer = mem_new(1, body.size + 1);
		memcpy(o->answer, body.bytes, body.size);
	} else if (!text_is(body, o->answer)) {
		world_fail(w, "%s was answered %s and now %.*s", o->name, o->answer,
			TEXT_ARGS(body));
	}
}

static void courier_accepted(struct bank *b, struct bank_operation *o)
{
	struct bank_order *order = o->order > 0 ? &b->orders[o->order - 1] : NULL;

	o->taken = o->status == BANK_PAID;
	o->told = true;
	if (o->refusable && order != NULL && order->asking) {
		order->asking = false;
		bank_turn(order, BANK_PAID);
		order->operation = (size_t)(o - b->operations) + 1;
	}
}

static void courier_refused(struct bank *b, struct bank_operation *o, struct text body)
{
	struct bank_order *order = o->order > 0 ? &b->orders[o->order - 1] : NULL;

	if (!o->refusable) {
		world_fail(b->world, "money of %s was refused although it was taken: %.*s", o->name,
			TEXT_ARGS(body));
	}
	if (o->taken) {
		world_fail(b->world, "%s was accepted before and is refused now", o->name);
	}
	o->told = true;
	o->extra = 0; /* nobody was debited: there is nothing more to say */
	if (order != NULL && order->asking) {
		order->asking = false;
		bank_turn(order, BANK_DECLINED);
	}
}

static void courier_heard(struct world *w, void *context, int status, struct text body)
{
	struct bank_operation *o = context;
	json_t *root = status == 200 ? json_loadb(body.bytes, body.size, 0, NULL) : NULL;
	const json_t *accepted = json_object_get(root, "accepted");

	o->in_flight--;
	if (json_is_true(accepted)) {
		courier_compare(w, o, body);
		courier_accepted(w->bank, o);
	} else if (json_is_false(accepted)) {
		courier_refused(w->bank, o, body);
	} else if (status != 0 && status != 503) {
		world_fail(w, "message about %s answered %d: %.*s", o->name, status,
			TEXT_ARGS(body));
	}
	json_decref(root);
}

static void courier_tell(struct bank *b, struct bank_operation *o)
{
	struct courier_letter letter = { o->house, o->house, b->world->now, false };
	const int64_t *delays = o->told ? courier_repeats_s : courier_retries_s;
	size_t count = o->told ? sizeof(courier_repeats_s) / sizeof(*delays)
			       : sizeof(courier_retries_s) / sizeof(*delays);
	char body[BANK_TEXT_SIZE];

	courier_write(b, o, bank_merchant(o->house), body);
	o->in_flight++;
	o->sent_at = letter.timestamp;
	o->next_at = b->world->now + delays[random_below(&b->random, count)];
	courier_send(b, &letter, body, courier_heard, o);
}

/* ---- others ---- */

struct courier_probe {
	const char *what;
	int expected;
};

static const struct courier_probe courier_probes[] = {
	{ "a forged message", 401 },
	{ "another merchant's message", 403 },
	{ "another bank's message", 401 },
	{ "a message kept and sent again later", 401 },
	{ "half a message", 400 },
	{ "a hint", 200 },
	{ "another sum under the same operation", 503 },
};

enum { FORGED, FOREIGN, CROSSED, STALE, HALF, HINT, ALTERED };

static void courier_probed(struct world *w, void *context, int status, struct text body)
{
	const struct courier_probe *probe = context;

	w->bank->probes--;
	if (status != 0 && status != 503 && status != probe->expected) {
		world_fail(w, "%s was answered %d: %.*s", probe->what, status, TEXT_ARGS(body));
	}
}

/* A message that must move nothing. */
static void courier_probe(struct bank *b, const struct bank_operation *o)
{
	size_t which = random_below(&b->random, sizeof(courier_probes) / sizeof(*courier_probes));
	struct courier_letter letter = { o->house, o->house, b->world->now, which == FORGED };
	char body[BANK_TEXT_SIZE];
	struct bank_operation altered = *o;

	if (which == ALTERED) {
		if (!o->told || !o->taken || o->status != BANK_PAID) {
			return;
		}
		altered.amount++;
	}
	courier_write(b, &altered, which == FOREIGN ? "somebody" : bank_merchant(o->house), body);
	if (which == CROSSED) {
		letter.address = 1 - o->house;
	} else if (which == HALF) {
		body[strlen(body) / 2] = '\0';
	} else if (which == STALE) {
		if (o->sent_at == 0 || b->world->now - o->sent_at <= COURIER_WINDOW_S) {
			return;
		}
		letter.timestamp = o->sent_at;
	} else if (which == HINT) {
		(void)snprintf(body, sizeof(body),
			"{\"kind\":\"hint\",\"merchant\":\"%s\",\"order\":\"%s\"}",
			bank_merchant(o->house),
			o->order > 0 ? b->orders[o->order - 1].number : "77777777");
	}
	b->probes++;
	courier_send(b, &letter, body, courier_probed, (void *)(uintptr_t)&courier_probes[which]);
}

/* ---- check ---- */

struct courier_question {
	size_t house;
	char code[BANK_NUMBER_SIZE];
	char service[32];
	bool known;
};

/* Pays what Alym says is due, by its own leave or not. */
static void courier_pay(struct bank *b, const struct courier_question *q, int64_t due)
{
	struct bank_operation *o = bank_operate(b, q->house, NULL, q->code, BANK_PAID, due);

	if (o != NULL && random_chance(&b->random, 500)) {
		o->refusable = true;
		o->taken = false;
	}
}

static void courier_payable(struct bank *b, const struct courier_question *q, const json_t *root)
{
	int64_t due = json_integer_value(json_object_get(json_object_get(root, "due"), "amount"));
	int64_t law = law_gross(text_of(q->service), law_day(b->world->now));
	const char *service = json_string_value(json_object_get(root, "service"));

	/* Less when a part was paid, or the year turned while the answer was on its way. */
	if (!q->known || due <= 0 || due > law || service == NULL ||
		strcmp(service, q->service) != 0) {
		world_fail(b->world, "code %s (%s) may be paid with %lld, and the law says %lld",
			q->code, q->service, (long long)due, (long long)law);
	}
	courier_pay(b, q, due);
}

static void courier_checked(struct world *w, void *context, int status, struct text body)
{
	struct courier_question *q = context;
	json_t *root = status == 200 ? json_loadb(body.bytes, body.size, 0, NULL) : NULL;
	const json_t *payable = json_object_get(root, "payable");

	w->bank->probes--;
	if (json_is_true(payable)) {
		courier_payable(w->bank, q, root);
	} else if (!json_is_false(payable) && status != 0 && status != 503) {
		world_fail(w, "a check of %s is answered %d: %.*s", q->code, status,
			TEXT_ARGS(body));
	}
	json_decref(root);
	free(q);
}

void courier_check(struct bank *b, size_t house, const struct portal_slip *slip, const char *code)
{
	struct courier_letter letter = { house, house, b->world->now, false };
	struct courier_question *q = mem_new(1, sizeof(*q));
	char body[BANK_TEXT_SIZE];

	q->house = house;
	q->known = strcmp(code, slip->code) == 0;
	(void)snprintf(q->code, sizeof(q->code), "%s", code);
	(void)snprintf(q->service, sizeof(q->service), "%s", slip->service);
	(void)snprintf(body, sizeof(body),
		"{\"code\":\"%s\",\"kind\":\"check\",\"merchant\":\"%s\"}", code,
		bank_merchant(house));
	b->probes++;
	courier_send(b, &letter, body, courier_checked, q);
}

/* ---- */

static bool courier_wants(const struct bank *b, const struct bank_operation *o)
{
	bool calm = b->world->calm;
	int in_flight_max = o->refusable ? 1 : COURIER_IN_FLIGHT_MAX;

	if (o->in_flight >= in_flight_max || o->next_at > b->world->now) {
		return false;
	}
	return o->told ? o->extra > 0 && !calm : !o->silent || calm;
}

void courier_step(struct bank *b)
{
	size_t begin;

	if (b->operation_count == 0) {
		return;
	}
	begin = (size_t)random_below(&b->random, b->operation_count);
	if (bank_trouble(b, 30)) {
		courier_probe(b, &b->operations[begin]);
		return;
	}
	for (size_t i = 0; i < b->operation_count; i++) {
		struct bank_operation *o = &b->operations[(begin + i) % b->operation_count];

		if (courier_wants(b, o)) {
			o->extra -= o->told;
			courier_tell(b, o);
			return;
		}
	}
}
