/* SPDX-License-Identifier: Apache-2.0 */

/*
 * warning - what somebody must see to before it stops work: told by /readyz, /metrics and the log.
 *
 * A warning never makes the daemon less ready.  Each is a question about the engine as it is now;
 * nothing is kept here.
 */
#ifndef ALYM_DAEMON_WARNING_H
#define ALYM_DAEMON_WARNING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "daemon/ports.h"

struct engine;

enum warning {
	WARNING_MRP_MISSING,        /* no MRP for duties acts today, or no set is in use */
	WARNING_MRP_NEXT_MISSING,   /* after 10 December: none is known for the coming year */
	WARNING_RATES_MISSING,      /* today's exchange rates were asked for, and not had */
	WARNING_RATES_NEXT_MISSING, /* after 20:00: tomorrow's are not there, and are to be fetched
				     */
	WARNING_GATEWAY_UNLISTED, /* the book was resumed lately, and a gateway can not say what it
				     did meanwhile */
	WARNING_TARIFF_WAITS,     /* the tariff's folder holds what nobody has activated */
	WARNING_GATEWAY_RESTING,  /* a gateway takes no orders: its breaker is open */
	WARNING_COUNT,
};

enum { WARNING_DETAIL_SIZE = 200 };

/* "mrp_missing", in /readyz and /metrics; the log's event is "warning.mrp_missing". */
const char *warning_code(enum warning warning);
enum ports_level warning_level(enum warning warning);

/* Whether it is to be told now; then `detail` says what is to be done. */
bool warning_is_due(struct engine *engine, enum warning warning, char detail[WARNING_DETAIL_SIZE]);

/* Logs it, when it is due. */
bool warning_log(struct engine *engine, enum warning warning);

/* "warnings":[{"code":..,"detail":..}]: those that are due. */
void warning_write(struct engine *engine, struct json_writer *w);

/* Whether the MRP for duties is missing by that day, when the last day of the last one is
 * `mrp_until`. */
bool warning_of_mrp(int32_t today, int32_t mrp_until);
bool warning_of_next_mrp(int32_t today, int32_t mrp_until);

#endif
