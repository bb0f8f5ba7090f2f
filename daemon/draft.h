/* SPDX-License-Identifier: Apache-2.0 */

/*
 * draft - a tariff set that somebody sent to be looked at, with cases to hold against it.
 *
 * It is loaded as one to be used would be, on whatever thread, and never taken into use.
 */
#ifndef ALYM_DAEMON_DRAFT_H
#define ALYM_DAEMON_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "tariff/cases.h"
#include "tariff/tariff.h"

enum {
	DRAFT_NAME_MAX = 127, /* bytes of a file's name */
	DRAFT_CASES_MAX = 64, /* files of cases */
};

struct draft {
	struct tariff_file files[TARIFF_FILES_MAX]; /* their bytes are the body's */
	size_t file_count;
	struct tariff_file case_files[DRAFT_CASES_MAX];
	size_t case_file_count;
	/* loaded */
	struct tariff *tariff;
	struct cases *cases; /* NULL: none were sent */
};

/* Takes "files" and, under the name given, files of cases: [{"name","text"}]. */
void draft_read(struct json_reader *r, const char *cases, struct draft *draft);

/* Loads what was read.  err says "mrp.xml:12: ..." and what to do about it. */
bool draft_load(struct draft *draft, struct err *err) MUST_USE;
void draft_done(struct draft *draft);

/* {"file","line","ok":false,"reason"} of what draft_load() said; file and line are null where no
 * line is to blame. */
void draft_write_refusal(const struct err *err, struct json_writer *w);

#endif
