/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/document.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DOCUMENT_COMPLAINT_SIZE = 400 };

/*
 * What libxml2 makes of a schema grows with the cube of the elements in one content, and doubles
 * with each group in a group: so they have bounds.
 */
enum {
	DOCUMENT_SCHEMA_SIZE_MAX = 64 << 10, /* bytes; today's are a fifth */
	DOCUMENT_SCHEMA_ELEMENTS_MAX = 128,  /* groups counted where they are used; today 51 */
	DOCUMENT_SCHEMA_OCCURS_SIZE = 2,     /* digits */
	DOCUMENT_SCHEMA_PATTERN_MAX = 64,    /* bytes */
};

static const char document_schema_namespace[] = "http://www.w3.org/2001/XMLSchema";

/* The first complaint of libxml2 about one document. */
struct document_complaint {
	const char *name;
	bool made;
	long line;
	char text[DOCUMENT_COMPLAINT_SIZE];
};

struct document_schema {
	xmlSchema *schema;
	xmlDoc *document; /* the schema keeps looking into it */
};

void document_init(void)
{
	xmlInitParser();
	xmlSchemaInitTypes();
}

bool document_refuse(const char *name, long line, struct err *err, const char *format, ...)
{
	char said[DOCUMENT_COMPLAINT_SIZE];
	va_list args;

	assert(name != NULL);
	assert(format != NULL);

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	return err_set(err, ERR_INPUT, "%.60s:%ld: %s", name, line, said);
}

static bool document_refuse_complaint(const struct document_complaint *complaint, struct err *err)
{
	assert(complaint->name != NULL);

	return document_refuse(complaint->name, complaint->line, err, "%s",
		complaint->made ? complaint->text : "is not well-formed XML");
}

static void document_note(struct document_complaint *complaint, const xmlError *error)
{
	size_t size;

	if (complaint->made || error == NULL) {
		return;
	}
	complaint->made = true;
	complaint->line = error->line > 0 ? error->line : 1;
	(void)snprintf(complaint->text, sizeof(complaint->text), "%s",
		error->message != NULL ? error->message : "is not well-formed XML");
	size = strlen(complaint->text);
	while (size > 0 &&
		(complaint->text[size - 1] == '\n' || complaint->text[size - 1] == ' ')) {
		complaint->text[--size] = '\0';
	}
}

/* libxml2 hands these to the handlers of one context; nothing global is touched. */
static void document_on_parser_error(void *context, xmlError *error)
{
	xmlParserCtxt *parser = context;

	assert(parser != NULL);
	assert(parser->_private != NULL);

	document_note(parser->_private, error);
}

static void document_on_schema_error(void *context, xmlError *error)
{
	assert(context != NULL);

	document_note(context, error);
}

/* A DOCTYPE can declare entities and defaults: reading stops at the word. */
static void document_on_doctype(void *context, const xmlChar *name, const xmlChar *external,
	const xmlChar *system)
{
	xmlParserCtxt *parser = context;
	struct document_complaint *complaint = parser->_private;

	(void)name;
	(void)external;
	(void)system;
	assert(complaint != NULL);

	if (!complaint->made) {
		complaint->made = true;
		complaint->line = xmlSAX2GetLineNumber(parser);
		(void)snprintf(complaint->text, sizeof(complaint->text),
			"a DOCTYPE is not allowed here; remove it");
	}
	xmlStopParser(parser);
}

/* What stands between the quotation marks after a name and an equals sign. */
static struct text document_value(const char *at, const char *end)
{
	size_t size = 0;

	while (at < end && strchr(" \t\r\n='\"", *at) != NULL) {
		at++;
	}
	while (at + size < end && strchr("'\"?", at[size]) == NULL) {
		size++;
	}
	return (struct text){ at, size };
}

/*
 * What the XML declaration, if there is one, says of the encoding; empty: nothing.  libxml2 would
 * begin to convert at the word, and tells the world on stderr when it can not.
 */
static struct text document_declared(struct text bytes)
{
	const struct text mark = TEXT("\xEF\xBB\xBF"); /* that some editors begin UTF-8 with */
	const struct text word = TEXT("encoding");
	const char *at = bytes.bytes + (text_starts(bytes, mark) ? mark.size : 0);
	const char *end = memchr(at, '>', (size_t)(bytes.bytes + bytes.size - at));

	if (end == NULL || !text_starts((struct text){ at, (size_t)(end - at) }, TEXT("<?xml"))) {
		return TEXT("");
	}
	for (; at < end; at++) {
		if (text_starts((struct text){ at, (size_t)(end - at) }, word)) {
			return document_value(at + word.size, end);
		}
	}
	return TEXT("");
}

/* Refused are words for an encoding other than the one everything is in. */
static bool document_check_declared(const char *name, struct text bytes, struct err *err)
{
	enum { SHOWN_MAX = 40 };
	struct text declared = document_declared(bytes);

	if (declared.size == 0 ||
		(declared.size == strlen("UTF-8") && xmlStrncasecmp((const xmlChar *)declared.bytes,
							     (const xmlChar *)"UTF-8", 5) == 0)) {
		return true;
	}
	return document_refuse(name, 1, err, "declares the encoding %.*s; only UTF-8 is read",
		(int)(declared.size < SHOWN_MAX ? declared.size : SHOWN_MAX), declared.bytes);
}

/* The document of the bytes, well-formed and without a DOCTYPE, or NULL. */
static xmlDoc *document_parse(const char *name, struct text bytes, struct err *err)
{
	struct document_complaint complaint = { .name = name, .line = 1 };
	xmlParserCtxt *parser = NULL;
	xmlDoc *document = NULL;
	bool ok = false;

	if (bytes.size == 0 || bytes.size > INT_MAX || !text_is_utf8(bytes)) {
		(void)document_refuse(name, 1, err, "is empty or is not UTF-8; save it as UTF-8");
		goto out;
	}
	if (!document_check_declared(name, bytes, err)) {
		goto out;
	}
	parser = xmlNewParserCtxt();
	if (parser == NULL) {
		abort(); /* memory, as in mem_new() */
	}
	parser->_private = &complaint;
	parser->sax->serror = document_on_parser_error;
	parser->sax->internalSubset = document_on_doctype;
	document = xmlCtxtReadMemory(parser, bytes.bytes, (int)bytes.size, name, NULL,
		XML_PARSE_NONET | XML_PARSE_BIG_LINES);
	if (document == NULL || complaint.made || parser->wellFormed == 0) {
		(void)document_refuse_complaint(&complaint, err);
		goto out;
	}
	ok = true;
out:
	xmlFreeParserCtxt(parser);
	if (!ok) {
		document_free(&document);
	}
	return document;
}

/* The node after `node` in document order, elements and all; NULL at the end. */
static xmlNode *document_next(xmlNode *node, int *depth)
{
	if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
		*depth += 1;
		return node->children;
	}
	while (node->next == NULL) {
		node = node->parent;
		*depth -= 1;
		if (node == NULL || node->type == XML_DOCUMENT_NODE) {
			return NULL;
		}
	}
	return node->next;
}

/* xsi:schemaLocation would make the validator open files; we have no use for any namespace. */
static const char *document_node_fault(const xmlNode *node)
{
	if (node->type == XML_ENTITY_REF_NODE) {
		return "uses an entity; write the character itself";
	}
	if (node->type != XML_ELEMENT_NODE) {
		return NULL;
	}
	if (node->ns != NULL || node->nsDef != NULL) {
		return "uses a namespace; none is known here";
	}
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		if (a->ns != NULL) {
			return "has an attribute of a namespace; none is known here";
		}
	}
	return NULL;
}

static const char *document_schema_fault(const xmlNode *node)
{
	static const char *const loading[] = { "include", "import", "redefine", "override" };

	if (node->type != XML_ELEMENT_NODE) {
		return node->type == XML_ENTITY_REF_NODE ? "uses an entity" : NULL;
	}
	if (node->ns == NULL ||
		xmlStrcmp(node->ns->href, (const xmlChar *)document_schema_namespace) != 0) {
		return "is not an element of XML Schema";
	}
	for (size_t i = 0; i < sizeof(loading) / sizeof(*loading); i++) {
		if (xmlStrcmp(node->name, (const xmlChar *)loading[i]) == 0) {
			return "would load another schema; a tariff's schema is one file";
		}
	}
	return NULL;
}

/* An element of XML Schema, as document_schema_fault() has seen. */
static bool document_node_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && xmlStrcmp(node->name, (const xmlChar *)name) == 0;
}

static bool document_is_group(const xmlNode *node)
{
	return document_node_is(node, "group") || document_node_is(node, "attributeGroup");
}

static bool document_is_model(const xmlNode *node)
{
	return document_node_is(node, "sequence") || document_node_is(node, "choice") ||
	       document_node_is(node, "all");
}

static bool document_is_inside(const xmlNode *node, bool (*is_outer)(const xmlNode *))
{
	do {
		node = node->parent;
	} while (node != NULL && !is_outer(node));
	return node != NULL;
}

/* minOccurs and maxOccurs are small or unbounded, a pattern is short. */
static const char *document_value_fault(const xmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
		const xmlChar *value = a->children != NULL ? a->children->content : NULL;
		int size = xmlStrlen(value);

		if ((xmlStrEqual(a->name, (const xmlChar *)"minOccurs") != 0 ||
			    xmlStrEqual(a->name, (const xmlChar *)"maxOccurs") != 0) &&
			size > DOCUMENT_SCHEMA_OCCURS_SIZE &&
			xmlStrcmp(value, (const xmlChar *)"unbounded") != 0) {
			return "occurs more than 99 times; write unbounded";
		}
		if (document_node_is(node, "pattern") && size > DOCUMENT_SCHEMA_PATTERN_MAX) {
			return "is a pattern longer than 64 bytes";
		}
	}
	return NULL;
}

/* Elements, those of groups wherever a group is used: as if every use were of all groups. */
struct document_measure {
	size_t plain;
	size_t grouped;
	size_t uses;
};

static const char *document_measure_fault(const xmlNode *node, struct document_measure *m)
{
	bool in_group = document_is_inside(node, document_is_group);

	if (document_is_group(node) && in_group) {
		return "is a group in a group";
	}
	if (document_is_model(node) && document_is_inside(node, document_is_model)) {
		return "is nested in another; write one, or a group";
	}
	if (document_node_is(node, "element") || document_node_is(node, "any")) {
		m->plain += in_group ? 0 : 1;
		m->grouped += in_group ? 1 : 0;
	} else if (document_node_is(node, "group") &&
		   xmlHasProp(node, (const xmlChar *)"ref") != NULL) {
		m->uses++;
	}
	if (m->plain + m->uses * m->grouped > DOCUMENT_SCHEMA_ELEMENTS_MAX) {
		return "is one too many: a schema has at most 128 elements, those of a group "
		       "counted wherever it is used";
	}
	return document_value_fault(node);
}

/* Refuses what would take long to compile. */
static bool document_check_schema(const char *name, xmlDoc *document, struct err *err)
{
	struct document_measure measure = { 0 };
	int depth = 0;

	for (xmlNode *node = xmlDocGetRootElement(document); node != NULL;
		node = document_next(node, &depth)) {
		const char *why = document_measure_fault(node, &measure);

		if (why != NULL) {
			return document_refuse(name, xmlGetLineNo(node), err, "<%.40s> %s",
				(const char *)node->name, why);
		}
	}
	return true;
}

/* Every node passes `fault`, and there are not too many, nor too deep. */
static bool document_walk(const char *name, xmlDoc *document, const char *(*fault)(const xmlNode *),
	struct err *err)
{
	int depth = 0;
	int count = 0;

	assert(document != NULL);
	assert(fault != NULL);

	for (xmlNode *node = xmlDocGetRootElement(document); node != NULL;
		node = document_next(node, &depth)) {
		const char *why = fault(node);

		if (why != NULL) {
			return document_refuse(name, xmlGetLineNo(node), err, "<%.40s> %s",
				(const char *)node->name, why);
		}
		if (depth > DOCUMENT_DEPTH_MAX || ++count > DOCUMENT_NODES_MAX) {
			return document_refuse(name, xmlGetLineNo(node), err,
				"has too many elements or nests them too deeply");
		}
	}
	return true;
}

bool document_schema_new(const char *name, struct text bytes, struct document_schema **schema,
	struct err *err)
{
	struct document_complaint complaint = { .name = name, .line = 1 };
	struct document_schema *s = mem_new(1, sizeof(*s));
	xmlSchemaParserCtxt *parser = NULL;
	bool ok = false;

	assert(name != NULL);
	assert(schema != NULL);

	document_init();
	if (bytes.size > DOCUMENT_SCHEMA_SIZE_MAX) {
		(void)document_refuse(name, 1, err, "is longer than %d bytes",
			DOCUMENT_SCHEMA_SIZE_MAX);
		goto out;
	}
	s->document = document_parse(name, bytes, err);
	if (s->document == NULL || !document_walk(name, s->document, document_schema_fault, err) ||
		!document_check_schema(name, s->document, err)) {
		goto out;
	}
	parser = xmlSchemaNewDocParserCtxt(s->document);
	if (parser == NULL) {
		abort(); /* memory, as in mem_new() */
	}
	xmlSchemaSetParserStructuredErrors(parser, document_on_schema_error, &complaint);
	s->schema = xmlSchemaParse(parser);
	if (s->schema == NULL || complaint.made) {
		(void)document_refuse_complaint(&complaint, err);
		goto out;
	}
	*schema = s;
	s = NULL;
	ok = true;
out:
	xmlSchemaFreeParserCtxt(parser);
	document_schema_free(&s);
	return ok;
}

void document_schema_free(struct document_schema **schema)
{
	assert(schema != NULL);

	if (*schema == NULL) {
		return;
	}
	xmlSchemaFree((*schema)->schema);
	document_free(&(*schema)->document);
	free(*schema);
	*schema = NULL;
}

static bool document_validate(const char *name, const struct document_schema *schema,
	xmlDoc *document, struct err *err)
{
	struct document_complaint complaint = { .name = name, .line = 1 };
	xmlSchemaValidCtxt *valid = xmlSchemaNewValidCtxt(schema->schema);
	int rc;

	if (valid == NULL) {
		abort(); /* memory, as in mem_new() */
	}
	xmlSchemaSetValidStructuredErrors(valid, document_on_schema_error, &complaint);
	rc = xmlSchemaValidateDoc(valid, document);
	xmlSchemaFreeValidCtxt(valid);
	return (rc == 0 && !complaint.made) || document_refuse_complaint(&complaint, err);
}

bool document_read(const char *name, struct text bytes, const struct document_schema *schema,
	xmlDoc **document, struct err *err)
{
	xmlDoc *d;

	assert(document != NULL);
	assert(*document == NULL);

	d = document_parse(name, bytes, err);
	if (d == NULL) {
		return false;
	}
	if (!document_walk(name, d, document_node_fault, err) ||
		(schema != NULL && !document_validate(name, schema, d, err))) {
		document_free(&d);
		return false;
	}
	*document = d;
	return true;
}

void document_free(xmlDoc **document)
{
	assert(document != NULL);

	if (*document != NULL) {
		xmlFreeDoc(*document);
	}
	*document = NULL;
}
