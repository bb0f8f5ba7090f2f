/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - a configured bcc under the drive, for each test anew. */
#ifndef ALYM_TESTS_GATEWAYS_BCC_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_BCC_FIXTURE_H

#include <string.h>

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/bcc/bank.h"
#include "tests/text_asserts.h"

enum { FIXTURE_SETTINGS_MAX = 16, FIXTURE_WHY_SIZE = 256 };

struct fixture {
	struct loader_plugin plugin;
	struct alym_gateway_state *state;
	struct drive drive;
	struct alym_setting settings[FIXTURE_SETTINGS_MAX];
	size_t count;
	char why[FIXTURE_WHY_SIZE];
};

/* Of the next fixture_open(); NULL takes it out. */
static inline void fixture_set(struct fixture *f, const char *name, const char *value)
{
	size_t i = 0;

	while (i < f->count && strcmp(f->settings[i].name, name) != 0) {
		i++;
	}
	if (value == NULL) {
		assert_true(i < f->count);
		f->settings[i] = f->settings[--f->count];
		return;
	}
	assert_true(i < FIXTURE_SETTINGS_MAX);
	f->settings[i] = (struct alym_setting){ name, text_of(value) };
	f->count += i == f->count;
}

/* With the settings as they are; false with the reason in f->why. */
static inline bool fixture_open(struct fixture *f)
{
	drive_done(&f->drive);
	f->plugin.gateway->close(f->state);
	f->why[0] = '\0';
	f->state = f->plugin.gateway->open(f->settings, f->count, f->why, sizeof(f->why));
	drive_init(&f->drive, f->plugin.gateway, f->state, BANK_NOW);
	f->drive.order = bank_order();
	return f->state != NULL;
}

static inline int fixture_begin(void **state)
{
	static struct fixture f;
	struct err err = { 0 };

	f = (struct fixture){ .count = BANK_SETTINGS };
	memcpy(f.settings, bank_settings, sizeof(bank_settings));
	if (!loader_open(TEST_GATEWAY, &f.plugin, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	*state = &f;
	return fixture_open(&f) ? 0 : -1;
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

/* The NONCE and the settings of the published vectors; the operation's first step. */
static inline void fixture_vector(struct fixture *f, enum alym_operation operation,
	struct alym_scratch *scratch, struct alym_action *action)
{
	struct alym_event event = { .kind = ALYM_EVENT_START,
		.now = BANK_NOW,
		.operation = operation,
		.order = &f->drive.order };
	char session[ALYM_SESSION_MAX] = { 0 };

	assert_true(text_unhex(TEXT("F2B2DD7E603A7AAF5E1BC35DEE1F6C9A"), event.random, 16));
	*action = (struct alym_action){ .scratch = scratch };
	f->plugin.gateway->step(f->state, session, &event, action);
}

static inline void assert_verdict(const struct drive *d, enum alym_verdict_kind kind)
{
	if (d->fault != NULL) {
		print_error("%s\n", d->fault);
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_int_equal(d->action.verdict.kind, kind);
}

/* The reason names what an operator would look for. */
static inline void assert_reason(const struct drive *d, const char *part)
{
	char reason[ALYM_REASON_MAX + 1];

	assert_true(text_copy(d->action.verdict.reason, reason, sizeof(reason)));
	if (strstr(reason, part) == NULL) {
		print_error("expected %s in: %s\n", part, reason);
	}
	assert_non_null(strstr(reason, part));
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
