/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/derive.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/derive_parts.h"

struct derive *derive_new(const struct derive_sink *sink, const struct zone *almaty)
{
	struct derive *d = mem_new(1, sizeof(*d));

	assert(sink->row != NULL);
	assert(almaty != NULL);

	d->sink = *sink;
	d->almaty = almaty;
	d->today = DATE_DAY_MIN;
	d->hasher = tree_hasher_new();
	leaf_init(&d->leaf);
	return d;
}

void derive_free(struct derive **derive)
{
	struct derive *d;

	assert(derive != NULL);

	d = *derive;
	*derive = NULL;
	if (d == NULL) {
		return;
	}
	derive_done_entries(d);
	derive_done_payments(d);
	tree_hasher_free(&d->hasher);
	leaf_done(&d->leaf);
	free(d->rates);
	free(d->sets);
	free(d);
}

void derive_set_seal(struct derive *d, const struct seal *seal)
{
	assert(d != NULL);

	d->seal = seal;
}

void derive_row(struct derive *d, enum shape_table table, const struct shape_cell *cells)
{
	assert(table < SHAPE_COUNT);

	d->counts[table]++;
	d->sink.row(d->sink.context, table, cells);
}

uint64_t derive_size(const struct derive *d)
{
	assert(d != NULL);

	return d->tree.size;
}

struct tree_hash derive_root(struct derive *d)
{
	assert(d != NULL);

	return tree_root(d->hasher, &d->tree);
}

/* ---- the tree ---- */

static void derive_put_tile(struct derive *d, unsigned level, uint64_t number,
	const struct tree_hash *hashes)
{
	derive_row(d, SHAPE_TILE,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(level), SHAPE_OF_NUMBER((int64_t)number),
			SHAPE_OF_BLOB(hashes, sizeof(*hashes) * JOURNAL_TILE_WIDTH) });
}

/* The edge has what was completed last on that level, and the root of a tile that is full, which is
 * the next hash of the tile above. */
static void derive_fill_tiles(struct derive *d, unsigned level, uint64_t number)
{
	for (; level < JOURNAL_TILE_LEVELS; level++) {
		d->tiles[level].hashes[d->tiles[level].count++] =
			d->tree.edge[(size_t)level * JOURNAL_TILE_HEIGHT];
		if (d->tiles[level].count < JOURNAL_TILE_WIDTH) {
			break;
		}
		derive_put_tile(d, level, number, d->tiles[level].hashes);
		d->tiles[level].count = 0;
		number /= JOURNAL_TILE_WIDTH;
	}
}

void derive_grow(struct derive *d, const struct tree_hash *leaf)
{
	uint64_t number = d->tree.size / JOURNAL_TILE_WIDTH;

	assert(leaf != NULL);

	tree_append(d->hasher, &d->tree, leaf);
	derive_fill_tiles(d, 0, number);
}

void derive_grow_tile(struct derive *d, const struct tree_hash *hashes,
	const struct tree_hash *root)
{
	uint64_t number = d->tree.size / JOURNAL_TILE_WIDTH;

	assert(d->tree.size % JOURNAL_TILE_WIDTH == 0);
	assert(d->tiles[0].count == 0);

	derive_put_tile(d, 0, number, hashes);
	tree_append_subtree(d->hasher, &d->tree, JOURNAL_TILE_HEIGHT, root);
	derive_fill_tiles(d, 1, number / JOURNAL_TILE_WIDTH);
}

/* ---- records that are about no payment ---- */

static void derive_founded(struct derive *d)
{
	struct leaf *l = &d->leaf;
	uint8_t key[DIGEST_SIZE];

	leaf_need(l, "code_key");
	leaf_hex(l, key, sizeof(key));
	d->generation = (int32_t)leaf_decimal_of(l, "generation");
	d->founded = d->generation;
	d->created_at = d->at;
	(void)d->sink.committed(d->sink.context, SHAPE_BOOK, d->record, key);
}

void derive_actor(struct derive *d, const char *name, int64_t *client, int64_t *uid)
{
	struct leaf *l = &d->leaf;

	if (leaf_has(l, name)) {
		leaf_object(l);
		*client = leaf_decimal_of(l, "client");
		(void)leaf_text_if(l, "reason");
		*uid = leaf_decimal_of(l, "uid");
		leaf_end(l);
	}
}

static void derive_resumed(struct derive *d)
{
	struct leaf *l = &d->leaf;
	int64_t generation = leaf_decimal_of(l, "generation");
	int64_t ignored = 0;
	struct text reason;

	if (leaf_has(l, "known")) {
		(void)leaf_raw(l);
	}
	(void)leaf_decimal_of(l, "lost");
	reason = leaf_text_of(l, "reason");
	derive_actor(d, "resumed_by", &ignored, &ignored);
	leaf_need(l, "since");
	derive_row(d, SHAPE_GENERATION,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(generation), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_DAY(d->today), SHAPE_OF_TIME(leaf_time(l)),
			SHAPE_OF_TEXT(reason) });
	if (generation <= d->generation || generation > INT32_MAX) {
		leaf_blame(l, "is of a generation that was before");
	}
	d->generation = (int32_t)generation;
}

static void derive_generation(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct text name = leaf_text_of(l, "book");

	if (d->record == 1) {
		if (!text_copy(name, d->name, sizeof(d->name))) {
			leaf_blame(l, "names no book");
		}
		derive_founded(d);
	} else if (text_is(name, d->name)) {
		derive_resumed(d);
	} else {
		leaf_blame(l, "is of another book");
	}
}

static void derive_name(struct derive *d, enum shape_table table, int32_t *count)
{
	struct leaf *l = &d->leaf;
	int64_t number = leaf_decimal_of(l, shape_of(table)->table);
	struct text name = leaf_text_of(l, "name");

	if (number != *count + 1 || *count == DERIVE_NAMES_MAX) {
		leaf_blame(l, "is not the next %s", shape_of(table)->table);
		return;
	}
	++*count;
	derive_row(d, table,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(*count), SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_TEXT(name) });
}

static bool derive_is_new_set(struct derive *d, const uint8_t digest[DIGEST_SIZE])
{
	for (size_t i = 0; i < d->set_count; i++) {
		if (memcmp(d->sets[i], digest, DIGEST_SIZE) == 0) {
			return false;
		}
	}
	d->sets = mem_grow(d->sets, d->set_count + 1, sizeof(*d->sets));
	memcpy(d->sets[d->set_count++], digest, DIGEST_SIZE);
	return true;
}

static void derive_tariff(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct text names[JOB_TARIFF_FILES_MAX];
	uint8_t digest[DIGEST_SIZE];
	int64_t ignored = 0;
	struct text reason;
	size_t count = 0;

	derive_actor(d, "activated_by", &ignored, &ignored);
	leaf_need(l, "files");
	leaf_array(l);
	while (leaf_more(l)) {
		struct text name = leaf_text(l);

		l->first = false;
		if (count == JOB_TARIFF_FILES_MAX) {
			leaf_blame(l, "has too many files");
			return;
		}
		names[count++] = name;
	}
	derive_actor(d, "proposed_by", &ignored, &ignored);
	reason = leaf_text_of(l, "reason");
	leaf_need(l, "sha256");
	leaf_hex(l, digest, sizeof(digest));
	if (l->bad) {
		return;
	}
	derive_row(d, SHAPE_TARIFF_USE,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_BLOB(digest, sizeof(digest)), SHAPE_OF_TEXT(reason) });
	if (!derive_is_new_set(d, digest)) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		derive_row(d, SHAPE_TARIFF_FILE,
			(struct shape_cell[]){ SHAPE_OF_BLOB(digest, sizeof(digest)),
				SHAPE_OF_NUMBER((int64_t)i), SHAPE_OF_TEXT(names[i]),
				SHAPE_OF_KIND(SHAPE_OWN_BLOB) });
	}
	d->sink.committed(d->sink.context, SHAPE_TARIFF_FILE, d->record, digest);
}

/* The newest record with rates of that day, which this one replaces. */
static int64_t derive_rates_before(struct derive *d, int32_t day)
{
	int64_t before = 0;
	size_t i = 0;

	while (i < d->rates_count && d->rates[i].day != day) {
		i++;
	}
	if (i == d->rates_count) {
		d->rates = mem_grow(d->rates, ++d->rates_count, sizeof(*d->rates));
		d->rates[i].day = day;
	} else {
		before = d->rates[i].number;
	}
	d->rates[i].number = d->record;
	return before;
}

static void derive_rates(struct derive *d)
{
	struct leaf *l = &d->leaf;
	int32_t day = leaf_day_of(l, "day");
	uint8_t digest[DIGEST_SIZE];
	struct text rates;
	struct text reason;
	struct text source;
	int64_t replaces;

	leaf_need(l, "rates");
	rates = leaf_raw(l);
	reason = leaf_text_of(l, "reason");
	replaces = leaf_decimal_if(l, "replaces");
	leaf_need(l, "sha256");
	leaf_hex(l, digest, sizeof(digest));
	source = leaf_text_of(l, "source");
	if (l->bad) {
		return;
	}
	if (derive_rates_before(d, day) != replaces) {
		leaf_blame(l, "replaces other rates than the day's last");
		return;
	}
	derive_row(d, SHAPE_RATES,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record), SHAPE_OF_DAY(day),
			SHAPE_OF_NUMBER(replaces), SHAPE_OF_BLOB(digest, sizeof(digest)),
			SHAPE_OF_TEXT(rates), SHAPE_OF_TEXT(source), SHAPE_OF_TEXT(reason),
			SHAPE_OF_KIND(SHAPE_OWN_BLOB) });
	d->sink.committed(d->sink.context, SHAPE_RATES, d->record, digest);
}

static void derive_checkpoint(struct derive *d)
{
	struct leaf *l = &d->leaf;
	struct text note = leaf_text_of(l, "note");
	struct tree_hash root = derive_root(d);
	struct tree_hash said;
	int64_t size;

	leaf_need(l, "root");
	leaf_hex(l, said.bytes, sizeof(said.bytes));
	size = leaf_decimal_of(l, "size");
	if (l->bad) {
		return;
	}
	if (size != (int64_t)d->tree.size || memcmp(&root, &said, sizeof(said)) != 0) {
		leaf_blame(l, "is a checkpoint of another root than the records before it have");
		return;
	}
	derive_row(d, SHAPE_CHECKPOINT,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record), SHAPE_OF_NUMBER(size),
			SHAPE_OF_TEXT(note) });
	if (d->sink.checkpoint != NULL) {
		d->sink.checkpoint(d->sink.context, d->record, (uint64_t)size, &root, note);
	}
}

static void derive_key(struct derive *d)
{
	struct leaf *l = &d->leaf;
	uint8_t public[NOTE_PUBLIC_SIZE];
	int64_t client = 0;
	int64_t uid = 0;
	int64_t until = 0;
	struct text reason;
	struct text verifier;

	(void)leaf_text_of(l, "before");
	reason = leaf_text_of(l, "reason");
	derive_actor(d, "rotated_by", &client, &uid);
	if (leaf_has(l, "until")) {
		until = leaf_time(l);
	}
	verifier = leaf_text_of(l, "verifier");
	if (!note_verifier_public(verifier, public)) {
		leaf_blame(l, "names no key");
	}
	if (l->bad) {
		return;
	}
	derive_row(d, SHAPE_CHECKPOINT_KEY,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record),
			SHAPE_OF_BLOB(public, sizeof(public)), SHAPE_OF_TIME(until),
			SHAPE_OF_NUMBER(client), SHAPE_OF_NUMBER(uid), SHAPE_OF_TEXT(reason) });
}

static void derive_evidence(struct derive *d)
{
	struct leaf *l = &d->leaf;
	uint8_t evidence[DIGEST_SIZE];

	leaf_need(l, "evidence");
	leaf_hex(l, evidence, sizeof(evidence));
	(void)leaf_decimal_of(l, "gateway");
	(void)leaf_text_of(l, "what");
	if (!l->bad) {
		d->sink.committed(d->sink.context, SHAPE_EVIDENCE, d->record, evidence);
	}
}

static void derive_erased(struct derive *d, const char *name, enum job_source source)
{
	struct leaf *l = &d->leaf;

	leaf_need(l, name);
	leaf_array(l);
	while (leaf_more(l)) {
		int64_t record = leaf_decimal(l);

		l->first = false;
		if (!l->bad) {
			derive_row(d, SHAPE_ERASED,
				(struct shape_cell[]){ SHAPE_OF_NUMBER(source),
					SHAPE_OF_NUMBER(record), SHAPE_OF_NUMBER(d->record) });
		}
	}
}

static void derive_erasure(struct derive *d)
{
	struct leaf *l = &d->leaf;
	int64_t client = 0;
	int64_t payment = 0;
	int64_t uid = 0;
	struct derive_card *card = NULL;
	struct text order;
	struct text reason;

	derive_actor(d, "erased_by", &client, &uid);
	derive_erased(d, "evidence", JOB_SOURCE_EVIDENCE);
	order = leaf_text_if(l, "order");
	payment = leaf_decimal_if(l, "payment");
	derive_erased(d, "private", JOB_SOURCE_PRIVATE);
	reason = leaf_text_of(l, "reason");
	if (payment != 0) {
		card = derive_card_of(d, payment);
	}
	derive_request(d, payment, client);
	if (l->bad) {
		return;
	}
	derive_row(d, SHAPE_ERASURE,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(d->record), SHAPE_OF_NUMBER(payment),
			SHAPE_OF_TEXT(order), SHAPE_OF_TEXT(reason), SHAPE_OF_NUMBER(uid),
			SHAPE_OF_NUMBER(client) });
	if (card != NULL) {
		derive_step(d, card, KIND_EVENT_ERASED);
	}
}

/* ---- all of them ---- */

static void derive_body(struct derive *d, enum kind_record kind)
{
	switch (kind) {
	case KIND_GENERATION:
		derive_generation(d);
		break;
	case KIND_CLIENT:
		derive_name(d, SHAPE_CLIENT, &d->client_count);
		break;
	case KIND_GATEWAY:
		derive_name(d, SHAPE_GATEWAY, &d->gateway_count);
		break;
	case KIND_TARIFF:
		derive_tariff(d);
		break;
	case KIND_PAYMENT:
		derive_payment(d);
		break;
	case KIND_REQUOTE:
		derive_requote(d);
		break;
	case KIND_ATTEMPT:
		derive_attempt_record(d);
		break;
	case KIND_ENTRY:
		derive_entry(d, NULL);
		break;
	case KIND_CANCELLATION:
	case KIND_EXPIRY:
		derive_cancellation(d, kind);
		break;
	case KIND_FULFILMENT:
		derive_fulfilment(d);
		break;
	case KIND_CHECKPOINT:
		derive_checkpoint(d);
		break;
	case KIND_EVIDENCE:
		derive_evidence(d);
		break;
	case KIND_RATES:
		derive_rates(d);
		break;
	case KIND_CLOSE:
		derive_close(d);
		break;
	case KIND_ERASURE:
		derive_erasure(d);
		break;
	case KIND_KEY:
		derive_key(d);
		break;
	case KIND_RECORD_END:
		break;
	}
}

/* What a leaf says of itself is what its row says. */
static void derive_ends(struct derive *d, int64_t number, int32_t kind)
{
	struct leaf *l = &d->leaf;

	leaf_end(l);
	if (!text_is(leaf_text_of(l, "kind"), kind_record_name((enum kind_record)kind))) {
		leaf_blame(l, "is of another kind than its row");
	}
	if (leaf_decimal_of(l, "number") != number) {
		leaf_blame(l, "has another number than its row");
	}
	if (leaf_decimal_of(l, "v") != JOURNAL_VERSION) {
		leaf_blame(l, "is of an unknown version");
	}
	leaf_end(l);
	if (!leaf_is_whole(l)) {
		d->sink.fault(d->sink.context, number, l->why);
	}
}

void derive_record(struct derive *d, int64_t number, int32_t kind, int64_t booked_at,
	struct text leaf)
{
	struct leaf *l = &d->leaf;
	struct tree_hash hash;
	int32_t day;

	assert(number > 0);

	d->record = number;
	leaf_open(l, leaf);
	leaf_object(l);
	leaf_need(l, "at");
	d->at = leaf_time(l);
	if (d->at != booked_at) {
		leaf_blame(l, "is of another time than its row's booked_at");
	}
	if (kind < 1 || kind >= KIND_RECORD_END) {
		leaf_blame(l, "is of an unknown kind");
	}
	if (!l->bad) {
		day = zone_day(d->almaty, d->at);
		d->today = day > d->today ? day : d->today;
		leaf_need(l, "body");
		leaf_object(l);
		derive_body(d, (enum kind_record)kind);
	}
	if (!l->bad) {
		derive_ends(d, number, kind);
	} else {
		d->sink.fault(d->sink.context, number, l->why);
	}
	hash = tree_leaf(d->hasher, leaf);
	derive_grow(d, &hash);
}

void derive_end(struct derive *d)
{
	derive_row(d, SHAPE_BOOK,
		(struct shape_cell[]){ SHAPE_OF_NUMBER(1), SHAPE_OF_TEXT(text_of(d->name)),
			SHAPE_OF_NUMBER(d->founded), SHAPE_OF_KIND(SHAPE_OWN_BLOB),
			SHAPE_OF_TIME(d->created_at) });
	derive_end_payments(d);
	derive_end_entries(d);
}
