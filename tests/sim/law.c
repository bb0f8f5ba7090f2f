/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/law.h"

enum { LAW_ALMATY_S = 5 * 3600, LAW_DAY_S = 86400, LAW_MRP_2025 = 393200, LAW_MRP_2026 = 432500 };

/* 2025-01-01, 2026-01-01 and 2027-01-01 since 1970. */
enum { LAW_2025 = 20089, LAW_2026 = 20454, LAW_2027 = 20819 };

int32_t law_day(int64_t now)
{
	return (int32_t)((now + LAW_ALMATY_S) / LAW_DAY_S);
}

int64_t law_gross(struct text service, int32_t day)
{
	int64_t mrp = day < LAW_2026 ? LAW_MRP_2025 : LAW_MRP_2026;

	if (day < LAW_2025 || day >= LAW_2027) {
		return -1;
	}
	if (text_is(service, "visa.multiple")) {
		return 30 * mrp;
	}
	if (text_is(service, "visa.entry-exit")) {
		return 7 * mrp;
	}
	if (text_is(service, "visa.exit")) {
		return mrp / 2;
	}
	/* The electronic authorization begins with 2026, and costs nothing. */
	return text_is(service, "eta") && day >= LAW_2026 ? 0 : -1;
}
