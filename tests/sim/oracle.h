/* SPDX-License-Identifier: Apache-2.0 */

/*
 * oracle - where the money must be, from what the banks know and the law says, entry by entry.
 *
 * It goes through the entries in their order and keeps for each payment what is held and whether it
 * is settled: the rule of "money that does not fit" a second time, in its own words.  Each entry
 * must name an operation of its bank, with that sum, that money, that payment and the payer's day,
 * and place it where the rule says.
 */
#ifndef ALYM_TESTS_SIM_ORACLE_H
#define ALYM_TESTS_SIM_ORACLE_H

#include "tests/sim/world.h"

struct oracle *oracle_new(void);
void oracle_free(struct oracle **oracle);

/* After a commit: the new entries.  After a start: all of them again. */
void oracle_grow(struct world *w);
void oracle_again(struct world *w);

/* Nothing acknowledged to a bank is missing. */
void oracle_check(struct world *w);

/* All that the banks took is there, once, and nothing else. */
void oracle_end(struct world *w);

#endif
