/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - the gateway under the drive, for each test anew. */
#ifndef ALYM_TESTS_GATEWAYS_HALYK_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_HALYK_FIXTURE_H

#include <string.h>

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/halyk/shop.h"
#include "tests/text_asserts.h"

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
	if (!loader_open(TEST_GATEWAY, &f.plugin, &err) ||
		!loader_configure(&f.plugin, shop_settings, COUNT(shop_settings), &f.state, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	drive_init(&f.drive, f.plugin.gateway, f.state, SHOP_NOW);
	f.drive.order = shop_order();
	*state = &f;
	return 0;
}

static inline int fixture_end(void **state)
{
	struct fixture *f = *state;

	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	loader_close(&f->plugin);
	return 0;
}

static inline struct drive *fixture_drive(void **state)
{
	return &((struct fixture *)*state)->drive;
}

static inline void bank_says_bytes(struct drive *d, int status, struct text body)
{
	const struct alym_message message = { .status = status, .body = body };

	drive_response(d, &message);
}

static inline void bank_says(struct drive *d, int status, const char *body)
{
	bank_says_bytes(d, status, text_of(body));
}

/* Begins an operation and gives it its first token. */
static inline void begin(struct drive *d, enum alym_operation operation)
{
	drive_start(d, operation);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	bank_says(d, 200, TOKEN);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
}

static inline void assert_verdict(const struct drive *d, enum alym_verdict_kind kind)
{
	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	if (d->action.verdict.kind != kind) {
		print_error("reason: %.*s\n", TEXT_ARGS(d->action.verdict.reason));
	}
	assert_int_equal(d->action.verdict.kind, kind);
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
