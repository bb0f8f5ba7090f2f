/* SPDX-License-Identifier: Apache-2.0 */

/*
 * option - every option alymctl knows, once: its name, what it takes, one line of help.
 *
 * Which command takes which is in the table of commands (tools/command.c).
 */
#ifndef ALYM_TOOLS_OPTION_H
#define ALYM_TOOLS_OPTION_H

#include <stdint.h>

#include "base/text.h"

enum option {
	/* of every command */
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_SOCKET,
	OPTION_JSON,
	OPTION_LANG,
	/* what is asked to be priced */
	OPTION_ACTION,
	OPTION_QUANTITY,
	OPTION_NATIONALITY,
	OPTION_BIRTH_DATE,
	OPTION_CLAIM,
	OPTION_CATEGORY,
	OPTION_CURRENCY,
	OPTION_ACTIVATION_DATE,
	OPTION_TRAVEL_DATE,
	OPTION_PLACE,
	OPTION_MISSION,
	OPTION_YEARS,
	OPTION_DATE,
	OPTION_TIME,
	/* payments */
	OPTION_REFERENCE,
	OPTION_GATEWAY,
	OPTION_METHOD,
	OPTION_RETURN_URL,
	OPTION_EXPECT,
	OPTION_PAYER,
	OPTION_KEY,
	OPTION_CODE,
	OPTION_STATE,
	OPTION_REASON,
	OPTION_ORDER,
	OPTION_FORCE,
	OPTION_DOCUMENT,
	/* lists */
	OPTION_FROM,
	OPTION_TO,
	OPTION_LIMIT,
	OPTION_CURSOR,
	OPTION_ALL,
	OPTION_AFTER,
	OPTION_FOLLOW,
	/* the ledger */
	OPTION_ACCOUNT,
	OPTION_PAYMENT,
	OPTION_AS_OF,
	OPTION_AXIS,
	OPTION_AS_OF_RECORD,
	OPTION_SERVICE,
	OPTION_EVIDENCE,
	OPTION_CONSISTENCY,
	OPTION_CHECKPOINT,
	OPTION_VERIFIER,
	OPTION_DAYS,
	/* the tariff */
	OPTION_CASES,
	OPTION_SHA256,
	/* exchange rates */
	OPTION_REPLACE,
	/* the export */
	OPTION_FORMAT,
	OPTION_OUTPUT,
	/* without a daemon */
	OPTION_CONFIG,
	OPTION_QUICK,
	/* help */
	OPTION_NAMES,
	OPTION_COUNT,
};

_Static_assert(OPTION_COUNT <= 64, "sets of options are the bits of a uint64_t");

/* A set of options. */
#define OPTION_BIT(option) (UINT64_C(1) << (option))
#define OPTION_GLOBAL                                                                       \
	(OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_VERSION) | OPTION_BIT(OPTION_SOCKET) | \
		OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_LANG))

struct option_row {
	const char *name;  /* without the dashes */
	const char *value; /* what it takes, in capitals; NULL: nothing */
	const char *words; /* the values there are, with spaces between; or NULL: any */
	const char *help;
	size_t repeat_max; /* how often it may be given; 0: once */
};

const struct option_row *option_row(enum option option);

/* OPTION_COUNT: there is none of that name. */
enum option option_find(struct text name);

#endif
