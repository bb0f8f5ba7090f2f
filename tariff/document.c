/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/document.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { DOCUMENT_COMPLAINT_SIZE = 400 };

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

	xmlInitParser();
	s->document = document_parse(name, bytes, err);
	if (s->document == NULL || !document_walk(name, s->document, document_schema_fault, err)) {
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
