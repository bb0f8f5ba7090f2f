/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/law.h"

#include "tools/member.h"

/* ", word value", or nothing. */
static void law_add(const json_t *law, const char *name, const char *before, struct buffer *out)
{
	struct text value = member_string(law, name);

	if (value.size > 0) {
		buffer_add_string(out, before);
		buffer_add(out, value);
	}
}

struct text law_words(struct session *session, const json_t *law)
{
	struct buffer *out = &session->scratch;

	buffer_reset(out);
	member_add_words(json_object_get(law, "title"), session->language, out);
	if (out->size == 0) { /* cited briefly */
		law_add(law, "act", "", out);
	}
	law_add(law, "number", " No. ", out);
	law_add(law, "article", ", art. ", out);
	law_add(law, "item", ", item ", out);
	if (text_is(member_string(law, "status"), "unverified")) {
		buffer_add_string(out, " (unverified)");
	}
	return buffer_text(out);
}

void law_pair(struct session *session, const char *label, const json_t *law)
{
	struct text words = law_words(session, law);

	if (words.size > 0) {
		session_pair_text(session, label, words);
	}
}
