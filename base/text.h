/* SPDX-License-Identifier: Apache-2.0 */

/*
 * text - bytes with a length, and a bounded buffer to write them into.
 *
 * A `struct text` borrows: it never owns what it points at, and it need not end in NUL.
 * A `struct buffer` owns its bytes and grows up to `max`; past that it remembers that it
 * overflowed and swallows the rest, so that a writer checks once, at the end.
 */
#ifndef ALYM_BASE_TEXT_H
#define ALYM_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct text {
	const char *bytes;
	size_t size;
};

/* A text of a string literal; usable as an initialiser. */
#define TEXT(literal) ((struct text){ .bytes = (literal), .size = sizeof(literal) - 1 })

/* Printf arguments for "%.*s". */
#define TEXT_ARGS(t) (int)(t).size, (t).bytes

/* Borrows a NUL-terminated string; NULL gives the empty text. */
struct text text_of(const char *string);

bool text_equal(struct text a, struct text b);
bool text_is(struct text a, const char *string);
/* By ASCII letters of either case, as names of headers are compared. */
bool text_is_any_case(struct text a, const char *string);
bool text_starts(struct text a, struct text prefix);

/* Valid UTF-8 by RFC 3629 (no surrogates, no overlong forms) and no NUL byte. */
bool text_is_utf8(struct text t);

/*
 * The size (1..4) of the character that `t` begins with, by the rules above; 0 when there is none.
 */
size_t text_utf8_size(struct text t);

/* Only ASCII digits, at least one. */
bool text_is_digits(struct text t);

/* Only ASCII letters, digits and characters of `more`, at least one. */
bool text_is_made_of(struct text t, const char *more);

/* Digits only, no sign, no spaces; false when empty or past INT64_MAX. */
bool text_parse_integer(struct text t, int64_t *value) MUST_USE;

/* Copies and ends with NUL; false, with `out` empty, when it does not fit. */
bool text_copy(struct text t, char *out, size_t out_size) MUST_USE;

/* Lower-case hexadecimal; `out` has 2 * size + 1 bytes. */
void text_hex(const void *bytes, size_t size, char *out);

/* Exactly `size` bytes from 2 * size hexadecimal digits of either case. */
bool text_unhex(struct text hex, void *bytes, size_t size) MUST_USE;

struct buffer {
	char *bytes; /* NUL-terminated once anything was added */
	size_t size; /* without that NUL */
	size_t capacity;
	size_t max;      /* never longer than this */
	bool overflowed; /* something did not fit; the contents are not to be used */
};

void buffer_init(struct buffer *b, size_t max);
/* The same with all its memory at once: what is added keeps its address. */
void buffer_init_whole(struct buffer *b, size_t max);

void buffer_done(struct buffer *b);

/* Empties, keeping the memory. */
void buffer_reset(struct buffer *b);

/* Makes room for that many bytes more at once; they may still overflow. */
void buffer_expect(struct buffer *b, size_t size);

/*
 * Adds `size` bytes that the caller writes at the address given; NULL, having overflowed, when they
 * do not fit.
 */
char *buffer_extend(struct buffer *b, size_t size);

void buffer_add(struct buffer *b, struct text t);
void buffer_add_string(struct buffer *b, const char *string);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_integer(struct buffer *b, int64_t value);
void buffer_printf(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Borrowed: valid until the next change. */
struct text buffer_text(const struct buffer *b);

#endif
