/* SPDX-License-Identifier: Apache-2.0 */

/*
 * progress - how far long work is, on one line of a terminal that is written over and over.
 *
 * Where there is no terminal it says nothing.
 */
#ifndef ALYM_TOOLS_PROGRESS_H
#define ALYM_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PROGRESS_LINE_SIZE = 128 };

struct progress {
	FILE *out; /* NULL: nobody looks */
	const char *what;
};

/* `what` is counted, "payments", and outlives it; `out` is looked at only if it is a terminal. */
void progress_init(struct progress *progress, const char *what, FILE *out);

/* `all` 0: not known. */
void progress_set(const struct progress *progress, int64_t done, int64_t all);

/* Takes the line away. */
void progress_done(const struct progress *progress);

/* "[##########          ]  50 %  5 of 10 payments", without an end of line. */
void progress_format(const char *what, int64_t done, int64_t all, char out[PROGRESS_LINE_SIZE]);

#endif
