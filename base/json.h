/* SPDX-License-Identifier: Apache-2.0 */

/*
 * json - reading objects strictly, and writing them canonically.
 *
 * Reading is a parser that refuses all that RFC 8259 leaves open - duplicates, trailing bytes, lone
 * surrogates - and a reader that takes members one by one: what nobody took is an unknown member,
 * and every complaint names the member by its path ("quote.applicant.birth_date").
 *
 * Writing produces RFC 8785 (JCS) bytes: no white space, minimal escapes, members in ascending
 * order of their names - the writer does not sort, it asserts that the caller wrote them so.
 * Numbers are integers; inside the book's records they are decimal strings (json_decimal).
 * Bytes that are no UTF-8, and NUL, are written as U+FFFD: what is written can always be read.
 */
#ifndef ALYM_BASE_JSON_H
#define ALYM_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/money.h"
#include "base/text.h"

enum {
	JSON_DEPTH_MAX = 16,
	JSON_OBJECT_MAX = 256, /* members of any object */
	JSON_MEMBERS_MAX = 32, /* of one object we read */
	JSON_PATH_SIZE = 128,
};

/* ---- parsing ---- */

enum json_kind {
	JSON_KIND_OBJECT,
	JSON_KIND_ARRAY,
	JSON_KIND_TEXT,
	JSON_KIND_INTEGER,
	JSON_KIND_REAL, /* without a value of its own: we count in integers */
	JSON_KIND_TRUE,
	JSON_KIND_FALSE,
	JSON_KIND_NULL,
};

/* A value; it and all its texts, each with a NUL behind it, live as long as the root. */
struct json_value {
	enum json_kind kind;
	struct text name; /* of a member, decoded */
	struct text text; /* JSON_KIND_TEXT: decoded.  Of a number: as it is written, "12.20" */
	int64_t integer;  /* JSON_KIND_INTEGER */
	size_t count;     /* members, elements */
	struct json_value *first;
	struct json_value *next; /* in the object, in the array */
};

/*
 * The caller's, to be freed by json_free().  NULL unless `bytes` is exactly one object or array, at
 * most JSON_DEPTH_MAX deep and of 100,000 values (else ERR_LIMIT), with JSON_OBJECT_MAX members in
 * each object, without NUL, and with integers of 64 bits (else ERR_INPUT, which says line and
 * column).
 */
struct json_value *json_parse(struct text bytes, struct err *err) MUST_USE;

/* Nulls; NULL is fine. */
void json_free(struct json_value **root);

/* The member of that name; NULL when there is none, or no object. */
const struct json_value *json_find(const struct json_value *object, const char *name);

/*
 * The text of a member of an object that json_writer wrote, without reading the rest; empty when
 * there is none.  Of other bytes it gives some part of them, or nothing.
 */
struct text json_member(struct text canonical, const char *name);

/* ---- reading ---- */

enum json_fault {
	JSON_FINE,
	JSON_MISSING, /* a required member is not there */
	JSON_WRONG,   /* it is there, and is of the wrong type, size, range or form */
	JSON_UNKNOWN, /* a member nobody asked for */
};

/* The first complaint sticks; later takes do nothing. */
struct json_problem {
	enum json_fault fault;
	char path[JSON_PATH_SIZE]; /* "expect.amount" */
	char detail[128];          /* "must be an integer" */
};

/* One object being read.  Takes of optional members leave the output as it was when absent. */
struct json_reader {
	const struct json_value *object; /* NULL: an absent object; every take finds nothing */
	char path[JSON_PATH_SIZE];
	const struct json_value *taken[JSON_MEMBERS_MAX];
	size_t taken_count;
	struct json_problem *problem; /* shared by nested readers */
};

/* Complains when `value` is not an object (or NULL: absent); `path` is "" at the top. */
void json_reader_init(struct json_reader *r, const struct json_value *value, const char *path,
	struct json_problem *problem);

enum json_need { JSON_OPTIONAL, JSON_REQUIRED };

/*
 * Borrowed text of 1..size_max bytes (UTF-8; control characters are refused).
 */
void json_take_text(struct json_reader *r, const char *name, enum json_need need, size_t size_max,
	struct text *out);
/* The same of any characters but NUL, of 0..size_max bytes: a file. */
void json_take_file(struct json_reader *r, const char *name, enum json_need need, size_t size_max,
	struct text *out);
void json_take_integer(struct json_reader *r, const char *name, enum json_need need, int64_t min,
	int64_t max, int64_t *out);
void json_take_boolean(struct json_reader *r, const char *name, enum json_need need, bool *out);
void json_take_date(struct json_reader *r, const char *name, enum json_need need, int32_t *out);
void json_take_time(struct json_reader *r, const char *name, enum json_need need, int64_t *out);
/* {"amount": integer, "currency": "KZT"}, amount within +-MONEY_API_MAX and not negative. */
void json_take_money(struct json_reader *r, const char *name, enum json_need need,
	struct money *out);
/* A nested object; `inner` is inited either way. */
void json_take_object(struct json_reader *r, const char *name, enum json_need need,
	struct json_reader *inner);
/* An array of at most count_max elements, or NULL when absent; borrowed. */
void json_take_array(struct json_reader *r, const char *name, enum json_need need, size_t count_max,
	const struct json_value **out);

/* Records a complaint of the caller's own about a member (a path relative to this reader). */
void json_complain(struct json_reader *r, enum json_fault fault, const char *name,
	const char *format, ...) PRINTF_LIKE(4, 5);

/*
 * Every member was taken, else complains of the first that was not.  True when there is no
 * complaint at all.
 */
bool json_reader_end(struct json_reader *r) MUST_USE;

/* ---- writing ---- */

enum { JSON_NAME_SIZE = 40 };

struct json_writer {
	struct buffer *out;
	int depth;
	struct {
		bool array;
		bool empty;
		const char *last; /* the member written last, to assert the order */
	} level[JSON_DEPTH_MAX];
};

/* Writes after what `out` already holds. */
void json_writer_init(struct json_writer *w, struct buffer *out);

/*
 * `name` is the member's name inside an object, NULL inside an array and at the top.  It is looked
 * at until the next member of the object is written.
 */
void json_open_object(struct json_writer *w, const char *name);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w, const char *name);
void json_close_array(struct json_writer *w);
void json_text(struct json_writer *w, const char *name, struct text value);
void json_text_said(struct json_writer *w, const char *name,
	struct text value); /* no member when it is empty */
void json_text_or_nothing(struct json_writer *w, const char *name,
	struct text value); /* null when it is empty */
void json_cstring(struct json_writer *w, const char *name, const char *value);
void json_number(struct json_writer *w, const char *name, int64_t value);  /* +-MONEY_API_MAX */
void json_decimal(struct json_writer *w, const char *name, int64_t value); /* "42" */
void json_true_or_false(struct json_writer *w, const char *name, bool value);
void json_nothing(struct json_writer *w, const char *name); /* null */
void json_hex(struct json_writer *w, const char *name, const void *bytes, size_t size);
void json_day(struct json_writer *w, const char *name, int32_t day);
void json_time(struct json_writer *w, const char *name, int64_t seconds);
void json_money(struct json_writer *w, const char *name,
	struct money money); /* {"amount":n,"currency":"KZT"} */
void json_raw(struct json_writer *w, const char *name,
	struct text canonical); /* already JSON, already canonical */
/* The same in parts, one after the other. */
void json_raw_parts(struct json_writer *w, const char *name, const struct text *parts,
	size_t count);

#endif
