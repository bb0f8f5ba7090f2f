/* SPDX-License-Identifier: Apache-2.0 */

/*
 * maintenance - what alymd does with the book of a state_dir on which no daemon runs, and then
 * ends.
 *
 * Each verb is an option of the command line and a row of one table.
 */
#ifndef ALYM_DAEMON_MAINTENANCE_H
#define ALYM_DAEMON_MAINTENANCE_H

#include <stdio.h>

#include "daemon/alymd.h"

enum { MAINTENANCE_VERIFIERS_MAX = 8 };

/* What the command line says besides. */
struct maintenance_words {
	const char *value;                                /* the verb's */
	const char *checkpoint;                           /* --checkpoint; or NULL */
	const char *verifiers[MAINTENANCE_VERIFIERS_MAX]; /* --verifier */
	size_t verifier_count;
	bool replace; /* --replace */
	bool quick;   /* --quick; of a verb that has it */
};

struct maintenance_verb {
	const char *option; /* "--restore" */
	const char *value;  /* what stands behind it, in capitals; NULL: nothing */
	const char *help;   /* lines, for the usage */
	bool has_quick;     /* it takes --quick and --verifier */
	enum alymd_status (
		*run)(const struct config *config, const struct maintenance_words *words);
};

/* NULL: there is none of that name. */
const struct maintenance_verb *maintenance_find(const char *option);

void maintenance_tell_usage(FILE *out);

#endif
