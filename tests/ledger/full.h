/* SPDX-License-Identifier: Apache-2.0 */

/*
 * full - a book with rows of every kind in every table, and a copy of it on disk: for tests only.
 */
#ifndef ALYM_TESTS_LEDGER_FULL_H
#define ALYM_TESTS_LEDGER_FULL_H

#include "base/zone.h"
#include "tests/ledger/scene.h"

/* Fills the scene's book. */
void full_build(struct scene *s);

/* So many payments more, each exempt: a record and an entry. */
void full_crowd(struct scene *s, char letter, int count);

/* Copies a file. */
void full_copy(const char *from, const char *to);

/* The keys that the book signs by: all their bytes. */
enum { FULL_SEED_BYTE = 7, FULL_LATER_BYTE = 9 };

#endif
