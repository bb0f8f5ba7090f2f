/* SPDX-License-Identifier: Apache-2.0 */

/*
 * maintenance - what is done with a book on which no daemon runs: restore, book verify and book
 * rebuild.
 *
 * alymd does it itself; we only find it and become it.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/command.h"

enum { MAINTENANCE_WORDS_MAX = 8 + 2 * ARGUMENTS_REPEAT_MAX };

/* alymd as it lies beside us: installed, or just built. */
static bool maintenance_find(char path[PATH_MAX])
{
	static const char *const places[] = { "/alymd", "/../sbin/alymd", "/../daemon/alymd" };
	char folder[PATH_MAX];
	ssize_t size = readlink("/proc/self/exe", folder, sizeof(folder) - 1);

	while (size > 0 && folder[size - 1] != '/') {
		size--;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && size > 0; i++) {
		int length = snprintf(path, PATH_MAX, "%.*s%s", (int)size - 1, folder, places[i]);

		if (length > 0 && length < PATH_MAX && access(path, X_OK) == 0) {
			return true;
		}
	}
	return false;
}

/* Becomes alymd with that verb. */
static enum session_exit maintenance_become(struct session *session,
	const struct arguments *arguments, const char *verb, const char *file)
{
	const char *config = arguments_value(arguments, OPTION_CONFIG);
	const char *checkpoint = arguments_value(arguments, OPTION_CHECKPOINT);
	const char *words[MAINTENANCE_WORDS_MAX + 1] = { "alymd" };
	char path[PATH_MAX] = "alymd";
	size_t count = 1;

	(void)maintenance_find(path);
	if (config != NULL) {
		words[count++] = "--config";
		words[count++] = config;
	}
	words[count++] = verb;
	words[count++] = file;
	if (checkpoint != NULL) {
		words[count++] = "--checkpoint";
		words[count++] = checkpoint;
	}
	for (size_t i = 0; i < arguments->options[OPTION_VERIFIER].count; i++) {
		words[count++] = "--verifier";
		words[count++] = arguments->options[OPTION_VERIFIER].values[i];
	}
	if (arguments_has(arguments, OPTION_QUICK)) {
		words[count++] = "--quick";
	}
	if (arguments_has(arguments, OPTION_REPLACE)) {
		words[count++] = "--replace";
	}
	(void)execvp(path, (char *const *)(void *)words);
	return session_complain(session, SESSION_UNREACHED, "cannot run alymd: %s",
		strerror(errno));
}

enum session_exit maintenance_restore(struct session *session, const struct arguments *arguments)
{
	return maintenance_become(session, arguments, "--restore", arguments_word(arguments, 0));
}

/* book verify and book rebuild */
enum session_exit maintenance_verify(struct session *session, const struct arguments *arguments)
{
	bool anew = strcmp(arguments_word(arguments, 0), "rebuild") == 0;
	const char *file = arguments_word(arguments, 1);

	assert(file != NULL);

	return maintenance_become(session, arguments, anew ? "--rebuild-book" : "--verify-book",
		file);
}
