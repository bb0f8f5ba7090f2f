/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify - the whole book derived again from its journal and compared, column by column.
 *
 * From the records' leaves alone (ledger/derive.h), with what they commit to: every row of every
 * other table, the hashes of leaves, the tree's tiles, each checkpoint's root and signature, sums,
 * indexes, and the schema itself.  A fault names table, row, column, what was found and what was
 * expected; all are counted, the first VERIFY_FAULTS_MAX are told.
 *
 * It only reads, and of a file that nobody writes: sums and counts are those of its end.
 */
#ifndef ALYM_LEDGER_VERIFY_H
#define ALYM_LEDGER_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/zone.h"
#include "ledger/keyring.h"
#include "ledger/tree.h"

enum { VERIFY_FAULTS_MAX = 1000, VERIFY_FAULT_SIZE = 512 };

struct verify;

struct verify_options {
	const struct zone *almaty;
	/* One of them signed each checkpoint.  NULL: signatures are not looked at. */
	const struct keyring *keys;
	/* Keys that the book names itself: what only they signed is not checked, and no fault where
	 * one of `keys` signed more of the book.  NULL: none. */
	const struct keyring *named;
	/* Asked again and again while a file is verified, on the threads that do: false ends it as
	 * one that can not be read.  NULL: to the end. */
	bool (*wanted)(void *context);
	void *wanted_context;
	/* The auditor's own checkpoint: its root, at its size; size 0: none. */
	uint64_t size;
	struct tree_hash root;
};

/* `found` is told each fault that is told, as one line; `context` is the step's, too. */
struct verify *verify_new(const struct verify_options *options,
	void (*found)(void *context, const char *fault), void *context);
void verify_free(struct verify **verify);

/* All of a file that nobody writes; `step` is told now and then how far it is, or is NULL. */
bool verify_file(struct verify *verify, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err) MUST_USE;

/*
 * The same of less, on two threads: leaves' hashes, tiles, each checkpoint and its signature, the
 * schema; that entries balance and sum up to balances and day sums.  Whether rows say what their
 * leaves say is not looked at.
 */
bool verify_quick(struct verify *verify, const char *path,
	void (*step)(void *context, int64_t done, int64_t all), struct err *err) MUST_USE;

/* Whose signatures were found under checkpoints. */
struct verify_signed {
	int64_t checked;   /* checkpoints: by one of `keys` */
	uint64_t size;     /* records under the largest of them */
	int64_t unchecked; /* by one of `named` alone */
	int64_t first;     /* record of the first of those */
	int64_t last;
};
const struct verify_signed *verify_signatures(const struct verify *verify);

int64_t verify_faults(const struct verify *verify);  /* all, told or not */
int64_t verify_records(const struct verify *verify); /* taken so far */
int64_t verify_rows(const struct verify *verify);    /* compared so far */

#endif
