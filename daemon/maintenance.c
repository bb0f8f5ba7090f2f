/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/maintenance.h"

#include <string.h>

#include "daemon/restore.h"
#include "daemon/verification.h"

static const struct maintenance_verb maintenance_verbs[] = {
	{ "--restore", "FILE",
		"verify the backup FILE and put it in the book's place; with --checkpoint\n"
		"                   NOTE it must agree with that one, with --replace the book that\n"
		"                   is there is kept beside it",
		false, restore_run },
	{ "--verify-book", "FILE",
		"derive the book in FILE again from its journal and compare; with\n"
		"                   --checkpoint NOTE it must go on from that one; with --quick only\n"
		"                   leaves' hashes, tree, checkpoints and sums are looked at; with\n"
		"                   --verifier KEY (up to eight) checkpoints must be signed by those\n"
		"                   instead of the keys in the state_dir",
		true, verification_run },
	{ "--rebuild-book", "FILE",
		"the same, and where there are faults write it anew from its\n"
		"                   journal; the file that was there is kept beside",
		false, verification_rebuild_run },
};

enum { MAINTENANCE_VERBS = sizeof(maintenance_verbs) / sizeof(*maintenance_verbs) };

const struct maintenance_verb *maintenance_find(const char *option)
{
	for (size_t i = 0; i < MAINTENANCE_VERBS; i++) {
		if (strcmp(maintenance_verbs[i].option, option) == 0) {
			return &maintenance_verbs[i];
		}
	}
	return NULL;
}

void maintenance_tell_usage(FILE *out)
{
	char term[32];

	for (size_t i = 0; i < MAINTENANCE_VERBS; i++) {
		const struct maintenance_verb *verb = &maintenance_verbs[i];

		(void)snprintf(term, sizeof(term), "%s%s%s", verb->option,
			verb->value != NULL ? " " : "", verb->value != NULL ? verb->value : "");
		(void)fprintf(out, "  %-16s %s\n", term, verb->help);
	}
}
