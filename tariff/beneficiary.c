/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/beneficiary.h"

#include <assert.h>
#include <stdlib.h>

#include "base/identifier.h"
#include "tariff/order.h"
#include "tariff/quote.h"
#include "tariff/rate.h"

enum {
	BENEFICIARY_KNO_DIGITS = 4,
	BENEFICIARY_KBE_DIGITS = 2,
	BENEFICIARY_BIC_SIZE = 8,
};

/* A number of so many digits; an optional one may be absent. */
static bool beneficiary_digits(const struct node *n, const char *name, enum node_need need,
	size_t digits, struct text *out)
{
	if (!node_word(n, name, need, out)) {
		return false;
	}
	if (out->size > 0 && (out->size != digits || !text_is_digits(*out))) {
		return node_refuse(n, "%s=\"%.64s\" must be %zu digits", name, out->bytes, digits);
	}
	return true;
}

static bool beneficiary_read_place(const struct node *n, struct text *place)
{
	if (!node_word(n, "place", NODE_OPTIONAL, place)) {
		return false;
	}
	if (place->size > QUOTE_PLACE_DIGITS || (place->size > 0 && !text_is_digits(*place))) {
		return node_refuse(n, "place=\"%.64s\" must be a KATO code or its first digits",
			place->bytes);
	}
	return true;
}

static bool beneficiary_read_account(const struct node *n, struct beneficiary *b)
{
	if (!beneficiary_digits(n, "bin", NODE_REQUIRED, IDENTIFIER_REGISTER_SIZE, &b->bin) ||
		!beneficiary_digits(n, "kno", NODE_OPTIONAL, BENEFICIARY_KNO_DIGITS, &b->kno) ||
		!beneficiary_digits(n, "kbe", NODE_OPTIONAL, BENEFICIARY_KBE_DIGITS, &b->kbe) ||
		!node_word(n, "iban", NODE_OPTIONAL, &b->iban) ||
		!node_word(n, "bic", NODE_OPTIONAL, &b->bic)) {
		return false;
	}
	if (!identifier_is_register(b->bin)) {
		return node_refuse(n, "bin=\"%s\" has a wrong check digit", b->bin.bytes);
	}
	if (b->iban.size > 0 && !identifier_is_iban(b->iban)) {
		return node_refuse(n,
			"iban=\"%.64s\" is not an IBAN of Kazakhstan, or a digit is wrong",
			b->iban.bytes);
	}
	if (b->bic.size > 0 && b->bic.size != BENEFICIARY_BIC_SIZE) {
		return node_refuse(n, "bic=\"%.64s\" must be %d letters and digits", b->bic.bytes,
			BENEFICIARY_BIC_SIZE);
	}
	return true;
}

bool beneficiary_read(const struct node *n, const struct acts *acts, struct beneficiaries *all,
	const struct row **row)
{
	struct beneficiary *b = arena_take(n->arena, 1, sizeof(*b));

	assert(all != NULL);
	assert(row != NULL);

	b->place = b->kno = b->iban = b->bic = b->kbe = TEXT("");
	if (!row_read(n, acts, &b->row) || !node_texts(n, &b->name) ||
		!beneficiary_digits(n, "kbk", NODE_REQUIRED, RATE_KBK_DIGITS, &b->kbk) ||
		!beneficiary_read_place(n, &b->place) || !beneficiary_read_account(n, b)) {
		return false;
	}
	all->rows = arena_grow(n->arena, all->rows, all->count, &all->capacity,
		sizeof(struct beneficiary *));
	all->rows[all->count++] = b;
	*row = &b->row;
	return true;
}

static int beneficiary_order(const struct beneficiary *b, struct text kbk, struct text place)
{
	int order = order_texts(b->kbk, kbk);

	return order != 0 ? order : order_texts(b->place, place);
}

static int beneficiary_compare(const void *a, const void *b)
{
	const struct beneficiary *left = *(const struct beneficiary *const *)a;
	const struct beneficiary *right = *(const struct beneficiary *const *)b;
	int order = beneficiary_order(left, right->kbk, right->place);

	if (order != 0) {
		return order;
	}
	return (left->row.from > right->row.from) - (left->row.from < right->row.from);
}

bool beneficiaries_close(struct beneficiaries *all, struct err *err)
{
	assert(all != NULL);

	if (all->count > 0) {
		qsort(all->rows, all->count, sizeof(struct beneficiary *), beneficiary_compare);
	}
	for (size_t i = 1; i < all->count; i++) {
		const struct beneficiary *before = all->rows[i - 1];
		const struct beneficiary *b = all->rows[i];

		if (beneficiary_order(before, b->kbk, b->place) == 0 &&
			row_days(&before->row).until > b->row.from) {
			return row_refuse(&b->row, err,
				"overlaps %s (%.60s:%ld): both receive %s at the place \"%s\"",
				before->row.id.bytes, before->row.origin.file,
				before->row.origin.line, b->kbk.bytes, b->place.bytes);
		}
	}
	return true;
}

/* Of exactly that area. */
static const struct beneficiary *beneficiary_of_area(const struct beneficiaries *all,
	struct text kbk, struct text area, int32_t day, struct span *valid)
{
	size_t low = 0;
	size_t high = all->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (beneficiary_order(all->rows[middle], kbk, area) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	for (; low < all->count && beneficiary_order(all->rows[low], kbk, area) == 0; low++) {
		if (span_narrow(row_days(&all->rows[low]->row), day, valid)) {
			return all->rows[low];
		}
	}
	return NULL;
}

const struct beneficiary *beneficiary_find(const struct beneficiaries *all, struct text kbk,
	struct text place, int32_t day, struct span *valid)
{
	const struct beneficiary *found = NULL;

	assert(all != NULL);
	assert(valid != NULL);
	assert(place.size <= QUOTE_PLACE_DIGITS);

	for (size_t size = place.size + 1; size > 0 && found == NULL && all->count > 0; size--) {
		struct text area = { place.bytes, size - 1 };

		found = beneficiary_of_area(all, kbk, area, day, valid);
	}
	return found;
}
