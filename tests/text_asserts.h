/* SPDX-License-Identifier: Apache-2.0 */

/* text_asserts - what a struct text must be; a failure shows both. */
#ifndef ALYM_TESTS_TEXT_ASSERTS_H
#define ALYM_TESTS_TEXT_ASSERTS_H

#include "base/text.h"
#include "tests/alym_test.h"

static inline void assert_text(struct text t, const char *expected)
{
	struct text e = text_of(expected);

	if (!text_equal(t, e)) {
		print_error("expected %s\n     got %.*s\n", expected, TEXT_ARGS(t));
	}
	assert_true(text_equal(t, e));
}

static inline void assert_holds(struct text t, const char *part)
{
	struct text p = text_of(part);
	size_t at = 0;

	while (at + p.size <= t.size && !text_equal((struct text){ t.bytes + at, p.size }, p)) {
		at++;
	}
	if (at + p.size > t.size) {
		fail_msg("%s is not in %.*s", part, TEXT_ARGS(t));
	}
}

#endif
