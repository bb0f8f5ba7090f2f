/* SPDX-License-Identifier: Apache-2.0 */

/*
 * book - what a ledger makes of verdicts about one order, as small as it can be.
 *
 * Each movement is booked once, by its operation's name, or by what it adds when it is cumulative.
 * Knows nothing of what the bank meant: whether a verdict is true is the kit's to say.
 */
#ifndef ALYM_PLUGINS_KIT_BOOK_H
#define ALYM_PLUGINS_KIT_BOOK_H

#include "plugins/gateway.h"

enum { KIT_BOOK_ENTRIES_MAX = 64, KIT_BOOK_RECORD_FIRST = 1001 };

struct kit_entry {
	char operation[ALYM_OPERATION_MAX + 1];
	int64_t minor;
	bool refund;
};

struct kit_book {
	struct money due; /* of the order, when nothing is paid yet */
	struct text number;
	struct text code;
	int64_t closes_at;
	struct kit_entry entries[KIT_BOOK_ENTRIES_MAX];
	size_t count;
	int64_t credited; /* of the order, minor units */
	int64_t refunded;
};

/* `order`'s texts must outlive the book. */
void kit_book_init(struct kit_book *book, const struct alym_order *order);

/* A verdict of an operation (`operation`) or of a message (PAY). */
struct alym_decision kit_book_take(struct kit_book *book, const struct alym_verdict *verdict,
	enum alym_operation operation, int64_t now);

/* ASK. */
struct alym_decision kit_book_ask(const struct kit_book *book, const struct alym_action *action,
	int64_t now);

#endif
