/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/portal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "tests/sim/portal_parts.h"

struct wish *portal_any_created(struct portal *p)
{
	size_t newest = p->created_count < PORTAL_RECENT ? p->created_count : PORTAL_RECENT;
	size_t i;

	if (p->created_count == 0) {
		return NULL;
	}
	i = (size_t)random_below(&p->random, p->created_count);
	if (random_chance(&p->random, 600)) { /* most happens to what is new */
		i = p->created_count - 1 - (size_t)random_below(&p->random, newest);
	}
	return &p->wishes[p->created[i]];
}

void portal_get(struct portal *p, size_t client, const char *path, process_answer_fn *answer,
	void *context)
{
	process_call(p->world,
		&(struct process_request){ .face = CALL_SOCKET,
			.roles = CALL_ROLE_SERVICE,
			.client = p->clients[client].name,
			.method = "GET",
			.path = path,
			.body = "" },
		answer, context);
}

void portal_step(struct portal *p)
{
	uint64_t draw = random_below(&p->random, 100);

	if (draw < 18) {
		wish_create(p);
	} else if (draw < 29) {
		wish_act(p);
	} else if (draw < 74) {
		wish_repeat(p);
	} else if (draw < 77) {
		wish_misuse_key(p);
	} else if (draw < 85) {
		look_at_payment(p);
	} else if (draw < 88) {
		look_at_list(p);
	} else if (draw < 97) {
		look_at_events(p);
	} else {
		auditor_step(p);
	}
}

bool portal_is_quiet(const struct portal *p)
{
	for (size_t i = 0; i < p->wish_count; i++) {
		const struct wish *wish = &p->wishes[i];

		if (!wish->answered || !wish->again || wish->in_flight > 0) {
			return false;
		}
	}
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		if (p->clients[i].polls > 0 || !p->clients[i].caught_up) {
			return false;
		}
	}
	return p->looks == 0;
}

void portal_stir(struct portal *p)
{
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		p->clients[i].caught_up = false;
	}
}

bool portal_slip(struct portal *p, struct portal_slip *slip)
{
	const struct wish *wish = portal_any_created(p);

	if (wish == NULL || wish->due == 0) {
		return false;
	}
	*slip = (struct portal_slip){ .code = wish->code,
		.payment = wish->payment,
		.service = wish->service,
		.due = wish->due };
	return true;
}

int64_t portal_payment_of_code(const struct portal *p, struct text code)
{
	struct id id;

	for (size_t i = 0; i < p->created_count; i++) {
		const struct wish *wish = &p->wishes[p->created[i]];

		if (text_is(code, wish->code) &&
			id_parse(text_of(wish->payment), ID_PAYMENT, &id)) {
			return id.number;
		}
	}
	return 0;
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

int64_t portal_granted(const struct portal *p)
{
	return p->granted;
}

int64_t portal_creations(const struct portal *p)
{
	return p->creations;
}

int64_t portal_events(const struct portal *p, size_t client)
{
	return p->clients[client].event_count;
}

struct portal *portal_new(struct world *w)
{
	struct portal *p = mem_new(1, sizeof(*p));

	p->world = w;
	p->random.state = random_next(&w->random);
	p->clients[0].name = "portal";
	p->clients[1].name = "counter";
	return p;
}

void portal_free(struct portal **portal)
{
	struct portal *p = *portal;

	*portal = NULL;
	for (size_t i = 0; i < p->wish_count; i++) {
		free(p->wishes[i].answer);
	}
	for (size_t i = 0; i < WORLD_CLIENTS; i++) {
		for (int64_t k = 0; k < p->clients[i].event_count; k++) {
			free(p->clients[i].events[k]);
		}
	}
	free(p);
}
