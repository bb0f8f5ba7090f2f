/* SPDX-License-Identifier: Apache-2.0 */

/*
 * api_draft - a call that brings a draft of the tariff to be looked at on a reader's thread.
 *
 * One is under way at a time: they are large.
 */
#ifndef ALYM_DAEMON_API_DRAFT_H
#define ALYM_DAEMON_API_DRAFT_H

#include "daemon/api.h"
#include "daemon/draft.h"

struct api_draft {
	struct api_query query; /* first */
	struct json_value *body;
	struct draft draft;
};

/* Takes the draft and whatever else the body has; may set the query's problem. */
typedef void api_draft_read_fn(struct api_draft *draft, struct json_reader *body);

/* Admits, reads and starts the call, or answers it at once.  `draft` came from api_query_new(). */
void api_draft_post(struct api_request *r, struct api_draft *draft, api_draft_read_fn *read);

#endif
