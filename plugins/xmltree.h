/* SPDX-License-Identifier: Apache-2.0 */

/*
 * xmltree - an XML document from outside, read by libxml2 into a tree with limits.
 *
 * Limits are kept while it is read, before there is a tree.  There is no DOCTYPE, hence are no
 * entities but XML's own five; nothing else is opened.  It is UTF-8, whatever it declares.  An
 * element has either elements or character data in it; blanks between elements, comments and
 * processing instructions are no data.
 *
 * Linked by gateways that ask for alym_xmltree; they call xmltree_init() in their open().
 */
#ifndef ALYM_PLUGINS_XMLTREE_H
#define ALYM_PLUGINS_XMLTREE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"

enum {
	XMLTREE_SIZE_MAX = 1 << 20, /* bytes */
	XMLTREE_DEPTH_MAX = 16,
	XMLTREE_NODES_MAX = 999,
	XMLTREE_ATTRIBUTES_MAX = 999, /* of the document */
};

struct xmltree_attribute {
	struct text name;  /* without a prefix */
	struct text space; /* the namespace's name, or empty */
	struct text value;
	const struct xmltree_attribute *next;
};

struct xmltree_node {
	struct text name;  /* without a prefix */
	struct text space; /* the namespace's name, or empty */
	struct text text;  /* its character data; empty when elements are in it */
	const struct xmltree_attribute *attributes;
	const struct xmltree_node *parent; /* NULL: the root */
	const struct xmltree_node *first;  /* in it */
	const struct xmltree_node *next;   /* beside it */
	int position;                      /* among those beside it, from 1 */
};

struct xmltree;

/* Sets up what libxml2 does on first use; may be called again. */
void xmltree_init(void);

/* NULL when it is not well-formed or breaks a limit. */
struct xmltree *xmltree_new(struct text bytes) MUST_USE;
void xmltree_free(struct xmltree **tree);

const struct xmltree_node *xmltree_root(const struct xmltree *tree);

/* The node after `node` in document order; NULL at the end. */
const struct xmltree_node *xmltree_next(const struct xmltree_node *node);

/* The element of that name in `node`; NULL when there is none, or more than one. */
const struct xmltree_node *xmltree_child(const struct xmltree_node *node, const char *name);

/* How many there are. */
size_t xmltree_times(const struct xmltree_node *node, const char *name);

#endif
