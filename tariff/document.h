/* SPDX-License-Identifier: Apache-2.0 */

/*
 * document - XML from outside, read the strict way, and the schema it must follow.
 *
 * UTF-8 only, no DOCTYPE (so no entities), no namespaces, nothing fetched from anywhere: whatever
 * a document asks to have loaded is refused.  Complaints begin with "file:line: ".
 */
#ifndef ALYM_TARIFF_DOCUMENT_H
#define ALYM_TARIFF_DOCUMENT_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"

enum {
	DOCUMENT_DEPTH_MAX = 32,      /* of elements */
	DOCUMENT_NODES_MAX = 1 << 20, /* elements of one document */
};

struct document_schema;

/* Sets up what libxml2 shares among threads; may be called again. */
void document_init(void);

/* Gives a schema; an include or import in it is refused. */
bool document_schema_new(const char *name, struct text bytes, struct document_schema **schema,
	struct err *err) MUST_USE;
void document_schema_free(struct document_schema **schema);

/* Gives a document that follows the schema (NULL: whoever reads it checks its form), to be freed
 * with document_free(). */
bool document_read(const char *name, struct text bytes, const struct document_schema *schema,
	xmlDoc **document, struct err *err) MUST_USE;
void document_free(xmlDoc **document);

/* Fills `err` with "name:line: " and what is said; returns false. */
bool document_refuse(const char *name, long line, struct err *err, const char *format, ...)
	PRINTF_LIKE(4, 5);

#endif
