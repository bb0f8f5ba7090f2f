/* SPDX-License-Identifier: Apache-2.0 */

/*
 * verify - proof: checks what the daemon says with the doubter's own arithmetic.
 *
 * Each step is said as it is taken, so that whoever does not believe alymctl either can repeat it
 * with sha256sum and openssl.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/command.h"
#include "tools/evidence.h"
#include "tools/table.h"

enum { VERIFY_NUMBER_SIZE = 24 };

/* ---- inclusion ---- */

static void verify_say_steps(struct evidence *e, const struct proof_step *steps, size_t count)
{
	static const struct table_column columns[] = {
		{ "Step", TABLE_RIGHT, 0 },
		{ "Sibling", TABLE_LEFT, 0 },
		{ "Stands", TABLE_LEFT, 0 },
		{ "SHA-256(01 left right)", TABLE_LEFT, 0 },
	};
	struct table *table = table_new(columns, sizeof(columns) / sizeof(*columns));
	json_t *said = json_array();

	for (size_t i = 0; i < count; i++) {
		char number[VERIFY_NUMBER_SIZE];
		char hex[2 * PROOF_HASH_SIZE + 1];

		(void)snprintf(number, sizeof(number), "%zu", i + 1);
		table_add(table, text_of(number));
		text_hex(steps[i].sibling.bytes, PROOF_HASH_SIZE, hex);
		table_add(table, text_of(hex));
		(void)json_array_append_new(said, json_string(hex));
		table_add(table, steps[i].left ? TEXT("left") : TEXT("right"));
		text_hex(steps[i].result.bytes, PROOF_HASH_SIZE, hex);
		table_add(table, text_of(hex));
	}
	(void)json_object_set_new(e->report, "proof", said);
	if (count > 0 && !e->session->json) {
		(void)fputc('\n', e->session->out);
		table_write(table, TABLE_HEADED, e->session->width, e->session->out);
		(void)fputc('\n', e->session->out);
	}
	table_free(&table);
}

/* Walks from the leaf to the root, and compares. */
static enum session_exit verify_walk(struct evidence *e, uint64_t record,
	const struct proof_hash *leaf)
{
	struct evidence_path read = { .path = { .count = 0 } };
	struct proof_step steps[PROOF_HASHES_MAX];
	struct proof_hash root;
	enum session_exit code;

	code = evidence_fetch_path(e, EVIDENCE_INCLUSION, record, e->checkpoint.size, &read);
	if (code != SESSION_DONE) {
		return code;
	}
	if (!proof_include(record - 1, e->checkpoint.size, leaf, &read.path, steps, &root)) {
		return evidence_disprove(e,
			"a path of %zu hashes does not lead from record %" PRIu64
			" to the root of %" PRIu64,
			read.path.count, record, e->checkpoint.size);
	}
	verify_say_steps(e, steps, read.path.count);
	evidence_say_hash(e, "Path ends at", "computed_root", &root);
	if (!proof_same(&root, &e->checkpoint.root)) {
		return evidence_disprove(e, "the path does not end at the checkpoint's root");
	}
	return SESSION_DONE;
}

static enum session_exit verify_take_leaf(struct evidence *e, uint64_t record,
	struct proof_hash *hash)
{
	const char *number = arguments_word(e->arguments, 0);
	struct client_answer answer;
	enum session_exit code;
	struct text leaf;

	client_answer_init(&answer);
	code = evidence_fetch(e, "/v1/ledger/records", number, "?form=leaf", &answer);
	if (code == SESSION_DONE) {
		leaf = buffer_text(&answer.body);
		*hash = proof_leaf(leaf);
		evidence_say_number(e, "Record", "record", record);
		evidence_say(e, "Leaf", "leaf", leaf);
		evidence_say_number(e, "Bytes", "leaf_size", leaf.size);
		evidence_say_hash(e, "SHA-256(00 leaf)", "leaf_hash", hash);
	}
	client_answer_done(&answer);
	return code;
}

static enum session_exit verify_inclusion(struct evidence *e, uint64_t record)
{
	const char *kept = arguments_value(e->arguments, OPTION_CHECKPOINT);
	struct proof_hash leaf;
	enum session_exit code;

	code = verify_take_leaf(e, record, &leaf);
	if (code == SESSION_DONE) {
		code = evidence_take_keys(e);
	}
	if (code == SESSION_DONE) {
		code = kept != NULL ? evidence_take_kept(e, kept, "Checkpoint", "checkpoint",
					      &e->checkpoint)
				    : evidence_take_newest(e, &e->checkpoint);
	}
	if (code != SESSION_DONE) {
		return code;
	}
	evidence_say_checkpoint(e);
	if (record > e->checkpoint.size) {
		return session_complain(e->session, SESSION_REFUSED,
			"record %" PRIu64 " lies beyond this checkpoint of %" PRIu64 " records",
			record, e->checkpoint.size);
	}
	return verify_walk(e, record, &leaf);
}

/* ---- consistency ---- */

/* The root of the first `size` records, as the daemon says it now. */
static enum session_exit verify_ask_root(struct evidence *e, uint64_t size, struct proof_hash *root)
{
	struct evidence_path read = { .path = { .count = 0 } };
	enum session_exit code = evidence_fetch_path(e, EVIDENCE_INCLUSION, size, size, &read);

	if (code == SESSION_DONE) {
		*root = read.root;
	}
	return code;
}

/* That a tree of `first` records with that root is the beginning of one of `second` with that. */
static enum session_exit verify_grew(struct evidence *e, uint64_t first,
	const struct proof_hash *first_root, uint64_t second, const struct proof_hash *second_root)
{
	struct evidence_path read = { .path = { .count = 0 } };
	struct proof_roots roots;
	enum session_exit code = evidence_fetch_path(e, EVIDENCE_CONSISTENCY, first, second, &read);

	if (code != SESSION_DONE) {
		return code;
	}
	if (!proof_consist(first, second, first_root, &read.path, &roots)) {
		return evidence_disprove(e,
			"%zu hashes can not lead from %" PRIu64 " to %" PRIu64 " records",
			read.path.count, first, second);
	}
	if (!proof_same(&roots.first, first_root)) {
		return evidence_disprove(e, "the first %" PRIu64 " records are not what they were",
			first);
	}
	if (!proof_same(&roots.second, second_root)) {
		return evidence_disprove(e,
			"the %" PRIu64 " records do not end at the root of %" PRIu64, first,
			second);
	}
	return SESSION_DONE;
}

/* The root of FIRST: of the note that was kept, else the daemon's word. */
static enum session_exit verify_first_root(struct evidence *e, uint64_t first,
	struct proof_hash *root)
{
	const char *name = arguments_value(e->arguments, OPTION_CHECKPOINT);
	struct checkpoint kept;
	enum session_exit code;

	if (name == NULL) {
		code = verify_ask_root(e, first, root);
		if (code == SESSION_DONE) {
			evidence_say_hash(e, "First root", "first_root", root);
			evidence_say(e, "", "first_root_by",
				TEXT("as the daemon says now; hold it to the note you kept by "
				     "--checkpoint"));
		}
		return code;
	}
	code = evidence_take_kept(e, name, "Kept", "first_checkpoint", &kept);
	if (code == SESSION_DONE && kept.size != first) {
		return session_complain(e->session, SESSION_MISUSED,
			"%s is of %" PRIu64 " records, not of %" PRIu64, name, kept.size, first);
	}
	if (code == SESSION_DONE) {
		*root = kept.root;
		evidence_say_hash(e, "First root", "first_root", root);
		evidence_say(e, "", "first_root_by", TEXT("of the note you kept"));
	}
	return code;
}

/* FIRST to SECOND, and SECOND to what is signed now where that is more. */
static enum session_exit verify_both(struct evidence *e, uint64_t first, uint64_t second)
{
	struct proof_hash first_root;
	struct proof_hash second_root = e->checkpoint.root;
	enum session_exit code = verify_first_root(e, first, &first_root);

	if (code == SESSION_DONE && second < e->checkpoint.size) {
		code = verify_ask_root(e, second, &second_root);
		if (code == SESSION_DONE) {
			code = verify_grew(e, second, &second_root, e->checkpoint.size,
				&e->checkpoint.root);
		}
	}
	if (code != SESSION_DONE) {
		return code;
	}
	evidence_say_hash(e, "Second root", "second_root", &second_root);
	return verify_grew(e, first, &first_root, second, &second_root);
}

static enum session_exit verify_consistency(struct evidence *e, uint64_t first, uint64_t second)
{
	enum session_exit code;

	code = evidence_take_keys(e);
	if (code == SESSION_DONE) {
		code = evidence_take_newest(e, &e->checkpoint);
	}
	if (code != SESSION_DONE) {
		return code;
	}
	evidence_say_checkpoint(e);
	evidence_say_number(e, "First", "first", first);
	evidence_say_number(e, "Second", "second", second);
	if (second > e->checkpoint.size) {
		return session_complain(e->session, SESSION_REFUSED,
			"%" PRIu64 " is more than the %" PRIu64 " records that are signed", second,
			e->checkpoint.size);
	}
	return verify_both(e, first, second);
}

/* ---- the command ---- */

/* A record's number. */
static bool verify_read_number(const char *word, uint64_t *number)
{
	int64_t value;

	if (word == NULL || !text_parse_integer(text_of(word), &value) || value < 1) {
		return false;
	}
	*number = (uint64_t)value;
	return true;
}

static enum session_exit verify_check(struct evidence *e)
{
	bool consistency = arguments_has(e->arguments, OPTION_CONSISTENCY);
	uint64_t first;
	uint64_t second = 0;

	if (!verify_read_number(arguments_word(e->arguments, 0), &first) ||
		(arguments_word(e->arguments, 1) != NULL) != consistency ||
		(consistency && !verify_read_number(arguments_word(e->arguments, 1), &second)) ||
		(consistency && first > second)) {
		return session_complain(e->session, SESSION_MISUSED,
			"proof takes the number of a record, or --consistency FIRST SECOND with "
			"FIRST <= SECOND");
	}
	return consistency ? verify_consistency(e, first, second) : verify_inclusion(e, first);
}

enum session_exit verify_run(struct session *session, const struct arguments *arguments)
{
	struct evidence e = {
		.session = session,
		.arguments = arguments,
		.report = json_object(),
	};
	enum session_exit code = verify_check(&e);
	char *bytes;

	if (code == SESSION_DONE && !session->json) {
		(void)fprintf(session->out, "\nThe proof holds.\n");
	}
	if (session->json && (code == SESSION_DONE || code == SESSION_DISPROVED)) {
		(void)json_object_set_new(e.report, "holds", json_boolean(code == SESSION_DONE));
		bytes = json_dumps(e.report, JSON_COMPACT | JSON_SORT_KEYS);
		(void)fprintf(session->out, "%s\n", bytes);
		free(bytes);
	}
	json_decref(e.report);
	return code;
}
