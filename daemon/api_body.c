/* SPDX-License-Identifier: Apache-2.0 */

/* What a POST brings: a JSON object. */
#include <assert.h>
#include <string.h>
#include <strings.h>

#include "daemon/api.h"

/* "application/json", with whatever parameters; none at all is taken as JSON too. */
static bool api_type_is_json(struct text type)
{
	static const char json[] = API_JSON;
	size_t size = sizeof(json) - 1;

	if (type.size == 0) {
		return true;
	}
	return type.size >= size && strncasecmp(type.bytes, json, size) == 0 &&
	       (type.size == size || type.bytes[size] == ';' || type.bytes[size] == ' ');
}

bool api_body_read(const struct api_request *r, bool may_be_empty, struct json_value **body,
	struct problem *problem)
{
	struct parameters none;
	struct err err = { 0 };
	size_t types;

	assert(r != NULL);
	assert(body != NULL);

	parameters_init(&none, r->call, problem);
	if (!parameters_end(&none)) {
		return false;
	}
	if (!api_type_is_json(call_header(r->call, "Content-Type", &types)) || types > 1) {
		problem_set(problem, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Content-Type",
			"the body must be " API_JSON);
		return false;
	}
	if (r->call->body.size > call_body_max(r->call->path)) {
		problem_set(problem, PROBLEM_TOO_LARGE, "", "a body has at most %zu bytes",
			call_body_max(r->call->path));
		return false;
	}
	*body = json_parse(r->call->body.size == 0 && may_be_empty ? TEXT("{}") : r->call->body,
		&err);
	if (*body == NULL) {
		problem_set(problem, PROBLEM_INVALID_JSON, "", "%s", err.message);
	} else if ((*body)->kind != JSON_KIND_OBJECT) {
		problem_set(problem, PROBLEM_INVALID_JSON, "", "the body must be an object");
		json_free(body);
	}
	return *body != NULL;
}
