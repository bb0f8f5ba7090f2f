/* SPDX-License-Identifier: Apache-2.0 */
#include "plugins/xmltree.h"

#include <assert.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { XMLTREE_ATTRIBUTE_PARTS = 5 }; /* of libxml2: name, prefix, namespace, value, its end */

struct xmltree {
	struct xmltree_node *nodes;
	size_t count;
	size_t room;
	struct xmltree_attribute *attributes;
	size_t attribute_count;
	struct buffer bytes; /* character data and values; never more than came */
	xmlDict *names;      /* of elements, attributes and namespaces */

	/* while it is read */
	struct xmltree_node *path[XMLTREE_DEPTH_MAX];     /* that are open, from the root */
	struct xmltree_node *last[XMLTREE_DEPTH_MAX + 1]; /* ended last, by depth */
	int depth;
	bool broken;
};

void xmltree_init(void)
{
	xmlInitParser();
}

static struct xmltree *xmltree_of(void *context)
{
	xmlParserCtxt *parser = context;

	assert(parser != NULL);
	assert(parser->_private != NULL);

	return parser->_private;
}

/* The innermost element that is open, or NULL. */
static struct xmltree_node *xmltree_open(const struct xmltree *tree)
{
	return tree->depth > 0 ? tree->path[tree->depth - 1] : NULL;
}

static void xmltree_break(void *context)
{
	xmltree_of(context)->broken = true;
	xmlStopParser(context);
}

static struct text xmltree_name(const xmlChar *name)
{
	return text_of((const char *)name);
}

/* Copies bytes to where they stay. */
static struct text xmltree_keep(struct xmltree *tree, const char *bytes, size_t size)
{
	struct text kept = { tree->bytes.bytes + tree->bytes.size, size };

	buffer_add(&tree->bytes, (struct text){ bytes, size });
	return kept;
}

static bool xmltree_is_blank(struct text t)
{
	for (size_t i = 0; i < t.size; i++) {
		if (strchr(" \t\r\n", t.bytes[i]) == NULL) {
			return false;
		}
	}
	return true;
}

static void xmltree_on_attributes(struct xmltree *tree, struct xmltree_node *node, int count,
	const xmlChar **parts)
{
	if (count > 0 && tree->attributes == NULL) {
		tree->attributes = mem_new(XMLTREE_ATTRIBUTES_MAX, sizeof(*tree->attributes));
	}
	for (int i = count - 1; i >= 0; i--) { /* each before the one before: in order at the end */
		const xmlChar **part = parts + (ptrdiff_t)i * XMLTREE_ATTRIBUTE_PARTS;
		struct xmltree_attribute *a = &tree->attributes[tree->attribute_count++];

		a->name = xmltree_name(part[0]);
		a->space = xmltree_name(part[2]);
		a->value = xmltree_keep(tree, (const char *)part[3], (size_t)(part[4] - part[3]));
		a->next = node->attributes;
		node->attributes = a;
	}
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libxml2's. */
static void xmltree_on_start(void *context, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *space, int space_count, const xmlChar **spaces, int count, int defaulted,
	const xmlChar **parts)
{
	struct xmltree *tree = xmltree_of(context);
	struct xmltree_node *open = xmltree_open(tree);
	struct xmltree_node *node;
	struct xmltree_node *before;

	(void)prefix;
	(void)space_count;
	(void)spaces;
	(void)defaulted;
	if (tree->depth == XMLTREE_DEPTH_MAX || tree->count == tree->room ||
		tree->attribute_count + (size_t)count > XMLTREE_ATTRIBUTES_MAX ||
		(open != NULL && !xmltree_is_blank(open->text))) {
		xmltree_break(context);
		return;
	}
	node = &tree->nodes[tree->count++];
	before = tree->last[tree->depth];
	node->name = xmltree_name(name);
	node->space = xmltree_name(space);
	node->parent = open;
	node->position = before == NULL ? 1 : before->position + 1;
	if (before != NULL) {
		before->next = node;
	} else if (open != NULL) {
		open->first = node;
		open->text = TEXT("");
	}
	xmltree_on_attributes(tree, node, count, parts);
	tree->path[tree->depth] = node;
	tree->last[++tree->depth] = NULL;
}

static void xmltree_on_end(void *context, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *space)
{
	struct xmltree *tree = xmltree_of(context);

	(void)name;
	(void)prefix;
	(void)space;
	assert(tree->depth > 0);

	tree->depth--;
	tree->last[tree->depth] = tree->path[tree->depth];
}

/* In pieces; those of an element without elements lie side by side. */
static void xmltree_on_data(void *context, const xmlChar *data, int size)
{
	struct xmltree *tree = xmltree_of(context);
	struct xmltree_node *open = xmltree_open(tree);
	struct text piece = { (const char *)data, (size_t)size };

	if (open == NULL || size <= 0) {
		return;
	}
	if (open->first != NULL) {
		if (!xmltree_is_blank(piece)) {
			xmltree_break(context);
		}
		return;
	}
	piece = xmltree_keep(tree, piece.bytes, piece.size);
	if (open->text.size == 0) {
		open->text.bytes = piece.bytes;
	}
	open->text.size += piece.size;
}

static void xmltree_on_doctype(void *context, const xmlChar *name, const xmlChar *external,
	const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	xmltree_break(context);
}

static void xmltree_on_error(void *context, xmlError *error)
{
	(void)error;
	xmltree_of(context)->broken = true;
}

static size_t xmltree_count(struct text t, char c)
{
	size_t count = 0;

	for (size_t i = 0; i < t.size; i++) {
		count += t.bytes[i] == c;
	}
	return count;
}

static struct xmltree *xmltree_make(struct text bytes)
{
	struct xmltree *tree = mem_new(1, sizeof(*tree));
	size_t tags = xmltree_count(bytes, '<');

	tree->room = tags < XMLTREE_NODES_MAX ? tags : XMLTREE_NODES_MAX;
	tree->nodes = mem_new(tree->room + 1, sizeof(*tree->nodes));
	buffer_init_whole(&tree->bytes, bytes.size + 1);
	return tree;
}

static xmlParserCtxt *xmltree_parser(struct xmltree *tree)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();

	if (parser == NULL) {
		abort(); /* memory, as in mem_new() */
	}
	memset(parser->sax, 0, sizeof(*parser->sax));
	parser->sax->initialized = XML_SAX2_MAGIC;
	parser->sax->startElementNs = xmltree_on_start;
	parser->sax->endElementNs = xmltree_on_end;
	parser->sax->characters = xmltree_on_data;
	parser->sax->ignorableWhitespace = xmltree_on_data;
	parser->sax->cdataBlock = xmltree_on_data;
	parser->sax->internalSubset = xmltree_on_doctype;
	parser->sax->serror = xmltree_on_error;
	parser->_private = tree;
	tree->names = parser->dict;
	(void)xmlDictReference(tree->names);
	return parser;
}

struct xmltree *xmltree_new(struct text bytes)
{
	xmlParserCtxt *parser;
	struct xmltree *tree;

	if (bytes.size == 0 || bytes.size > XMLTREE_SIZE_MAX || !text_is_utf8(bytes)) {
		return NULL;
	}
	tree = xmltree_make(bytes);
	parser = xmltree_parser(tree);
	/* XML_PARSE_NOENT: an & in a value is an &, and not &#38; - there are no entities. */
	(void)xmlCtxtReadMemory(parser, bytes.bytes, (int)bytes.size, NULL, NULL,
		XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
	if (parser->wellFormed == 0 || tree->count == 0 || tree->depth != 0 ||
		tree->bytes.overflowed) {
		tree->broken = true;
	}
	xmlFreeParserCtxt(parser);
	if (tree->broken) {
		xmltree_free(&tree);
	}
	return tree;
}

void xmltree_free(struct xmltree **tree)
{
	assert(tree != NULL);

	if (*tree != NULL) {
		free((*tree)->nodes);
		free((*tree)->attributes);
		buffer_done(&(*tree)->bytes);
		xmlDictFree((*tree)->names);
		free(*tree);
		*tree = NULL;
	}
}

const struct xmltree_node *xmltree_root(const struct xmltree *tree)
{
	assert(tree != NULL);
	assert(tree->count > 0);

	return &tree->nodes[0];
}

const struct xmltree_node *xmltree_next(const struct xmltree_node *node)
{
	assert(node != NULL);

	if (node->first != NULL) {
		return node->first;
	}
	while (node != NULL && node->next == NULL) {
		node = node->parent;
	}
	return node != NULL ? node->next : NULL;
}

size_t xmltree_times(const struct xmltree_node *node, const char *name)
{
	size_t times = 0;

	assert(node != NULL);
	assert(name != NULL);

	for (const struct xmltree_node *child = node->first; child != NULL; child = child->next) {
		times += text_is(child->name, name);
	}
	return times;
}

const struct xmltree_node *xmltree_child(const struct xmltree_node *node, const char *name)
{
	if (xmltree_times(node, name) == 1) {
		for (const struct xmltree_node *child = node->first; child != NULL;
			child = child->next) {
			if (text_is(child->name, name)) {
				return child;
			}
		}
	}
	return NULL;
}
