/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - an osmp gateway of any settings under the drive, and a terminal to speak to it. */
#ifndef ALYM_TESTS_GATEWAYS_OSMP_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_OSMP_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "plugins/kit/drive.h"
#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/text_asserts.h"

#define FIXTURE_CODE "301234567890"

enum { FIXTURE_NOW = 1777649445 /* 2026-05-01T15:30:45Z */, FIXTURE_PATH_SIZE = 8192 };

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
};

static inline int fixture_begin(void **state)
{
	static struct fixture f;
	struct err err = { 0 };

	f = (struct fixture){ 0 };
	if (!loader_open(TEST_GATEWAY, &f.plugin, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	*state = &f;
	return 0;
}

static inline void fixture_close(struct fixture *f)
{
	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	f->state = NULL;
}

static inline int fixture_end(void **state)
{
	struct fixture *f = *state;

	fixture_close(f);
	loader_close(&f->plugin);
	return 0;
}

/* Opens it anew; the settings must be right. */
static inline struct drive *fixture_open(void **state, const struct alym_setting *settings,
	size_t count)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	fixture_close(f);
	if (!loader_configure(&f->plugin, settings, count, &f->state, &err)) {
		fail_msg("%s", err.message);
	}
	drive_init(&f->drive, f->plugin.gateway, f->state, FIXTURE_NOW);
	f->drive.order = (struct alym_order){ .number = TEXT("000000000001"),
		.code = TEXT(FIXTURE_CODE),
		.amount = money_of(21625000, "KZT"),
		.captured = money_of(0, "KZT"),
		.expires_at = FIXTURE_NOW + 60 };
	return &f->drive;
}

static inline struct drive *fixture_dialect(void **state, const char *dialect)
{
	const struct alym_setting settings[] = { { "dialect", text_of(dialect) } };

	return fixture_open(state, settings, COUNT(settings));
}

static inline void fixture_get(struct drive *d, const char *query)
{
	char path[FIXTURE_PATH_SIZE];
	int size = snprintf(path, sizeof(path), "/callbacks/bank?%s", query);
	const struct alym_message message = { .method = TEXT("GET"),
		.path = { path, (size_t)size },
		.peer = TEXT("194.187.247.152") };

	assert_true(size > 0 && (size_t)size < sizeof(path));
	drive_callback(d, &message);
	assert_null(d->fault);
}

static inline void fixture_post(struct drive *d, const char *path, struct text body)
{
	const struct alym_header headers[] = {
		{ TEXT("Content-Type"), TEXT("application/x-www-form-urlencoded") },
	};
	const struct alym_message message = { .method = TEXT("POST"),
		.path = text_of(path),
		.headers = headers,
		.header_count = COUNT(headers),
		.body = body,
		.peer = TEXT("194.187.247.152") };

	drive_callback(d, &message);
	assert_null(d->fault);
}

/* The book's word on what was just asked. */
static inline void fixture_decide(struct drive *d, enum alym_answer_kind kind, int64_t due_minor)
{
	const struct alym_decision decision = { .kind = kind,
		.record = kind == ALYM_ANSWER_BOOKED ? 2016 : 0,
		.booked_at = FIXTURE_NOW,
		.due = money_of(due_minor, "KZT"),
		.service = TEXT("visa.exit") };

	drive_decision(d, &decision);
	assert_null(d->fault);
}

/* Answered at once or after a decision: HTTP 200 and this result, in XML or in JSON. */
static inline void assert_result(const struct drive *d, const char *result)
{
	char xml[64];
	char json[64];
	char json_last[64];
	char body[4096];

	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, 200);
	assert_true(text_copy(d->action.answer.body, body, sizeof(body)));
	(void)snprintf(xml, sizeof(xml), "<result>%s</result>", result);
	(void)snprintf(json, sizeof(json), "\"result\":%s,", result);
	(void)snprintf(json_last, sizeof(json_last), "\"result\":%s}", result);
	if (strstr(body, xml) == NULL && strstr(body, json) == NULL &&
		strstr(body, json_last) == NULL) {
		fail_msg("expected result %s in %s", result, body);
	}
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
