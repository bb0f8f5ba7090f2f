/* SPDX-License-Identifier: Apache-2.0 */

/*
 * member - where the named values of a text stand: JSON members at any depth, fields of a form or a
 * query, XML attributes and elements that hold text only.
 *
 * Reads what tests wrote themselves, and is no parser to be trusted with anything else.
 */
#ifndef ALYM_PLUGINS_KIT_MEMBER_H
#define ALYM_PLUGINS_KIT_MEMBER_H

#include "base/text.h"

enum { KIT_MEMBERS_MAX = 256 };

enum kit_form { KIT_FORM_NONE, KIT_FORM_JSON, KIT_FORM_URLENCODED, KIT_FORM_XML };

/* All within the text it was found in. */
struct kit_member {
	enum kit_form form;
	struct text whole; /* with its name, without what separates it from the next */
	struct text name;
	struct text value; /* as it stands: a JSON string with its quotes */
};

struct kit_members {
	struct kit_member member[KIT_MEMBERS_MAX];
	size_t count;
};

void kit_members_find(struct text t, struct kit_members *members);

/* The value of the first member so called, or an empty text. */
struct text kit_members_value(const struct kit_members *members, struct text name);

#endif
