/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - the other side of gateways/freedompay/README.md, for tests.
 *
 * Signs what it has sorted and put together itself, and shares no code with the gateway.
 */
#ifndef ALYM_TESTS_GATEWAYS_FREEDOMPAY_BANK_H
#define ALYM_TESTS_GATEWAYS_FREEDOMPAY_BANK_H

#include "plugins/gateway.h"
#include "plugins/kit/drive.h"

#define BANK_SECRET      "mypasskey"
#define BANK_SECRET_NEXT "rofoneqaxujagexi"
#define BANK_PATH        "/callbacks/freedom"
#define BANK_SCRIPT      "freedom"
#define BANK_NUMBER      "12345678"
#define BANK_ID          "4567788"

enum { BANK_NOW = 1767225600, /* 2026-01-01T00:00:00Z */ BANK_FIELDS_MAX = 48 };

/*
 * A field of a message; a list of them ends with a NULL name.  Of a field that has fields in it
 * `value` is what stands between its tags, and `flat` its values with semicolons between.
 */
struct bank_field {
	const char *name;
	const char *value;
	const char *flat;
};

/* md5 in hexadecimal of script, values sorted by their fields' names, and the secret. */
void bank_sign(const char *secret, const char *script, const struct bank_field *fields,
	char sig[33]);

/* The same fields with those of `changes` in their place, or after them; NULL for a value takes
 * one out. */
void bank_change(const struct bank_field *fields, const struct bank_field *changes,
	struct bank_field out[BANK_FIELDS_MAX]);

/* `<response>` with the fields and, if there is a secret, pg_sig; to be freed. */
struct buffer bank_xml(const char *secret, const char *script, const struct bank_field *fields);

/* Fields as a form, with pg_sig; to be freed. */
struct buffer bank_form(const char *secret, const char *script, const struct bank_field *fields);

/* Answers what was just sent, signed as its script asks for. */
void bank_answer(struct drive *d, const struct bank_field *fields);

/* POSTs to BANK_PATH, signed. */
void bank_call(struct drive *d, const struct bank_field *fields);

/* The script that was called by what was just sent, "" if nothing was sent. */
const char *bank_asked(const struct drive *d);

/* The decoded field of the form that was just sent; NULL if it is absent.  Until the next call. */
const char *bank_asked_field(const struct drive *d, const char *name);

/* True when the form that was just sent is signed with that secret. */
bool bank_believes_request(const struct drive *d, const char *secret);

/* pg_status of the answer that the last step came to, if it is signed with that secret; else NULL.
 */
const char *bank_believes_answer(const struct drive *d, const char *secret);

/* What the bank says, all right: a page, a status of what was taken, and a paid result. */
extern const struct bank_field bank_opened[];
extern const struct bank_field bank_taken[];
extern const struct bank_field bank_result[];

/* The settings of every test, and the order. */
extern const struct alym_setting bank_settings[];
extern const size_t bank_setting_count;
struct alym_order bank_order(void);

#endif
