/* SPDX-License-Identifier: Apache-2.0 */

/* fixture - a configured epay1 under the drive, for each test anew. */
#ifndef ALYM_TESTS_GATEWAYS_EPAY1_FIXTURE_H
#define ALYM_TESTS_GATEWAYS_EPAY1_FIXTURE_H

#include "plugins/loader.h"
#include "tests/alym_test.h"
#include "tests/gateways/epay1/bank.h"
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
		!loader_configure(&f.plugin, bank_settings, bank_setting_count, &f.state, &err)) {
		print_error("%s\n", err.message);
		return -1;
	}
	drive_init(&f.drive, f.plugin.gateway, f.state, BANK_NOW);
	f.drive.order = bank_order();
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

#define FIXTURE_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_begin, fixture_end)

#endif
