/* SPDX-License-Identifier: Apache-2.0 */

/* The law behind the rows that a quote used, by their ids. */
#include <assert.h>
#include <string.h>

#include "tariff/cite.h"
#include "tariff/order.h"
#include "tariff/set.h"

/* Takes "id" or "id," off the front of a list. */
static struct text law_take_id(struct text *ids)
{
	const char *comma = memchr(ids->bytes, ',', ids->size);
	size_t size = comma != NULL ? (size_t)(comma - ids->bytes) : ids->size;
	struct text id = { ids->bytes, size };

	ids->bytes += comma != NULL ? size + 1 : size;
	ids->size -= comma != NULL ? size + 1 : size;
	return id;
}

/* NULL: the set has no row of that id. */
static const struct row *law_row(const struct tariff *tariff, struct text id)
{
	size_t low = 0;
	size_t high = tariff->row_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = order_texts(tariff->rows[middle]->id, id);

		if (order == 0) {
			return tariff->rows[middle];
		}
		if (order < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return NULL;
}

void tariff_write_rows(const struct tariff *tariff, struct text ids, struct json_writer *w,
	const char *name)
{
	assert(tariff != NULL);

	json_open_array(w, name);
	while (ids.size > 0) {
		const struct row *row = law_row(tariff, law_take_id(&ids));

		if (row != NULL) {
			cite_row(w, NULL, row, row_days(row));
		}
	}
	json_close_array(w);
}

void tariff_write_exemption(const struct tariff *tariff, struct text ids, struct text ground,
	struct json_writer *w, const char *name)
{
	const struct exemptions *all = &tariff->exemptions;

	json_open_array(w, name);
	while (ids.size > 0) {
		const struct row *row = law_row(tariff, law_take_id(&ids));

		for (size_t i = 0; row != NULL && i < all->row_count; i++) {
			if (&all->rows[i]->row == row &&
				text_equal(all->rows[i]->ground->code, ground)) {
				cite_row_briefly(w, NULL, row);
			}
		}
	}
	json_close_array(w);
}
