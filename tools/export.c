/* SPDX-License-Identifier: Apache-2.0 */

/*
 * export - the book as it comes, counted on the way.
 *
 * It is whole when the answer ended as it should, its last line says so, and the entries are as
 * many as the first lines announced and the last one says.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "tools/command.h"
#include "tools/progress.h"

enum { EXPORT_LINE_MAX = 64, EXPORT_STEPS = 1000, EXPORT_MODE = 0666 };

#define EXPORT_SUFFIX ".incomplete"
#define EXPORT_ROW    "posting,"

struct export
{
	FILE *out;
	struct progress progress;
	char line[EXPORT_LINE_MAX + 1]; /* how the present one begins */
	size_t size;
	bool quoted; /* within a field of the table that may hold a line's end */
	bool table;
	int64_t announced; /* entries; -1: not yet */
	int64_t counted;
	int64_t shown;
	int64_t ended;                   /* what the last line says; -1: it is no such line */
	char entry[EXPORT_LINE_MAX + 1]; /* of the last row */
};

/* The number behind the words the line begins with; false: it begins otherwise. */
static bool export_says(const struct export *x, const char *words, int64_t *number)
{
	size_t size = strlen(words);

	if (strncmp(x->line, words, size) != 0) {
		return false;
	}
	return text_parse_integer((struct text){ x->line + size,
					  strspn(x->line + size, "0123456789") },
		number);
}

/* A row of an entry that the row before was not of. */
static bool export_is_next(struct export *x)
{
	char number[EXPORT_LINE_MAX + 1];

	(void)snprintf(number, sizeof(number), "%.*s", (int)strcspn(x->line + 8, ","), x->line + 8);
	if (strcmp(number, x->entry) == 0) {
		return false;
	}
	memcpy(x->entry, number, sizeof(number));
	return true;
}

static void export_line(struct export *x)
{
	bool is_row;
	bool is_entry;

	x->line[x->size] = '\0';
	is_row = strncmp(x->line, EXPORT_ROW, sizeof(EXPORT_ROW) - 1) == 0;
	is_entry = x->line[0] >= '0' && x->line[0] <= '9' && strstr(x->line, " * ") != NULL;
	x->ended = -1;
	if (x->announced < 0) {
		x->table = export_says(x, "begin,", &x->announced);
		(void)(x->table || export_says(x, "; entries ", &x->announced));
	} else if (!export_says(x, x->table ? "end," : "; end of ", &x->ended) &&
		   (x->table ? is_row && export_is_next(x) : is_entry)) {
		x->counted++;
	}
	x->size = 0;
}

static bool export_take(void *context, struct text bytes)
{
	struct export *x = context;

	for (size_t i = 0; i < bytes.size; i++) {
		char c = bytes.bytes[i];

		x->quoted = x->table && (c == '"') != x->quoted;
		if (c == '\n' && !x->quoted) {
			export_line(x);
		} else if (x->size < EXPORT_LINE_MAX) {
			x->line[x->size++] = c;
		}
	}
	if (x->counted - x->shown > x->announced / EXPORT_STEPS) {
		progress_set(&x->progress, x->counted, x->announced);
		x->shown = x->counted;
	}
	return fwrite(bytes.bytes, 1, bytes.size, x->out) == bytes.size;
}

static enum session_exit export_ask(struct session *session, const struct arguments *arguments,
	FILE *out)
{
	struct export x = { .out = out, .announced = -1, .ended = -1 };
	enum session_exit code;
	struct buffer path;

	progress_init(&x.progress, "entries", session->complaints);
	session_path_init(&path, "/v1/ledger/export");
	session_add_query(&path, "format", arguments_value(arguments, OPTION_FORMAT));
	session_add_query(&path, "from", arguments_value(arguments, OPTION_FROM));
	session_add_query(&path, "to", arguments_value(arguments, OPTION_TO));
	session_add_query(&path, "as_of_record", arguments_value(arguments, OPTION_AS_OF_RECORD));
	code = session_stream(session, &path, export_take, &x);
	progress_done(&x.progress);
	if (code == SESSION_DONE &&
		(x.ended < 0 || x.size > 0 || x.counted != x.announced || x.counted != x.ended)) {
		code = session_complain(session, SESSION_UNREACHED,
			"the export is not whole: %lld entries of %lld came", (long long)x.counted,
			(long long)(x.announced > 0 ? x.announced : 0));
	}
	buffer_done(&path);
	return code;
}

static enum session_exit export_unwritten(struct session *session, const char *doing,
	const char *name)
{
	return session_complain(session, SESSION_UNWRITTEN, "%s %s: %s", doing, name,
		strerror(errno));
}

/* Nobody else writes to it, and it still has this name: who had it may just have renamed it. */
static bool export_is_ours(int fd, const char *name)
{
	struct stat opened;
	struct stat named;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 &&
	       stat(name, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* The file to write to; NULL, and told. */
static FILE *export_open(struct session *session, const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, EXPORT_MODE);
	FILE *out = NULL;

	if (fd >= 0 && !export_is_ours(fd, name)) {
		(void)session_complain(session, SESSION_UNWRITTEN, "another export is writing %s",
			name);
	} else if (fd < 0 || ftruncate(fd, 0) != 0 || (out = fdopen(fd, "wb")) == NULL) {
		(void)export_unwritten(session, "open", name);
	}
	if (out == NULL && fd >= 0) {
		(void)close(fd);
	}
	return out;
}

/* Into a file of another name, which gets its own when it is whole and on disk. */
static enum session_exit export_to_file(struct session *session, const struct arguments *arguments,
	const char *name)
{
	size_t size = strlen(name) + sizeof(EXPORT_SUFFIX);
	char *draft = mem_new(1, size);
	enum session_exit code = SESSION_UNWRITTEN;
	FILE *out;

	(void)snprintf(draft, size, "%s%s", name, EXPORT_SUFFIX);
	out = export_open(session, draft);
	if (out == NULL) {
		goto out;
	}
	code = export_ask(session, arguments, out);
	if (code == SESSION_UNWRITTEN ||
		(code == SESSION_DONE && (fflush(out) != 0 || fsync(fileno(out)) != 0))) {
		code = export_unwritten(session, "write", draft);
	}
	if (code == SESSION_DONE && rename(draft, name) != 0) {
		code = export_unwritten(session, "name", name);
	}
	if (code != SESSION_DONE) {
		(void)unlink(draft);
	}
	(void)fclose(out);
out:
	free(draft);
	return code;
}

enum session_exit export_run(struct session *session, const struct arguments *arguments)
{
	const char *name = arguments_value(arguments, OPTION_OUTPUT);

	if (session->json) {
		return session_complain(session, SESSION_MISUSED,
			"an export is no JSON: --format says what it is");
	}
	return name != NULL ? export_to_file(session, arguments, name)
			    : export_ask(session, arguments, session->out);
}
