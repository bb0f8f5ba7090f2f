/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alymctl - people and scripts drive alymd with it.
 *
 * Everything it says it got from the daemon; what it adds is the asking, the tables and, for those
 * who doubt, the arithmetic of the proofs.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tools/arguments.h"
#include "tools/command.h"
#include "tools/member.h"
#include "tools/session.h"

enum { MAIN_WIDTH_MAX = 10000 };

static const char main_socket[] = ALYM_STATE_DIR "/" ALYM_SOCKET_NAME;

/* Columns of the terminal, or 0 where there is none: $COLUMNS, for those who want it otherwise. */
static size_t main_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t width;

	if (columns != NULL && text_parse_integer(text_of(columns), &width) && width > 0 &&
		width <= MAIN_WIDTH_MAX) {
		return (size_t)width;
	}
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
		return size.ws_col;
	}
	return 0;
}

/* One of the three, or NULL; "ru_KZ.UTF-8" is Russian. */
static const char *main_language_of(const char *locale)
{
	static const char *const languages[] = { "kk", "ru", "en" };

	for (size_t i = 0; locale != NULL && i < sizeof(languages) / sizeof(*languages); i++) {
		if (strncmp(locale, languages[i], 2) == 0 && strchr("_.@", locale[2]) != NULL) {
			return languages[i];
		}
	}
	return NULL;
}

/* What was asked for, else what the person's locale is, else English; NULL: it is none of ours. */
static const char *main_language(const struct arguments *arguments)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *asked = arguments_value(arguments, OPTION_LANG);

	if (asked != NULL) {
		return strlen(asked) == 2 ? main_language_of(asked) : NULL;
	}
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *locale = getenv(variables[i]);

		if (locale != NULL && locale[0] != '\0') {
			asked = main_language_of(locale);
			break;
		}
	}
	return asked != NULL ? asked : "en";
}

static const char *main_choose_socket(const struct arguments *arguments)
{
	const char *socket = arguments_value(arguments, OPTION_SOCKET);

	if (socket == NULL) {
		socket = getenv("ALYM_SOCKET");
	}
	return socket != NULL && socket[0] != '\0' ? socket : main_socket;
}

/* help, --help, --version and their like: what needs no daemon.  False: it is a command. */
static bool main_help(struct session *session, const struct arguments *arguments,
	enum session_exit *code)
{
	const struct command *command = arguments->command;
	const char *topic = arguments_word(arguments, 0);

	*code = SESSION_DONE;
	if (arguments_has(arguments, OPTION_VERSION)) {
		(void)fprintf(session->out, "alymctl %s\n", ALYM_VERSION);
	} else if (arguments_has(arguments, OPTION_NAMES)) {
		command_names(session->out);
	} else if (arguments_has(arguments, OPTION_HELP)) {
		command_help(command, session->out);
	} else if (command == NULL) {
		command_help(NULL, session->complaints);
		*code = SESSION_MISUSED;
	} else if (command->run != NULL) {
		return false;
	} else if (topic != NULL && command_find(topic) == NULL) {
		*code = session_complain(session, SESSION_MISUSED, "there is no command \"%s\"",
			topic);
	} else {
		command_help(topic != NULL ? command_find(topic) : NULL, session->out);
	}
	return true;
}

static enum session_exit main_misused(struct session *session, const struct arguments *arguments,
	const struct err *err)
{
	const char *name = arguments->command != NULL ? arguments->command->name : "";

	return session_complain(session, SESSION_MISUSED, "%s%s%s (see alymctl help%s%s)", name,
		name[0] != '\0' ? ": " : "", err->message, name[0] != '\0' ? " " : "", name);
}

static enum session_exit main_run(struct session *session, int argc, char *argv[])
{
	struct arguments arguments;
	struct err err = { 0 };
	enum session_exit code;

	if (!arguments_parse(argc, argv, &arguments, &err)) {
		return main_misused(session, &arguments, &err);
	}
	if (main_help(session, &arguments, &code)) {
		return code;
	}
	session->language = main_language(&arguments);
	if (session->language == NULL) {
		return session_complain(session, SESSION_MISUSED, "--lang takes kk, ru or en");
	}
	if (!command_accepts(&arguments, &err)) {
		return main_misused(session, &arguments, &err);
	}
	session->json = arguments_has(&arguments, OPTION_JSON);
	session->width = main_width();
	if (!client_open(main_choose_socket(&arguments), session->language, &session->client,
		    &err)) {
		return session_complain(session, SESSION_UNREACHED, "%s", err.message);
	}
	code = arguments.command->run(session, &arguments);
	client_close(&session->client);
	return code;
}

int main(int argc, char *argv[])
{
	struct session session = { .language = "en", .out = stdout, .complaints = stderr };
	enum session_exit code;

	/* For the widths of letters; nothing else here asks the locale. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	buffer_init(&session.scratch, MEMBER_MAX);
	code = main_run(&session, argc, argv);
	buffer_done(&session.scratch);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		if (errno != EPIPE) { /* who closed the pipe has seen enough */
			(void)fprintf(stderr, "alymctl: write: %s\n", strerror(errno));
		}
		return SESSION_UNWRITTEN;
	}
	return (int)code;
}
