/* SPDX-License-Identifier: Apache-2.0 */
/* alymd: the command line. */
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/alymd.h"
#include "daemon/log.h"
#include "daemon/maintenance.h"
#include "daemon/option.h"
#include "tariff/tariff.h"

static const char main_standard_path[] = "/etc/alym/alym.conf";

enum main_act {
	MAIN_RUN,
	MAIN_CHECK,
	MAIN_MAINTAIN,
	MAIN_HELP,
	MAIN_HELP_CONFIG,
	MAIN_VERSION,
	MAIN_MISTAKE
};

struct main_words {
	enum main_act act;
	const char *path; /* NULL: not given */
	const struct maintenance_verb *verb;
	struct maintenance_words words;
};

static void main_tell_usage(FILE *out)
{
	(void)fprintf(out,
		"usage: alymd [--config FILE] [--check-config]\n"
		"       alymd [--config FILE] --restore FILE [--checkpoint NOTE] [--replace]\n"
		"       alymd [--config FILE] --verify-book FILE [--checkpoint NOTE] [--quick]\n"
		"       alymd [--config FILE] --rebuild-book FILE [--checkpoint NOTE]\n"
		"       alymd --help-config | --version | --help\n"
		"\n"
		"  --config FILE    the configuration (%s; without that file: defaults)\n"
		"  --check-config   open all that the configuration names, and end\n"
		"  --help-config    every section and key, as Markdown\n",
		main_standard_path);
	maintenance_tell_usage(out);
	(void)fprintf(out,
		"\n"
		"alymd runs in the foreground and logs to standard error.\n"
		"SIGTERM stops it, SIGHUP reloads configuration, certificates and tariff.\n"
		"status: 0 stopped, 64 usage, 65 faults, 70 book, 71 system, 75 already running, 78 configuration\n");
}

/* An option of maintenance, at words[*i]; false: it is none. */
static bool main_read_maintenance(struct main_words *read, int count, char **words, int *i)
{
	const struct maintenance_verb *verb = maintenance_find(words[*i]);
	bool has_value = *i + 1 < count;

	if (verb != NULL && read->act == MAIN_RUN && (verb->value == NULL || has_value)) {
		read->act = MAIN_MAINTAIN;
		read->verb = verb;
		read->words.value = verb->value != NULL ? words[++*i] : NULL;
		return true;
	}
	if (strcmp(words[*i], "--replace") == 0) {
		read->words.replace = true;
		return true;
	}
	if (strcmp(words[*i], "--quick") == 0) {
		read->words.quick = true;
		return true;
	}
	if (strcmp(words[*i], "--verifier") == 0 && has_value &&
		read->words.verifier_count < MAINTENANCE_VERIFIERS_MAX) {
		read->words.verifiers[read->words.verifier_count++] = words[++*i];
		return true;
	}
	if (strcmp(words[*i], "--checkpoint") == 0 && has_value) {
		read->words.checkpoint = words[++*i];
		return true;
	}
	return false;
}

/* The words that are an act by themselves. */
static bool main_read_act(struct main_words *read, const char *word)
{
	static const struct {
		const char *word;
		enum main_act act;
	} acts[] = {
		{ "--check-config", MAIN_CHECK },
		{ "--help-config", MAIN_HELP_CONFIG },
		{ "--version", MAIN_VERSION },
		{ "--help", MAIN_HELP },
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts) && read->act == MAIN_RUN; i++) {
		if (strcmp(word, acts[i].word) == 0) {
			read->act = acts[i].act;
			return true;
		}
	}
	return false;
}

/* What is said besides a verb says something of it. */
static bool main_words_fit(const struct main_words *read)
{
	const struct maintenance_words *words = &read->words;

	if (read->act != MAIN_MAINTAIN) {
		return !words->replace && !words->quick && words->checkpoint == NULL &&
		       words->verifier_count == 0;
	}
	return (!words->quick && words->verifier_count == 0) || read->verb->has_quick;
}

static struct main_words main_read_words(int count, char **words)
{
	struct main_words read = { .act = MAIN_RUN };

	for (int i = 1; i < count; i++) {
		if (strcmp(words[i], "--config") == 0 && i + 1 < count && read.path == NULL) {
			read.path = words[++i];
		} else if (!main_read_act(&read, words[i]) &&
			   !main_read_maintenance(&read, count, words, &i)) {
			return (struct main_words){ .act = MAIN_MISTAKE };
		}
	}
	if (!main_words_fit(&read)) {
		read.act = MAIN_MISTAKE;
	}
	return read;
}

static void main_tell_options(void)
{
	struct buffer help;

	buffer_init(&help, OPTION_HELP_MAX);
	option_help(&help);
	assert(!help.overflowed);
	(void)fwrite(help.bytes, 1, help.size, stdout);
	buffer_done(&help);
}

/* libevent's own complaints are lines like ours. */
static void main_on_libevent(int severity, const char *message)
{
	const struct log log = { .fd = STDERR_FILENO, .level = PORTS_WARNING };

	log_word(&log, severity >= EVENT_LOG_ERR ? PORTS_ERROR : PORTS_WARNING, "libevent", "why",
		message);
}

/* The configuration of that file; of none, when nobody named one and the standard one is absent. */
static bool main_read_config(const char **path, struct config **config, struct err *err)
{
	if (*path == NULL && access(main_standard_path, F_OK) != 0 && errno == ENOENT) {
		*config = config_new();
		return true;
	}
	if (*path == NULL) {
		*path = main_standard_path;
	}
	return config_read(*path, config, err);
}

static enum alymd_status main_run(const struct main_words *words)
{
	struct config *config = NULL;
	struct err err = { 0 };
	const char *path = words->path;
	enum alymd_status status;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN); /* until the loop takes it: nothing was read yet */
	(void)umask(S_IRWXG | S_IRWXO);
	event_set_log_callback(main_on_libevent);
	tariff_init();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		(void)fprintf(stderr, "alymd: libcurl can not be set up\n");
		return ALYMD_SYSTEM;
	}
	if (!main_read_config(&path, &config, &err)) {
		(void)fprintf(stderr, "alymd: %s\n", err.message);
		status = ALYMD_CONFIG;
	} else if (words->act == MAIN_MAINTAIN) {
		status = words->verb->run(config, &words->words);
		config_free(&config);
	} else if (words->act == MAIN_CHECK) {
		status = alymd_check(config);
		config_free(&config);
	} else {
		status = alymd_run(config, path);
	}
	curl_global_cleanup();
	return status;
}

int main(int count, char **words)
{
	struct main_words read = main_read_words(count, words);

	switch (read.act) {
	case MAIN_HELP:
		main_tell_usage(stdout);
		return ALYMD_STOPPED;
	case MAIN_HELP_CONFIG:
		main_tell_options();
		return ALYMD_STOPPED;
	case MAIN_VERSION:
		(void)printf("alymd %s\n", ALYM_VERSION);
		return ALYMD_STOPPED;
	case MAIN_MISTAKE:
		main_tell_usage(stderr);
		return ALYMD_USAGE;
	case MAIN_RUN:
	case MAIN_CHECK:
	case MAIN_MAINTAIN:
		break;
	}
	return (int)main_run(&read);
}
