/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/line.h"

#include <assert.h>
#include <wchar.h>

#define LINE_REPLACEMENT "\xEF\xBF\xBD"

_Static_assert(WCHAR_MAX >= 0x10FFFF, "wcwidth() is given code points");

/* The code point that valid UTF-8 begins with; *size: its bytes. */
static uint32_t line_point(struct text t, size_t *size)
{
	/* What the first byte of a character of that many bytes says. */
	static const uint8_t first_mask[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	uint32_t point;

	*size = text_utf8_size(t);
	if (*size == 0) { /* no UTF-8: one byte is taken for one broken character */
		*size = 1;
		return 0xFFFD;
	}
	point = (uint8_t)t.bytes[0] & first_mask[*size];
	for (size_t i = 1; i < *size; i++) {
		point = point << 6 | ((uint8_t)t.bytes[i] & 0x3F);
	}
	return point;
}

static size_t line_point_width(uint32_t point)
{
	int width = wcwidth((wchar_t)point);

	return width < 0 ? 1 : (size_t)width;
}

size_t line_width(struct text t)
{
	size_t width = 0;
	size_t size;

	assert(t.bytes != NULL || t.size == 0);

	for (size_t i = 0; i < t.size; i += size) {
		width += line_point_width(
			line_point((struct text){ t.bytes + i, t.size - i }, &size));
	}
	return width;
}

/* Whether a terminal would do something with it rather than show it. */
static bool line_is_obeyed(uint32_t point)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} obeyed[] = {
		{ 0x0000, 0x001F }, /* C0 */
		{ 0x007F, 0x009F }, /* DEL, C1 */
		{ 0x061C, 0x061C }, /* what turns the direction of writing */
		{ 0x200E, 0x200F },
		{ 0x2028, 0x202E },
		{ 0x2066, 0x2069 },
	};

	for (size_t i = 0; i < sizeof(obeyed) / sizeof(*obeyed); i++) {
		if (point >= obeyed[i].first && point <= obeyed[i].last) {
			return true;
		}
	}
	return false;
}

void line_clean(struct buffer *out, struct text t, enum line_ends ends)
{
	size_t size;

	assert(out != NULL);
	assert(t.bytes != NULL || t.size == 0);

	for (size_t i = 0; i < t.size; i += size) {
		struct text rest = { t.bytes + i, t.size - i };
		uint32_t point = line_point(rest, &size);

		if (point == '\n' && ends == LINE_ENDS_KEPT) {
			buffer_add_char(out, '\n');
		} else if (line_is_obeyed(point) || text_utf8_size(rest) == 0) {
			buffer_add_string(out, LINE_REPLACEMENT);
		} else {
			buffer_add(out, (struct text){ rest.bytes, size });
		}
	}
}

/* How many bytes of `t` make its first line, and how many come off with it. */
static size_t line_measure(struct text t, size_t width_max, size_t *taken)
{
	size_t width = 0;
	size_t space = 0; /* after the last one that fits; 0: there was none */
	size_t size;
	size_t i;

	for (i = 0; i < t.size; i += size) {
		uint32_t point = line_point((struct text){ t.bytes + i, t.size - i }, &size);

		if (point == '\n') {
			*taken = i + 1;
			return i;
		}
		width += line_point_width(point);
		if (width_max > 0 && width > width_max && point != ' ' && i > 0) {
			*taken = space > 0 ? space : i;
			return space > 0 ? space - 1 : i;
		}
		if (point == ' ') {
			space = i + 1;
		}
	}
	*taken = t.size;
	return t.size;
}

struct text line_take(struct text *rest, size_t width)
{
	struct text line = *rest;
	size_t taken;

	assert(rest->bytes != NULL || rest->size == 0);

	line.size = line_measure(*rest, width, &taken);
	assert(taken > 0 || rest->size == 0);
	rest->bytes += taken;
	rest->size -= taken;
	while (width > 0 && line.size > 0 && line.bytes[line.size - 1] == ' ') {
		line.size--; /* spaces that hang over the edge */
	}
	return line;
}
