/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - the other side of gateways/sandbox/README.md, for tests.
 *
 * Signs by OpenSSL's one-call HMAC over text it has put together itself, and shares no code with
 * the gateway.
 */
#ifndef ALYM_TESTS_GATEWAYS_SANDBOX_BANK_H
#define ALYM_TESTS_GATEWAYS_SANDBOX_BANK_H

#include "plugins/gateway.h"
#include "plugins/kit/drive.h"

#define BANK_SECRET      "0123456789abcdef"
#define BANK_SECRET_NEXT "fedcba9876543210fedcba9876543210"
#define BANK_PATH        "/callbacks/sandbox"

enum {
	BANK_NOW = 1767225600, /* 2026-01-01T00:00:00Z */
	BANK_SIGNATURE_SIZE = 65,
	BANK_HEADERS_MAX = 4,
};

/* A message with room for its headers.  Not to be copied: it points into itself. */
struct bank_message {
	char timestamp[24];
	char signature[BANK_SIGNATURE_SIZE];
	struct alym_header headers[BANK_HEADERS_MAX];
	struct alym_message message;
};

/* HMAC-SHA256 in hexadecimal. */
void bank_sign(const char *secret, struct text t, char signature[BANK_SIGNATURE_SIZE]);

/* Sets the two headers; what was written into `m` before is signed. */
void bank_sign_request(const char *secret, int64_t now, struct bank_message *m);
void bank_sign_answer(const char *secret, int64_t now, struct text request_signature,
	struct bank_message *m);

/* Signed with BANK_SECRET at the drive's time. */
void bank_call(struct drive *d, struct text body);               /* POST to BANK_PATH */
void bank_answer(struct drive *d, int status, struct text body); /* to what was just sent */

/* True when the answer the last step came to is signed, with BANK_SECRET, for that request. */
bool bank_believes(const struct drive *d, struct text request_signature);

/* The settings of every test, and the order. */
extern const struct alym_setting bank_settings[];
extern const size_t bank_setting_count;
struct alym_order bank_order(void);

#endif
