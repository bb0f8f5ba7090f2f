/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/drive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "plugins/action.h"

enum { DRIVE_GARBAGE = 0xA5 };

void drive_init(struct drive *d, const struct alym_gateway *gateway,
	struct alym_gateway_state *state, int64_t now)
{
	assert(d != NULL);
	assert(gateway != NULL);

	*d = (struct drive){ .gateway = gateway,
		.state = state,
		.now = now,
		.fill = DRIVE_GARBAGE };
}

/* Nobody may read it from here on. */
static void drive_wipe(const struct drive *d, const void *bytes, size_t size)
{
	if (bytes != NULL) {
		memset((void *)(uintptr_t)bytes, d->fill, size);
	}
}

static void drive_wipe_text(const struct drive *d, struct text t)
{
	drive_wipe(d, t.bytes, t.size);
}

/* The texts only: with them go the addresses to free. */
static void drive_wipe_lent(const struct drive *d, const struct drive_lent *lent)
{
	const struct alym_message *message = lent->message;

	drive_wipe(d, lent->event, sizeof(*lent->event));
	drive_wipe(d, lent->order, sizeof(*lent->order));
	drive_wipe(d, lent->decision, sizeof(*lent->decision));
	if (lent->scratch != NULL) {
		drive_wipe(d, lent->scratch->bytes, ALYM_SCRATCH_SIZE);
	}
	for (size_t i = 0; message != NULL && i < message->header_count; i++) {
		drive_wipe_text(d, message->headers[i].name);
		drive_wipe_text(d, message->headers[i].value);
	}
	if (message != NULL) {
		drive_wipe_text(d, message->method);
		drive_wipe_text(d, message->path);
		drive_wipe_text(d, message->body);
		drive_wipe_text(d, message->peer);
	}
}

static void drive_free_text(struct text t)
{
	free((void *)(uintptr_t)t.bytes);
}

static void drive_free_message(struct alym_message *message)
{
	if (message == NULL) {
		return;
	}
	for (size_t i = 0; i < message->header_count; i++) {
		drive_free_text(message->headers[i].name);
		drive_free_text(message->headers[i].value);
	}
	drive_free_text(message->method);
	drive_free_text(message->path);
	drive_free_text(message->body);
	drive_free_text(message->peer);
	free((void *)(uintptr_t)message->headers);
	free(message);
}

static void drive_free_lent(struct drive_lent *lent)
{
	if (lent->scratch != NULL) {
		free(lent->scratch->bytes);
		free(lent->scratch);
	}
	drive_free_message(lent->message);
	free(lent->event);
	free(lent->order);
	free(lent->decision);
	*lent = (struct drive_lent){ 0 };
}

/* Takes back what the last step was lent. */
static void drive_forget(struct drive *d)
{
	drive_wipe_lent(d, &d->lent);
	if (d->hold) {
		assert(d->held_count < ALYM_STEPS_MAX);
		d->held[d->held_count++] = d->lent;
		d->lent = (struct drive_lent){ 0 };
	} else {
		drive_free_lent(&d->lent);
	}
	d->action = (struct alym_action){ 0 };
}

static void drive_release(struct drive *d)
{
	for (size_t i = 0; i < d->held_count; i++) {
		drive_free_lent(&d->held[i]);
	}
	d->held_count = 0;
}

void drive_done(struct drive *d)
{
	assert(d != NULL);

	drive_free_lent(&d->lent);
	drive_release(d);
	free(d->session);
	*d = (struct drive){ 0 };
}

static struct text drive_copy_text(struct text t)
{
	return (struct text){ .bytes = mem_copy(t.bytes, t.size), .size = t.size };
}

/* Byte for byte into memory of exactly that size. */
static struct alym_message *drive_copy_message(const struct alym_message *message)
{
	struct alym_message *copy = mem_copy(message, sizeof(*message));
	struct alym_header *headers = mem_new(message->header_count + 1, sizeof(*headers));

	for (size_t i = 0; i < message->header_count; i++) {
		headers[i].name = drive_copy_text(message->headers[i].name);
		headers[i].value = drive_copy_text(message->headers[i].value);
	}
	copy->headers = headers;
	copy->method = drive_copy_text(message->method);
	copy->path = drive_copy_text(message->path);
	copy->body = drive_copy_text(message->body);
	copy->peer = drive_copy_text(message->peer);
	return copy;
}

/* `event` as it is to be seen by the step, in memory that is gone with the next one.  What it
 * points at may be the last step's. */
static const struct alym_event *drive_lend(struct drive *d, const struct alym_event *event,
	const struct alym_message *message)
{
	struct drive_lent lent = {
		.event = mem_copy(event, sizeof(*event)),
		.order = d->about != NULL ? mem_copy(d->about, sizeof(*d->about)) : NULL,
		.decision = event->decision != NULL
				    ? mem_copy(event->decision, sizeof(*event->decision))
				    : NULL,
		.message = message != NULL ? drive_copy_message(message) : NULL,
		.scratch = mem_new(1, sizeof(*lent.scratch)),
	};

	drive_forget(d);
	lent.scratch->bytes = mem_new(ALYM_SCRATCH_SIZE, 1);
	memset(lent.scratch->bytes, d->fill, ALYM_SCRATCH_SIZE);
	lent.event->order = lent.order;
	lent.event->decision = lent.decision;
	lent.event->message = lent.message;
	d->lent = lent;
	d->action.scratch = lent.scratch;
	return lent.event;
}

/* The rest of `event` is filled in by the caller. */
static void drive_step(struct drive *d, struct alym_event *event,
	const struct alym_message *message)
{
	const struct alym_event *lent;

	assert(!d->over);

	event->now = d->now;
	event->list = d->list;
	event->operation = d->operation;
	event->again = d->started_again;
	for (size_t i = 0; i < sizeof(event->random); i++) {
		event->random[i] = (uint8_t)(d->steps * 7 + (int)i);
	}
	lent = drive_lend(d, event, message);
	d->steps++;
	d->gateway->step(d->state, d->session, lent, &d->action);
	assert(d->action.scratch == d->lent.scratch);
	d->fault = action_fault(&d->action, lent);
	d->over = d->fault != NULL || d->action.kind == ALYM_ACTION_ANSWER ||
		  d->action.kind == ALYM_ACTION_LISTED ||
		  (d->action.kind == ALYM_ACTION_VERDICT && (d->about != NULL || d->list != NULL));
	if (!d->over && d->steps == ALYM_STEPS_MAX) {
		d->fault = "takes too many steps";
		d->over = true;
	}
}

static void drive_begin(struct drive *d)
{
	size_t size = d->gateway->session_size;

	drive_forget(d);
	drive_release(d);
	free(d->session);
	d->session = mem_new(size > 0 ? size : 1, 1);
	d->steps = 0;
	d->over = false;
}

void drive_start(struct drive *d, enum alym_operation operation)
{
	struct alym_event event = { .kind = ALYM_EVENT_START };

	assert(d != NULL);

	drive_begin(d);
	d->about = &d->order;
	d->list = NULL;
	d->operation = operation;
	d->started_again = d->again;
	drive_step(d, &event, NULL);
}

void drive_callback(struct drive *d, const struct alym_message *message)
{
	struct alym_event event = { .kind = ALYM_EVENT_CALLBACK };

	assert(d != NULL);
	assert(message != NULL);

	drive_begin(d);
	d->about = NULL;
	d->list = NULL;
	d->operation = ALYM_OPERATION_PAY;
	d->started_again = false;
	drive_step(d, &event, message);
}

void drive_list(struct drive *d, const struct alym_list *list)
{
	struct alym_event event = { .kind = ALYM_EVENT_START };

	assert(d != NULL);
	assert(list != NULL);
	assert(d->gateway->lists);

	drive_begin(d);
	d->about = NULL;
	d->list = list;
	d->operation = ALYM_OPERATION_LIST;
	d->started_again = false;
	drive_step(d, &event, NULL);
}

void drive_response(struct drive *d, const struct alym_message *message)
{
	struct alym_event event = { .kind = ALYM_EVENT_RESPONSE };

	assert(d != NULL);
	assert(d->action.kind == ALYM_ACTION_SEND);

	drive_step(d, &event, message);
}

void drive_failure(struct drive *d, enum alym_failure failure)
{
	struct alym_event event = { .kind = ALYM_EVENT_FAILURE, .failure = failure };

	assert(d != NULL);
	assert(d->action.kind == ALYM_ACTION_SEND);

	drive_step(d, &event, NULL);
}

void drive_decision(struct drive *d, const struct alym_decision *decision)
{
	struct alym_event event = { .kind = ALYM_EVENT_DECISION, .decision = decision };

	assert(d != NULL);
	assert(d->about == NULL);
	assert(decision != NULL);

	drive_step(d, &event, NULL);
}

void drive_time(struct drive *d)
{
	struct alym_event event = { .kind = ALYM_EVENT_TIME };

	assert(d != NULL);
	assert(d->action.kind == ALYM_ACTION_WAIT);

	drive_step(d, &event, NULL);
}

struct text drive_header(const struct drive *d, const char *name)
{
	bool send = d->action.kind == ALYM_ACTION_SEND;
	const struct alym_header *headers =
		send ? d->action.request.headers : d->action.answer.headers;
	size_t count = send ? d->action.request.header_count : d->action.answer.header_count;

	for (size_t i = 0; i < count; i++) {
		if (headers[i].name.size == strlen(name) &&
			strncasecmp(headers[i].name.bytes, name, headers[i].name.size) == 0) {
			return headers[i].value;
		}
	}
	return TEXT("");
}
