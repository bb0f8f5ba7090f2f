/* SPDX-License-Identifier: Apache-2.0 */

/*
 * view - how payments, attempts and entries look in the API.
 *
 * Pure: what the book's reader gave, as canonical JSON.  The same view gives the same bytes, so an
 * answer that is derived again is the answer that was given.
 */
#ifndef ALYM_DAEMON_VIEW_H
#define ALYM_DAEMON_VIEW_H

#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "ledger/reader.h"

enum { VIEW_URL_MAX = 512 };

/* {"amount":..,"currency":..}; a sum beyond what every JSON reader takes is a decimal string. */
void view_money(struct json_writer *w, const char *name, struct money money);

/* "sha256:" and the digest in hex. */
void view_sha256(struct json_writer *w, const char *name, const uint8_t digest[JOB_DIGEST_SIZE]);

/* "exchange": the fee as it was before it was converted; nothing where it was not. */
void view_exchange(struct json_writer *w, const struct job_conversion *conversion);

/* `pay_url`: empty for none.  `quote`: its bytes in parts; without them the member is left out. */
void view_payment(struct json_writer *w, const char *name, const struct payment_view *payment,
	struct text pay_url, const struct text *quote, size_t quote_parts);

/* The address of the payer's page, into `out`; empty when there is none to go to. */
struct text view_pay_url(const char *public_url, struct reader *reader,
	const struct payment_view *payment, char out[VIEW_URL_MAX]);

void view_entry(struct json_writer *w, const char *name, const struct entry_row *entry);

#endif
