/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bank - the other side of gateways/bcc/README.md, for tests.
 *
 * Signs by OpenSSL's one-call HMAC over text it has put together itself, and shares no code with
 * the gateway.  Keys are those of the bank's published test terminal:
 * documenter.getpostman.com/view/23274245/2s7YYo95nr
 */
#ifndef ALYM_TESTS_GATEWAYS_BCC_BANK_H
#define ALYM_TESTS_GATEWAYS_BCC_BANK_H

#include "plugins/gateway.h"
#include "plugins/kit/drive.h"

#define BANK_KEY_PART1 "690B5589573ACB3608DB7395A319B175"
#define BANK_KEY_PART2 "02BBF98BB3411445D15498E2DC22E3E1"
#define BANK_KEY       "6BB0AC02E47BDF73D98FEB777F3B5294"
#define BANK_KEY_NEXT  "00112233445566778899AABBCCDDEEFF"
#define BANK_KEY_ALIEN "FFEEDDCCBBAA99887766554433221100"
#define BANK_URL       "https://bank.test:5445/cgi-bin/cgi_link"
#define BANK_ORDER     "3558714461568"
#define BANK_HANDLE    "821185120045 9C2176F638FDC05C"
#define BANK_HELD      BANK_HANDLE " 12"

/* printf bcc:notify-1 | base64, and so on */
#define BANK_BASIC       "Basic YmNjOm5vdGlmeS0x"
#define BANK_BASIC_NEXT  "Basic YmNjOm5vdGlmeS0y"
#define BANK_BASIC_ALIEN "Basic YmNjOm5vdGlmeS0z"

enum {
	BANK_NOW = 1582529961, /* 2020-02-24T07:39:21Z, of the published vectors */
	BANK_SIGN_SIZE = 41,
	BANK_FIELDS_MAX = 32,
	BANK_BODY_SIZE = 4096,
};

struct bank_field {
	const char *name;
	const char *value;
};

/* A message of the bank.  Names and values are the test's. */
struct bank_note {
	struct bank_field fields[BANK_FIELDS_MAX];
	size_t count;
	const char *basic; /* NULL: no header */
	char sign[BANK_SIGN_SIZE];
};

enum bank_form { BANK_JSON, BANK_HTML };

/* HMAC-SHA1 over length and value of each, in hexadecimal. */
void bank_sign(const char *key_hex, const char *const *values, size_t count,
	char sign[BANK_SIGN_SIZE]);

/* What the bank says of bank_order() once it is paid; the notification's P_SIGN is not in it. */
struct bank_note bank_note(void);
void bank_set(struct bank_note *note, const char *name, const char *value); /* NULL: takes it out */
const char *bank_get(const struct bank_note *note, const char *name);       /* or NULL */
void bank_seal(struct bank_note *note, const char *key_hex); /* P_SIGN as of TRTYPE 1 */

/* The form; `out` has BANK_BODY_SIZE bytes. */
struct text bank_encode(const struct bank_note *note, char *out);
struct text bank_write(const struct bank_note *note, enum bank_form form, char *out);

void bank_call(struct drive *d, const struct bank_note *note);
void bank_call_with(struct drive *d, const char *method, const char *basic, struct text body);
void bank_answer(struct drive *d, int status, struct text body);
void bank_answer_note(struct drive *d, const struct bank_note *note, enum bank_form form);

/* A field of the request that was just sent, or of the form for the browser, decoded; empty when it
 * is not there exactly once.  Lives until the next call. */
const char *bank_sent(const struct drive *d, const char *name);
const char *bank_posted(const struct drive *d, const char *name);

/* The settings of every test, and the order. */
enum { BANK_SETTINGS = 8 };
extern const struct alym_setting bank_settings[BANK_SETTINGS];
struct alym_order bank_order(void);

#endif
