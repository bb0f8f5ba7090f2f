/* SPDX-License-Identifier: Apache-2.0 */

/*
 * What Freedom Pay may say to its gateway.  Forms and documents are signed here, so that they get
 * past the signature; they are also tried as they come.  Checks that the gateway always keeps to
 * the ABI, that no callback books anything, that a refund is done for its own sum only, and that
 * nothing is taken that was not signed.
 *
 * Input: which session, a digit (the handle, `again`, the book's decision), a newline, and the
 * bytes: "13\n<pg_status>ok</pg_status>...", the fields of an answer, or of a form.  Of answers
 * each line is one, the last is given to whatever is asked more, and an empty one is none.
 */
#include <assert.h>
#include <string.h>

#include "gateways/freedompay/pgsig.h"
#include "tests/gateways/freedompay/bank.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct alym_gateway alym_gateway;

enum { FUZZ_HEAD = 3, FUZZ_WHY_SIZE = 256, FUZZ_BODY_MAX = 1 << 18 };

static struct pgsig fuzz_pgsig;

static struct alym_gateway_state *fuzz_open(void)
{
	char why[FUZZ_WHY_SIZE] = "";

	return alym_gateway.open(bank_settings, bank_setting_count, why, sizeof(why));
}

/* The fields in `<response>`, with pg_sig if they can be read; to be freed. */
static struct buffer fuzz_document(const char *script, struct text fields)
{
	struct pgsig_fields parts;
	struct xmltree *tree;
	struct buffer b;
	char sig[PGSIG_TEXT_SIZE];

	buffer_init(&b, FUZZ_BODY_MAX);
	buffer_add_string(&b, "<response>");
	buffer_add(&b, fields);
	buffer_add_string(&b, "</response>");
	tree = xmltree_new(buffer_text(&b));
	if (tree != NULL && pgsig_of_tree(xmltree_root(tree), &parts)) {
		pgsig_make(&fuzz_pgsig, 0, text_of(script), &parts, sig);
		pgsig_free(&parts);
		b.size -= sizeof("</response>") - 1;
		buffer_printf(&b, "<pg_sig>%s</pg_sig></response>", sig);
	}
	xmltree_free(&tree);
	return b;
}

/* The same with a form. */
static struct buffer fuzz_form(const char *script, struct text fields)
{
	struct pgsig_fields parts;
	struct form form;
	struct buffer b;
	char sig[PGSIG_TEXT_SIZE];

	buffer_init(&b, FUZZ_BODY_MAX);
	buffer_add(&b, fields);
	if (form_parse(fields, &form)) {
		if (pgsig_of_form(&form, &parts)) {
			pgsig_make(&fuzz_pgsig, 0, text_of(script), &parts, sig);
			pgsig_free(&parts);
			form_add(&b, "pg_sig", text_of(sig));
		}
		form_free(&form);
	}
	return b;
}

/* Takes the first line off, if another follows. */
static struct text fuzz_line(struct text *bytes)
{
	const char *end = bytes->size > 0 ? memchr(bytes->bytes, '\n', bytes->size) : NULL;
	struct text line = *bytes;

	if (end != NULL) {
		line.size = (size_t)(end - bytes->bytes);
		bytes->bytes += line.size + 1;
		bytes->size -= line.size + 1;
	}
	return line;
}

/* Answers what was just sent, or does not; `rest` says how a silence is meant. */
static void fuzz_answer(struct drive *d, struct text fields, size_t rest)
{
	struct alym_message answer = { .status = 200 };
	struct buffer body;

	assert(d->fault == NULL);
	assert(d->action.kind == ALYM_ACTION_SEND);
	if (fields.size == 0) {
		drive_failure(d, rest % 2 == 0 ? ALYM_FAILURE_NOT_SENT : ALYM_FAILURE_PERHAPS_SENT);
		return;
	}
	body = fuzz_document(bank_asked(d), fields);
	answer.body = buffer_text(&body);
	drive_response(d, &answer);
	buffer_done(&body);
}

/* An operation whose requests get these answers, signed. */
static void fuzz_operation(struct drive *d, enum alym_operation operation, struct text lines)
{
	drive_start(d, operation);
	while (!d->over) {
		struct text fields = fuzz_line(&lines);

		fuzz_answer(d, fields, lines.size);
	}
	assert(d->fault == NULL);
	assert(d->action.kind == ALYM_ACTION_VERDICT);
	if (operation == ALYM_OPERATION_REFUND && d->action.verdict.kind == ALYM_DONE) {
		assert(d->action.verdict.amount.minor == d->order.refund.minor);
	}
}

/* A message, signed, and the book's decision about it. */
static void fuzz_message(struct drive *d, int number, struct text fields)
{
	const struct alym_decision decision = {
		.kind = (enum alym_answer_kind)(number % (ALYM_ANSWER_BUSY + 1)),
		.due = money_of(1000, "KZT"),
	};
	struct buffer body = fuzz_form(BANK_SCRIPT, fields);
	const struct alym_message m = { .method = TEXT("POST"),
		.path = TEXT(BANK_PATH),
		.body = buffer_text(&body) };

	drive_callback(d, &m);
	assert(d->fault == NULL);
	if (!d->over) {
		assert(d->action.kind == ALYM_ACTION_ASK || d->action.kind == ALYM_ACTION_CHECK);
		drive_decision(d, &decision);
		assert(d->fault == NULL);
	}
	assert(d->action.kind == ALYM_ACTION_ANSWER);
	assert(d->action.answer.body.size == 0 || bank_believes_answer(d, BANK_SECRET) != NULL);
	buffer_done(&body);
}

/* Nobody here knows the secret. */
static void fuzz_forgery(struct drive *d, struct text bytes)
{
	const struct alym_message m = { .status = 200,
		.method = TEXT("POST"),
		.path = TEXT(BANK_PATH),
		.body = bytes };
	struct buffer document;
	struct alym_message answer = { .status = 200 };

	drive_callback(d, &m);
	assert(d->fault == NULL);
	assert(d->action.kind == ALYM_ACTION_ANSWER);
	assert(d->action.answer.status >= 400);
	assert(d->action.answer.body.size == 0);
	drive_start(d, ALYM_OPERATION_STATUS);
	drive_response(d, &m);
	assert(d->fault == NULL);
	assert(d->action.verdict.kind == ALYM_UNKNOWN);
	document = fuzz_document("another.php", bytes);
	answer.body = buffer_text(&document);
	drive_start(d, ALYM_OPERATION_STATUS);
	drive_response(d, &answer);
	assert(d->fault == NULL);
	assert(d->action.verdict.kind == ALYM_UNKNOWN);
	buffer_done(&document);
}

/* The bytes as a setting; whatever is accepted must make requests that can be sent. */
static void fuzz_setting(size_t which, struct text value)
{
	struct alym_setting settings[] = { bank_settings[0], bank_settings[1], bank_settings[2],
		{ "language_kk", TEXT("kk") } };
	struct alym_gateway_state *state;
	char why[FUZZ_WHY_SIZE] = "";
	struct drive d;

	settings[which % (sizeof(settings) / sizeof(*settings))].value = value;
	state = alym_gateway.open(settings, sizeof(settings) / sizeof(*settings), why, sizeof(why));
	if (state == NULL) {
		assert(why[0] != '\0');
		return;
	}
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	d.order.language = TEXT("kk");
	drive_start(&d, ALYM_OPERATION_PAY);
	assert(d.fault == NULL);
	drive_done(&d);
	alym_gateway.close(state);
}

/* The bytes as what an order carries: its words, its handle. */
static void fuzz_order(struct drive *d, int number, struct text bytes)
{
	if (text_is_utf8(bytes) && bytes.size <= ALYM_HANDLE_MAX && number % 2 == 0) {
		d->order.handle = bytes;
	}
	d->order.description = text_is_utf8(bytes) ? bytes : TEXT("");
	drive_start(d, number % 2 == 0 ? ALYM_OPERATION_STATUS : ALYM_OPERATION_PAY);
	assert(d->fault == NULL);
	if (d->action.kind == ALYM_ACTION_SEND) {
		const char *said = bank_asked_field(d, "pg_description");

		assert(bank_believes_request(d, BANK_SECRET));
		assert(said == NULL || strchr(said, ';') == NULL);
	}
}

static void fuzz_choose(struct drive *d, int session, int number, struct text bytes)
{
	static const enum alym_operation operations[] = { ALYM_OPERATION_PAY, ALYM_OPERATION_STATUS,
		ALYM_OPERATION_CAPTURE, ALYM_OPERATION_RELEASE, ALYM_OPERATION_REFUND };
	const int count = (int)(sizeof(operations) / sizeof(*operations));

	if (session < count) {
		d->again = number % 2 == 1;
		d->order.handle = number % 4 >= 2 ? TEXT(BANK_ID) : TEXT("");
		fuzz_operation(d, operations[session], bytes);
	} else if (session == count) {
		fuzz_message(d, number, bytes);
	} else if (session == count + 1) {
		fuzz_forgery(d, bytes);
	} else if (session == count + 2) {
		fuzz_order(d, number, bytes);
	} else {
		fuzz_setting((size_t)number, bytes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct alym_gateway_state *state; /* as the gateway's own: read-only once open */
	struct drive d;

	if (size < FUZZ_HEAD) {
		return 0;
	}
	if (state == NULL) {
		bool ready = pgsig_init(&fuzz_pgsig, TEXT(BANK_SECRET), TEXT(""));

		state = fuzz_open();
		assert(ready && state != NULL);
	}
	drive_init(&d, &alym_gateway, state, BANK_NOW);
	d.order = bank_order();
	fuzz_choose(&d, data[0] % 16 % 9, data[1] % 16,
		(struct text){ (const char *)data + FUZZ_HEAD, size - FUZZ_HEAD });
	drive_done(&d);
	return 0;
}
