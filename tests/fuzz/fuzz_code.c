/* SPDX-License-Identifier: Apache-2.0 */

/* What people type for a code, and what an address says for a token: taken only if we issued it. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The digits of what was typed are those of the code. */
static void assert_typed(struct text typed, const char *code)
{
	for (size_t i = 0; i < typed.size; i++) {
		if (typed.bytes[i] != ' ' && typed.bytes[i] != '-') {
			assert(typed.bytes[i] == *code);
			code++;
		}
	}
	assert(*code == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t bytes[CODE_KEY_SIZE] = "fuzz fuzz fuzz.";
	struct text typed = { .bytes = (const char *)data, .size = size };
	struct code_key *key = code_key_new(bytes);
	char code[CODE_SIZE];
	char token[CODE_TOKEN_SIZE];
	int32_t generation;
	int64_t number;

	if (code_parse(key, typed, &generation, &number)) {
		assert_typed(typed, code_format(key, generation, number, code));
	}
	if (code_token_parse(key, typed, &generation, &number)) {
		(void)code_token(key, generation, number, token);
		assert(size == CODE_TOKEN_SIZE - 1);
	}
	code_key_free(&key);
	return 0;
}
