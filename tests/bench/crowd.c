/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/crowd.h"

#include <assert.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum {
	CROWD_EVENTS = 256,
	CROWD_WAIT_MS = 100,
	CROWD_NS_PER_MS = 1000000,
	CROWD_MS_PER_S = 1000,
	CROWD_SHOWN_MAX = 300, /* bytes of an unexpected answer that are shown */
};

/* Nothing at all was answered for so long: something is stuck. */
static const int64_t crowd_patience_ns = INT64_C(30) * CROWD_MS_PER_S * CROWD_NS_PER_MS;

/* One connection, and when each of the things under way on it began. */
struct lane {
	struct wire *wire;
	struct lane *bank; /* where what was asked for here is paid; NULL: it is not */
	bool calls_back;   /* this is the bank's */
	bool blocked;      /* the loop waits for room to write */
	int64_t begun_ns[CROWD_DEPTH_MAX];
	size_t first;
	size_t count;
};

struct crowd {
	const struct crowd_settings *settings;
	struct script *script;
	struct crowd_result *result;
	SSL_CTX *tls;
	struct lane *lanes;
	size_t lane_count;
	int epoll;
	size_t under_way; /* payments */
	int64_t measure_at_ns;
	int64_t end_at_ns;
	int64_t heard_ns; /* the last answer */
	int64_t now_s;    /* Unix seconds, for the bank's timestamps */
};

static int64_t crowd_clock(clockid_t clock)
{
	struct timespec now;

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * CROWD_MS_PER_S * CROWD_NS_PER_MS + now.tv_nsec;
}

/* ---- lanes ---- */

static void lane_push(struct lane *lane, int64_t begun_ns)
{
	assert(lane->count < CROWD_DEPTH_MAX);

	lane->begun_ns[(lane->first + lane->count) % CROWD_DEPTH_MAX] = begun_ns;
	lane->count++;
}

static int64_t lane_pop(struct lane *lane)
{
	int64_t begun_ns = lane->begun_ns[lane->first];

	assert(lane->count > 0);

	lane->first = (lane->first + 1) % CROWD_DEPTH_MAX;
	lane->count--;
	return begun_ns;
}

/* Sends what goes, and waits for room for the rest. */
static bool crowd_flush(struct crowd *crowd, struct lane *lane, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = lane };
	bool blocked;

	if (!wire_write(lane->wire, err)) {
		return false;
	}
	blocked = wire_is_blocked(lane->wire);
	if (blocked == lane->blocked) {
		return true;
	}
	lane->blocked = blocked;
	event.events |= blocked ? EPOLLOUT : 0U;
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_MOD, wire_fd(lane->wire), &event) != 0) {
		return err_set(err, ERR_SYSTEM, "epoll_ctl: %s", strerror(errno));
	}
	return true;
}

/* ---- what a client does ---- */

static bool crowd_ask(struct crowd *crowd, struct lane *lane, struct err *err)
{
	lane_push(lane, crowd_clock(CLOCK_MONOTONIC));
	crowd->under_way++;
	script_ask(crowd->script, wire_requests(lane->wire));
	return crowd_flush(crowd, lane, err);
}

static void crowd_complain(struct crowd *crowd, const struct lane *lane,
	const struct wire_answer *answer)
{
	struct crowd_result *result = crowd->result;
	struct text shown = answer->body;

	if (result->errors++ > 0) {
		return;
	}
	if (shown.size > CROWD_SHOWN_MAX) {
		shown.size = CROWD_SHOWN_MAX;
	}
	(void)snprintf(result->complaint, sizeof(result->complaint), "%s was answered %d %.*s",
		lane->calls_back ? "a callback" : "a request", answer->status, TEXT_ARGS(shown));
}

/* One thing is over, well or badly; the client begins the next on its own lane. */
static bool crowd_finish(struct crowd *crowd, struct lane *asker, int64_t begun_ns, bool well,
	struct err *err)
{
	int64_t now_ns = crowd->heard_ns;

	assert(crowd->under_way > 0);

	crowd->under_way--;
	crowd->result->finished += well ? 1 : 0;
	if (well && now_ns >= crowd->measure_at_ns && now_ns < crowd->end_at_ns) {
		latency_add(&crowd->result->latency, now_ns - begun_ns);
	}
	return now_ns >= crowd->end_at_ns || crowd_ask(crowd, asker, err);
}

static bool crowd_heard(struct crowd *crowd, struct lane *lane, const struct wire_answer *answer,
	struct err *err)
{
	int64_t begun_ns = lane_pop(lane);
	struct script_due due = { .amount = 0 };
	bool well;

	crowd->heard_ns = crowd_clock(CLOCK_MONOTONIC);
	well = lane->calls_back ? script_told(answer) : script_asked(crowd->script, answer, &due);
	if (!well) {
		crowd_complain(crowd, lane, answer);
	}
	if (well && !lane->calls_back && lane->bank != NULL) {
		lane_push(lane->bank, begun_ns);
		script_tell(crowd->script, &due, crowd->now_s, wire_requests(lane->bank->wire));
		return crowd_flush(crowd, lane->bank, err);
	}
	return crowd_finish(crowd, lane->calls_back ? lane->bank : lane, begun_ns, well, err);
}

static bool crowd_serve(struct crowd *crowd, struct lane *lane, unsigned events, struct err *err)
{
	struct wire_answer answer;
	enum wire_taken taken = WIRE_ANSWER;

	if ((events & EPOLLOUT) != 0 && !crowd_flush(crowd, lane, err)) {
		return false;
	}
	if ((events & ~(unsigned)EPOLLOUT) == 0) {
		return true;
	}
	if (!wire_read(lane->wire, err)) {
		return false;
	}
	for (;;) {
		taken = wire_take(lane->wire, &answer);
		if (taken == WIRE_NOTHING) {
			return true;
		}
		if (taken == WIRE_BROKEN || lane->count == 0) {
			return err_set(err, ERR_PEER, "alymd said what is no answer");
		}
		if (!crowd_heard(crowd, lane, &answer, err)) {
			return false;
		}
	}
}

/* ---- the crowd ---- */

static bool crowd_add(struct crowd *crowd, struct wire *wire, struct lane *lane, struct err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = lane };

	lane->wire = wire;
	if (epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, wire_fd(wire), &event) != 0) {
		return err_set(err, ERR_SYSTEM, "epoll_ctl: %s", strerror(errno));
	}
	return true;
}

static bool crowd_add_client(struct crowd *crowd, struct err *err)
{
	const struct crowd_settings *settings = crowd->settings;
	struct lane *lane = &crowd->lanes[crowd->lane_count];
	struct lane *bank = lane + 1;
	struct wire *wire = NULL;

	if (!wire_open_socket(settings->socket, &wire, err)) {
		return false;
	}
	crowd->lane_count++;
	if (!crowd_add(crowd, wire, lane, err)) {
		return false;
	}
	if (crowd->script->mode != SCRIPT_PAY) {
		return true;
	}
	if (!wire_open_tls(crowd->tls, settings->address, &wire, err)) {
		return false;
	}
	crowd->lane_count++;
	bank->calls_back = true;
	bank->bank = lane;
	lane->bank = bank;
	return crowd_add(crowd, wire, bank, err);
}

static bool crowd_open(struct crowd *crowd, struct err *err)
{
	const struct crowd_settings *settings = crowd->settings;

	crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (crowd->epoll < 0) {
		return err_set(err, ERR_SYSTEM, "epoll: %s", strerror(errno));
	}
	if (crowd->script->mode == SCRIPT_PAY && !wire_tls_new(settings->ca, &crowd->tls, err)) {
		return false;
	}
	crowd->lanes = mem_new(2 * settings->clients, sizeof(*crowd->lanes));
	for (size_t i = 0; i < settings->clients; i++) {
		if (!crowd_add_client(crowd, err)) {
			return false;
		}
	}
	return true;
}

static void crowd_close(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->lane_count; i++) {
		wire_close(&crowd->lanes[i].wire);
	}
	free(crowd->lanes);
	SSL_CTX_free(crowd->tls);
	if (crowd->epoll >= 0) {
		(void)close(crowd->epoll);
	}
}

static bool crowd_begin(struct crowd *crowd, struct err *err)
{
	const struct crowd_settings *settings = crowd->settings;

	crowd->heard_ns = crowd_clock(CLOCK_MONOTONIC);
	crowd->measure_at_ns = crowd->heard_ns + settings->warm_ms * CROWD_NS_PER_MS;
	crowd->end_at_ns = crowd->measure_at_ns + settings->run_ms * CROWD_NS_PER_MS;
	crowd->result->measured_ns = settings->run_ms * CROWD_NS_PER_MS;
	for (size_t i = 0; i < crowd->lane_count; i++) {
		for (size_t j = 0; !crowd->lanes[i].calls_back && j < settings->depth; j++) {
			if (!crowd_ask(crowd, &crowd->lanes[i], err)) {
				return false;
			}
		}
	}
	return true;
}

/* Until the time is up and everything that was under way is answered. */
static bool crowd_live(struct crowd *crowd, struct err *err)
{
	struct epoll_event events[CROWD_EVENTS];
	int count;

	while (crowd->under_way > 0) {
		count = epoll_wait(crowd->epoll, events, CROWD_EVENTS, CROWD_WAIT_MS);
		if (count < 0 && errno != EINTR) {
			return err_set(err, ERR_SYSTEM, "epoll_wait: %s", strerror(errno));
		}
		crowd->now_s =
			crowd_clock(CLOCK_REALTIME) / ((int64_t)CROWD_MS_PER_S * CROWD_NS_PER_MS);
		for (int i = 0; i < count; i++) {
			if (!crowd_serve(crowd, events[i].data.ptr, events[i].events, err)) {
				return false;
			}
		}
		if (count <= 0 &&
			crowd_clock(CLOCK_MONOTONIC) - crowd->heard_ns > crowd_patience_ns) {
			return err_set(err, ERR_PEER, "alymd has stopped answering");
		}
	}
	return true;
}

bool crowd_run(const struct crowd_settings *settings, struct script *script,
	struct crowd_result *result, struct err *err)
{
	struct crowd crowd = { .settings = settings,
		.script = script,
		.result = result,
		.epoll = -1 };
	bool done;

	assert(settings->clients > 0 && settings->clients <= CROWD_CLIENTS_MAX);
	assert(settings->depth > 0 && settings->depth <= CROWD_DEPTH_MAX);

	*result = (struct crowd_result){ .errors = 0 };
	latency_init(&result->latency);
	done = crowd_open(&crowd, err) && crowd_begin(&crowd, err) && crowd_live(&crowd, err);
	crowd_close(&crowd);
	if (!done) {
		crowd_result_done(result);
		return false;
	}
	latency_sort(&result->latency);
	return true;
}

void crowd_result_done(struct crowd_result *result)
{
	latency_done(&result->latency);
}
