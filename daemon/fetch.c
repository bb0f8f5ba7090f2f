/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fetch.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "daemon/engine_parts.h"
#include "daemon/rates.h"

enum {
	FETCH_MAGIC = 0x5E7C4000,
	FETCH_URL_SIZE = 512,
	FETCH_TIMEOUT_MS = 10000, /* less than the patience of a daemon that stops */
	FETCH_AGAIN_MS = 600000,
	FETCH_TICK_MS = 1000,
	FETCH_STATUS_OK = 200,
};

static const int64_t fetch_from_s = INT64_C(16) * 3600; /* of the day in Almaty */
static const int64_t fetch_late_s = INT64_C(20) * 3600;

/* One of the days that are wanted, and when it is asked for next. */
struct fetch_day {
	int32_t day;
	int64_t due_ms; /* monotonic */
	bool asked;     /* an answer came, or none did */
};

enum fetch_which { FETCH_TODAY, FETCH_TOMORROW, FETCH_COUNT };

struct fetch {
	unsigned magic;
	struct engine *engine; /* of the exchange under way */
	struct fetch_day days[FETCH_COUNT];
	bool under_way;
	int32_t asked_for;
	struct exchange exchange;
	char url[FETCH_URL_SIZE];
};

struct fetch *fetch_new(void)
{
	struct fetch *fetch = mem_new(1, sizeof(*fetch));

	fetch->magic = FETCH_MAGIC;
	for (size_t i = 0; i < FETCH_COUNT; i++) {
		fetch->days[i].day = DATE_NONE;
	}
	return fetch;
}

void fetch_free(struct fetch **fetch)
{
	assert(fetch != NULL);

	if (*fetch != NULL) {
		assert((*fetch)->magic == FETCH_MAGIC);
		assert(!(*fetch)->under_way);
		(*fetch)->magic = 0;
	}
	free(*fetch);
	*fetch = NULL;
}

/* ---- what is wanted ---- */

static int64_t fetch_second_of_day(struct engine *engine)
{
	int64_t now = engine_now(engine);
	int64_t local = now + zone_offset(engine->almaty, now);

	return local - zone_day(engine->almaty, now) * DATE_DAY_S;
}

static bool fetch_is_missing(struct engine *engine, int32_t day)
{
	const struct exchange_day *exchange = rates_of_day(engine->rates, day);

	return exchange == NULL || !rates_are_whole(exchange);
}

/* Whether anybody is to bring them: the daemon, or whoever imported a list before. */
static bool fetch_are_expected(struct engine *engine)
{
	return engine->settings.rates_url != NULL || rates_last_day(engine->rates) != DATE_NONE;
}

bool fetch_misses_today(struct engine *engine)
{
	const struct fetch_day *today = &engine->fetch->days[FETCH_TODAY];
	int32_t day = engine_today(engine);
	bool asked = engine->settings.rates_url == NULL || (today->day == day && today->asked);

	return fetch_are_expected(engine) && asked && fetch_is_missing(engine, day);
}

bool fetch_misses_tomorrow(struct engine *engine)
{
	return fetch_are_expected(engine) && fetch_second_of_day(engine) >= fetch_late_s &&
	       fetch_is_missing(engine, engine_today(engine) + 1);
}

/* The day moves on, and what was told of the one before does not hold. */
static void fetch_turn(struct fetch_day *wanted, int32_t day)
{
	if (wanted->day != day) {
		*wanted = (struct fetch_day){ .day = day };
	}
}

static bool fetch_is_due(struct engine *engine, enum fetch_which which, int64_t now_ms)
{
	const struct fetch_day *wanted = &engine->fetch->days[which];

	return now_ms >= wanted->due_ms &&
	       (which == FETCH_TODAY || fetch_second_of_day(engine) >= fetch_from_s) &&
	       fetch_is_missing(engine, wanted->day);
}

/* ---- asking ---- */

static void fetch_log(struct engine *engine, enum ports_level level, const char *event,
	int32_t asked_for, const char *why)
{
	char day[DATE_TEXT_SIZE];
	const struct ports_field fields[] = {
		{ "day", text_of(date_format(asked_for, day)) },
		{ "why", text_of(why) },
	};

	engine_log(engine, level, event, fields, sizeof(fields) / sizeof(*fields));
}

/* The book has decided.  What it took was logged; if it failed, so was that. */
static void fetch_taken(void *context, const struct rates_taken *taken)
{
	struct engine *engine = context;

	if (taken->job->outcome == JOB_TAKEN) {
		fetch_log(engine, PORTS_WARNING, "rates.differ", taken->now->day,
			"the day got other rates meanwhile");
	}
}

static void fetch_read(struct engine *engine, const struct fetch *fetch, struct text feed)
{
	const struct rates_order order = {
		.name = "feed",
		.day = fetch->asked_for,
		.feed = feed,
		.source = { fetch->url, strnlen(fetch->url, JOB_SOURCE_MAX) },
		.reason = TEXT("fetched"),
	};
	struct err err = { 0 };
	enum feed_result result = rates_take(engine, &order, fetch_taken, engine, &err);

	if (result == FEED_EMPTY) {
		fetch_log(engine, PORTS_INFO, "rates.not_yet", fetch->asked_for, err.message);
	} else if (result == FEED_REFUSED) {
		fetch_log(engine, PORTS_WARNING, "rates.refused", fetch->asked_for, err.message);
	}
}

static void fetch_answered(struct exchange *x)
{
	struct fetch *fetch = x->context;
	struct engine *engine = fetch->engine;
	char why[sizeof(x->why) + 32];

	assert(fetch->magic == FETCH_MAGIC);
	assert(fetch->under_way);

	fetch->under_way = false;
	engine->under_way--;
	for (size_t i = 0; i < FETCH_COUNT; i++) {
		fetch->days[i].asked |= fetch->days[i].day == fetch->asked_for;
	}
	if (engine->failed) {
		return;
	}
	if (x->result == EXCHANGE_ANSWERED && x->status == FETCH_STATUS_OK) {
		fetch_read(engine, fetch, x->answer);
		return;
	}
	(void)snprintf(why, sizeof(why), "%s", x->why);
	if (x->result == EXCHANGE_ANSWERED) {
		(void)snprintf(why, sizeof(why), "answered %d", x->status);
	}
	fetch_log(engine, PORTS_WARNING, "rates.not_fetched", fetch->asked_for, why);
}

/* The configured address with the day in it. */
static void fetch_address(const char *url, int32_t day, char out[FETCH_URL_SIZE])
{
	const char *hole = strstr(url, FETCH_DATE);
	struct date_civil civil = date_to_civil(day);
	int size;

	assert(hole != NULL); /* the configuration was checked */

	size = snprintf(out, FETCH_URL_SIZE, "%.*s%02d.%02d.%04d%s", (int)(hole - url), url,
		civil.day, civil.month, civil.year, hole + strlen(FETCH_DATE));
	assert(size > 0 && size < FETCH_URL_SIZE);
}

static void fetch_send(struct engine *engine, int32_t day)
{
	struct fetch *fetch = engine->fetch;

	assert(!fetch->under_way);

	fetch->engine = engine;
	fetch->under_way = true;
	fetch->asked_for = day;
	fetch_address(engine->settings.rates_url, day, fetch->url);
	fetch->exchange = (struct exchange){
		.gateway = engine->settings.gateway_count, /* the place behind theirs is ours */
		.method = TEXT("GET"),
		.url = text_of(fetch->url),
		.body = TEXT(""),
		.timeout_ms = FETCH_TIMEOUT_MS,
		.answer_max = FEED_SIZE_MAX,
		.done = fetch_answered,
		.context = fetch,
	};
	engine->under_way++;
	engine->ports.exchange(engine->ports.world, &fetch->exchange);
}

int64_t fetch_tick(struct engine *engine)
{
	struct fetch *fetch = engine->fetch;
	int64_t now_ms = engine->ports.now_ms(engine->ports.world);
	int32_t today = engine_today(engine);

	if (engine->settings.rates_url == NULL || !engine->ready || engine_is_restored(engine) ||
		engine->draining || engine->failed || fetch->under_way) {
		return FETCH_TICK_MS;
	}
	fetch_turn(&fetch->days[FETCH_TODAY], today);
	fetch_turn(&fetch->days[FETCH_TOMORROW], today + 1);
	for (enum fetch_which i = 0; i < FETCH_COUNT; i++) {
		if (fetch_is_due(engine, i, now_ms)) {
			fetch->days[i].due_ms = now_ms + FETCH_AGAIN_MS;
			fetch_send(engine, fetch->days[i].day);
			break;
		}
	}
	return FETCH_TICK_MS;
}
