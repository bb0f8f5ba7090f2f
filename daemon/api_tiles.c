/* SPDX-License-Identifier: Apache-2.0 */

/*
 * GET /v1/ledger/tlog/...: the log as C2SP tlog-tiles, so that an outsider can mirror it.
 *
 * A tile is a piece of the path: "0/x001/x234/067" is number 1234067 of level 0, "entries/000.p/7"
 * the first seven leaves.  What is not spelled in the one way there is, is not found.
 */
#include <assert.h>

#include "daemon/api.h"
#include "ledger/journal.h"

enum {
	API_TILE_GROUP = 3,       /* digits of one element of a path */
	API_TILE_GROUPS_MAX = 6,  /* of a number below 2^63 */
	API_TILE_WIDTH_MAX = 255, /* of a partial one */
	API_TILE_LEVEL_MAX = 63,
};

_Static_assert(JOURNAL_TILE_WIDTH *(2 + JOURNAL_LEAF_MAX) <= CALL_ANSWER_MAX,
	"any bundle of entries can be told");

struct api_tile {
	struct api_query query; /* first */
	bool entries;
	unsigned level;
	uint64_t number;
	size_t width;
};

/* Takes the text before the first slash, and the slash, off *rest. */
static struct text api_tile_element(struct text *rest)
{
	struct text element = { rest->bytes, 0 };

	while (element.size < rest->size && rest->bytes[element.size] != '/') {
		element.size++;
	}
	rest->bytes += element.size;
	rest->size -= element.size;
	if (rest->size > 0) {
		rest->bytes++;
		rest->size--;
	}
	return element;
}

/* A decimal without leading zeros, at most `max`. */
static bool api_tile_decimal(struct text digits, int64_t max, int64_t *value)
{
	return text_is_digits(digits) && text_parse_integer(digits, value) && *value <= max &&
	       (digits.size == 1 || digits.bytes[0] != '0');
}

/* Three digits, as the next of the number. */
static bool api_tile_group(struct text digits, uint64_t *number)
{
	int64_t value;

	if (digits.size != API_TILE_GROUP || !text_is_digits(digits) ||
		!text_parse_integer(digits, &value)) {
		return false;
	}
	*number = *number * 1000 + (uint64_t)value;
	return true;
}

/* "x001/x234/067", or "067.p/5": the number, and the width of what is not complete. */
static bool api_tile_number(struct text rest, struct api_tile *tile)
{
	const struct text partial = TEXT(".p");
	struct text element = api_tile_element(&rest);
	int64_t width;

	for (int group = 1; element.size > 0 && element.bytes[0] == 'x'; group++) {
		element.bytes++;
		element.size--;
		if (group >= API_TILE_GROUPS_MAX || !api_tile_group(element, &tile->number) ||
			tile->number == 0) {
			return false;
		}
		element = api_tile_element(&rest);
	}
	tile->width = JOURNAL_TILE_WIDTH;
	if (element.size == API_TILE_GROUP + partial.size &&
		text_is((struct text){ element.bytes + API_TILE_GROUP, partial.size }, ".p")) {
		if (!api_tile_decimal(rest, API_TILE_WIDTH_MAX, &width) || width == 0) {
			return false;
		}
		tile->width = (size_t)width;
		element.size = API_TILE_GROUP;
		rest.size = 0;
	}
	return rest.size == 0 && api_tile_group(element, &tile->number);
}

static bool api_tile_parse(struct text path, struct api_tile *tile)
{
	struct text level = api_tile_element(&path);
	int64_t value = 0;

	tile->entries = text_is(level, "entries");
	if (!tile->entries && !api_tile_decimal(level, API_TILE_LEVEL_MAX, &value)) {
		return false;
	}
	tile->level = (unsigned)value;
	return path.size > 0 && path.bytes[path.size - 1] != '/' && api_tile_number(path, tile);
}

static void api_tile_run(struct reader *reader, struct api_query *query)
{
	struct api_tile *tile = (struct api_tile *)(void *)query;
	enum reader_result result = tile->entries ? reader_bundle(reader, tile->number, tile->width,
							    &query->out, &query->err)
						  : reader_tile(reader, tile->level, tile->number,
							    tile->width, &query->out, &query->err);

	if (api_query_found(query, result, "tile: the log is not that long")) {
		query->content_type = "application/octet-stream";
	}
}

void api_tile_get(struct api_request *r)
{
	struct api_tile *tile = api_query_new(r, sizeof(*tile), api_tile_run);
	struct parameters parameters;

	parameters_init(&parameters, r->call, &tile->query.problem);
	if (!parameters_end(&parameters)) {
		api_query_answer(&tile->query);
	} else if (!api_tile_parse(text_of(r->name), tile)) {
		problem_set(&tile->query.problem, PROBLEM_NOT_FOUND, "",
			"no tile is spelled like that; C2SP tlog-tiles says how");
		api_query_answer(&tile->query);
	} else {
		api_query_start(&tile->query);
	}
}
