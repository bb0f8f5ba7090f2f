/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"

enum {
	ZONE_HEADER_SIZE = 44,
	ZONE_TYPE_SIZE = 6, /* a local time type: offset, daylight, designation */
	ZONE_OFFSET_MAX = 86399,
};

/* Days that date can write, with room: keeps all sums of seconds within int64. */
#define ZONE_INSTANT_MAX INT64_C(1000000000000)

struct zone {
	size_t count;
	int32_t before; /* the offset before the first transition */
	int64_t at[ZONE_TRANSITIONS_MAX];
	int32_t offset[ZONE_TRANSITIONS_MAX]; /* from at[i] on */
};

/* The header of one of the two blocks of a TZif file, RFC 8536 section 3.1. */
struct zone_header {
	char version;
	size_t utc_count;
	size_t standard_count;
	size_t leap_count;
	size_t time_count;
	size_t type_count;
	size_t char_count;
};

static uint32_t zone_u32(const char *bytes)
{
	const unsigned char *byte = (const unsigned char *)bytes;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 | byte[3];
}

static int64_t zone_i64(const char *bytes)
{
	return (int64_t)((uint64_t)zone_u32(bytes) << 32 | zone_u32(bytes + 4));
}

static void zone_skip(struct text *t, size_t size)
{
	assert(size <= t->size);

	t->bytes += size;
	t->size -= size;
}

static bool zone_take_header(struct text *t, struct zone_header *h)
{
	if (t->size < ZONE_HEADER_SIZE || !text_starts(*t, TEXT("TZif"))) {
		return false;
	}
	*h = (struct zone_header){
		.version = t->bytes[4],
		.utc_count = zone_u32(t->bytes + 20),
		.standard_count = zone_u32(t->bytes + 24),
		.leap_count = zone_u32(t->bytes + 28),
		.time_count = zone_u32(t->bytes + 32),
		.type_count = zone_u32(t->bytes + 36),
		.char_count = zone_u32(t->bytes + 40),
	};
	zone_skip(t, ZONE_HEADER_SIZE);
	return true;
}

/* Of the data block that follows the header.  Each count is below 2^32: no sum overflows. */
static size_t zone_block_size(const struct zone_header *h, size_t time_size)
{
	_Static_assert(sizeof(size_t) == 8, "counts of 32 bits are summed in 64");

	return h->time_count * (time_size + 1) + h->type_count * ZONE_TYPE_SIZE + h->char_count +
	       h->leap_count * (time_size + 4) + h->standard_count + h->utc_count;
}

/* The offset of local time type `index`; false when it is absurd. */
static bool zone_type_offset(const char *types, size_t index, int32_t *offset)
{
	int32_t value = (int32_t)zone_u32(types + index * ZONE_TYPE_SIZE);

	if (value < -ZONE_OFFSET_MAX || value > ZONE_OFFSET_MAX) {
		return false;
	}
	*offset = value;
	return true;
}

/* `block` is the data block of 64-bit times and is all there. */
static bool zone_read_block(struct zone *z, const struct zone_header *h, const char *block)
{
	const char *indexes = block + h->time_count * sizeof(int64_t);
	const char *types = indexes + h->time_count;

	if (!zone_type_offset(types, 0, &z->before)) {
		return false;
	}
	for (size_t i = 0; i < h->time_count; i++) {
		size_t type = (unsigned char)indexes[i];

		z->at[i] = zone_i64(block + i * sizeof(int64_t));
		if (type >= h->type_count || !zone_type_offset(types, type, &z->offset[i]) ||
			(i > 0 && z->at[i] <= z->at[i - 1])) {
			return false;
		}
	}
	z->count = h->time_count;
	return true;
}

/* The name of a zone in a POSIX TZ string: three letters or more, or anything in angle brackets. */
static bool zone_take_name(struct text *t)
{
	size_t size = 0;

	if (t->size > 0 && t->bytes[0] == '<') {
		const char *end = memchr(t->bytes, '>', t->size);

		if (end == NULL) {
			return false;
		}
		zone_skip(t, (size_t)(end - t->bytes) + 1);
		return true;
	}
	while (size < t->size && ((t->bytes[size] >= 'A' && t->bytes[size] <= 'Z') ||
					 (t->bytes[size] >= 'a' && t->bytes[size] <= 'z'))) {
		size++;
	}
	zone_skip(t, size);
	return size >= 3;
}

/* One or two digits. */
static bool zone_take_number(struct text *t, int32_t *number)
{
	struct text digits = { .bytes = t->bytes };
	int64_t value;

	while (digits.size < 2 && digits.size < t->size && t->bytes[digits.size] >= '0' &&
		t->bytes[digits.size] <= '9') {
		digits.size++;
	}
	if (!text_parse_integer(digits, &value)) {
		return false;
	}
	*number = (int32_t)value;
	zone_skip(t, digits.size);
	return true;
}

/* "-5", "+3:30" or "5:30:15": POSIX counts hours west, we count seconds east. */
static bool zone_take_offset(struct text *t, int32_t *offset)
{
	bool west = true;
	int32_t seconds = 0;
	int32_t unit = 3600;

	if (t->size > 0 && (t->bytes[0] == '-' || t->bytes[0] == '+')) {
		west = t->bytes[0] == '+';
		zone_skip(t, 1);
	}
	for (int part = 0; part < 3; part++) {
		int32_t number;

		if (part > 0 && (t->size == 0 || t->bytes[0] != ':')) {
			break;
		}
		zone_skip(t, part > 0 ? 1 : 0);
		if (!zone_take_number(t, &number)) {
			return false;
		}
		seconds += number * unit;
		unit /= 60;
	}
	*offset = west ? -seconds : seconds;
	return true;
}

/* The footer is "\nTZ\n" and TZ one offset for ever: the one that the last transition began. */
static bool zone_read_footer(const struct zone *z, struct text footer, struct err *err)
{
	int32_t last = z->count > 0 ? z->offset[z->count - 1] : z->before;
	int32_t offset;

	if (footer.size < 2 || footer.bytes[0] != '\n' || footer.bytes[footer.size - 1] != '\n') {
		return err_set(err, ERR_INPUT, "read a time zone: it has no footer");
	}
	footer = (struct text){ .bytes = footer.bytes + 1, .size = footer.size - 2 };
	if (!zone_take_name(&footer) || !zone_take_offset(&footer, &offset)) {
		return err_set(err, ERR_INPUT, "read a time zone: its footer makes no sense");
	}
	if (footer.size > 0) {
		return err_set(err, ERR_INPUT, "read a time zone: its last rule has summer time");
	}
	if (offset != last) {
		return err_set(err, ERR_INPUT, "read a time zone: its footer contradicts it");
	}
	return true;
}

/* Skips the block of 32-bit times and gives the header of the other, whose data is all in `t`. */
static bool zone_take_headers(struct text *t, struct zone_header *h, struct err *err)
{
	if (!zone_take_header(t, h)) {
		return err_set(err, ERR_INPUT, "read a time zone: not a TZif file");
	}
	if (h->version < '2') {
		return err_set(err, ERR_INPUT, "read a time zone: version 1 is too old");
	}
	if (zone_block_size(h, sizeof(int32_t)) > t->size) {
		return err_set(err, ERR_INPUT, "read a time zone: it is cut short");
	}
	zone_skip(t, zone_block_size(h, sizeof(int32_t)));
	if (!zone_take_header(t, h) || zone_block_size(h, sizeof(int64_t)) > t->size) {
		return err_set(err, ERR_INPUT, "read a time zone: it is cut short");
	}
	if (h->leap_count > 0) {
		return err_set(err, ERR_INPUT, "read a time zone: it counts leap seconds");
	}
	if (h->type_count == 0 || h->time_count > ZONE_TRANSITIONS_MAX) {
		return err_set(err, ERR_LIMIT, "read a time zone: no rules, or too many");
	}
	return true;
}

bool zone_new(struct text tzif, struct zone **zone, struct err *err)
{
	struct zone *z = mem_new(1, sizeof(*z));
	struct zone_header header = { 0 };
	bool ok = false;

	assert(zone != NULL);
	assert(*zone == NULL);

	if (tzif.size > ZONE_FILE_SIZE_MAX) {
		(void)err_set(err, ERR_LIMIT, "read a time zone: longer than %d bytes",
			ZONE_FILE_SIZE_MAX);
		goto out;
	}
	if (!zone_take_headers(&tzif, &header, err)) {
		goto out;
	}
	if (!zone_read_block(z, &header, tzif.bytes)) {
		(void)err_set(err, ERR_INPUT, "read a time zone: its transitions make no sense");
		goto out;
	}
	zone_skip(&tzif, zone_block_size(&header, sizeof(int64_t)));
	if (!zone_read_footer(z, tzif, err)) {
		goto out;
	}
	*zone = z;
	z = NULL; /* the caller's now */
	ok = true;
out:
	zone_free(&z);
	return ok;
}

void zone_free(struct zone **zone)
{
	assert(zone != NULL);

	free(*zone);
	*zone = NULL;
}

int32_t zone_offset(const struct zone *zone, int64_t seconds)
{
	size_t low = 0;
	size_t high;

	assert(zone != NULL);

	high = zone->count;
	while (low < high) { /* the first transition after `seconds` lies in low..high */
		size_t middle = low + (high - low) / 2;

		if (zone->at[middle] <= seconds) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low > 0 ? zone->offset[low - 1] : zone->before;
}

int32_t zone_day(const struct zone *zone, int64_t seconds)
{
	int64_t local;
	int64_t second_of_day;

	assert(seconds > -ZONE_INSTANT_MAX);
	assert(seconds < ZONE_INSTANT_MAX);

	local = seconds + zone_offset(zone, seconds);
	second_of_day = (local % DATE_DAY_S + DATE_DAY_S) % DATE_DAY_S;
	return (int32_t)((local - second_of_day) / DATE_DAY_S);
}

int64_t zone_day_start(const struct zone *zone, int32_t day)
{
	return zone_instant(zone, day, 0);
}

/*
 * The first instant at which clocks there show that time or a later one: where clocks were put
 * forward over it, the moment they were.
 */
int64_t zone_instant(const struct zone *zone, int32_t day, int32_t second_of_day)
{
	int64_t local = (int64_t)day * DATE_DAY_S + second_of_day;
	int64_t instant;

	assert(zone != NULL);
	assert(second_of_day >= 0);
	assert(second_of_day < DATE_DAY_S);

	instant = local - zone->before;
	for (size_t i = 0; i < zone->count && instant >= zone->at[i]; i++) {
		instant = local - zone->offset[i];
		if (instant < zone->at[i]) {
			instant = zone->at[i];
			/* And still before the next transition, as transitions ascend. */
			break;
		}
	}
	return instant;
}
