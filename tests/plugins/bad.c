/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bad - a gateway with one thing wrong with it, by what is defined when it is compiled; with
 * nothing defined it is a good one.  tests/plugins/CMakeLists.txt has the list.
 */
#include <stdio.h>
#include <string.h>

#include "plugins/gateway.h"

#ifndef BAD_SYMBOL
#define BAD_SYMBOL alym_gateway
#endif
#ifndef BAD_ABI
#define BAD_ABI ALYM_GATEWAY_ABI
#endif
#ifndef BAD_SIZE
#define BAD_SIZE sizeof(struct alym_gateway)
#endif
#ifndef BAD_NAME
#define BAD_NAME "bad"
#endif
#ifndef BAD_KEYS
#define BAD_KEYS bad_keys
#endif
#ifndef BAD_DIGITS_MIN
#define BAD_DIGITS_MIN 6
#endif
#ifndef BAD_DIGITS_MAX
#define BAD_DIGITS_MAX 15
#endif
#ifndef BAD_SUFFIX
#define BAD_SUFFIX 6
#endif
#ifndef BAD_SESSION
#define BAD_SESSION ALYM_SESSION_MAX
#endif
#ifndef BAD_OPEN
#define BAD_OPEN bad_open
#endif
#ifndef BAD_CLOSE
#define BAD_CLOSE bad_close
#endif
#ifndef BAD_STEP
#define BAD_STEP bad_step
#endif

struct alym_gateway_state {
	int nothing;
};

extern struct alym_gateway_state bad_state;
extern const struct alym_gateway BAD_SYMBOL;
extern void bad_missing(void);
extern const struct alym_key bad_keys[];
struct alym_gateway_state *bad_open(const struct alym_setting *settings, size_t count, char *why,
	size_t why_size);
void bad_close(struct alym_gateway_state *state);
void bad_step(const struct alym_gateway_state *state, void *session, const struct alym_event *event,
	struct alym_action *action);

struct alym_gateway_state bad_state;

const struct alym_key bad_keys[] = {
	{ "endpoint", true, "has to be there" },
	{ "colour", false, "need not" },
	{ 0 },
};

/* Takes any colour but these. */
struct alym_gateway_state *bad_open(const struct alym_setting *settings, size_t count, char *why,
	size_t why_size)
{
	for (size_t i = 0; i < count; i++) {
		if (text_is(settings[i].value, "red")) {
			(void)snprintf(why, why_size, "red is not a colour");
			return NULL;
		}
		if (text_is(settings[i].value, "mute")) {
			return NULL;
		}
		if (text_is(settings[i].value, "loud")) {
			memset(why, '!', why_size); /* and no NUL */
			return NULL;
		}
	}
	return &bad_state;
}

void bad_close(struct alym_gateway_state *state)
{
	(void)state;
#ifdef BAD_CALL
	bad_missing();
#endif
}

void bad_step(const struct alym_gateway_state *state, void *session, const struct alym_event *event,
	struct alym_action *action)
{
	(void)state;
	(void)session;
	(void)event;
	(void)action;
}

__attribute__((visibility("default"))) const struct alym_gateway BAD_SYMBOL = {
	.abi = BAD_ABI,
	.size = BAD_SIZE,
	.name = BAD_NAME,
	.keys = BAD_KEYS,
	.order = { BAD_DIGITS_MIN, BAD_DIGITS_MAX, BAD_SUFFIX },
	.session_size = BAD_SESSION,
	.open = BAD_OPEN,
	.close = BAD_CLOSE,
	.step = BAD_STEP,
};
