/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/bcc/code.h"

#include "plugins/scratch.h"

static const struct code codes[] = {
	{ "00", CODE_APPROVED, "approved" },
	{ "05", CODE_JUDGED, "the card's bank declines" },
	{ "51", CODE_JUDGED, "not enough money" },
	{ "57", CODE_JUDGED, "below the smallest sum" },
	{ "59", CODE_JUDGED, "suspected of fraud" },
	{ "62", CODE_JUDGED, "the card is restricted" },
	{ "65", CODE_PASSING, "the limit of operations is exceeded" },
	{ "95", CODE_PASSING, "the totals do not agree" },
	{ "96", CODE_PASSING, "a fault of the system" },
	{ "-2", CODE_REFUSED, "the bank does not take ORDER or TIMESTAMP" },
	{ "-17", CODE_REFUSED, "the bank does not take P_SIGN or a field" },
	{ "-19", CODE_JUDGED, "3-D Secure failed" },
	{ "-20", CODE_CLOCK, "TIMESTAMP outside the bank's guard time: compare the clocks" },
	{ "-21", CODE_REPEATED, "it was done before" },
};

static const struct code code_other = { "", CODE_UNKNOWN, "an RC that is not known" };

const struct code *code_find(struct text rc)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (text_is(rc, codes[i].rc)) {
			return &codes[i];
		}
	}
	return &code_other;
}

struct text code_reason(struct alym_scratch *scratch, struct text action, struct text rc)
{
	return scratch_printf(scratch, "ACTION %.*s, RC %.*s: %s", TEXT_ARGS(action), TEXT_ARGS(rc),
		code_find(rc)->means);
}
