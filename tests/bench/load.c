/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alym_load - puts alymd under load and says how it bears it.
 *
 * One line of JSON on standard output.  Exit status 0: every answer was the expected one; 1: not,
 * or a connection failed; 64: it was called wrongly.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/crowd.h"

enum {
	LOAD_USAGE = 64,
	LOAD_SECONDS_MAX = 86400,
	LOAD_MS_PER_S = 1000,
	LOAD_P50 = 500,
	LOAD_P99 = 990,
	LOAD_P999 = 999,
	LOAD_WHOLE = 1000,
};

static const char load_help[] =
	"usage: alym_load --mode MODE --socket PATH [option ...]\n"
	"\n"
	"  --mode create    payments to be paid by their code\n"
	"         exempt    payments that are complete at once, with their entry\n"
	"         pay       the first, and the sandbox bank's callback over TLS that pays each\n"
	"         quote     nothing is written\n"
	"  --socket PATH    alymd's Unix socket\n"
	"  --clients N      connections at a time, 1 to 4096 (8)\n"
	"  --depth N        requests under way on each, 1 to 64 (1)\n"
	"  --seconds N      how long it is measured (5)\n"
	"  --warm-ms N      how long it runs before (1000)\n"
	"  --minimal        payments are answered without their quote\n"
	"  --spread         over all duties and grounds, so accounts; else one of each\n"
	"  --seed N         of keys and references; another one for every run on a book (the time)\n"
	"\n"
	"and for pay:\n"
	"  --address HOST:PORT    alymd's HTTPS address, an IPv4 address\n"
	"  --ca FILE              PEM: whom to trust\n"
	"  --gateway NAME         the section of alym.conf (sandbox)\n"
	"  --merchant NAME        as there\n"
	"  --secret-file FILE     as there\n";

enum load_option {
	LOAD_MODE,
	LOAD_SOCKET,
	LOAD_CLIENTS,
	LOAD_DEPTH,
	LOAD_SECONDS,
	LOAD_WARM_MS,
	LOAD_MINIMAL,
	LOAD_SPREAD,
	LOAD_SEED,
	LOAD_ADDRESS,
	LOAD_CA,
	LOAD_GATEWAY,
	LOAD_MERCHANT,
	LOAD_SECRET_FILE,
	LOAD_OPTION_COUNT,
};

static const struct option load_options[] = {
	{ "mode", required_argument, NULL, LOAD_MODE },
	{ "socket", required_argument, NULL, LOAD_SOCKET },
	{ "clients", required_argument, NULL, LOAD_CLIENTS },
	{ "depth", required_argument, NULL, LOAD_DEPTH },
	{ "seconds", required_argument, NULL, LOAD_SECONDS },
	{ "warm-ms", required_argument, NULL, LOAD_WARM_MS },
	{ "minimal", no_argument, NULL, LOAD_MINIMAL },
	{ "spread", no_argument, NULL, LOAD_SPREAD },
	{ "seed", required_argument, NULL, LOAD_SEED },
	{ "address", required_argument, NULL, LOAD_ADDRESS },
	{ "ca", required_argument, NULL, LOAD_CA },
	{ "gateway", required_argument, NULL, LOAD_GATEWAY },
	{ "merchant", required_argument, NULL, LOAD_MERCHANT },
	{ "secret-file", required_argument, NULL, LOAD_SECRET_FILE },
	{ NULL, 0, NULL, 0 },
};

/* What was said on the command line, before it is understood. */
struct load_words {
	const char *words[LOAD_OPTION_COUNT];
};

static bool load_number(const struct load_words *said, enum load_option which, int64_t most,
	int64_t *value, struct err *err)
{
	const char *word = said->words[which];

	if (word == NULL) {
		return true;
	}
	if (!text_parse_integer(text_of(word), value) || *value > most) {
		return err_set(err, ERR_INPUT, "--%s: a number up to %" PRId64 ", please",
			load_options[which].name, most);
	}
	return true;
}

static bool load_read_secret(const char *path, char out[SCRIPT_SECRET_MAX + 1], struct err *err)
{
	FILE *file = fopen(path, "r");
	size_t size;

	if (file == NULL) {
		return err_set(err, ERR_SYSTEM, "%s: %s", path, strerror(errno));
	}
	size = fread(out, 1, SCRIPT_SECRET_MAX, file);
	(void)fclose(file);
	out[size] = '\0';
	if (size > 0 && out[size - 1] == '\n') {
		out[size - 1] = '\0';
	}
	return true;
}

static bool load_understand_bank(const struct load_words *said, struct crowd_settings *settings,
	struct script *script, struct err *err)
{
	const char *gateway = said->words[LOAD_GATEWAY];
	const char *merchant = said->words[LOAD_MERCHANT];
	const char *secret_file = said->words[LOAD_SECRET_FILE];
	int size;

	settings->address = said->words[LOAD_ADDRESS];
	settings->ca = said->words[LOAD_CA];
	if (settings->address == NULL || settings->ca == NULL || merchant == NULL ||
		secret_file == NULL) {
		return err_set(err, ERR_INPUT,
			"pay needs --address, --ca, --merchant and --secret-file");
	}
	size = snprintf(script->path, sizeof(script->path), "/callbacks/%s",
		gateway != NULL ? gateway : "sandbox");
	if (size < 0 || (size_t)size >= sizeof(script->path) ||
		!text_copy(text_of(merchant), script->merchant, sizeof(script->merchant))) {
		return err_set(err, ERR_INPUT, "--gateway or --merchant: too long");
	}
	return load_read_secret(secret_file, script->secret, err);
}

static bool load_understand(const struct load_words *said, struct crowd_settings *settings,
	struct script *script, struct err *err)
{
	const char *mode = said->words[LOAD_MODE];
	int64_t clients = 8;
	int64_t depth = 1;
	int64_t seconds = 5;
	int64_t warm_ms = LOAD_MS_PER_S;
	struct timespec now;
	int64_t seed;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	seed = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	if (!load_number(said, LOAD_CLIENTS, CROWD_CLIENTS_MAX, &clients, err) ||
		!load_number(said, LOAD_DEPTH, CROWD_DEPTH_MAX, &depth, err) ||
		!load_number(said, LOAD_SECONDS, LOAD_SECONDS_MAX, &seconds, err) ||
		!load_number(said, LOAD_WARM_MS, (int64_t)LOAD_SECONDS_MAX * LOAD_MS_PER_S,
			&warm_ms, err) ||
		!load_number(said, LOAD_SEED, INT64_MAX, &seed, err)) {
		return false;
	}
	settings->socket = said->words[LOAD_SOCKET];
	if (mode == NULL || script_mode_of(mode) == SCRIPT_MODE_COUNT || settings->socket == NULL ||
		clients == 0 || depth == 0 || seconds == 0) {
		return err_set(err, ERR_INPUT,
			"--mode and --socket are needed, and something to do");
	}
	script_init(script, script_mode_of(mode), (uint64_t)seed);
	script->minimal = said->words[LOAD_MINIMAL] != NULL;
	script->spread = said->words[LOAD_SPREAD] != NULL;
	settings->clients = (size_t)clients;
	settings->depth = (size_t)depth;
	settings->warm_ms = warm_ms;
	settings->run_ms = seconds * LOAD_MS_PER_S;
	return script->mode != SCRIPT_PAY || load_understand_bank(said, settings, script, err);
}

static bool load_read(int argc, char **argv, struct load_words *said)
{
	int which;

	while ((which = getopt_long(argc, argv, "", load_options, NULL)) != -1) {
		if (which < 0 || which >= LOAD_OPTION_COUNT) {
			return false;
		}
		said->words[which] = optarg != NULL ? optarg : "";
	}
	return optind == argc;
}

static void load_report(const struct crowd_settings *settings, const struct script *script,
	const struct crowd_result *result)
{
	const struct latency *latency = &result->latency;
	double seconds = (double)result->measured_ns / 1e9;

	printf("{\"mode\":\"%s\",\"clients\":%zu,\"depth\":%zu,\"seconds\":%.3f,\"finished\":%zu,"
	       "\"finished_ever\":%" PRId64 ",\"per_second\":%.1f,\"mean_us\":%" PRIu32
	       ",\"p50_us\":%" PRIu32 ",\"p99_us\":%" PRIu32 ",\"p999_us\":%" PRIu32
	       ",\"max_us\":%" PRIu32 ",\"errors\":%" PRId64 "}\n",
		script_mode_name(script->mode), settings->clients, settings->depth, seconds,
		latency->count, result->finished, (double)latency->count / seconds,
		latency_mean(latency), latency_at(latency, LOAD_P50), latency_at(latency, LOAD_P99),
		latency_at(latency, LOAD_P999), latency_at(latency, LOAD_WHOLE), result->errors);
}

int main(int argc, char **argv)
{
	struct load_words said = { { NULL } };
	struct crowd_settings settings = { .socket = NULL };
	struct crowd_result result;
	struct script script;
	struct err err = { ERR_NONE, "" };
	bool well;

	if (!load_read(argc, argv, &said)) {
		(void)fputs(load_help, stderr);
		return LOAD_USAGE;
	}
	if (!load_understand(&said, &settings, &script, &err)) {
		(void)fprintf(stderr, "alym_load: %s\n\n%s", err.message, load_help);
		return LOAD_USAGE;
	}
	if (!crowd_run(&settings, &script, &result, &err)) {
		(void)fprintf(stderr, "alym_load: %s\n", err.message);
		return EXIT_FAILURE;
	}
	load_report(&settings, &script, &result);
	well = result.errors == 0 && result.latency.count > 0;
	if (result.errors > 0) {
		(void)fprintf(stderr, "alym_load: %" PRId64 " wrong answers: %s\n", result.errors,
			result.complaint);
	}
	crowd_result_done(&result);
	return well ? EXIT_SUCCESS : EXIT_FAILURE;
}
