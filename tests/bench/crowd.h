/* SPDX-License-Identifier: Apache-2.0 */

/*
 * crowd - many clients at once, each of which asks again as soon as it was answered.
 *
 * Closed loop: a client has `depth` requests under way on a connection, one if nothing else is
 * said.  In mode SCRIPT_PAY each client has a second connection, on which the bank calls back.
 */
#ifndef ALYM_TESTS_BENCH_CROWD_H
#define ALYM_TESTS_BENCH_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "tests/bench/latency.h"
#include "tests/bench/script.h"

enum { CROWD_CLIENTS_MAX = 4096, CROWD_DEPTH_MAX = 64, CROWD_COMPLAINT_SIZE = 512 };

struct crowd_settings {
	const char *socket;  /* alymd's Unix socket */
	const char *address; /* "127.0.0.1:8443", of the callbacks */
	const char *ca;      /* PEM: who vouches for alymd */
	size_t clients;
	size_t depth;
	int64_t warm_ms; /* before anything is measured */
	int64_t run_ms;
};

struct crowd_result {
	struct latency latency; /* of what was finished while it was measured */
	int64_t measured_ns;
	int64_t finished; /* well, at any time */
	int64_t errors;   /* answers that were not the expected ones, at any time */
	char complaint[CROWD_COMPLAINT_SIZE]; /* about the first of them */
};

/*
 * Runs, then waits for what is still under way.  True: `result` is to be given to
 * crowd_result_done().  False: a connection failed.
 */
bool crowd_run(const struct crowd_settings *settings, struct script *script,
	struct crowd_result *result, struct err *err) MUST_USE;

void crowd_result_done(struct crowd_result *result);

#endif
