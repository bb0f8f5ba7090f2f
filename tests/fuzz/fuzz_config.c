/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alym.conf: whatever the bytes are, they are refused with a file and a line, or give a
 * configuration that is the same when it is read again: it may replace itself.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = { (const char *)data, size };
	struct config *once = NULL;
	struct config *again = NULL;
	struct err err = { 0 };
	bool ok;

	if (!config_parse("alym.conf", bytes, &once, &err)) {
		assert(once == NULL);
		assert(err.kind == ERR_INPUT);
		assert(strncmp(err.message, "alym.conf:", strlen("alym.conf:")) == 0);
		return 0;
	}
	assert(once->daemon.socket[0] == '/');
	assert(once->gateway_count == 0 || once->https.line > 0);
	ok = config_parse("alym.conf", bytes, &again, &err);
	assert(ok);
	ok = config_may_replace(once, again, &err);
	assert(ok);
	config_free(&once);
	config_free(&again);
	return 0;
}
