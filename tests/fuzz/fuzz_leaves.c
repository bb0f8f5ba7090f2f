/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A journal from somebody else's file, a record a line: "KIND SECONDS LEAF".  Every row that
 * follows from it is looked at to its last byte; what can not be is a fault, never an end.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/derive.h"
#include "tests/almaty.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORDS_MAX = 200, RECORD_KINDS = 32 /* the schema's CHECK */ };

static volatile unsigned int seen;

static void see(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		seen += (unsigned char)t.bytes[i];
	}
}

static void see_row(void *context, enum shape_table table, const struct shape_cell *cells)
{
	const struct shape *shape = shape_of(table);

	(void)context;
	for (size_t i = 0; i < shape->count; i++) {
		seen += (unsigned int)cells[i].number;
		see(cells[i].text);
	}
}

static struct text see_commitment(void *context, enum shape_table table, int64_t record,
	const uint8_t commitment[DIGEST_SIZE])
{
	(void)context;
	(void)table;
	(void)record;
	see((struct text){ (const char *)commitment, DIGEST_SIZE });
	return TEXT("");
}

static void see_checkpoint(void *context, int64_t record, uint64_t size,
	const struct tree_hash *root, struct text note)
{
	(void)context;
	(void)record;
	(void)root;
	seen += (unsigned int)size;
	see(note);
}

static void see_fault(void *context, int64_t record, const char *why)
{
	(void)context;
	assert(record >= 0);
	assert(why[0] != '\0');
}

static bool has_no_card(void *context, int64_t payment, int64_t record, struct derive_card *card)
{
	(void)context;
	(void)payment;
	(void)record;
	(void)card;
	return false;
}

static void take_line(struct derive *derive, int64_t number, struct text line)
{
	char head[48] = "";
	char *at = head;
	const char *leaf;
	long kind;
	long long booked_at;

	memcpy(head, line.bytes, line.size < sizeof(head) ? line.size : sizeof(head) - 1);
	kind = strtol(at, &at, 10);
	booked_at = strtoll(at, &at, 10);
	leaf = line.bytes + (at - head) + 1;
	if (*at != ' ' || kind < 1 || kind > RECORD_KINDS) {
		return; /* the schema has no such row */
	}
	derive_record(derive, number, (int32_t)kind, booked_at,
		(struct text){ leaf, (size_t)(line.bytes + line.size - leaf) });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct zone *almaty; /* for good */
	const struct derive_sink sink = {
		.row = see_row,
		.committed = see_commitment,
		.checkpoint = see_checkpoint,
		.fault = see_fault,
		.card = has_no_card,
	};
	struct text rest = { (const char *)data, size };
	struct derive *derive;

	if (almaty == NULL) {
		almaty = almaty_zone();
	}
	derive = derive_new(&sink, almaty);
	for (int64_t number = 1; number <= RECORDS_MAX && rest.size > 0; number++) {
		const char *end = memchr(rest.bytes, '\n', rest.size);
		size_t length = end == NULL ? rest.size : (size_t)(end - rest.bytes);

		take_line(derive, number, (struct text){ rest.bytes, length });
		length += end != NULL;
		rest = (struct text){ rest.bytes + length, rest.size - length };
	}
	derive_end(derive);
	(void)derive_root(derive);
	derive_free(&derive);
	return 0;
}
