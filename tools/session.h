/* SPDX-License-Identifier: Apache-2.0 */

/*
 * session - one run of alymctl: whom it asks, in which language, how it answers the person.
 *
 * Everything that goes wrong between us and the daemon is told on `complaints`, once, here; the
 * commands only pass the exit code on.
 */
#ifndef ALYM_TOOLS_SESSION_H
#define ALYM_TOOLS_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "tools/arguments.h"
#include "tools/client.h"
#include "tools/table.h"

/* What the process ends with; documented in alymctl(1). */
enum session_exit {
	SESSION_DONE = 0,
	SESSION_REFUSED = 1,   /* the daemon said no: code, field and detail are on stderr */
	SESSION_MISUSED = 2,   /* the command line makes no sense */
	SESSION_UNREACHED = 3, /* no daemon, or no answer that can be understood */
	SESSION_DISPROVED = 4, /* a proof does not hold, or a calculation is not what was stored */
	SESSION_UNWRITTEN = 5, /* the output could not be written */
	SESSION_UNSOUND = 65,  /* the book that was verified has faults: alymd's, too */
};

enum { SESSION_LABEL_WIDTH = 12 }; /* of cards, so that they stand under each other */

struct session {
	struct client *client;
	const char *language; /* "kk" "ru" "en" */
	bool json;
	size_t width; /* of the terminal in columns; 0: no terminal */
	FILE *out;
	FILE *complaints;
	struct buffer scratch; /* for member_words() */
	bool is_patient;       /* what is asked is long work: see session_be_patient() */
	unsigned waits;        /* then: how often it was asked whether to go on */
};

/*
 * From here on what is asked may take long, as a report over a large book does: it is waited for
 * longer, and a terminal is told that it is.
 */
void session_be_patient(struct session *session);

/* "alymctl: ..." on complaints; returns `code`. */
enum session_exit session_complain(struct session *session, enum session_exit code,
	const char *format, ...) PRINTF_LIKE(3, 4);

/* Asks; anything but a 2xx is told, and becomes the exit code. */
enum session_exit session_get(struct session *session, const struct buffer *path,
	struct client_answer *answer) MUST_USE;

/* Asks; any answer at all is SESSION_DONE, and answer->status says which. */
enum session_exit session_try(struct session *session, const struct buffer *path,
	struct client_answer *answer) MUST_USE;

/* Asks for an answer of any length, whose bytes go to `take` as they come; one that breaks off, or
 * is no 200, is told.  SESSION_UNWRITTEN, untold: `take` wanted no more. */
enum session_exit session_stream(struct session *session, const struct buffer *path,
	client_take_fn *take, void *context) MUST_USE;

/*
 * Moves something: `body` under the key the person gave, or under a fresh one that is shown before
 * it is used - whoever loses the answer repeats the command with it.  Takes `body` over.
 */
enum session_exit session_post(struct session *session, const struct buffer *path,
	const struct arguments *arguments, json_t *body, struct client_answer *answer) MUST_USE;

/* Asks without moving anything (a quote): no key.  Takes `body` over. */
enum session_exit session_ask(struct session *session, const struct buffer *path, json_t *body,
	struct client_answer *answer) MUST_USE;

/* How an answer is written for people. */
typedef void session_show_fn(struct session *session, json_t *answer);

/* The answer's own bytes with --json, else parsed and shown. */
enum session_exit session_show(struct session *session, const struct client_answer *answer,
	session_show_fn *show) MUST_USE;

/* The answer as JSON, to be freed; NULL, and told, when it is none. */
json_t *session_parse(struct session *session, const struct client_answer *answer) MUST_USE;

/* The daemon's bytes as they came, on a line. */
void session_pass_through(struct session *session, struct text bytes);

/* Flushes; false when nobody reads what is written any more. */
bool session_is_read(struct session *session);

/* GET and show. */
enum session_exit session_show_path(struct session *session, const struct buffer *path,
	session_show_fn *show) MUST_USE;

/* What is done with each page of a list; `bytes` are the daemon's. */
typedef void session_page_fn(struct session *session, json_t *page, struct text bytes,
	void *context);

/* GET {"items":[...],"next":...} from page to page to the end; `from`: a cursor to begin at, or
 * NULL. */
enum session_exit session_take_pages(struct session *session, const struct buffer *path,
	const char *from, session_page_fn *take, void *context) MUST_USE;

/*
 * Shows the page that the limit and cursor of the arguments say, and where to go on; with --all
 * every page to the end.
 */
enum session_exit session_show_list(struct session *session, struct buffer *path,
	const struct arguments *arguments, session_show_fn *show) MUST_USE;

/*
 * Paths of requests are built in a buffer, to be done with; one that grew too long is refused by
 * whatever would have asked it.
 */
void session_path_init(struct buffer *path, const char *start);

/* Adds "?name=value" or "&name=value", escaped; nothing when `value` is NULL. */
void session_add_query(struct buffer *path, const char *name, const char *value);

/* Adds "/value", escaped. */
void session_add_part(struct buffer *path, const char *value);

/* Adds a string member when `value` is not NULL; false when it is no UTF-8. */
bool session_add_member(json_t *object, const char *name, const char *value) MUST_USE;

/* The same of an option's value; false, and told. */
bool session_add_option(struct session *session, json_t *object, const char *name,
	const struct arguments *arguments, enum option option) MUST_USE;

/* "label  value" for a member in words; nothing when it is absent or empty. */
void session_pair(struct session *session, const char *label, const json_t *object,
	const char *name);

/* The same of words that are at hand, were they empty. */
void session_pair_text(struct session *session, const char *label, struct text words);

/* A row for each of `items` (NULL: none), a column for each of `names`, in words. */
void session_table(struct session *session, const struct table_column *columns,
	const char *const *names, size_t count, json_t *items);

#endif
