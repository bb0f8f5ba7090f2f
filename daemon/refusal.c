/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/refusal.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "base/json.h"

enum { REFUSAL_TYPE_SIZE = 64 };

static const struct refusal_row {
	int status;
	const char *code;
	const char *title;
} refusal_rows[] = {
	{ 400, "malformed_request", "The request can not be read in one way only" },
	{ 403, "not_permitted", "The caller may not do this" },
	{ 405, "method_not_allowed", "The path does not take this method" },
	{ 413, "too_large", "The request is too large" },
	{ 414, "too_large", "The request is too large" },
	{ 417, "expectation_failed", "The expectation can not be met" },
	{ 431, "too_large", "The request is too large" },
	{ 505, "version_not_supported", "The version of HTTP is not served" },
};

static const struct refusal_row *refusal_row(int status)
{
	const struct refusal_row *row = &refusal_rows[0];

	for (size_t i = 0; i < sizeof(refusal_rows) / sizeof(*refusal_rows); i++) {
		if (refusal_rows[i].status == status) {
			row = &refusal_rows[i];
		}
	}
	assert(row->status == status);
	return row;
}

void refusal_write(int status, const char *why, struct buffer *out)
{
	const struct refusal_row *row = refusal_row(status);
	struct json_writer w;
	char type[REFUSAL_TYPE_SIZE];

	assert(why != NULL);

	(void)snprintf(type, sizeof(type), "urn:alym:problem:%s", row->code);
	json_writer_init(&w, out);
	json_open_object(&w, NULL);
	json_cstring(&w, "code", row->code);
	json_cstring(&w, "detail", why);
	json_number(&w, "status", status);
	json_cstring(&w, "title", row->title);
	json_cstring(&w, "type", type);
	json_close_object(&w);
}
