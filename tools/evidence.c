/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/evidence.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "tools/member.h"
#include "tools/table.h"

enum { EVIDENCE_WORDS_MAX = 192 };

/* ---- saying ---- */

void evidence_say(struct evidence *e, const char *label, const char *name, struct text value)
{
	(void)json_object_set_new(e->report, name, json_stringn(value.bytes, value.size));
	if (!e->session->json) {
		table_write_pair(label, SESSION_LABEL_WIDTH, value, e->session->width,
			e->session->out);
	}
}

void evidence_say_number(struct evidence *e, const char *label, const char *name, uint64_t value)
{
	char words[EVIDENCE_WORDS_MAX];

	(void)json_object_set_new(e->report, name, json_integer((json_int_t)value));
	if (!e->session->json) {
		(void)snprintf(words, sizeof(words), "%" PRIu64, value);
		table_write_pair(label, SESSION_LABEL_WIDTH, text_of(words), e->session->width,
			e->session->out);
	}
}

void evidence_say_hash(struct evidence *e, const char *label, const char *name,
	const struct proof_hash *hash)
{
	char hex[2 * PROOF_HASH_SIZE + 1];

	text_hex(hash->bytes, sizeof(hash->bytes), hex);
	evidence_say(e, label, name, text_of(hex));
}

void evidence_say_checkpoint(struct evidence *e)
{
	evidence_say_number(e, "Records", "size", e->checkpoint.size);
	evidence_say_hash(e, "Root", "root", &e->checkpoint.root);
	evidence_say(e, "Signature", "signature", TEXT("Ed25519, holds"));
}

enum session_exit evidence_disprove(struct evidence *e, const char *format, ...)
{
	char why[ERR_MESSAGE_SIZE + EVIDENCE_WORDS_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	(void)json_object_set_new(e->report, "why", json_string(why));
	return session_complain(e->session, SESSION_DISPROVED, "the proof does not hold: %s", why);
}

/* ---- fetching ---- */

enum session_exit evidence_fetch(struct evidence *e, const char *start, const char *part,
	const char *query, struct client_answer *answer)
{
	struct buffer path;
	enum session_exit code;

	session_path_init(&path, start);
	if (part != NULL) {
		session_add_part(&path, part);
	}
	buffer_add_string(&path, query);
	code = session_get(e->session, &path, answer);
	buffer_done(&path);
	return code;
}

/* {"proof":["<hex>",...],"root":"<hex>"}; the root only of an inclusion. */
static bool evidence_read_path(const json_t *value, bool with_root, struct evidence_path *read)
{
	json_t *hashes = member_array(value, "proof");

	if (hashes == NULL || json_array_size(hashes) > PROOF_HASHES_MAX) {
		return false;
	}
	read->path.count = json_array_size(hashes);
	for (size_t i = 0; i < json_array_size(hashes); i++) {
		json_t *hash = json_array_get(hashes, i);
		struct text hex = { json_string_value(hash), json_string_length(hash) };

		if (!json_is_string(hash) ||
			!text_unhex(hex, read->path.hashes[i].bytes, PROOF_HASH_SIZE)) {
			return false;
		}
	}
	return !with_root ||
	       text_unhex(member_string(value, "root"), read->root.bytes, PROOF_HASH_SIZE);
}

enum session_exit evidence_fetch_path(struct evidence *e, enum evidence_kind kind, uint64_t first,
	uint64_t second, struct evidence_path *read)
{
	bool inclusion = kind == EVIDENCE_INCLUSION;
	struct client_answer answer;
	char query[EVIDENCE_WORDS_MAX];
	enum session_exit code;
	json_t *value = NULL;

	client_answer_init(&answer);
	(void)snprintf(query, sizeof(query),
		inclusion ? "?record=%" PRIu64 "&size=%" PRIu64
			  : "?first=%" PRIu64 "&second=%" PRIu64,
		first, second);
	code = evidence_fetch(e, "/v1/ledger/proofs", inclusion ? "inclusion" : "consistency",
		query, &answer);
	if (code != SESSION_DONE) {
		goto out;
	}
	value = member_parse(buffer_text(&answer.body));
	if (!evidence_read_path(value, inclusion, read)) {
		code = session_complain(e->session, SESSION_UNREACHED,
			"the daemon's answer is no proof");
	}
out:
	json_decref(value);
	client_answer_done(&answer);
	return code;
}

/* One more key to believe. */
static enum session_exit evidence_add_key(struct evidence *e, struct text verifier)
{
	struct err err = { 0 };

	if (e->key_count == CHECKPOINT_KEYS_MAX) {
		return session_complain(e->session, SESSION_MISUSED, "more than %d verifier keys",
			CHECKPOINT_KEYS_MAX);
	}
	evidence_say(e, "Key", e->key_count == 0 ? "key" : "further_key", verifier);
	if (!checkpoint_key_read(verifier, &e->keys[e->key_count], &err)) {
		return evidence_disprove(e, "%s", err.message);
	}
	e->key_count++;
	return SESSION_DONE;
}

/* Each line is one. */
static enum session_exit evidence_add_keys(struct evidence *e, struct text lines)
{
	enum session_exit code = SESSION_DONE;

	while (code == SESSION_DONE && lines.size > 0) {
		const char *end = memchr(lines.bytes, '\n', lines.size);
		struct text line = { lines.bytes,
			end != NULL ? (size_t)(end - lines.bytes) : lines.size };
		size_t used = line.size + (end != NULL ? 1 : 0);

		lines.bytes += used;
		lines.size -= used;
		code = evidence_add_key(e, line);
	}
	return code;
}

enum session_exit evidence_take_keys(struct evidence *e)
{
	const char *const *given = e->arguments->options[OPTION_VERIFIER].values;
	const size_t count = e->arguments->options[OPTION_VERIFIER].count;
	struct client_answer answer;
	enum session_exit code = SESSION_DONE;

	for (size_t i = 0; code == SESSION_DONE && i < count; i++) {
		code = evidence_add_key(e, text_of(given[i]));
	}
	if (count > 0 || code != SESSION_DONE) {
		return code;
	}
	client_answer_init(&answer);
	code = evidence_fetch(e, "/v1/ledger/key", NULL, "", &answer);
	if (code == SESSION_DONE) {
		code = evidence_add_keys(e, buffer_text(&answer.body));
	}
	if (code == SESSION_DONE && e->key_count == 0) {
		code = evidence_disprove(e, "the daemon tells no key");
	}
	if (code == SESSION_DONE && !e->session->json) {
		table_write_pair("", SESSION_LABEL_WIDTH,
			TEXT("as the daemon says; give the one you know by --verifier"),
			e->session->width, e->session->out);
	}
	client_answer_done(&answer);
	return code;
}

static bool evidence_read_file(const char *name, struct buffer *out)
{
	FILE *file = fopen(name, "rb");
	char piece[4096];
	size_t size;
	bool read;

	if (file == NULL) {
		return false;
	}
	while ((size = fread(piece, 1, sizeof(piece), file)) > 0) {
		buffer_add(out, (struct text){ piece, size });
	}
	read = ferror(file) == 0 && !out->overflowed;
	(void)fclose(file);
	return read;
}

/* Believes the note only when one of the keys signed it. */
static enum session_exit evidence_read_note(struct evidence *e, const char *label, const char *name,
	struct text note, struct checkpoint *checkpoint)
{
	struct err err = { 0 };

	evidence_say(e, label, name, note);
	if (!checkpoint_read(note, e->keys, e->key_count, checkpoint, &err)) {
		return evidence_disprove(e, "the checkpoint: %s", err.message);
	}
	return SESSION_DONE;
}

enum session_exit evidence_take_kept(struct evidence *e, const char *file, const char *label,
	const char *name, struct checkpoint *checkpoint)
{
	struct buffer note;
	enum session_exit code;

	buffer_init(&note, CHECKPOINT_NOTE_MAX);
	if (!evidence_read_file(file, &note)) {
		code = session_complain(e->session, SESSION_MISUSED, "%s can not be read", file);
	} else {
		code = evidence_read_note(e, label, name, buffer_text(&note), checkpoint);
	}
	buffer_done(&note);
	return code;
}

enum session_exit evidence_take_newest(struct evidence *e, struct checkpoint *checkpoint)
{
	struct client_answer answer;
	enum session_exit code;

	client_answer_init(&answer);
	code = evidence_fetch(e, "/v1/ledger/checkpoint", NULL, "", &answer);
	if (code == SESSION_DONE) {
		code = evidence_read_note(e, "Checkpoint", "checkpoint", buffer_text(&answer.body),
			checkpoint);
	}
	client_answer_done(&answer);
	return code;
}
