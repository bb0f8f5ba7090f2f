/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/reply.h"

#include <assert.h>
#include <limits.h>

/* The bank can not sign what it says to a merchant that it does not know. */
enum {
	REPLY_CODE_SIGNATURE = 100,
	REPLY_CODE_MERCHANT = 101,
	REPLY_CODE_NO_MERCHANT = 9998,
	REPLY_CODE_NO_SIGNATURE = 9999,
};

bool reply_is_stranger(int code)
{
	return code == REPLY_CODE_SIGNATURE || code == REPLY_CODE_MERCHANT ||
	       code == REPLY_CODE_NO_MERCHANT || code == REPLY_CODE_NO_SIGNATURE;
}

struct text reply_find(const struct reply *reply, const char *name)
{
	const struct xmltree_node *node;

	assert(reply != NULL);

	node = reply->tree != NULL ? xmltree_child(xmltree_root(reply->tree), name) : NULL;
	return node != NULL && node->first == NULL ? node->text : TEXT("");
}

static bool reply_is_signed(const struct alym_gateway_state *state, struct text script,
	const struct reply *reply)
{
	struct pgsig_fields fields;
	size_t secret;
	bool good;

	if (reply_find(reply, "pg_salt").size == 0 ||
		!pgsig_of_tree(xmltree_root(reply->tree), &fields)) {
		return false;
	}
	good = pgsig_matches(&state->pgsig, script, &fields, reply_find(reply, "pg_sig"), &secret);
	pgsig_free(&fields);
	return good;
}

/* Which of two is meant nobody knows. */
static bool reply_has_doubles(const struct xmltree_node *root)
{
	for (const struct xmltree_node *a = root->first; a != NULL; a = a->next) {
		for (const struct xmltree_node *b = a->next; b != NULL; b = b->next) {
			if (text_equal(a->name, b->name)) {
				return true;
			}
		}
	}
	return false;
}

static enum reply_status reply_judge(const struct reply *reply, bool is_signed)
{
	struct text status = reply_find(reply, "pg_status");

	if (text_is(status, "error")) {
		return is_signed || reply_is_stranger(reply->code) ? REPLY_ERROR : REPLY_UNREADABLE;
	}
	if (!is_signed) {
		return REPLY_UNREADABLE;
	}
	if (text_is(status, "ok") || text_is(status, "success")) {
		return REPLY_OK;
	}
	return text_is(status, "pending") ? REPLY_PENDING : REPLY_UNREADABLE;
}

void reply_read(const struct alym_gateway_state *state, struct text script,
	const struct alym_message *message, struct reply *reply)
{
	int64_t code = 0;

	assert(state != NULL);
	assert(message != NULL);
	assert(reply != NULL);

	*reply = (struct reply){ .status = REPLY_UNREADABLE };
	reply->tree = message->status == 200 ? xmltree_new(message->body) : NULL;
	if (reply->tree == NULL) {
		return;
	}
	if (!text_is(xmltree_root(reply->tree)->name, "response") ||
		reply_has_doubles(xmltree_root(reply->tree))) {
		reply_free(reply);
		return;
	}
	if (text_parse_integer(reply_find(reply, "pg_error_code"), &code) && code <= INT_MAX) {
		reply->code = (int)code;
	}
	reply->status = reply_judge(reply, reply_is_signed(state, script, reply));
	if (reply->status == REPLY_UNREADABLE) {
		reply_free(reply);
	}
}

void reply_free(struct reply *reply)
{
	assert(reply != NULL);

	xmltree_free(&reply->tree);
}
