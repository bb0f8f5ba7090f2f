/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/settlement.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/reader_parts.h"
#include "ledger/sums.h"

enum settlement_role {
	SETTLEMENT_NONE,
	SETTLEMENT_CLEARING,
	SETTLEMENT_SUSPENSE,
	SETTLEMENT_COMMISSION,
	SETTLEMENT_SETTLED, /* treasury, difference: where settled money goes */
};

/* What an account is to a lane. */
struct settlement_account {
	enum settlement_role role;
	size_t lane;
};

struct settlement {
	enum settlement_by by;
	struct movements movements;
	struct sums opening; /* the day before the first; then names of all accounts */
	bool is_open;        /* `opening` is complete, and so are the lanes */
	struct settlement_account *accounts; /* number - 1 */
	struct settlement_lane *lanes;
	size_t lane_count;
	size_t row_count;
	bool too_many;
	bool too_large;
};

struct settlement *settlement_new(const struct movements *movements, enum settlement_by by)
{
	struct settlement *s = mem_new(1, sizeof(*s));
	int32_t day;

	assert(movements != NULL);

	s->by = by;
	s->movements = *movements;
	/* Before the first day there is nothing, and the accounts have their names all the same. */
	day = movements->from != DATE_NONE ? movements->from - 1 : DATE_DAY_MIN - 1;
	sums_init(&s->opening, day, movements->axis, movements->as_of);
	return s;
}

void settlement_free(struct settlement **settlement)
{
	struct settlement *s = *settlement;

	*settlement = NULL;
	if (s == NULL) {
		return;
	}
	for (size_t i = 0; i < s->lane_count; i++) {
		free(s->lanes[i].rows);
	}
	sums_done(&s->opening);
	free(s->lanes);
	free(s->accounts);
	free(s);
}

/* ---- lanes ---- */

static size_t settlement_lane_of(struct settlement *s, struct text gateway, const char *currency)
{
	struct settlement_lane *lane;
	bool fits;

	for (size_t i = 0; i < s->lane_count; i++) {
		if (text_is(gateway, s->lanes[i].gateway) &&
			strcmp(currency, s->lanes[i].currency) == 0) {
			return i;
		}
	}
	s->lanes = mem_grow(s->lanes, s->lane_count + 1, sizeof(*s->lanes));
	lane = &s->lanes[s->lane_count];
	*lane = (struct settlement_lane){ .count = 0 };
	fits = text_copy(gateway, lane->gateway, sizeof(lane->gateway)) &&
	       text_copy(text_of(currency), lane->currency, sizeof(lane->currency));
	assert(fits);
	return s->lane_count++;
}

static struct settlement_account settlement_account_of(struct settlement *s,
	const struct account_row *row)
{
	static const struct {
		const char *prefix;
		enum settlement_role role;
	} roles[] = {
		{ "clearing:", SETTLEMENT_CLEARING },
		{ "suspense:", SETTLEMENT_SUSPENSE },
		{ "commission:", SETTLEMENT_COMMISSION },
		{ "treasury:", SETTLEMENT_SETTLED },
		{ "difference:", SETTLEMENT_SETTLED },
	};
	struct settlement_account account = { .role = SETTLEMENT_NONE };

	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		if (text_starts(text_of(row->name), text_of(roles[i].prefix))) {
			account.role = roles[i].role;
			if (account.role != SETTLEMENT_SETTLED) {
				account.lane = settlement_lane_of(s,
					text_of(row->name + strlen(roles[i].prefix)),
					row->currency);
			}
		}
	}
	return account;
}

static void settlement_open(struct settlement *s)
{
	const struct sums *opening = &s->opening;

	s->accounts = mem_new(opening->count + 1, sizeof(*s->accounts));
	for (size_t i = 0; i < opening->count; i++) {
		const struct account_row *row = &opening->rows[i];
		struct settlement_account account = settlement_account_of(s, row);

		s->accounts[i] = account;
		if (account.role == SETTLEMENT_CLEARING) {
			s->lanes[account.lane].total.unsettled = row->debit - row->credit;
		} else if (account.role == SETTLEMENT_SUSPENSE) {
			s->lanes[account.lane].total.suspense = row->credit - row->debit;
		}
	}
	s->movements.as_of = opening->as_of;
	s->is_open = true;
}

/* ---- rows ---- */

static int32_t settlement_period(const struct settlement *s, int32_t day)
{
	struct date_civil civil = date_to_civil(day);

	return s->by == SETTLEMENT_BY_MONTH ? day - civil.day + 1 : day;
}

/* The row of that period, a new one in its place; NULL: there are too many. */
static struct settlement_row *settlement_row_of(struct settlement *s, struct settlement_lane *lane,
	int32_t period)
{
	size_t i = lane->count;

	/* Nearly always the last one, or one behind it. */
	while (i > 0 && lane->rows[i - 1].period > period) {
		i--;
	}
	if (i > 0 && lane->rows[i - 1].period == period) {
		return &lane->rows[i - 1];
	}
	if (s->row_count == SETTLEMENT_ROWS_MAX) {
		s->too_many = true;
		return NULL;
	}
	if (lane->count == lane->capacity) {
		lane->capacity = 2 * lane->capacity + 16;
		lane->rows = mem_grow(lane->rows, lane->capacity, sizeof(*lane->rows));
	}
	memmove(&lane->rows[i + 1], &lane->rows[i], (lane->count - i) * sizeof(*lane->rows));
	lane->rows[i] = (struct settlement_row){ .period = period };
	lane->count++;
	s->row_count++;
	return &lane->rows[i];
}

static void settlement_add(struct settlement *s, int64_t *sum, int64_t amount)
{
	if (__builtin_add_overflow(*sum, amount, sum)) {
		s->too_large = true;
	}
}

static struct settlement_account settlement_account_at(const struct settlement *s, int64_t account)
{
	const struct settlement_account none = { .role = SETTLEMENT_NONE };

	return account <= (int64_t)s->opening.count ? s->accounts[account - 1] : none;
}

static bool settlement_settles(const struct settlement *s, const struct movement *m)
{
	for (size_t i = 0; i < m->count; i++) {
		enum settlement_role role = settlement_account_at(s, m->postings[i].account).role;

		if (role == SETTLEMENT_SETTLED || role == SETTLEMENT_COMMISSION) {
			return true;
		}
	}
	return false;
}

/* One posting of the entry into its lane's row. */
static void settlement_post(struct settlement *s, const struct movement *m,
	struct settlement_account account, int64_t amount)
{
	struct settlement_lane *lane = &s->lanes[account.lane];
	struct settlement_row *row = settlement_row_of(s, lane, settlement_period(s, m->day));

	if (row == NULL) {
		return;
	}
	row->entries += lane->entry != m->entry ? 1 : 0;
	lane->entry = m->entry;
	if (account.role == SETTLEMENT_SUSPENSE) {
		settlement_add(s, &row->suspense, -amount);
	} else if (account.role == SETTLEMENT_COMMISSION) {
		settlement_add(s, &row->commission, amount);
	} else if (settlement_settles(s, m)) {
		settlement_add(s, &row->settled, -amount);
		settlement_add(s, &row->unsettled, amount);
	} else {
		settlement_add(s, &row->taken, amount);
		settlement_add(s, &row->unsettled, amount);
	}
}

static void settlement_take(void *context, const struct movement *m)
{
	struct settlement *s = context;

	for (size_t i = 0; i < m->count; i++) {
		struct settlement_account account =
			settlement_account_at(s, m->postings[i].account);

		if (account.role != SETTLEMENT_NONE && account.role != SETTLEMENT_SETTLED) {
			settlement_post(s, m, account, m->postings[i].amount);
		}
	}
}

/* What was added in a row becomes what there is at its end. */
static void settlement_close_lane(struct settlement *s, struct settlement_lane *lane)
{
	struct settlement_row *total = &lane->total;

	for (size_t i = 0; i < lane->count; i++) {
		struct settlement_row *row = &lane->rows[i];

		total->entries += row->entries;
		settlement_add(s, &total->taken, row->taken);
		settlement_add(s, &total->settled, row->settled);
		settlement_add(s, &total->commission, row->commission);
		settlement_add(s, &total->unsettled, row->unsettled);
		settlement_add(s, &total->suspense, row->suspense);
		row->unsettled = total->unsettled;
		row->suspense = total->suspense;
	}
}

static int settlement_compare(const void *a, const void *b)
{
	const struct settlement_lane *left = a;
	const struct settlement_lane *right = b;
	int order = strcmp(left->gateway, right->gateway);

	return order != 0 ? order : strcmp(left->currency, right->currency);
}

static bool settlement_close(struct settlement *s, struct err *err)
{
	for (size_t i = 0; i < s->lane_count && !s->too_many; i++) {
		settlement_close_lane(s, &s->lanes[i]);
	}
	if (s->lane_count > 0) {
		qsort(s->lanes, s->lane_count, sizeof(*s->lanes), settlement_compare);
	}
	if (s->too_many) {
		return err_set(err, ERR_LIMIT, "more than %d rows: ask for a shorter period",
			SETTLEMENT_ROWS_MAX);
	}
	return !s->too_large || err_set(err, ERR_LIMIT, "a sum is too large");
}

enum reader_result settlement_step(struct reader *r, struct settlement *s, bool *more,
	struct err *err)
{
	enum reader_result result;

	assert(s != NULL);
	assert(more != NULL);

	if (!s->is_open) {
		result = sums_step(r, &s->opening, more, err);
		if (result == READER_FOUND && !*more) {
			settlement_open(s);
			*more = true;
		}
		return result;
	}
	result = movements_step(r, &s->movements, settlement_take, s, more, err);
	if (result == READER_FOUND && (!*more || s->too_many)) {
		*more = false;
		return settlement_close(s, err) ? READER_FOUND : READER_FAILED;
	}
	return result;
}

int64_t settlement_as_of(const struct settlement *s)
{
	assert(s->is_open);

	return s->movements.as_of;
}

const struct settlement_lane *settlement_lanes(const struct settlement *s, size_t *count)
{
	assert(s->is_open);
	assert(count != NULL);

	*count = s->lane_count;
	return s->lanes;
}

bool settlement_rate(int64_t commission, int64_t taken, char out[SETTLEMENT_RATE_SIZE])
{
	enum { DIGITS = 6 };
	int64_t scale = 1000000;
	int64_t whole;
	int64_t rest;
	int64_t millionths = 0;

	assert(out != NULL);

	if (taken <= 0 || commission < 0) {
		return false;
	}
	while (taken > INT64_MAX / 20) { /* so that ten times a rest fits; the digits stay right */
		taken /= 10;
		commission /= 10;
	}
	whole = commission / taken;
	rest = commission % taken;
	for (int i = 0; i < DIGITS; i++) {
		millionths = millionths * 10 + rest * 10 / taken;
		rest = rest * 10 % taken;
	}
	millionths += rest * 2 >= taken ? 1 : 0;
	(void)snprintf(out, SETTLEMENT_RATE_SIZE, "%" PRId64 ".%06" PRId64,
		whole + millionths / scale, millionths % scale);
	return true;
}
