/* SPDX-License-Identifier: Apache-2.0 */

/* audit - what must be true of the book at any moment, and what must be true at the end. */
#ifndef ALYM_TESTS_SIM_AUDIT_H
#define ALYM_TESTS_SIM_AUDIT_H

#include "tests/sim/world.h"

/* Balanced, gap-free, balances and day sums re-derived, events gap-free, nothing acknowledged lost,
 * nothing booked twice. */
void audit_always(struct world *w);

/* And: everything is final, and the bank's money is the book's. */
void audit_end(struct world *w);

#endif
