/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/breaker.h"

#include <assert.h>
#include <stddef.h>

enum breaker_state breaker_state(const struct breaker *breaker, int64_t now_ms)
{
	assert(breaker != NULL);

	if (breaker->failures < BREAKER_FAILURES_MAX) {
		return BREAKER_CLOSED;
	}
	return now_ms < breaker->until_ms ? BREAKER_OPEN : BREAKER_HALF_OPEN;
}

void breaker_send(struct breaker *breaker, int64_t now_ms)
{
	if (breaker_state(breaker, now_ms) == BREAKER_HALF_OPEN) {
		breaker->until_ms = now_ms + breaker->rest_ms;
	}
}

bool breaker_fail(struct breaker *breaker, int64_t now_ms)
{
	assert(breaker != NULL);

	if (breaker->failures < BREAKER_FAILURES_MAX) {
		breaker->failures++;
		if (breaker->failures < BREAKER_FAILURES_MAX) {
			return false;
		}
		breaker->rest_ms = BREAKER_REST_MS;
		breaker->until_ms = now_ms + breaker->rest_ms;
		return true;
	}
	if (breaker->rest_ms < BREAKER_REST_MS_MAX) {
		breaker->rest_ms *= 2;
	}
	breaker->until_ms = now_ms + breaker->rest_ms;
	return false;
}

bool breaker_succeed(struct breaker *breaker)
{
	bool closes = breaker->failures >= BREAKER_FAILURES_MAX;

	*breaker = (struct breaker){ .failures = 0 };
	return closes;
}
