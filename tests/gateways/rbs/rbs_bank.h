/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rbs_bank - the other side of gateways/rbs/README.md, for tests.
 *
 * Signs by OpenSSL's one-call HMAC over text that the tests write out themselves, and shares no
 * code with the gateway.
 */
#ifndef ALYM_TESTS_GATEWAYS_RBS_RBS_BANK_H
#define ALYM_TESTS_GATEWAYS_RBS_RBS_BANK_H

#include "plugins/gateway.h"
#include "plugins/kit/drive.h"

#define RBS_BANK_KEY      "ooc7slpvc61k7sf7ma7p4hrefr"
#define RBS_BANK_KEY_NEXT "the key after that one"
#define RBS_BANK_ID       "01491d0b-c848-7dd6-a20d-e96900a7d8c0"

#define RBS_BANK_WHO "userName=alym-api&password=p%26ss%20w%C3%B6rd"

/* The form of the banks' published sample, with our order in it. */
#define RBS_BANK_STATUS_OF(status, approved, deposited, refunded)                         \
	"{\"errorCode\":\"0\",\"errorMessage\":\"Success\",\"orderNumber\":\"12345678\"," \
	"\"orderStatus\":" status ",\"actionCode\":0,\"actionCodeDescription\":\"\","     \
	"\"amount\":12975000,\"currency\":\"398\",\"date\":1617972915659,"                \
	"\"attributes\":[{\"name\":\"mdOrder\",\"value\":\"" RBS_BANK_ID "\"}],"          \
	"\"cardAuthInfo\":{\"maskedPan\":\"411111**1111\",\"expiration\":\"203412\"},"    \
	"\"paymentAmountInfo\":{\"paymentState\":\"X\",\"approvedAmount\":" approved      \
	",\"depositedAmount\":" deposited ",\"refundedAmount\":" refunded "}}"
#define RBS_BANK_WAITING  RBS_BANK_STATUS_OF("0", "0", "0", "0")
#define RBS_BANK_HELD     RBS_BANK_STATUS_OF("1", "12975000", "0", "0")
#define RBS_BANK_TAKEN    RBS_BANK_STATUS_OF("2", "12975000", "12975000", "0")
#define RBS_BANK_REVERSED RBS_BANK_STATUS_OF("3", "0", "0", "0")
#define RBS_BANK_REFUSED  RBS_BANK_STATUS_OF("6", "0", "0", "0")

enum {
	RBS_BANK_NOW = 1767225600, /* 2026-01-01T00:00:00Z */
	RBS_BANK_SETTINGS = 6,
	RBS_BANK_CHECKSUM_SIZE = 65,
};

/* HMAC-SHA256 of what is signed, in upper-case hexadecimal. */
void rbs_bank_sign(const char *key, const char *signed_text, char checksum[RBS_BANK_CHECKSUM_SIZE]);

/* A callback with these parameters, by GET or POST. */
void rbs_bank_call(struct drive *d, const char *method, const char *parameters);

/* The same with the checksum of what is signed behind them. */
void rbs_bank_call_signed(struct drive *d, const char *method, const char *parameters,
	const char *signed_text);

/* An answer to what was just sent. */
void rbs_bank_answer(struct drive *d, int status, const char *body);

/* The settings of every test, and the order. */
extern const struct alym_setting rbs_bank_settings[RBS_BANK_SETTINGS];
struct alym_order rbs_bank_order(void);

#endif
