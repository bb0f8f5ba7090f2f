/* SPDX-License-Identifier: Apache-2.0 */

/* wish - requests that change something, repeated until they are answered, and then again. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/sim/bank.h"
#include "tests/sim/law.h"
#include "tests/sim/portal_parts.h"

enum { WISH_IN_FLIGHT_MAX = 3, WISH_CLOCK_S = 300, WISH_TARGETS = 8 };

/* ---- answers ---- */

/* What it costs is what the law says of the day it was created on. */
static void wish_check_due(struct portal *p, const struct wish *wish, const json_t *root)
{
	const char *created = json_string_value(json_object_get(root, "created_at"));
	const char *state = json_string_value(json_object_get(root, "state"));
	bool exempt = strstr(wish->body, "claims") != NULL;
	int64_t at;
	int64_t law;
	int64_t before;

	if (created == NULL || state == NULL || !date_time_parse(text_of(created), &at)) {
		world_fail(p->world, "a creation without created_at or state");
	}
	law = exempt ? 0 : law_gross(text_of(wish->service), law_day(at));
	before = exempt ? 0 : law_gross(text_of(wish->service), law_day(at - WISH_CLOCK_S));
	if ((wish->due != law && wish->due != before) ||
		(wish->expect != 0 && wish->due != wish->expect) ||
		(strcmp(state, "exempt") == 0) != (law == 0)) {
		world_fail(p->world, "%s of %s costs %lld and is %s, and the law says %lld",
			wish->service, created, (long long)wish->due, state, (long long)law);
	}
}

static void wish_take_creation(struct portal *p, struct wish *wish, struct text body)
{
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const char *id = json_string_value(json_object_get(root, "id"));
	const char *code = json_string_value(json_object_get(root, "code"));

	if (id == NULL || code == NULL) {
		world_fail(p->world, "a creation without id or code: %.*s", TEXT_ARGS(body));
	}
	for (size_t i = 0; i < p->created_count; i++) {
		if (strcmp(p->wishes[p->created[i]].payment, id) == 0) {
			world_fail(p->world, "two keys made one payment: %s", id);
		}
	}
	(void)snprintf(wish->payment, sizeof(wish->payment), "%s", id);
	(void)snprintf(wish->code, sizeof(wish->code), "%s", code);
	wish->due = json_integer_value(json_object_get(json_object_get(root, "due"), "amount"));
	wish_check_due(p, wish, root);
	p->created[p->created_count++] = (size_t)(wish - p->wishes);
	json_decref(root);
}

static bool wish_problem_is(struct text body, const char *code)
{
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const char *said = json_string_value(json_object_get(root, "code"));
	bool is = said != NULL && strcmp(said, code) == 0;

	json_decref(root);
	return is;
}

/* A request may be refused for a reason of ours only. */
static bool wish_may_be_refused(const struct world *w, const struct wish *wish, int status,
	struct text body)
{
	if (wish->service[0] == '\0') { /* in the state it is in, perhaps; but it is there */
		return status == 409;
	}
	if (wish_problem_is(body, "tariff_missing")) { /* it had none before 2026 */
		return strcmp(wish->service, "eta") == 0;
	}
	if (wish_problem_is(body, "amount_changed")) {
		return wish->expect != 0 &&
		       wish->expect != law_gross(text_of(wish->service), law_day(w->now));
	}
	return wish_problem_is(body, "reference_taken") && wish->second;
}

static void wish_grant(struct portal *p, struct wish *wish, struct text body)
{
	p->granted++;
	wish->answer = mem_new(1, body.size + 1);
	memcpy(wish->answer, body.bytes, body.size);
	if (wish->service[0] != '\0') {
		wish_take_creation(p, wish, body);
	}
}

static void wish_answered(struct world *w, void *context, int status, struct text body)
{
	struct portal *p = w->portal;
	struct wish *wish = context;

	wish->in_flight--;
	if (status == 0 || status == 503) {
		return;
	}
	if (wish->answer != NULL && (status < 500 || w->calm)) {
		/* A repeat gets what the first one got, byte for byte. */
		if (status != wish->status || !text_is(body, wish->answer)) {
			world_fail(w, "%s %s was answered %d and now %d:\n%s\n%.*s", wish->path,
				wish->key, wish->status, status, wish->answer, TEXT_ARGS(body));
		}
		wish->again = wish->again || w->calm;
		return;
	}
	if (status >= 500 && !w->calm) {
		return; /* a disk that could not be read */
	}
	if (status >= 400 && !wish_may_be_refused(w, wish, status, body)) {
		world_fail(w, "%s was refused with %d: %.*s", wish->path, status, TEXT_ARGS(body));
	}
	wish->answered = true;
	wish->status = status;
	if (status < 300) {
		wish_grant(p, wish, body);
	} else {
		wish->again = true; /* a refusal leaves the key free: nothing to compare */
	}
}

/* ---- sending ---- */

static void wish_post(struct portal *p, const struct wish *wish, const char *body,
	process_answer_fn *answer, void *context)
{
	struct call_header headers[2] = { { TEXT("Idempotency-Key"), text_of(wish->key) },
		{ TEXT("Content-Type"), TEXT("application/json") } };

	process_call(p->world,
		&(struct process_request){ .face = CALL_SOCKET,
			.roles = CALL_ROLE_SERVICE,
			.client = p->clients[wish->client].name,
			.method = "POST",
			.path = wish->path,
			.headers = headers,
			.header_count = 2,
			.body = body },
		answer, context);
}

static void wish_send(struct portal *p, struct wish *wish)
{
	wish->in_flight++;
	wish_post(p, wish, wish->body, wish_answered, wish);
}

/* ---- wishes ---- */

static struct wish *wish_new(struct portal *p, size_t client)
{
	struct wish *wish;

	if (p->wish_count == PORTAL_WISHES_MAX || p->world->calm) {
		return NULL;
	}
	wish = &p->wishes[p->wish_count++];
	*wish = (struct wish){ .client = client };
	/* The clients' keys are the same: each has his own. */
	(void)snprintf(wish->key, sizeof(wish->key), "key-%d", ++p->clients[client].keys);
	return wish;
}

/* One of the banks by its name, or whichever is chosen for a card. */
static void wish_write_order(struct portal *p, char *out, size_t size)
{
	bool method = random_chance(&p->random, 500);
	const char *gateway = bank_gateway((size_t)random_below(&p->random, WORLD_GATEWAYS));

	(void)snprintf(out, size, "\"%s\":\"%s\",\"return_url\":\"https://portal.test/back\"",
		method ? "method" : "gateway", method ? "card" : gateway);
}

static void wish_write_creation(struct portal *p, struct wish *wish)
{
	uint64_t draw = random_below(&p->random, 12);
	const char *claims =
		draw == 0 ? "\"claims\":[{\"document\":\"MFA 1\",\"ground\":\"investor\"}]," : "";
	char expect[64] = "";
	char gateway[96] = "";

	(void)snprintf(wish->service, sizeof(wish->service), "%s",
		draw < 5    ? "visa.multiple"
		: draw < 9  ? "visa.exit"
		: draw < 11 ? "visa.entry-exit"
			    : "eta");
	if (draw > 0 && draw < 11 && random_chance(&p->random, 200)) {
		wish->expect = law_gross(text_of(wish->service), law_day(p->world->now));
		(void)snprintf(expect, sizeof(expect),
			"\"expect\":{\"amount\":%lld,\"currency\":\"KZT\"},",
			(long long)wish->expect);
	}
	if (random_chance(&p->random, 500)) {
		gateway[0] = ',';
		wish_write_order(p, gateway + 1, sizeof(gateway) - 1);
	}
	(void)snprintf(wish->body, sizeof(wish->body),
		"{%s\"quote\":{\"action\":\"issue\",%s\"service\":\"%s\"},\"reference\":\"%s\"%s}",
		expect, claims, wish->service, wish->reference, gateway);
}

void wish_create(struct portal *p)
{
	size_t client = (size_t)random_below(&p->random, WORLD_CLIENTS);
	const struct wish *first = portal_any_created(p);
	struct wish *wish = wish_new(p, client);

	if (wish == NULL) {
		return;
	}
	(void)snprintf(wish->path, sizeof(wish->path), "/v1/payments");
	(void)snprintf(wish->reference, sizeof(wish->reference), "R-%zu", p->wish_count);
	if (first != NULL && random_chance(&p->random, 100)) {
		/* Of the other client it is another one. */
		(void)snprintf(wish->reference, sizeof(wish->reference), "%s", first->reference);
		wish->second = true;
	}
	p->creations++;
	wish_write_creation(p, wish);
	wish_send(p, wish);
}

/* A payment that, as far as its client knows, is in such a state; or any. */
static const struct wish *wish_target(struct portal *p, bool settled)
{
	const struct wish *target = portal_any_created(p);

	for (int i = 0; i < WISH_TARGETS && target != NULL && look_is_settled(target) != settled;
		i++) {
		target = portal_any_created(p);
	}
	return target;
}

void wish_act(struct portal *p)
{
	uint64_t draw = random_below(&p->random, 5);
	const struct wish *target = wish_target(p, draw == 1);
	struct wish *wish = target != NULL ? wish_new(p, target->client) : NULL;
	char order[96];

	if (wish == NULL) {
		return;
	}
	if (draw == 0) {
		(void)snprintf(wish->path, sizeof(wish->path), "/v1/payments/%s/cancel",
			target->payment);
		(void)snprintf(wish->body, sizeof(wish->body), "{}");
	} else if (draw == 1) {
		(void)snprintf(wish->path, sizeof(wish->path), "/v1/payments/%s/fulfilment",
			target->payment);
		(void)snprintf(wish->body, sizeof(wish->body),
			"{\"document\":\"visa\",\"outcome\":\"performed\"}");
	} else {
		(void)snprintf(wish->path, sizeof(wish->path), "/v1/payments/%s/attempts",
			target->payment);
		wish_write_order(p, order, sizeof(order));
		(void)snprintf(wish->body, sizeof(wish->body), "{%s}", order);
	}
	wish_send(p, wish);
}

static bool wish_is_due(struct portal *p, const struct wish *wish)
{
	if (wish->in_flight >= WISH_IN_FLIGHT_MAX) {
		return false;
	}
	if (!wish->answered) {
		return true;
	}
	return wish->answer != NULL &&
	       (p->world->calm ? !wish->again : random_chance(&p->random, 20));
}

void wish_repeat(struct portal *p)
{
	size_t begin;

	if (p->wish_count == 0) {
		return;
	}
	begin = (size_t)random_below(&p->random, p->wish_count);
	for (size_t i = 0; i < p->wish_count; i++) {
		struct wish *wish = &p->wishes[(begin + i) % p->wish_count];

		if (wish_is_due(p, wish)) {
			wish_send(p, wish);
			return;
		}
	}
}

static void wish_misused(struct world *w, void *context, int status, struct text body)
{
	const struct wish *wish = context;

	w->portal->looks--;
	if (status != 0 && status < 500 &&
		(status != 422 || !wish_problem_is(body, "idempotency_mismatch"))) {
		world_fail(w, "the key of %s with another body was answered %d: %.*s", wish->key,
			status, TEXT_ARGS(body));
	}
}

void wish_misuse_key(struct portal *p)
{
	struct wish *wish = portal_any_created(p);
	char body[PORTAL_BODY_SIZE];

	if (wish != NULL && !p->world->calm) {
		(void)snprintf(body, sizeof(body),
			"{\"quote\":{\"action\":\"issue\",\"service\":\"visa.exit\"},\"reference\":\"%s-other\"}",
			wish->reference);
		p->looks++;
		wish_post(p, wish, body, wish_misused, wish);
	}
}
