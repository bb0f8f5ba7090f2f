/* SPDX-License-Identifier: Apache-2.0 */

/*
 * rbs - what the parts of the gateway share: its settings and its session.
 *
 * request.c writes README.md's requests, answer.c reads what the bank says to them, operation.c
 * decides what to do about it; callback.c speaks the callbacks, checksum.c knows who sent one.
 */
#ifndef ALYM_GATEWAYS_RBS_RBS_H
#define ALYM_GATEWAYS_RBS_RBS_H

#include "gateways/rbs/checksum.h"
#include "plugins/endpoint.h"
#include "plugins/gateway.h"

enum {
	RBS_SECRET_MAX = 128,
	RBS_ID_SIZE = 37, /* an orderId, that is mdOrder: 36 characters, and its NUL */
};

struct alym_gateway_state {
	struct endpoint endpoint;
	char user[RBS_SECRET_MAX + 1];
	char password[RBS_SECRET_MAX + 1];
	char token[RBS_SECRET_MAX + 1]; /* instead of both */
	char return_url[ALYM_URL_MAX + 1];
	struct checksum checksum;
	int64_t offset_s; /* of the bank's clock, east of Greenwich */
	bool two_step;
	bool dynamic_callback;
};

/* Which answer we are waiting for. */
enum rbs_stage {
	RBS_NOTHING,
	RBS_REGISTER,
	RBS_STATUS,
	RBS_MOVEMENT, /* deposit.do, reverse.do or decline.do */
	RBS_REFUND,
};

struct rbs_session {
	enum rbs_stage stage;
	bool exists;   /* the bank said that the order does: it can not be unknown to it */
	bool acted;    /* the movement was sent; now it is asked what came of it */
	int64_t error; /* that the movement was answered with */
	char md_order[RBS_ID_SIZE]; /* empty until the bank names it */
};

/* A to Z, a to z, 0 to 9 and -, one to 36 of them: what the bank may call an order. */
bool rbs_is_id(struct text t);

#endif
