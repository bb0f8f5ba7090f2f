/* SPDX-License-Identifier: Apache-2.0 */

/*
 * fixture - a configured rbs under the drive, for each test anew.
 *
 * The HMAC key and the certificate are those of the samples in BPC's documentation of callbacks
 * (securecardpayment.ru, section "Callback notifications"; also in the sandboxes' documentation at
 * sandbox.vtb-bank.kz and sandbox.berekebank.kz): published for trying out, nobody's secret.
 */
#ifndef ALYM_TESTS_GATEWAYS_RBS_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_RBS_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/rbs/rbs_bank.h"
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
		!loader_configure(&f.plugin, rbs_bank_settings, RBS_BANK_SETTINGS, &f.state,
			&err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	drive_init(&f.drive, f.plugin.gateway, f.state, RBS_BANK_NOW);
	f.drive.order = rbs_bank_order();
	*state = &f;
	return 0;
}

static inline int fixture_end(void **state)
{
	struct fixture *f = *state;

	drive_done(&f->drive);
	if (f->state != NULL) {
		f->plugin.gateway->close(f->state);
	}
	loader_close(&f->plugin);
	return 0;
}

/* The same with one setting changed, or added. */
static inline void fixture_set(void **state, const char *name, struct text value)
{
	struct fixture *f = *state;
	struct alym_setting settings[RBS_BANK_SETTINGS + 1];
	size_t count = RBS_BANK_SETTINGS;
	struct err err = { 0 };

	memcpy(settings, rbs_bank_settings, sizeof(*settings) * RBS_BANK_SETTINGS);
	settings[count] = (struct alym_setting){ name, value };
	for (size_t i = 0; i < RBS_BANK_SETTINGS; i++) {
		if (strcmp(settings[i].name, name) == 0) {
			settings[i].value = value;
			count--;
		}
	}
	f->plugin.gateway->close(f->state);
	f->state = NULL;
	if (!loader_configure(&f->plugin, settings, count + 1, &f->state, &err)) {
		print_error("%s\n", err.message);
	}
	assert_non_null(f->state);
	f->drive.state = f->state;
}

static inline struct drive *fixture_drive(void **state)
{
	return &((struct fixture *)*state)->drive;
}

/* The last step is that request, body and all. */
static inline void assert_sends(const struct drive *d, const char *method, const char *body)
{
	char url[256];

	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	if (d->action.kind == ALYM_ACTION_VERDICT) {
		print_error("verdict: %.*s\n", TEXT_ARGS(d->action.verdict.reason));
	}
	assert_int_equal(d->action.kind, ALYM_ACTION_SEND);
	(void)snprintf(url, sizeof(url), "https://bank.test:8443/payment/rest/%s", method);
	assert_text(d->action.request.url, url);
	assert_text(d->action.request.method, "POST");
	assert_text(drive_header(d, "Content-Type"), "application/x-www-form-urlencoded");
	assert_text(d->action.request.body, body);
}

static inline void assert_verdict(const struct drive *d, enum alym_verdict_kind kind,
	const char *reason)
{
	if (d->fault != NULL) {
		print_error("fault: %s\n", d->fault);
	}
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_VERDICT);
	assert_text(d->action.verdict.reason, reason);
	assert_int_equal(d->action.verdict.kind, kind);
}

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
