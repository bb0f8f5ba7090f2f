/* SPDX-License-Identifier: Apache-2.0 */

/*
 * evidence - what a doubter gets hold of: key, checkpoint, leaf, path; and the saying of each step.
 *
 * What is said goes to the person at once, or is collected for one object of --json.
 */
#ifndef ALYM_TOOLS_EVIDENCE_H
#define ALYM_TOOLS_EVIDENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"
#include "tools/checkpoint.h"
#include "tools/proof.h"
#include "tools/session.h"

struct evidence {
	struct session *session;
	const struct arguments *arguments;
	struct checkpoint_key keys[CHECKPOINT_KEYS_MAX];
	size_t key_count;
	struct checkpoint checkpoint;
	json_t *report; /* everything said, for --json */
};

/* A proof as the daemon gave it. */
struct evidence_path {
	struct proof_path path;
	struct proof_hash root; /* as the daemon says; of an inclusion */
};

/* ---- saying ---- */

void evidence_say(struct evidence *e, const char *label, const char *name, struct text value);
void evidence_say_number(struct evidence *e, const char *label, const char *name, uint64_t value);
void evidence_say_hash(struct evidence *e, const char *label, const char *name,
	const struct proof_hash *hash);
void evidence_say_checkpoint(struct evidence *e);

/* It does not hold, and why; returns SESSION_DISPROVED. */
enum session_exit evidence_disprove(struct evidence *e, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- getting; anything but SESSION_DONE has been told ---- */

/* What a path ("/start/part?query") answers, as it came; `part` may be NULL. */
enum session_exit evidence_fetch(struct evidence *e, const char *start, const char *part,
	const char *query, struct client_answer *answer) MUST_USE;

enum evidence_kind {
	EVIDENCE_INCLUSION,   /* of record `first` among `second` */
	EVIDENCE_CONSISTENCY, /* of `first` records with `second` */
};
enum session_exit evidence_fetch_path(struct evidence *e, enum evidence_kind kind, uint64_t first,
	uint64_t second, struct evidence_path *read) MUST_USE;

/* The keys that were given, or those the daemon tells, into e->keys. */
enum session_exit evidence_take_keys(struct evidence *e) MUST_USE;

/* The note the person kept, or the daemon's newest; believed only when one of e->keys signed it.
 * What was kept is said under `label` and `name`. */
enum session_exit evidence_take_kept(struct evidence *e, const char *file, const char *label,
	const char *name, struct checkpoint *checkpoint) MUST_USE;
enum session_exit evidence_take_newest(struct evidence *e, struct checkpoint *checkpoint) MUST_USE;

#endif
