/* SPDX-License-Identifier: Apache-2.0 */

/* auditor - somebody who trusts nobody: collects checkpoints, and proofs against them. */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/chain.h"
#include "tests/sim/portal_parts.h"

static void auditor_get(struct portal *p, const char *path, process_answer_fn *answer)
{
	p->looks++;
	process_call(p->world,
		&(struct process_request){ .face = CALL_SOCKET,
			.roles = CALL_ROLE_AUDITOR,
			.method = "GET",
			.path = path,
			.body = "" },
		answer, NULL);
}

static void auditor_noted(struct world *w, void *context, int status, struct text body)
{
	(void)context;
	w->portal->looks--;
	if (status == 200) {
		chain_publish(w, body);
	} else if (status != 0 && status < 500) {
		world_fail(w, "the checkpoint is answered %d: %.*s", status, TEXT_ARGS(body));
	}
}

static bool auditor_read_proof(const json_t *root, struct tree_proof *proof, struct tree_hash *tree)
{
	const json_t *hashes = json_object_get(root, "proof");
	const char *text = json_string_value(json_object_get(root, "root"));

	proof->count = json_array_size(hashes);
	if (text == NULL || proof->count > TREE_PROOF_MAX ||
		!text_unhex(text_of(text), tree->bytes, sizeof(tree->bytes))) {
		return false;
	}
	for (size_t i = 0; i < proof->count; i++) {
		const char *hash = json_string_value(json_array_get(hashes, i));

		if (hash == NULL || !text_unhex(text_of(hash), proof->hashes[i].bytes,
					    sizeof(proof->hashes[i].bytes))) {
			return false;
		}
	}
	return true;
}

static void auditor_proved(struct world *w, void *context, int status, struct text body)
{
	struct tree_proof proof;
	struct tree_hash tree;
	json_t *root;

	(void)context;
	w->portal->looks--;
	/* Before the first checkpoint, or beyond it, there is nothing to prove. */
	if (status == 0 || status >= 500 || status == 404 || status == 400) {
		return;
	}
	root = json_loadb(body.bytes, body.size, 0, NULL);
	if (status != 200 || !auditor_read_proof(root, &proof, &tree)) {
		world_fail(w, "a proof is answered %d: %.*s", status, TEXT_ARGS(body));
	}
	chain_included(w, json_integer_value(json_object_get(root, "record")),
		(uint64_t)json_integer_value(json_object_get(root, "size")), &proof, &tree);
	json_decref(root);
}

void auditor_step(struct portal *p)
{
	uint64_t size = chain_size(p->world->chain);
	char path[96];

	if (size == 0 || random_chance(&p->random, 500)) {
		auditor_get(p, "/v1/ledger/checkpoint", auditor_noted);
		return;
	}
	(void)snprintf(path, sizeof(path), "/v1/ledger/proofs/inclusion?record=%" PRIu64,
		1 + random_below(&p->random, size));
	auditor_get(p, path, auditor_proved);
}
