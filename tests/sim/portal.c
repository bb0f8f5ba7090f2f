/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/portal.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	PORTAL_WISHES_MAX = 400,
	PORTAL_EVENTS_MAX = 8192,
	PORTAL_BODY_SIZE = 512,
	PORTAL_ID_SIZE = 32
};

/* Something a client wants: one POST under one key, repeated until it was answered for good. */
struct wish {
	char path[96];
	char key[24];
	char body[PORTAL_BODY_SIZE];
	bool creates;
	bool answered; /* acknowledged, or refused for good */
	int status;
	char *answer; /* of an acknowledgement, to compare repeats with */
	int in_flight;
	char payment[PORTAL_ID_SIZE];
	char code[16];
	int64_t due;
	bool seen_paid;
};

struct portal {
	struct world *world;
	struct random random;
	struct wish wishes[PORTAL_WISHES_MAX];
	size_t wish_count;
	size_t created[PORTAL_WISHES_MAX];
	size_t created_count;
	char *events[PORTAL_EVENTS_MAX]; /* type and subject of event n + 1, as first seen */
	int64_t event_count;
	bool polling;
};

/* ---- answers ---- */

static void wish_take_creation(struct portal *p, struct wish *wish, struct text body)
{
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const char *id = json_string_value(json_object_get(root, "id"));
	const char *code = json_string_value(json_object_get(root, "code"));

	if (id == NULL || code == NULL) {
		world_fail(p->world, "a creation without id or code: %.*s", TEXT_ARGS(body));
	}
	(void)snprintf(wish->payment, sizeof(wish->payment), "%s", id);
	(void)snprintf(wish->code, sizeof(wish->code), "%s", code);
	wish->due = json_integer_value(json_object_get(json_object_get(root, "due"), "amount"));
	p->created[p->created_count++] = (size_t)(wish - p->wishes);
	json_decref(root);
}

static void wish_answered(struct world *w, void *context, int status, struct text body)
{
	struct portal *p = w->portal;
	struct wish *wish = context;

	wish->in_flight--;
	if (status == 0 || status == 503) {
		return;
	}
	if (wish->answered && wish->answer != NULL) {
		/* A repeat gets what the first one got, byte for byte. */
		if (status != wish->status || !text_is(body, wish->answer)) {
			world_fail(w, "%s %s was answered %d and now %d:\n%s\n%.*s", wish->path,
				wish->key, wish->status, status, wish->answer, TEXT_ARGS(body));
		}
		return;
	}
	/* The authorization (eta) has no tariff before 2026; everything else can be had. */
	if (status >= 400 && wish->creates && strstr(wish->body, "eta") == NULL) {
		world_fail(w, "a payment was refused with %d: %.*s", status, TEXT_ARGS(body));
	}
	wish->answered = true;
	wish->status = status;
	if (status < 300) {
		wish->answer = mem_new(1, body.size + 1);
		memcpy(wish->answer, body.bytes, body.size);
		if (wish->creates) {
			wish_take_creation(p, wish, body);
		}
	}
}

static void portal_looked(struct world *w, void *context, int status, struct text body)
{
	struct wish *wish = context;
	json_t *root;
	const char *state;

	if (status == 0 || status == 503) {
		return;
	}
	root = json_loadb(body.bytes, body.size, 0, NULL);
	state = json_string_value(json_object_get(root, "state"));
	if (status != 200 || state == NULL) {
		world_fail(w, "payment %s, once acknowledged, is answered %d: %.*s", wish->payment,
			status, TEXT_ARGS(body));
	}
	if (wish->seen_paid && strcmp(state, "paid") != 0) {
		world_fail(w, "payment %s was paid and is %s", wish->payment, state);
	}
	wish->seen_paid = strcmp(state, "paid") == 0;
	json_decref(root);
}

static void portal_take_event(struct portal *p, const json_t *event)
{
	const char *sequence = json_string_value(json_object_get(event, "sequence"));
	const char *type = json_string_value(json_object_get(event, "type"));
	const char *subject = json_string_value(json_object_get(event, "subject"));
	char text[128];
	int64_t number = 0;

	if (sequence == NULL || type == NULL || subject == NULL ||
		!text_parse_integer(text_of(sequence), &number)) {
		world_fail(p->world, "an event without sequence, type or subject");
	}
	(void)snprintf(text, sizeof(text), "%s %s", type, subject);
	if (number < 1 || number > p->event_count + 1) {
		world_fail(p->world, "event %lld after %lld", (long long)number,
			(long long)p->event_count);
	}
	if (number <= p->event_count) {
		if (strcmp(p->events[number - 1], text) != 0) {
			world_fail(p->world, "event %lld was %s and is %s", (long long)number,
				p->events[number - 1], text);
		}
		return;
	}
	if (p->event_count < PORTAL_EVENTS_MAX) {
		p->events[p->event_count++] = mem_copy(text, strlen(text) + 1);
	}
}

static void portal_polled(struct world *w, void *context, int status, struct text body)
{
	struct portal *p = context;
	json_t *root;
	json_t *items;

	p->polling = false;
	if (status == 0 || status == 503) {
		return;
	}
	root = json_loadb(body.bytes, body.size, 0, NULL);
	items = json_object_get(root, "items");
	if (status != 200 || !json_is_array(items)) {
		world_fail(w, "events are answered %d: %.*s", status, TEXT_ARGS(body));
	}
	for (size_t i = 0; i < json_array_size(items); i++) {
		portal_take_event(p, json_array_get(items, i));
	}
	json_decref(root);
}

/* ---- wishes ---- */

static struct wish *portal_wish(struct portal *p)
{
	struct wish *wish;

	if (p->wish_count == PORTAL_WISHES_MAX || p->world->calm) {
		return NULL;
	}
	wish = &p->wishes[p->wish_count++];
	*wish = (struct wish){ .creates = false };
	(void)snprintf(wish->key, sizeof(wish->key), "key-%zu", p->wish_count);
	return wish;
}

static void portal_create(struct portal *p)
{
	static const char *const claims =
		"\"claims\":[{\"document\":\"MFA 1\",\"ground\":\"investor\"}],";
	struct wish *wish = portal_wish(p);
	uint64_t draw = random_below(&p->random, 10);

	if (wish == NULL) {
		return;
	}
	wish->creates = true;
	(void)snprintf(wish->path, sizeof(wish->path), "/v1/payments");
	(void)snprintf(wish->body, sizeof(wish->body),
		"{\"quote\":{\"action\":\"issue\",%s\"service\":\"%s\"},\"reference\":\"R-%zu\"%s}",
		draw == 0 ? claims : "",
		draw < 5   ? "visa.multiple"
		: draw < 9 ? "visa.exit"
			   : "eta",
		p->wish_count,
		draw % 2 == 0
			? ",\"gateway\":\"sandbox\",\"return_url\":\"https://portal.test/back\""
			: "");
}

static struct wish *portal_any_created(struct portal *p)
{
	if (p->created_count == 0) {
		return NULL;
	}
	return &p->wishes[p->created[random_below(&p->random, p->created_count)]];
}

static void portal_act(struct portal *p)
{
	const struct wish *target = portal_any_created(p);
	uint64_t draw = random_below(&p->random, 4);
	struct wish *wish = target != NULL ? portal_wish(p) : NULL;

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
		(void)snprintf(wish->body, sizeof(wish->body),
			"{\"gateway\":\"sandbox\",\"return_url\":\"https://portal.test/back\"}");
	}
}

static void portal_send(struct portal *p, struct wish *wish)
{
	struct call_header headers[2] = { { TEXT("Idempotency-Key"), text_of(wish->key) },
		{ TEXT("Content-Type"), TEXT("application/json") } };

	wish->in_flight++;
	world_call(p->world, CALL_SOCKET, "POST", wish->path, headers, 2, wish->body, wish_answered,
		wish);
}

/* A wish that waits for its answer, or one that has it and is repeated all the same. */
static void portal_repeat(struct portal *p)
{
	size_t begin;

	if (p->wish_count == 0) {
		return;
	}
	begin = (size_t)random_below(&p->random, p->wish_count);
	for (size_t i = 0; i < p->wish_count; i++) {
		struct wish *wish = &p->wishes[(begin + i) % p->wish_count];
		bool again = wish->answer != NULL && random_chance(&p->random, 20);

		if ((!wish->answered || again) && wish->in_flight < 3) {
			portal_send(p, wish);
			return;
		}
	}
}

static void portal_look(struct portal *p)
{
	struct wish *wish = portal_any_created(p);
	char path[96];

	if (wish != NULL) {
		(void)snprintf(path, sizeof(path), "/v1/payments/%s", wish->payment);
		world_call(p->world, CALL_SOCKET, "GET", path, NULL, 0, "", portal_looked, wish);
	}
}

static void portal_poll(struct portal *p)
{
	char path[96];
	/* Mostly the new ones; now and then from the beginning again. */
	int64_t after = random_chance(&p->random, 100) ? 0 : p->event_count;

	if (!p->polling) {
		p->polling = true;
		(void)snprintf(path, sizeof(path), "/v1/events?after=%lld&limit=%d",
			(long long)after, (int)(1 + random_below(&p->random, 20)));
		world_call(p->world, CALL_SOCKET, "GET", path, NULL, 0, "", portal_polled, p);
	}
}

void portal_step(struct portal *p)
{
	uint64_t draw = random_below(&p->random, 10);

	if (draw < 2) {
		portal_create(p);
	} else if (draw < 3) {
		portal_act(p);
	} else if (draw < 8) {
		portal_repeat(p);
	} else if (draw < 9) {
		portal_look(p);
	} else {
		portal_poll(p);
	}
}

bool portal_is_quiet(const struct portal *p)
{
	for (size_t i = 0; i < p->wish_count; i++) {
		if (!p->wishes[i].answered || p->wishes[i].in_flight > 0) {
			return false;
		}
	}
	return !p->polling;
}

const char *portal_code(struct portal *p, int64_t *due)
{
	const struct wish *wish = portal_any_created(p);

	if (wish == NULL || wish->due == 0) {
		return NULL;
	}
	*due = wish->due;
	return wish->code;
}

size_t portal_payment_count(const struct portal *p)
{
	return p->created_count;
}

const char *portal_payment(const struct portal *p, size_t i)
{
	assert(i < p->created_count);
	return p->wishes[p->created[i]].payment;
}

struct portal *portal_new(struct world *w)
{
	struct portal *p = mem_new(1, sizeof(*p));

	p->world = w;
	p->random.state = random_next(&w->random);
	return p;
}

void portal_free(struct portal **portal)
{
	struct portal *p = *portal;

	*portal = NULL;
	for (size_t i = 0; i < p->wish_count; i++) {
		free(p->wishes[i].answer);
	}
	for (int64_t i = 0; i < p->event_count; i++) {
		free(p->events[i]);
	}
	free(p);
}
