/* SPDX-License-Identifier: Apache-2.0 */

/*
 * seal - the signatures of README.md section 2, made and checked.
 *
 * Knows the secrets, the headers and what is signed; knows nothing of what the messages say.
 */
#ifndef ALYM_GATEWAYS_SANDBOX_SEAL_H
#define ALYM_GATEWAYS_SANDBOX_SEAL_H

#include "plugins/gateway.h"
#include "plugins/mac.h"

enum {
	SEAL_SECRET_MIN = 16,
	SEAL_SECRET_MAX = 128,
	SEAL_MAC_SIZE = 32,
	SEAL_SIGNATURE_SIZE = 2 * SEAL_MAC_SIZE + 1, /* hexadecimal, and its NUL */
};

struct seal {
	struct mac mac;
	int64_t window_s;
};

/* In the order they are checked. */
enum seal_check {
	SEAL_FORGED, /* headers missing, doubled or of another form; no secret of ours made it */
	SEAL_STALE,  /* ours, but too old or too new */
	SEAL_GOOD,
};

/* `next` is empty when there is none.  Both are SEAL_SECRET_MIN to _MAX bytes. */
void seal_init(struct seal *seal, struct text secret, struct text next, int64_t window_s);
void seal_done(struct seal *seal);

enum seal_check seal_check_request(const struct seal *seal, const struct alym_message *message,
	int64_t now);

/* `signature` is that of the request this answers. */
enum seal_check seal_check_answer(const struct seal *seal, const struct alym_message *message,
	const char *signature, int64_t now);

/* The signature header's value of a message that was found SEAL_GOOD or SEAL_STALE. */
void seal_read(const struct alym_message *message, char signature[SEAL_SIGNATURE_SIZE]);

/* Signs action->request, whose path begins `origin_size` bytes into its address, and puts the
 * headers into the scratch.  The signature is to be remembered for the answer. */
void seal_request(const struct seal *seal, int64_t now, size_t origin_size,
	struct alym_action *action, char signature[SEAL_SIGNATURE_SIZE]);

/* Makes action->answer of its status and body.  `signature` is that of the message; without it
 * (NULL) the answer goes unsigned. */
void seal_answer(const struct seal *seal, int64_t now, const char *signature,
	struct alym_action *action);

#endif
