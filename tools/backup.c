/* SPDX-License-Identifier: Apache-2.0 */

/* backup - a verified copy of the book into a file: the daemon makes it, we fetch it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/command.h"
#include "tools/member.h"
#include "tools/progress.h"

enum { BACKUP_LOOK_MS = 200 };

struct backup {
	struct session *session;
	const char *path;
	char part[PATH_MAX];
	int fd;
	json_t *state; /* as the daemon told it last */
	struct progress progress;
	const char *doing; /* what the progress counts */
};

/* ---- asking ---- */

static const char *backup_word(const struct backup *b, const char *name)
{
	const char *word = json_string_value(json_object_get(b->state, name));

	return word != NULL ? word : "";
}

static int64_t backup_number(const struct backup *b, const char *name)
{
	return json_integer_value(json_object_get(b->state, name));
}

static enum session_exit backup_take_state(struct backup *b, enum session_exit code,
	struct client_answer *answer)
{
	json_t *state = NULL;

	if (code == SESSION_DONE) {
		state = session_parse(b->session, answer);
		code = state != NULL ? SESSION_DONE : SESSION_UNREACHED;
	}
	if (state != NULL) {
		json_decref(b->state);
		b->state = state;
	}
	client_answer_done(answer);
	return code;
}

static enum session_exit backup_post(struct backup *b, const char *start, json_t *body)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;

	client_answer_init(&answer);
	session_path_init(&path, start);
	code = backup_take_state(b, session_ask(b->session, &path, body, &answer), &answer);
	buffer_done(&path);
	return code;
}

static enum session_exit backup_look(struct backup *b)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;

	client_answer_init(&answer);
	session_path_init(&path, "/v1/book/backup");
	session_add_query(&path, "id", backup_word(b, "id"));
	code = backup_take_state(b, session_get(b->session, &path, &answer), &answer);
	buffer_done(&path);
	return code;
}

/* ---- how far it is ---- */

static void backup_show(struct backup *b, const char *doing, int64_t done, int64_t all)
{
	if (b->doing == NULL || strcmp(b->doing, doing) != 0) {
		progress_done(&b->progress);
		progress_init(&b->progress, doing, b->session->complaints);
		b->doing = doing;
	}
	progress_set(&b->progress, done, all);
}

/* Until the daemon's copy is made and verified. */
static enum session_exit backup_wait(struct backup *b)
{
	enum session_exit code = SESSION_DONE;

	while (code == SESSION_DONE && strcmp(backup_word(b, "state"), "ready") != 0) {
		if (strcmp(backup_word(b, "state"), "failed") == 0) {
			progress_done(&b->progress);
			return session_complain(b->session, SESSION_REFUSED, "no backup: %s",
				backup_word(b, "why"));
		}
		backup_show(b,
			strcmp(backup_word(b, "state"), "copying") == 0 ? "pages copied"
									: "records verified",
			backup_number(b, "done"), backup_number(b, "all"));
		(void)poll(NULL, 0, BACKUP_LOOK_MS);
		code = backup_look(b);
	}
	return code;
}

/* ---- the file ---- */

static enum session_exit backup_unwritten(struct backup *b, const char *path)
{
	return session_complain(b->session, SESSION_UNWRITTEN, "%s: %s", path, strerror(errno));
}

static bool backup_write(const struct backup *b, struct text bytes)
{
	while (bytes.size > 0) {
		ssize_t size = write(b->fd, bytes.bytes, bytes.size);

		if (size <= 0) {
			return false;
		}
		bytes.bytes += size;
		bytes.size -= (size_t)size;
	}
	return true;
}

static enum session_exit backup_fetch_piece(struct backup *b, int64_t *offset)
{
	struct client_answer answer;
	struct buffer path;
	enum session_exit code;
	char number[24];

	client_answer_init(&answer);
	session_path_init(&path, "/v1/book/backup/data");
	session_add_query(&path, "id", backup_word(b, "id"));
	(void)snprintf(number, sizeof(number), "%" PRId64, *offset);
	session_add_query(&path, "offset", number);
	code = session_get(b->session, &path, &answer);
	if (code == SESSION_DONE && answer.body.size == 0) {
		code = session_complain(b->session, SESSION_UNREACHED, "the copy is cut short");
	} else if (code == SESSION_DONE && !backup_write(b, buffer_text(&answer.body))) {
		code = backup_unwritten(b, b->part);
	}
	*offset += (int64_t)answer.body.size;
	buffer_done(&path);
	client_answer_done(&answer);
	return code;
}

static enum session_exit backup_fetch(struct backup *b)
{
	int64_t size = backup_number(b, "size");
	int64_t offset = 0;
	enum session_exit code = SESSION_DONE;

	while (code == SESSION_DONE && offset < size) {
		backup_show(b, "bytes fetched", offset, size);
		code = backup_fetch_piece(b, &offset);
	}
	progress_done(&b->progress);
	if (code == SESSION_DONE && (offset != size || fsync(b->fd) != 0)) {
		code = backup_unwritten(b, b->part);
	}
	if (code == SESSION_DONE && rename(b->part, b->path) != 0) {
		code = backup_unwritten(b, b->path);
	}
	return code;
}

/* Whether the file may be made, as far as that is known. */
static enum session_exit backup_may_begin(struct backup *b)
{
	int size = snprintf(b->part, sizeof(b->part), "%s.part", b->path);

	if (size < 0 || (size_t)size >= sizeof(b->part)) {
		return session_complain(b->session, SESSION_MISUSED, "%s is too long a path",
			b->path);
	}
	if (access(b->path, F_OK) == 0) {
		return session_complain(b->session, SESSION_UNWRITTEN,
			"%s is there already, and a backup replaces nothing", b->path);
	}
	return SESSION_DONE;
}

/* A new file, and ours alone: what lies there may be another's, readable by all, or lead elsewhere.
 * The daemon makes one backup at a time, so nobody who goes on writes to it. */
static enum session_exit backup_open(struct backup *b)
{
	(void)unlink(b->part);
	b->fd = open(b->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	return b->fd >= 0 ? SESSION_DONE : backup_unwritten(b, b->part);
}

static void backup_tell(const struct backup *b)
{
	struct session *session = b->session;
	char size[32];

	if (session->json) {
		char *bytes = json_dumps(b->state, JSON_COMPACT | JSON_SORT_KEYS);

		session_pass_through(session, text_of(bytes));
		free(bytes);
		return;
	}
	(void)snprintf(size, sizeof(size), "%" PRId64 " bytes", backup_number(b, "size"));
	session_pair_text(session, "Backup", text_of(b->path));
	session_pair_text(session, "Size", text_of(size));
	session_pair(session, "Records", b->state, "records");
	(void)fprintf(session->out, "\n%s", backup_word(b, "checkpoint"));
}

enum session_exit backup_run(struct session *session, const struct arguments *arguments)
{
	struct backup b = { .session = session, .path = arguments_word(arguments, 0), .fd = -1 };
	enum session_exit code = backup_may_begin(&b);

	if (code == SESSION_DONE) {
		code = backup_post(&b, "/v1/book/backup", json_object());
	}
	if (code == SESSION_DONE) {
		json_t *begun = json_incref(b.state);

		code = backup_open(&b);
		if (code == SESSION_DONE) {
			code = backup_wait(&b);
		}
		if (code == SESSION_DONE) {
			code = backup_fetch(&b);
		}
		progress_done(&b.progress);
		if (code == SESSION_DONE) {
			backup_tell(&b);
		}
		/* Whatever came of it, the daemon's copy is no longer needed. */
		(void)backup_post(&b, "/v1/book/backup/end",
			json_pack("{s:O}", "id", json_object_get(begun, "id")));
		json_decref(begun);
	}
	if (b.fd >= 0) {
		(void)close(b.fd);
		if (code != SESSION_DONE) {
			(void)unlink(b.part);
		}
	}
	json_decref(b.state);
	return code;
}
