/* SPDX-License-Identifier: Apache-2.0 */

/* api_operator - what an operator's act on the book brings: a reason, a key, and who it is. */
#ifndef ALYM_DAEMON_API_OPERATOR_H
#define ALYM_DAEMON_API_OPERATOR_H

#include "daemon/api.h"

struct api_operator {
	struct api_key key;
	struct job_request request; /* points into `key` */
	struct job_actor actor;
	char reason[JOB_REASON_MAX + 1];
};

/* Reads the body {"reason":".."} and the Idempotency-Key; the key is bound to the path and the
 * reason. */
bool api_operator_read(const struct api_request *r, enum job_route route, struct api_operator *act,
	struct problem *problem) MUST_USE;

/* For job.done: true when the book did it, now or before: the answer will be 201, `replayed` where
 * it was before.  False: the outcome says why not. */
bool api_operator_done(struct api_query *q, struct job *job) MUST_USE;

/* Who did it: client and uid. */
void api_operator_write(struct json_writer *w, const char *name, const struct job_actor *actor);

#endif
