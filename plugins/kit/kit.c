/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/kit/kit.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "plugins/kit/check.h"

static const struct {
	const char *name;
	check_make *make;
} kit_checks[KIT_CHECK_COUNT] = {
	[KIT_OPERATIONS] = { "operations", check_operations },
	[KIT_MEMORY] = { "memory", check_memory },
	[KIT_APPROVE] = { "approve", check_approve },
	[KIT_DECLINE] = { "decline", check_decline },
	[KIT_WAITING] = { "waiting", check_waiting },
	[KIT_HOLD] = { "hold", check_hold },
	[KIT_REFUND] = { "refund", check_refund },
	[KIT_FAILURE] = { "failure", check_failure },
	[KIT_LOST] = { "lost", check_lost },
	[KIT_STATUS] = { "status", check_status },
	[KIT_DUPLICATE] = { "duplicate", check_duplicate },
	[KIT_REORDERED] = { "reordered", check_reordered },
	[KIT_LATE] = { "late", check_late },
	[KIT_DECISION] = { "decision", check_decision },
	[KIT_UNPROVEN] = { "unproven", check_unproven },
	[KIT_FORGED] = { "forged", check_forged },
	[KIT_KEY] = { "key", check_key },
	[KIT_REPLAYED] = { "replayed", check_replayed },
	[KIT_MERCHANT] = { "merchant", check_merchant },
	[KIT_AMOUNT] = { "amount", check_amount },
	[KIT_CURRENCY] = { "currency", check_currency },
	[KIT_ORDER] = { "order", check_order },
	[KIT_CUT] = { "cut", check_cut },
	[KIT_SIZE] = { "size", check_size },
	[KIT_ENCODING] = { "encoding", check_encoding },
	[KIT_MEMBER] = { "member", check_member },
};

const char *kit_check_name(enum kit_check check)
{
	assert(check < KIT_CHECK_COUNT);

	return kit_checks[check].name;
}

bool kit_judge(const struct kit_bank *bank, enum kit_check check, char *why, size_t why_size)
{
	struct lead *l = mem_new(1, sizeof(*l));
	bool passed;

	assert(check < KIT_CHECK_COUNT);
	assert(why != NULL);

	if (lead_open(l, bank)) {
		kit_checks[check].make(l);
	}
	(void)snprintf(why, why_size, "%s", l->fault);
	passed = !lead_failed(l);
	lead_close(l);
	free(l);
	return passed;
}

static const char *kit_waived(const struct kit_bank *bank, enum kit_check check)
{
	for (size_t i = 0; i < bank->waiver_count; i++) {
		if (bank->waivers[i].check == check) {
			return bank->waivers[i].reason;
		}
	}
	return NULL;
}

int kit_run(const struct kit_bank *bank)
{
	int failed = 0;

	assert(bank != NULL);

	for (int i = 0; i < KIT_CHECK_COUNT; i++) {
		enum kit_check check = (enum kit_check)i;
		const char *waived = kit_waived(bank, check);
		char why[LEAD_FAULT_SIZE];

		if (waived != NULL) {
			(void)printf("waived  %-10s %s\n", kit_check_name(check), waived);
		} else if (kit_judge(bank, check, why, sizeof(why))) {
			(void)printf("passed  %s\n", kit_check_name(check));
		} else {
			(void)printf("FAILED  %-10s %s\n", kit_check_name(check), why);
			failed++;
		}
	}
	return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
