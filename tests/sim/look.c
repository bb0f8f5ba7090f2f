/* SPDX-License-Identifier: Apache-2.0 */

/* look - what clients see over time: one payment, lists page by page, their events. */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "tests/sim/portal_parts.h"

enum { LOOK_WAIT_S = 30 };

enum look_state { UNSEEN, OPEN, PARTLY_PAID, PAID, EXEMPT, CANCELLED, EXPIRED, LOOK_STATES };

static const char *const look_states[LOOK_STATES] = { "", "open", "partly_paid", "paid", "exempt",
	"cancelled", "expired" };

/* From which state to which a payment may come; bits by state. */
static const unsigned look_next[LOOK_STATES] = {
	[UNSEEN] = ~0U,
	[OPEN] = 1U << OPEN | 1U << PARTLY_PAID | 1U << PAID | 1U << CANCELLED | 1U << EXPIRED,
	[PARTLY_PAID] = 1U << PARTLY_PAID | 1U << PAID,
	[PAID] = 1U << PAID,
	[EXEMPT] = 1U << EXEMPT,
	[CANCELLED] = 1U << CANCELLED | 1U << PARTLY_PAID | 1U << PAID,
	[EXPIRED] = 1U << EXPIRED | 1U << PARTLY_PAID | 1U << PAID,
};

static int look_state(const json_t *payment)
{
	const char *name = json_string_value(json_object_get(payment, "state"));

	for (int i = OPEN; name != NULL && i < LOOK_STATES; i++) {
		if (strcmp(name, look_states[i]) == 0) {
			return i;
		}
	}
	return UNSEEN;
}

static int64_t look_amount(const json_t *payment, const char *name)
{
	return json_integer_value(json_object_get(json_object_get(payment, name), "amount"));
}

bool look_is_settled(const struct wish *wish)
{
	return wish->state == PAID || wish->state == EXEMPT;
}

/* ---- one payment ---- */

static void look_judge(struct world *w, struct wish *wish, const json_t *payment)
{
	int state = look_state(payment);
	int64_t due = look_amount(payment, "due");
	int64_t paid = look_amount(payment, "paid");
	int64_t held = look_amount(payment, "held");

	if (state == UNSEEN || (look_next[wish->state] & 1U << state) == 0) {
		world_fail(w, "payment %s was %s and is %s", wish->payment,
			look_states[wish->state], look_states[state]);
	}
	if (paid != (state == PAID ? due : 0) || (held > 0) != (state == PARTLY_PAID) ||
		held > due) {
		world_fail(w, "payment %s is %s with due %lld, paid %lld, held %lld", wish->payment,
			look_states[state], (long long)due, (long long)paid, (long long)held);
	}
	wish->state = state;
}

static void look_seen(struct world *w, void *context, int status, struct text body)
{
	struct wish *wish = context;
	json_t *root;

	w->portal->looks--;
	if (status == 0 || status >= 500) {
		return;
	}
	root = json_loadb(body.bytes, body.size, 0, NULL);
	if (status != 200) {
		world_fail(w, "payment %s, once acknowledged, is answered %d: %.*s", wish->payment,
			status, TEXT_ARGS(body));
	}
	look_judge(w, wish, root);
	json_decref(root);
}

static void look_hidden(struct world *w, void *context, int status, struct text body)
{
	const struct wish *wish = context;

	w->portal->looks--;
	if (status != 0 && status < 500 && status != 404) {
		world_fail(w, "payment %s is shown to another client: %d %.*s", wish->payment,
			status, TEXT_ARGS(body));
	}
}

void look_at_payment(struct portal *p)
{
	struct wish *wish = portal_any_created(p);
	char path[96];

	if (wish == NULL) {
		return;
	}
	(void)snprintf(path, sizeof(path), "/v1/payments/%s", wish->payment);
	p->looks++;
	if (random_chance(&p->random, 100)) {
		portal_get(p, 1 - wish->client, path, look_hidden, wish);
	} else {
		portal_get(p, wish->client, path, look_seen, wish);
	}
}

/* ---- a list, page by page ---- */

struct look_list {
	size_t client;
	size_t limit;
	int state;
	int64_t last; /* number of the last payment listed */
	size_t count;
	size_t expected; /* payments known before the first page was asked for */
	char cursor[128];
};

static void look_listed(struct world *w, void *context, int status, struct text body);

static void look_ask_page(struct portal *p, struct look_list *list)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "/v1/payments?limit=%zu%s%s%s%s", list->limit,
		list->state != UNSEEN ? "&state=" : "", look_states[list->state],
		list->cursor[0] != '\0' ? "&cursor=" : "", list->cursor);
	portal_get(p, list->client, path, look_listed, list);
}

static void look_judge_item(struct world *w, struct look_list *list, const json_t *item)
{
	const char *text = json_string_value(json_object_get(item, "id"));
	struct id id;

	if (text == NULL || !id_parse(text_of(text), ID_PAYMENT, &id) || id.number <= list->last) {
		world_fail(w, "a list goes from payment %lld to %s", (long long)list->last,
			text != NULL ? text : "nothing");
	}
	if (list->state != UNSEEN && look_state(item) != list->state) {
		world_fail(w, "a list of %s payments has %s", look_states[list->state], text);
	}
	for (size_t i = 0; i < w->portal->created_count; i++) {
		const struct wish *wish = &w->portal->wishes[w->portal->created[i]];

		if (strcmp(wish->payment, text) == 0 && wish->client != list->client) {
			world_fail(w, "payment %s is listed for another client", text);
		}
	}
	list->last = id.number;
	list->count++;
}

static void look_listed(struct world *w, void *context, int status, struct text body)
{
	struct look_list *list = context;
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const json_t *items = json_object_get(root, "items");
	const char *next = json_string_value(json_object_get(root, "next"));

	if (status != 0 && status < 500 && (status != 200 || !json_is_array(items))) {
		world_fail(w, "a list is answered %d: %.*s", status, TEXT_ARGS(body));
	}
	if (status == 200) {
		if (json_array_size(items) > list->limit) {
			world_fail(w, "a page is longer than its limit");
		}
		for (size_t i = 0; i < json_array_size(items); i++) {
			look_judge_item(w, list, json_array_get(items, i));
		}
		if (next != NULL) {
			(void)snprintf(list->cursor, sizeof(list->cursor), "%s", next);
			json_decref(root);
			look_ask_page(w->portal, list);
			return;
		}
		if (list->state == UNSEEN && list->count < list->expected) {
			world_fail(w, "a list has %zu payments of %zu", list->count,
				list->expected);
		}
	}
	json_decref(root);
	free(list);
	w->portal->looks--;
}

static void look_found(struct world *w, void *context, int status, struct text body)
{
	const struct wish *wish = context;
	json_t *root = json_loadb(body.bytes, body.size, 0, NULL);
	const json_t *items = json_object_get(root, "items");
	const char *id = json_string_value(json_object_get(json_array_get(items, 0), "id"));

	w->portal->looks--;
	if (status != 0 && status < 500 &&
		(status != 200 || json_array_size(items) != 1 || id == NULL ||
			strcmp(id, wish->payment) != 0)) {
		world_fail(w, "payment %s is not found by its code: %d %.*s", wish->payment, status,
			TEXT_ARGS(body));
	}
	json_decref(root);
}

void look_at_list(struct portal *p)
{
	struct wish *wish = portal_any_created(p);
	struct look_list *list;
	char path[64];

	if (wish == NULL) {
		return;
	}
	p->looks++;
	if (random_chance(&p->random, 300)) {
		(void)snprintf(path, sizeof(path), "/v1/payments?code=%s", wish->code);
		portal_get(p, wish->client, path, look_found, wish);
		return;
	}
	list = mem_new(1, sizeof(*list));
	list->client = wish->client;
	list->limit = 3 + (size_t)random_below(&p->random, 30);
	list->state = random_chance(&p->random, 300)
			      ? 1 + (int)random_below(&p->random, LOOK_STATES - 1)
			      : UNSEEN;
	for (size_t i = 0; i < p->created_count; i++) {
		list->expected += p->wishes[p->created[i]].client == list->client;
	}
	look_ask_page(p, list);
}

/* ---- events ---- */

static void look_take_event(struct portal *p, struct portal_client *client, const json_t *event)
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
	if (number < 1 || number > client->event_count + 1) {
		world_fail(p->world, "event %lld after %lld", (long long)number,
			(long long)client->event_count);
	}
	if (number <= client->event_count) {
		if (strcmp(client->events[number - 1], text) != 0) {
			world_fail(p->world, "event %lld was %s and is %s", (long long)number,
				client->events[number - 1], text);
		}
		return;
	}
	assert(client->event_count < PORTAL_EVENTS_MAX);
	client->events[client->event_count++] = mem_copy(text, strlen(text) + 1);
}

static void look_polled(struct world *w, void *context, int status, struct text body)
{
	struct portal_client *client = context;
	json_t *root;
	const json_t *items;

	client->polls--;
	if (status == 0 || status >= 500) {
		return;
	}
	root = json_loadb(body.bytes, body.size, 0, NULL);
	items = json_object_get(root, "items");
	if (status != 200 || !json_is_array(items)) {
		world_fail(w, "events are answered %d: %.*s", status, TEXT_ARGS(body));
	}
	for (size_t i = 0; i < json_array_size(items); i++) {
		look_take_event(w->portal, client, json_array_get(items, i));
	}
	client->caught_up = json_array_size(items) == 0;
	json_decref(root);
}

/* Mostly the new ones, perhaps waiting for them; now and then from the beginning again. */
void look_at_events(struct portal *p)
{
	struct portal_client *client = &p->clients[random_below(&p->random, WORLD_CLIENTS)];
	bool calm = p->world->calm;
	bool old = !calm && random_chance(&p->random, 100);
	bool waits = !calm && random_chance(&p->random, 400);
	char path[96];

	if (client->polls == (calm ? 1 : PORTAL_POLLS_MAX)) {
		return;
	}
	client->polls++;
	(void)snprintf(path, sizeof(path), "/v1/events?after=%lld&limit=%d&wait=%d",
		old ? 0LL : (long long)client->event_count,
		(int)(1 + random_below(&p->random, calm ? 100 : 20)), waits ? LOOK_WAIT_S : 0);
	portal_get(p, (size_t)(client - p->clients), path, look_polled, client);
}
