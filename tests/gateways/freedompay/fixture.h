/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - a configured freedompay under the drive, for each test anew. */
#ifndef ALYM_TESTS_GATEWAYS_FREEDOMPAY_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_FREEDOMPAY_FIXTURE_H

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/freedompay/bank.h"
#include "tests/text_asserts.h"

#define F(...)                           \
	(const struct bank_field[])      \
	{                                \
		__VA_ARGS__,             \
		{                        \
			NULL, NULL, NULL \
		}                        \
	}

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
};

/* With a setting more than bank_settings, or none. */
static inline int fixture_begin_with(void **state, const char *name, const char *value)
{
	static struct fixture f;
	struct alym_setting settings[8];
	size_t count = bank_setting_count;
	struct err err = { 0 };

	for (size_t i = 0; i < count; i++) {
		settings[i] = bank_settings[i];
	}
	if (name != NULL) {
		settings[count++] = (struct alym_setting){ name, text_of(value) };
	}
	f = (struct fixture){ 0 };
	if (!loader_open(TEST_GATEWAY, &f.plugin, &err) ||
		!loader_configure(&f.plugin, settings, count, &f.state, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	drive_init(&f.drive, f.plugin.gateway, f.state, BANK_NOW);
	f.drive.order = bank_order();
	*state = &f;
	return 0;
}

static inline int fixture_begin(void **state)
{
	return fixture_begin_with(state, NULL, NULL);
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

static inline void assert_asked(const struct drive *d, const char *script)
{
	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	assert_string_equal(bank_asked(d), script);
	assert_true(bank_believes_request(d, BANK_SECRET));
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
