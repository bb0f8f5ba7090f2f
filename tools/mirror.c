/* SPDX-License-Identifier: Apache-2.0 */

/*
 * mirror - the whole log in a folder, as C2SP tlog-tiles lays it out.
 *
 * Nothing is written that was not verified: the tiles the tree ends with come to the signed root,
 * each whole tile to its hash in the tile above, each leaf to its hash in its tile; and the tree of
 * the checkpoint that was here before is the beginning of the new one.  The checkpoint is written
 * last, so what it needs is always here.  What an interrupted run left is verified and kept.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tools/command.h"
#include "tools/evidence.h"
#include "tools/progress.h"
#include "tools/shelf.h"
#include "tools/tiling.h"

#define MIRROR_LOG        "/v1/ledger/tlog"
#define MIRROR_CHECKPOINT "checkpoint"

struct mirror {
	struct evidence evidence; /* its checkpoint is the new one */
	struct shelf *shelf;
	struct progress progress;
	struct buffer note;       /* the new checkpoint */
	struct buffer kept;       /* a file as it is here */
	struct checkpoint before; /* that was here; size 0: none was */
	struct tiling_edge edge;
	/* The whole tile of a level that was verified last. */
	struct {
		bool is_there;
		uint64_t number;
		struct proof_hash hashes[TILING_WIDTH];
	} whole[TILING_LEVELS];
};

static enum session_exit mirror_unwritten(struct mirror *m, const struct err *err)
{
	return session_complain(m->evidence.session, SESSION_UNWRITTEN, "%s", err->message);
}

/* ---- what the daemon has ---- */

static enum session_exit mirror_fetch(struct mirror *m, const struct tiling_tile *tile,
	struct client_answer *answer)
{
	char path[TILING_PATH_SIZE + 1] = "/";

	(void)tiling_path(tile, path + 1);
	return evidence_fetch(&m->evidence, MIRROR_LOG, NULL, path, answer);
}

/* The hashes of a tile, not verified yet. */
static enum session_exit mirror_fetch_hashes(struct mirror *m, const struct tiling_tile *tile,
	struct proof_hash hashes[TILING_WIDTH])
{
	struct client_answer answer;
	enum session_exit code;

	client_answer_init(&answer);
	code = mirror_fetch(m, tile, &answer);
	if (code == SESSION_DONE && answer.body.size != tile->width * sizeof(*hashes)) {
		code = evidence_disprove(&m->evidence, "a tile of %zu hashes has %zu bytes",
			tile->width, answer.body.size);
	}
	if (code == SESSION_DONE) {
		memcpy(hashes, answer.body.bytes, answer.body.size);
	}
	client_answer_done(&answer);
	return code;
}

/* The tile that a level ends with, which is not whole; its width is 0 where the last one is. */
static struct tiling_tile mirror_last(const struct mirror *m, int level)
{
	uint64_t hashes = tiling_hashes(m->evidence.checkpoint.size, level);

	return (struct tiling_tile){ level, hashes / TILING_WIDTH, hashes % TILING_WIDTH };
}

static enum session_exit mirror_take_edge(struct mirror *m)
{
	enum session_exit code = SESSION_DONE;
	struct proof_hash root;

	for (int level = 0; code == SESSION_DONE && level < TILING_LEVELS; level++) {
		const struct tiling_tile last = mirror_last(m, level);

		if (last.width > 0) {
			code = mirror_fetch_hashes(m, &last, m->edge.hashes[level]);
		}
	}
	if (code == SESSION_DONE) {
		root = tiling_root(&m->edge, m->evidence.checkpoint.size);
		if (!proof_same(&root, &m->evidence.checkpoint.root)) {
			code = evidence_disprove(&m->evidence,
				"the tiles do not come to the root that was signed");
		}
	}
	return code;
}

/* The verified hashes of a tile, where they are at hand. */
static const struct proof_hash *mirror_at_hand(const struct mirror *m, int level, uint64_t number)
{
	if (number == mirror_last(m, level).number) {
		return m->edge.hashes[level];
	}
	return m->whole[level].is_there && m->whole[level].number == number ? m->whole[level].hashes
									    : NULL;
}

/* One whole tile, verified by the hash that the tile above has of it. */
static enum session_exit mirror_take_whole(struct mirror *m, int level, uint64_t number)
{
	const struct tiling_tile tile = { level, number, TILING_WIDTH };
	const struct proof_hash *above =
		mirror_at_hand(m, level + 1, number / TILING_WIDTH) + number % TILING_WIDTH;
	struct proof_hash fold;
	enum session_exit code;

	m->whole[level].is_there = false;
	code = mirror_fetch_hashes(m, &tile, m->whole[level].hashes);
	if (code != SESSION_DONE) {
		return code;
	}
	fold = tiling_fold(m->whole[level].hashes);
	if (!proof_same(&fold, above)) {
		return evidence_disprove(&m->evidence,
			"tile %" PRIu64 " of level %d is not what is signed", number, level);
	}
	m->whole[level].is_there = true;
	m->whole[level].number = number;
	return SESSION_DONE;
}

/* The verified hashes of a tile, and of those above it on the way. */
static enum session_exit mirror_take(struct mirror *m, int level, uint64_t number,
	const struct proof_hash **hashes)
{
	enum session_exit code = SESSION_DONE;
	int top = level;

	while (mirror_at_hand(m, top, number >> ((top - level) * TILING_HEIGHT)) == NULL) {
		top++;
		assert(top < TILING_LEVELS); /* some level has one tile only, the last */
	}
	while (code == SESSION_DONE && top > level) {
		top--;
		code = mirror_take_whole(m, top, number >> ((top - level) * TILING_HEIGHT));
	}
	*hashes = mirror_at_hand(m, level, number);
	return code;
}

/* ---- the checkpoints ---- */

static enum session_exit mirror_take_checkpoint(struct mirror *m)
{
	struct evidence *e = &m->evidence;
	struct client_answer answer;
	struct err err = { 0 };
	enum session_exit code;

	client_answer_init(&answer);
	code = evidence_fetch(e, MIRROR_LOG "/" MIRROR_CHECKPOINT, NULL, "", &answer);
	if (code == SESSION_DONE) {
		buffer_add(&m->note, buffer_text(&answer.body));
		if (!checkpoint_read(buffer_text(&m->note), e->keys, e->key_count, &e->checkpoint,
			    &err)) {
			code = evidence_disprove(e, "the checkpoint: %s", err.message);
		} else if (e->checkpoint.size == 0) {
			code = evidence_disprove(e, "the checkpoint is of no records");
		}
	}
	client_answer_done(&answer);
	return code;
}

/* The one that is here, believed as any other. */
static enum session_exit mirror_take_before(struct mirror *m)
{
	struct evidence *e = &m->evidence;
	struct err err = { 0 };
	bool found;

	buffer_reset(&m->kept);
	if (!shelf_read(m->shelf, MIRROR_CHECKPOINT, &m->kept, &found, &err)) {
		return mirror_unwritten(m, &err);
	}
	if (found &&
		!checkpoint_read(buffer_text(&m->kept), e->keys, e->key_count, &m->before, &err)) {
		return evidence_disprove(e,
			"the checkpoint that is here: %s; give the key it was signed by, too",
			err.message);
	}
	if (m->before.size > e->checkpoint.size) {
		return evidence_disprove(e,
			"%" PRIu64 " records are here, and %" PRIu64 " are signed now",
			m->before.size, e->checkpoint.size);
	}
	return SESSION_DONE;
}

/* The tree that was here is the beginning of the new one: the tiles it ended with begin these. */
static enum session_exit mirror_compare(struct mirror *m)
{
	struct tiling_edge edge;
	struct proof_hash root;
	const struct proof_hash *hashes;
	enum session_exit code = SESSION_DONE;

	if (m->before.size == 0) {
		return SESSION_DONE;
	}
	for (int level = 0; code == SESSION_DONE && level < TILING_LEVELS; level++) {
		uint64_t count = tiling_hashes(m->before.size, level);

		if (count % TILING_WIDTH > 0) {
			code = mirror_take(m, level, count / TILING_WIDTH, &hashes);
		}
		if (code == SESSION_DONE && count % TILING_WIDTH > 0) {
			memcpy(edge.hashes[level], hashes, count % TILING_WIDTH * sizeof(*hashes));
		}
	}
	if (code != SESSION_DONE) {
		return code;
	}
	root = tiling_root(&edge, m->before.size);
	if (!proof_same(&root, &m->before.root)) {
		return evidence_disprove(&m->evidence,
			"the first %" PRIu64 " records are not what they were", m->before.size);
	}
	return SESSION_DONE;
}

/* ---- what is written ---- */

/* A verified file; what is partial and was here before is in a whole one now. */
static enum session_exit mirror_put(struct mirror *m, const struct tiling_tile *tile,
	struct text bytes)
{
	char path[TILING_PATH_SIZE];
	char partial[TILING_PATH_SIZE + 2];
	struct err err = { 0 };
	bool found;

	(void)tiling_path(tile, path);
	buffer_reset(&m->kept);
	if (!shelf_read(m->shelf, path, &m->kept, &found, &err) ||
		((!found || !text_equal(buffer_text(&m->kept), bytes)) &&
			!shelf_write(m->shelf, path, bytes, &err))) {
		return mirror_unwritten(m, &err);
	}
	if (tile->width == TILING_WIDTH) {
		(void)snprintf(partial, sizeof(partial), "%s.p", path);
		shelf_drop(m->shelf, partial);
	}
	return SESSION_DONE;
}

static enum session_exit mirror_put_hashes(struct mirror *m, const struct tiling_tile *tile,
	const struct proof_hash *hashes)
{
	return mirror_put(m, tile,
		(struct text){ (const char *)hashes, tile->width * sizeof(*hashes) });
}

/* Whether these are the leaves that the hashes are of. */
static bool mirror_fits(struct text bundle, size_t width, const struct proof_hash *hashes)
{
	struct proof_hash leaves[TILING_WIDTH];

	return tiling_leaves(bundle, width, leaves) &&
	       memcmp(leaves, hashes, width * sizeof(*leaves)) == 0;
}

/* The leaves of a tile: those that are here, if they are right, else the daemon's. */
static enum session_exit mirror_bundle(struct mirror *m, const struct tiling_tile *tile,
	const struct proof_hash *hashes)
{
	const struct tiling_tile bundle = { TILING_ENTRIES, tile->number, tile->width };
	char path[TILING_PATH_SIZE];
	struct client_answer answer;
	struct err err = { 0 };
	enum session_exit code;
	bool found;

	buffer_reset(&m->kept);
	if (!shelf_read(m->shelf, tiling_path(&bundle, path), &m->kept, &found, &err)) {
		return mirror_unwritten(m, &err);
	}
	if (found && mirror_fits(buffer_text(&m->kept), tile->width, hashes)) {
		return SESSION_DONE;
	}
	client_answer_init(&answer);
	code = mirror_fetch(m, &bundle, &answer);
	if (code == SESSION_DONE && !mirror_fits(buffer_text(&answer.body), tile->width, hashes)) {
		code = evidence_disprove(&m->evidence,
			"the records from %" PRIu64 " on are not those that are signed",
			tile->number * TILING_WIDTH + 1);
	}
	if (code == SESSION_DONE) {
		code = mirror_put(m, &bundle, buffer_text(&answer.body));
	}
	client_answer_done(&answer);
	return code;
}

/* All tiles of a level from the one on that was not whole here; with level 0 the leaves, too. */
static enum session_exit mirror_level(struct mirror *m, int level)
{
	const struct tiling_tile last = mirror_last(m, level);
	struct tiling_tile tile = { level, tiling_hashes(m->before.size, level) / TILING_WIDTH,
		TILING_WIDTH };
	enum session_exit code = SESSION_DONE;

	for (; code == SESSION_DONE && tile.number <= last.number; tile.number++) {
		const struct proof_hash *hashes = NULL;

		tile.width = tile.number == last.number ? last.width : TILING_WIDTH;
		if (tile.width == 0) {
			break;
		}
		code = mirror_take(m, level, tile.number, &hashes);
		if (code == SESSION_DONE && level == 0) {
			progress_set(&m->progress, (int64_t)(tile.number * TILING_WIDTH),
				(int64_t)m->evidence.checkpoint.size);
			code = mirror_bundle(m, &tile, hashes);
		}
		if (code == SESSION_DONE) {
			code = mirror_put_hashes(m, &tile, hashes);
		}
	}
	return code;
}

/* Everything the new checkpoint needs is on disk before it is there. */
static enum session_exit mirror_write(struct mirror *m)
{
	enum session_exit code = SESSION_DONE;
	struct err err = { 0 };

	progress_init(&m->progress, "records", m->evidence.session->complaints);
	for (int level = 0; code == SESSION_DONE && level < TILING_LEVELS; level++) {
		code = mirror_level(m, level);
	}
	progress_done(&m->progress);
	if (code == SESSION_DONE &&
		(!shelf_settle(m->shelf, &err) ||
			!shelf_write(m->shelf, MIRROR_CHECKPOINT, buffer_text(&m->note), &err) ||
			!shelf_settle(m->shelf, &err))) {
		code = mirror_unwritten(m, &err);
	}
	return code;
}

/* ---- the command ---- */

static enum session_exit mirror_all(struct mirror *m)
{
	enum session_exit code = evidence_take_keys(&m->evidence);

	if (code == SESSION_DONE) {
		code = mirror_take_checkpoint(m);
	}
	if (code == SESSION_DONE) {
		evidence_say_checkpoint(&m->evidence);
		code = mirror_take_before(m);
	}
	if (code == SESSION_DONE) {
		code = mirror_take_edge(m);
	}
	if (code == SESSION_DONE) {
		code = mirror_compare(m);
	}
	if (code == SESSION_DONE) {
		code = mirror_write(m);
	}
	if (code == SESSION_DONE) {
		evidence_say_number(&m->evidence, "Were here", "size_before", m->before.size);
		evidence_say_number(&m->evidence, "Added", "added",
			m->evidence.checkpoint.size - m->before.size);
	}
	return code;
}

enum session_exit mirror_run(struct session *session, const struct arguments *arguments)
{
	struct mirror *m = mem_new(1, sizeof(*m));
	struct err err = { 0 };
	enum session_exit code;
	char *bytes;

	m->evidence.session = session;
	m->evidence.arguments = arguments;
	m->evidence.report = json_object();
	buffer_init(&m->note, CHECKPOINT_NOTE_MAX);
	buffer_init(&m->kept, TILING_BUNDLE_MAX);
	code = shelf_open(arguments_word(arguments, 0), &m->shelf, &err)
		       ? mirror_all(m)
		       : mirror_unwritten(m, &err);
	if (session->json && (code == SESSION_DONE || code == SESSION_DISPROVED)) {
		(void)json_object_set_new(m->evidence.report, "holds",
			json_boolean(code == SESSION_DONE));
		bytes = json_dumps(m->evidence.report, JSON_COMPACT | JSON_SORT_KEYS);
		(void)fprintf(session->out, "%s\n", bytes);
		free(bytes);
	}
	shelf_close(&m->shelf);
	buffer_done(&m->note);
	buffer_done(&m->kept);
	json_decref(m->evidence.report);
	free(m);
	return code;
}
