/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_sim - lives of the daemon, each from one seed, until the time given is over.
 *
 *     test_sim --seconds 60                          lives from a fresh seed on
 *     test_sim --seconds 60 --from 1000              lives 1000, 1001 ...
 *     test_sim --seed 42 [--trace] [--keep FILE]     one life again, step by step; its book goes
 *                                                    to FILE
 *
 * Each life of many is a process of its own, so that a crash or a hang has its seed, too.  The
 * first is lived twice: a seed that does not replay is no finding but a guess.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/sim/world.h"

enum { SIM_STEPS = 6000, SIM_HANGS_S = 240, SIM_LINE_SIZE = 512 };

static const char *sim_text(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], name) == 0) {
			return argv[i + 1];
		}
	}
	return NULL;
}

static unsigned long long sim_number(int argc, char **argv, const char *name,
	unsigned long long otherwise)
{
	const char *text = sim_text(argc, argv, name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static bool sim_has(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Lives one life in a process of its own; `line` is what it tells.  False: a finding. */
static bool sim_live(unsigned long long seed, long long steps, char line[SIM_LINE_SIZE])
{
	int ends[2];
	int status = 0;
	size_t size = 0;
	ssize_t n;
	pid_t child;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		perror("test_sim");
		exit(2);
	}
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		(void)close(ends[0]);
		(void)alarm(SIM_HANGS_S);
		world_run(seed, steps, false, NULL);
		exit(0);
	}
	(void)close(ends[1]);
	while (size < SIM_LINE_SIZE - 1 &&
		(n = read(ends[0], line + size, SIM_LINE_SIZE - 1 - size)) > 0) {
		size += (size_t)n;
	}
	line[size] = '\0';
	(void)close(ends[0]);
	(void)waitpid(child, &status, 0);
	if (status == 0) {
		return true;
	}
	if (WIFSIGNALED(status)) {
		(void)fprintf(stderr, "seed %llu: ended by signal %d\n", seed, WTERMSIG(status));
	}
	(void)fprintf(stderr, "replay: test_sim --seed %llu --steps %lld --trace\n", seed, steps);
	return false;
}

int main(int argc, char **argv)
{
	time_t begun = time(NULL);
	unsigned long long seed = sim_number(argc, argv, "--seed", 0);
	long long steps = (long long)sim_number(argc, argv, "--steps", SIM_STEPS);
	long long seconds = (long long)sim_number(argc, argv, "--seconds", 10);
	long long lives = 0;
	char line[SIM_LINE_SIZE];
	char again[SIM_LINE_SIZE];

	if (seed != 0) {
		world_run(seed, steps, sim_has(argc, argv, "--trace"),
			sim_text(argc, argv, "--keep"));
		return 0;
	}
	seed = sim_number(argc, argv, "--from", (unsigned long long)begun * 1000);
	do {
		if (!sim_live(seed + (unsigned long long)lives, steps, line)) {
			return 1;
		}
		(void)fputs(line, stdout);
		(void)fflush(stdout);
		if (lives == 0 && (!sim_live(seed, steps, again) || strcmp(line, again) != 0)) {
			(void)fprintf(stderr, "seed %llu: lived again, it is another life:\n%s",
				seed, again);
			return 1;
		}
		lives++;
	} while (time(NULL) - begun < seconds);
	(void)printf("%lld lives, none lost anything\n", lives);
	return 0;
}
