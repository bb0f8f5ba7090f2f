/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/sandbox/words.h"

int main(void)
{
	const struct kit_bank bank = sandbox_words(TEST_GATEWAY);

	return kit_run(&bank);
}
