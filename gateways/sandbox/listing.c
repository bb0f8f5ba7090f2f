/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/sandbox/listing.h"

#include <assert.h>

#include "base/date.h"
#include "plugins/scratch.h"

static void listing_unknown(struct alym_action *action, const char *reason)
{
	action->kind = ALYM_ACTION_VERDICT;
	action->verdict = (struct alym_verdict){ .kind = ALYM_UNKNOWN, .reason = text_of(reason) };
}

static void listing_start(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	char since[DATE_TIME_TEXT_SIZE];
	struct text after = event->list->after;

	action->request.method = TEXT("GET");
	action->request.url = scratch_printf(action->scratch,
		"%s/v1/operations?merchant=%s&since=%s%s%.*s", state->endpoint.address,
		state->merchant, date_time_format(event->list->since, since),
		after.size > 0 ? "&after=" : "", TEXT_ARGS(after));
	action->kind = ALYM_ACTION_SEND;
	seal_request(&state->seal, event->now, state->endpoint.origin_size, action,
		session->signature);
}

/* What may stand in an address as it is; no other id of ours is taken for a place in a list. */
static bool listing_is_plain(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		char c = t.bytes[i];

		if ((c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') &&
			c != '-' && c != '_' && c != '.') {
			return false;
		}
	}
	return true;
}

static void listing_take(struct json_reader *r, struct alym_listed *listed)
{
	json_take_text(r, "operation", JSON_REQUIRED, ALYM_OPERATION_MAX, &listed->operation);
	sandbox_take_money(r, JSON_REQUIRED, &listed->amount);
	sandbox_take_number(r, "order", JSON_OPTIONAL, 1, &listed->order);
	sandbox_take_number(r, "code", JSON_OPTIONAL, 1, &listed->code);
	json_take_time(r, "paid_at", JSON_REQUIRED, &listed->paid_at);
	if ((listed->order.size == 0) == (listed->code.size == 0)) {
		json_complain(r, JSON_WRONG, "order", "must be there, or code, and not both");
	}
}

static void listing_read_items(struct json_reader *r, const struct json_value *items,
	struct alym_action *action)
{
	struct alym_scratch *scratch = action->scratch;
	size_t count = 0;

	for (const struct json_value *item = items != NULL ? items->first : NULL; item != NULL;
		item = item->next) {
		struct alym_listed *listed = &scratch->listed[count++];
		struct json_reader inner;

		*listed = (struct alym_listed){ .paid_at = 0 };
		json_reader_init(&inner, item, "items", r->problem);
		listing_take(&inner, listed);
		if (!json_reader_end(&inner)) {
			return;
		}
		listed->operation = scratch_copy(scratch, listed->operation);
		listed->order = scratch_copy(scratch, listed->order);
		listed->code = scratch_copy(scratch, listed->code);
	}
	action->listed = scratch->listed;
	action->listed_count = count;
}

/* 4.4, 200 */
static bool listing_read(struct text body, struct alym_action *action)
{
	struct json_problem problem = { .fault = JSON_FINE };
	struct json_value *value = NULL;
	const struct json_value *items = NULL;
	struct text next = TEXT("");
	struct json_reader r;
	bool fine;

	if (text_starts(body, TEXT("{"))) {
		value = json_parse(body, NULL);
	}
	if (value == NULL) {
		return false;
	}
	json_reader_init(&r, value, "", &problem);
	json_take_array(&r, "items", JSON_REQUIRED, ALYM_LISTED_MAX, &items);
	json_take_text(&r, "next", JSON_OPTIONAL, ALYM_OPERATION_MAX, &next);
	listing_read_items(&r, items, action);
	if (!listing_is_plain(next)) {
		json_complain(&r, JSON_WRONG, "next", "can not be asked for");
	}
	fine = json_reader_end(&r);
	action->listed_next = scratch_copy(action->scratch, next);
	action->kind = ALYM_ACTION_LISTED;
	json_free(&value);
	return fine;
}

static void listing_answered(const struct alym_gateway_state *state,
	const struct sandbox_session *session, const struct alym_event *event,
	struct alym_action *action)
{
	enum seal_check seal =
		seal_check_answer(&state->seal, event->message, session->signature, event->now);

	if (seal != SEAL_GOOD) {
		listing_unknown(action, "the list is not signed, or its time is out of the window");
	} else if (event->message->status != 200) {
		listing_unknown(action, "the bank gave no list");
	} else if (!listing_read(event->message->body, action)) {
		listing_unknown(action, "the list is malformed");
	}
}

void listing_step(const struct alym_gateway_state *state, struct sandbox_session *session,
	const struct alym_event *event, struct alym_action *action)
{
	assert(event->list != NULL);
	assert(action->scratch != NULL);

	if (event->kind == ALYM_EVENT_START) {
		listing_start(state, session, event, action);
	} else if (event->kind == ALYM_EVENT_RESPONSE) {
		listing_answered(state, session, event, action);
	} else {
		listing_unknown(action, "no answer from the bank");
	}
}
