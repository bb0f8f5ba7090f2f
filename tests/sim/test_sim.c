/* SPDX-License-Identifier: Apache-2.0 */

/*
 * test_sim - lives of the daemon, each from one seed, until the time given is over.
 *
 *     test_sim --seconds 60            lives from a fresh seed on
 *     test_sim --seed 42 [--trace]     one life again, step by step
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim/world.h"

enum { SIM_STEPS = 6000 };

static unsigned long long sim_number(int argc, char **argv, const char *name,
	unsigned long long otherwise)
{
	for (int i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], name) == 0) {
			return strtoull(argv[i + 1], NULL, 10);
		}
	}
	return otherwise;
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

int main(int argc, char **argv)
{
	time_t begun = time(NULL);
	unsigned long long seed = sim_number(argc, argv, "--seed", 0);
	long long steps = (long long)sim_number(argc, argv, "--steps", SIM_STEPS);
	long long seconds = (long long)sim_number(argc, argv, "--seconds", 10);
	long long lives = 0;

	if (seed != 0) {
		world_run(seed, steps, sim_has(argc, argv, "--trace"));
		return 0;
	}
	seed = sim_number(argc, argv, "--from", (unsigned long long)begun * 1000);
	do {
		world_run(seed + (unsigned long long)lives, steps, false);
		(void)fflush(stdout);
		lives++;
	} while (time(NULL) - begun < seconds);
	(void)printf("%lld lives, none lost anything\n", lives);
	return 0;
}
