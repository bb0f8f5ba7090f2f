/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/warning.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "daemon/engine_parts.h"
#include "daemon/fetch.h"
#include "daemon/recall.h"

enum { WARNING_EVENT_SIZE = 64, WARNING_MONTH = 12, WARNING_QUIET_UNTIL = 10 };

typedef bool warning_fn(struct engine *engine, char detail[WARNING_DETAIL_SIZE]);

/* ---- the MRP ---- */

bool warning_of_mrp(int32_t today, int32_t mrp_until)
{
	return today > mrp_until;
}

bool warning_of_next_mrp(int32_t today, int32_t mrp_until)
{
	const struct date_civil now = date_to_civil(today);
	int32_t year_end;
	bool is_day =
		date_from_civil((struct date_civil){ now.year, WARNING_MONTH, 31 }, &year_end);

	assert(is_day);
	(void)is_day;
	return now.month == WARNING_MONTH && now.day > WARNING_QUIET_UNTIL && mrp_until <= year_end;
}

static bool warning_mrp(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	const struct tariff *tariff = tariffs_current(engine->tariffs);
	const int32_t today = engine_today(engine);

	if (tariff == NULL) {
		(void)snprintf(detail, WARNING_DETAIL_SIZE,
			"no tariff is in use: state duties can not be quoted");
		return true;
	}
	if (!warning_of_mrp(today, tariff_mrp_until(tariff))) {
		return false;
	}
	(void)snprintf(detail, WARNING_DETAIL_SIZE,
		"no MRP for duties is known for %d: state duties can not be quoted until the tariff "
		"has it",
		date_to_civil(today).year);
	return true;
}

static bool warning_next_mrp(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	const struct tariff *tariff = tariffs_current(engine->tariffs);
	const int32_t today = engine_today(engine);

	if (tariff == NULL || !warning_of_next_mrp(today, tariff_mrp_until(tariff))) {
		return false;
	}
	(void)snprintf(detail, WARNING_DETAIL_SIZE,
		"the MRP for duties of %d is missing: enter it before the year begins",
		date_to_civil(today).year + 1);
	return true;
}

/* ---- exchange rates ---- */

static bool warning_rates_of(int32_t day, char detail[WARNING_DETAIL_SIZE])
{
	char text[DATE_TEXT_SIZE];

	(void)snprintf(detail, WARNING_DETAIL_SIZE,
		"the exchange rates of %s are missing: fees in foreign money can not be paid in "
		"tenge that day until they are imported",
		date_format(day, text));
	return true;
}

static bool warning_rates(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	return fetch_misses_today(engine) && warning_rates_of(engine_today(engine), detail);
}

static bool warning_next_rates(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	return fetch_misses_tomorrow(engine) && warning_rates_of(engine_today(engine) + 1, detail);
}

/* ---- what waits to be activated ---- */

static bool warning_tariff_waits(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	const struct engine_folder *folder = &engine->folder;
	const struct tariff *tariff = tariffs_current(engine->tariffs);

	if (engine->settings.activation == ENGINE_BY_RELOAD) {
		return false;
	}
	if (tariff == NULL) {
		(void)snprintf(detail, WARNING_DETAIL_SIZE,
			"no tariff is in use, nothing can be quoted: activate the one in data_dir");
	} else if (folder->why[0] != '\0') {
		(void)snprintf(detail, WARNING_DETAIL_SIZE,
			"data_dir can not be read, another set stays in use: %.100s", folder->why);
	} else if (folder->is_read &&
		   memcmp(folder->digest, tariff_digest(tariff), TARIFF_DIGEST_SIZE) != 0) {
		(void)snprintf(detail, WARNING_DETAIL_SIZE,
			"data_dir holds another set than the one in use: check and activate it");
	} else {
		return false;
	}
	return true;
}

/* ---- after a loss ---- */

static bool warning_unlisted(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	char since[DATE_TIME_TEXT_SIZE];
	const char *name = recall_unlisted(engine, since);

	if (name == NULL) {
		return false;
	}
	(void)snprintf(detail, WARNING_DETAIL_SIZE,
		"gateway %.64s (and perhaps others) can not list payments: ask the bank for a register "
		"since %s",
		name, since);
	return true;
}

/* ---- gateways that take no orders ---- */

static bool warning_resting(struct engine *engine, char detail[WARNING_DETAIL_SIZE])
{
	const int64_t now_ms = engine->ports.now_ms(engine->ports.world);

	for (size_t i = 0; i < engine->settings.gateway_count; i++) {
		if (breaker_state(&engine->breakers[i], now_ms) != BREAKER_CLOSED) {
			(void)snprintf(detail, WARNING_DETAIL_SIZE,
				"gateway %.64s (and perhaps others) lately took no orders: new ones "
				"of its method go elsewhere until one arrives",
				engine->settings.gateways[i].name);
			return true;
		}
	}
	return false;
}

/* ---- all of them ---- */

static const struct warning_row {
	const char *code;
	enum ports_level level;
	warning_fn *is_due;
} warning_rows[WARNING_COUNT] = {
	[WARNING_MRP_MISSING] = { "mrp_missing", PORTS_ERROR, warning_mrp },
	[WARNING_GATEWAY_UNLISTED] = { "gateway_unlisted", PORTS_WARNING, warning_unlisted },
	[WARNING_GATEWAY_RESTING] = { "gateway_resting", PORTS_WARNING, warning_resting },
	[WARNING_TARIFF_WAITS] = { "tariff_waits", PORTS_WARNING, warning_tariff_waits },
	[WARNING_MRP_NEXT_MISSING] = { "mrp_next_missing", PORTS_WARNING, warning_next_mrp },
	[WARNING_RATES_MISSING] = { "rates_missing", PORTS_ERROR, warning_rates },
	[WARNING_RATES_NEXT_MISSING] = { "rates_next_missing", PORTS_WARNING, warning_next_rates },
};

const char *warning_code(enum warning warning)
{
	assert(warning < WARNING_COUNT);

	return warning_rows[warning].code;
}

enum ports_level warning_level(enum warning warning)
{
	assert(warning < WARNING_COUNT);

	return warning_rows[warning].level;
}

bool warning_is_due(struct engine *engine, enum warning warning, char detail[WARNING_DETAIL_SIZE])
{
	assert(engine != NULL);
	assert(warning < WARNING_COUNT);

	return warning_rows[warning].is_due(engine, detail);
}

bool warning_log(struct engine *engine, enum warning warning)
{
	char detail[WARNING_DETAIL_SIZE];
	char event[WARNING_EVENT_SIZE];
	struct ports_field fields[] = { { "detail", TEXT("") } };

	if (!warning_is_due(engine, warning, detail)) {
		return false;
	}
	(void)snprintf(event, sizeof(event), "warning.%s", warning_code(warning));
	fields[0].value = text_of(detail);
	engine_log(engine, warning_level(warning), event, fields, 1);
	return true;
}

void warning_write(struct engine *engine, struct json_writer *w)
{
	assert(w != NULL);

	json_open_array(w, "warnings");
	for (enum warning i = 0; i < WARNING_COUNT; i++) {
		char detail[WARNING_DETAIL_SIZE];

		if (warning_is_due(engine, i, detail)) {
			json_open_object(w, NULL);
			json_cstring(w, "code", warning_code(i));
			json_cstring(w, "detail", detail);
			json_close_object(w);
		}
	}
	json_close_array(w);
}
