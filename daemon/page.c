/* SPDX-License-Identifier: Apache-2.0 */

/*
 * page - GET /pay/TOKEN: where the payer's browser comes for the bank's page.
 *
 * It is sent on to the address the bank gave, or posts the bank's form, which the gateway makes
 * anew for each browser; before that it waits, and afterwards it reads what became of it.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "daemon/language.h"
#include "daemon/lookup.h"
#include "daemon/page_text.h"
#include "daemon/problem.h"
#include "daemon/session.h"

enum {
	PAGE_MAGIC = 0x1A6E9A6E,
	PAGE_NONCE_BYTES = 16,
	PAGE_HEADERS = 6, /* of every page; one that is busy has Retry-After besides */
};

_Static_assert(PAGE_TEXT_NONCE_SIZE == 2 * PAGE_NONCE_BYTES + 1,
	"a nonce is written in hexadecimal");

struct page {
	unsigned magic;
	struct engine *engine;
	struct call *call;
	struct lookup *lookup;
	struct engine_gateway *gateway;
	struct session *session;
	struct page_text text;
	char amount[MONEY_TEXT_SIZE];
};

static void page_free(struct page *page)
{
	page->magic = 0;
	page->engine->under_way--;
	session_free(&page->session);
	lookup_free(&page->lookup);
	free(page);
}

static void page_send(struct engine *engine, struct call *call, struct page_text *text, int status)
{
	uint8_t nonce[PAGE_NONCE_BYTES];
	char policy[PAGE_TEXT_POLICY_SIZE];
	struct buffer body;
	struct call_header headers[PAGE_HEADERS + 1] = {
		{ TEXT("Content-Security-Policy"), TEXT("") },
		{ TEXT("Cache-Control"), TEXT("no-store") },
		{ TEXT("Referrer-Policy"), TEXT("no-referrer") },
		{ TEXT("X-Content-Type-Options"), TEXT("nosniff") },
		{ TEXT("X-Frame-Options"), TEXT("DENY") },
		{ TEXT("Vary"), TEXT("Accept-Language") },
	};
	size_t count = PAGE_HEADERS;

	if (text->kind == PAGE_BUSY) {
		headers[count++] =
			(struct call_header){ TEXT("Retry-After"), TEXT(PROBLEM_RETRY_AFTER_S) };
	}
	engine->ports.random(engine->ports.world, nonce, sizeof(nonce));
	text_hex(nonce, sizeof(nonce), text->nonce);
	headers[0].value = text_of(page_text_policy(text, policy));
	buffer_init(&body, PAGE_TEXT_MAX);
	page_text_write(text, &body);
	assert(!body.overflowed);
	call_answer_with(call, status, "text/html; charset=utf-8", headers, count,
		buffer_text(&body));
	buffer_done(&body);
}

static void page_end(struct page *page, enum page_kind kind, int status)
{
	page->text.kind = kind;
	page_send(page->engine, page->call, &page->text, status);
	page_free(page);
}

/* The address was judged when the gateway gave it; a header wants no less. */
static void page_end_redirect(struct page *page, struct text url)
{
	const struct call_header headers[] = {
		{ TEXT("Location"), url },
		{ TEXT("Cache-Control"), TEXT("no-store") },
		{ TEXT("Referrer-Policy"), TEXT("no-referrer") },
	};

	call_answer_with(page->call, 303, "text/plain", headers, sizeof(headers) / sizeof(*headers),
		TEXT(""));
	page_free(page);
}

static bool page_is_address(struct text url)
{
	for (size_t i = 0; i < url.size; i++) {
		if (url.bytes[i] <= ' ' || url.bytes[i] >= 0x7F) {
			return false;
		}
	}
	return url.size <= ALYM_URL_MAX && text_starts(url, TEXT("https://"));
}

/* ---- a form, made anew ---- */

static void page_act(struct session *session, const struct alym_action *action, void *context)
{
	struct page *page = context;
	const struct alym_verdict *said = &action->verdict;

	assert(page->magic == PAGE_MAGIC);
	assert(session == page->session);

	dispatch_leave(page->engine, page->gateway);
	if (said->kind == ALYM_PENDING && said->form_url.size > 0) {
		page->text.form_url = said->form_url;
		page->text.fields = said->fields;
		page->text.field_count = said->field_count;
		page_end(page, PAGE_FORM, 200);
	} else if (said->kind == ALYM_PENDING && page_is_address(said->pay_url)) {
		page_end_redirect(page, said->pay_url);
	} else {
		/* What became of it is for the status to say, and for the book to keep. */
		dispatch_ask(page->engine, page->lookup->attempt_view.number, page->gateway->number,
			engine_now(page->engine));
		page_end(page, PAGE_WAITING, 200);
	}
}

static void page_make_form(struct page *page)
{
	struct lookup_order order;
	struct session_plan plan = {
		.gateway = page->gateway,
		.order = &order.order,
		.operation = ALYM_OPERATION_PAY,
		.again = true,
		.act = page_act,
		.context = page,
	};

	if (!dispatch_enter(page->engine, page->gateway)) {
		page_end(page, PAGE_WAITING, 200);
		return;
	}
	lookup_order(page->lookup, page->gateway, &order);
	order.order.payer_address = page->call->peer;
	page->session = session_new(page->engine, &plan);
	session_start(page->session);
}

/* Where the bank wants the payer: an address in `url`, or a form (true). */
static bool page_read_way(struct text stored, struct json_value **root, struct text *url)
{
	const struct json_value *member;

	*url = TEXT("");
	*root = stored.size > 0 ? json_parse(stored, NULL) : NULL;
	member = json_find(*root, "url");
	if (member != NULL && member->kind == JSON_KIND_TEXT) {
		*url = member->text;
	}
	return json_find(*root, "form_url") != NULL;
}

static void page_lead(struct page *page)
{
	struct json_value *root;
	struct text url;
	bool form = page_read_way(page->lookup->attempt_view.page, &root, &url);

	page->gateway =
		engine_gateway_by_number(page->engine, page->lookup->attempt_view.gateway_number);
	if (page_is_address(url)) {
		page_end_redirect(page, url);
	} else if (form && page->gateway != NULL) {
		page_make_form(page);
	} else {
		page_end(page, PAGE_WAITING, 200);
	}
	json_free(&root);
}

/* ---- what there is to see ---- */

/* What the payment has come to, whatever this attempt did; PAGE_KIND_COUNT: ask the attempt. */
static enum page_kind page_kind_of_payment(enum payment_state state)
{
	static const enum page_kind kinds[PAYMENT_STATE_COUNT] = {
		[PAYMENT_OPEN] = PAGE_KIND_COUNT,
		[PAYMENT_PARTLY_PAID] = PAGE_KIND_COUNT,
		[PAYMENT_PAID] = PAGE_PAID,
		[PAYMENT_EXEMPT] = PAGE_CLOSED,
		[PAYMENT_CANCELLED] = PAGE_CLOSED,
		[PAYMENT_EXPIRED] = PAGE_EXPIRED,
	};

	assert(state < PAYMENT_STATE_COUNT);

	return kinds[state];
}

static enum page_kind page_kind_of_attempt(enum attempt_state state)
{
	static const enum page_kind kinds[ATTEMPT_STATE_COUNT] = {
		[ATTEMPT_CREATED] = PAGE_WAITING,
		[ATTEMPT_SENT] = PAGE_WAITING,
		[ATTEMPT_PENDING] = PAGE_KIND_COUNT,
		[ATTEMPT_AUTHORIZED] = PAGE_WAITING,
		[ATTEMPT_UNKNOWN] = PAGE_WAITING,
		[ATTEMPT_CAPTURED] = PAGE_PARTLY_PAID,
		[ATTEMPT_DECLINED] = PAGE_DECLINED,
		[ATTEMPT_NOT_ATTEMPTED] = PAGE_DECLINED,
		[ATTEMPT_RELEASED] = PAGE_DECLINED,
		[ATTEMPT_EXPIRED] = PAGE_EXPIRED,
	};

	assert(state < ATTEMPT_STATE_COUNT);

	return kinds[state];
}

static enum language page_language(const struct call *call, struct text stored)
{
	enum language accepted =
		language_choose(call_header(call, "Accept-Language", NULL), LANGUAGE_RU);

	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		if (text_is(stored, language_name((enum language)i))) {
			return (enum language)i;
		}
	}
	return accepted;
}

static void page_show(struct page *page)
{
	const struct attempt_view *attempt = &page->lookup->attempt_view;
	enum page_kind kind = page_kind_of_payment(page->lookup->payment_view.state);

	page->text.language = page_language(page->call, attempt->language);
	page->text.return_url = attempt->return_url;
	page->text.amount = text_of(money_format(attempt->amount, page->amount));
	if (kind == PAGE_KIND_COUNT) {
		kind = page_kind_of_attempt(attempt->state);
	}
	if (kind == PAGE_KIND_COUNT && attempt->expires_at <= engine_now(page->engine)) {
		kind = PAGE_EXPIRED;
	}
	if (kind == PAGE_KIND_COUNT) {
		page_lead(page);
	} else {
		page_end(page, kind, 200);
	}
}

static void page_read(struct lookup *lookup)
{
	struct page *page = lookup->context;

	assert(page->magic == PAGE_MAGIC);

	if (lookup->result == READER_FOUND) {
		page_show(page);
	} else if (lookup->result == READER_ABSENT) {
		page_end(page, PAGE_MISSING, 404);
	} else {
		page_end(page, PAGE_BUSY, 503);
	}
}

void page_refuse(struct engine *engine, struct call *call, int status)
{
	struct page_text text = {
		.kind = PAGE_BUSY,
		.language = page_language(call, TEXT("")),
	};

	page_send(engine, call, &text, status);
}

void page_call(struct engine *engine, struct call *call)
{
	struct text prefix = TEXT("/pay/");
	struct text token;
	struct page *page;

	assert(text_starts(call->path, prefix));

	token = (struct text){ call->path.bytes + prefix.size, call->path.size - prefix.size };
	if (!text_is(call->method, "GET")) {
		call_answer_with(call, 405, "text/plain",
			(struct call_header[]){ { TEXT("Allow"), TEXT("GET") } }, 1, TEXT(""));
		return;
	}
	if (!engine->ready || engine->draining || engine->failed || engine_is_restored(engine)) {
		page_refuse(engine, call, 503);
		return;
	}
	page = mem_new(1, sizeof(*page));
	page->magic = PAGE_MAGIC;
	page->engine = engine;
	page->call = call;
	page->text.language = page_language(call, TEXT(""));
	page->lookup = lookup_new(engine);
	page->lookup->done = page_read;
	page->lookup->context = page;
	engine->under_way++;
	if (token.size == 0 ||
		!text_copy(token, page->lookup->token, sizeof(page->lookup->token))) {
		page_end(page, PAGE_MISSING, 404);
		return;
	}
	lookup_start(page->lookup);
}
