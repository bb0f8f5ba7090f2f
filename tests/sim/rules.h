/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rules - what the book's tables may never say, each as a query that must give no row.
 *
 * Written against the schema, not with our own code; the first column of a row is the finding.
 */
#ifndef ALYM_TESTS_SIM_RULES_H
#define ALYM_TESTS_SIM_RULES_H

#include <stddef.h>

struct rule {
	const char *what; /* "the book has ..." */
	const char *sql;
};

extern const struct rule rules_always[];
extern const size_t rules_always_count;

extern const struct rule rules_end[];
extern const size_t rules_end_count;

#endif
