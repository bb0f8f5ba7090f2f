/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/alymd.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/engine.h"
#include "daemon/https.h"
#include "daemon/kit.h"
#include "daemon/log.h"
#include "daemon/socket.h"
#include "daemon/state.h"
#include "daemon/user.h"
#include "daemon/world.h"

enum {
	ALYMD_MAGIC = 0x616c796d,
	ALYMD_DRAIN_MS = 15000,  /* after that what is under way is left to the next start */
	ALYMD_FAILED_MS = 1500,  /* so long a daemon whose book failed still says so */
	ALYMD_TICK_MS = 50,      /* after a call the engine is asked again what is due */
	ALYMD_DESCRIPTORS = 256, /* besides connections: book, plugins, gateways */
	ALYMD_SIGNALS = 3,
	ALYMD_EVENTS = ALYMD_SIGNALS + 3,
};

struct alymd {
	uint32_t magic;
	struct config *config;
	const char *path;
	struct log log;
	int64_t owner; /* uid of who started it */
	int lock_fd;
	int https_fd; /* bound; -1 once it is the face's */
	int wake_fd;
	struct kit kit;
	struct event_base *base;
	struct event *wake;
	struct event *tick;
	struct event *reload;
	struct event *signals[ALYMD_SIGNALS]; /* SIGTERM, SIGINT, SIGHUP */
	int64_t tick_ms;                      /* when the tick is due */
	struct writer *writer;
	struct world world;
	struct engine *engine;
	struct socket *socket;
	struct https *https;
	int64_t stop_ms; /* when patience ends; 0: not stopping */
	enum alymd_status status;
};

static enum alymd_status alymd_failed(const struct alymd *a, enum alymd_status status,
	const struct err *err)
{
	log_word(&a->log, PORTS_ERROR, "alymd.failed", "why", err->message);
	return status;
}

/* ---- time ---- */

static void alymd_set_tick(struct alymd *a, int64_t after_ms)
{
	const struct timeval after = { .tv_sec = after_ms / 1000,
		.tv_usec = after_ms % 1000 * 1000 };

	a->tick_ms = world_now_ms() + after_ms;
	(void)event_add(a->tick, &after);
}

/* ---- stopping ---- */

static void alymd_drain(struct alymd *a, int64_t patience_ms)
{
	if (a->stop_ms != 0) {
		return;
	}
	a->stop_ms = world_now_ms() + patience_ms;
	if (a->socket != NULL) {
		socket_drain(a->socket);
	}
	if (a->https != NULL) {
		https_drain(a->https);
	}
	alymd_set_tick(a, 0);
}

static bool alymd_is_quiet(const struct alymd *a)
{
	return (a->socket == NULL || face_is_quiet(socket_face(a->socket))) &&
	       (a->https == NULL || face_is_quiet(https_face(a->https)));
}

static void alymd_stop_when_quiet(struct alymd *a)
{
	bool drained = a->stop_ms != 0 && engine_drain(a->engine);

	if (a->stop_ms == 0) {
		return;
	}
	if (world_now_ms() >= a->stop_ms) {
		log_word(&a->log, PORTS_WARNING, "alymd.impatient", NULL, NULL);
	} else if (!drained || !alymd_is_quiet(a)) {
		return;
	}
	(void)event_base_loopbreak(a->base);
}

static void alymd_on_stop(evutil_socket_t number, short what, void *context)
{
	struct alymd *a = context;

	assert(a->magic == ALYMD_MAGIC);
	(void)what;

	log_word(&a->log, PORTS_INFO, "alymd.stopping", "signal",
		number == SIGTERM ? "SIGTERM" : "SIGINT");
	if (a->stop_ms != 0) { /* the second time: at once */
		(void)event_base_loopbreak(a->base);
	}
	alymd_drain(a, ALYMD_DRAIN_MS);
}

/* ---- the engine ---- */

static void alymd_tick_soon(struct alymd *a)
{
	if (a->tick_ms - world_now_ms() > ALYMD_TICK_MS) {
		alymd_set_tick(a, ALYMD_TICK_MS);
	}
}

static void alymd_on_tick(evutil_socket_t fd, short what, void *context)
{
	struct alymd *a = context;
	int64_t after_ms;

	assert(a->magic == ALYMD_MAGIC);
	(void)fd;
	(void)what;

	after_ms = engine_tick(a->engine);
	assert(after_ms >= 0);
	if (a->stop_ms != 0 && after_ms > ALYMD_TICK_MS) {
		after_ms = ALYMD_TICK_MS;
	}
	alymd_set_tick(a, after_ms);
	alymd_stop_when_quiet(a);
}

static void alymd_on_call(void *context, struct call *call)
{
	struct alymd *a = context;

	assert(a->magic == ALYMD_MAGIC);

	engine_call(a->engine, call);
	alymd_tick_soon(a);
}

/* ---- the book's threads ---- */

/* On a thread of the book's. */
static void alymd_wake(void *context)
{
	const struct alymd *a = context;
	const uint64_t one = 1;

	if (write(a->wake_fd, &one, sizeof(one)) != (ssize_t)sizeof(one)) {
		return; /* the counter is full: the loop has enough to wake up for */
	}
}

static void alymd_on_wake(evutil_socket_t fd, short what, void *context)
{
	struct alymd *a = context;
	struct err err = { 0 };
	uint64_t count;
	bool fine;

	assert(a->magic == ALYMD_MAGIC);
	(void)what;

	if (read(fd, &count, sizeof(count)) < 0) {
		return;
	}
	fine = writer_collect(a->writer, &err);
	if (fine && engine_has_failed(a->engine)) { /* it could not read what waits: logged */
		fine = err_set(&err, ERR_DATABASE, "the book could not be read");
	}
	if (!fine && a->status == ALYMD_STOPPED) {
		a->status = alymd_failed(a, ALYMD_BOOK, &err);
		engine_fail(a->engine, err.message);
		alymd_drain(a, ALYMD_FAILED_MS);
	}
	alymd_stop_when_quiet(a);
}

/* ---- reloading ---- */

/* All that can fail; what it gives replaces the old without a way to fail. */
static bool alymd_reload_all(struct alymd *a, struct config **next, SSL_CTX **tls, struct err *err)
{
	struct tariff_files *tariff = NULL;
	bool ok = false;

	if (a->path == NULL) {
		*next = config_new();
	} else if (!config_read(a->path, next, err)) {
		return false;
	}
	if (!config_may_replace(a->config, *next, err)) {
		return false;
	}
	if ((*next)->https.line != 0 && !https_load(&(*next)->https, tls, err)) {
		return false;
	}
	if ((*next)->tariff.activation != ENGINE_BY_RELOAD) {
		return true;
	}
	if (tariff_files_read((*next)->tariff.data_dir, &tariff, err)) {
		ok = engine_use_tariff(a->engine, tariff->files, tariff->count, "SIGHUP", err);
	}
	tariff_files_free(&tariff);
	return ok;
}

/* However many signals came since the last turn of the loop, one reload answers them. */
static void alymd_on_hangup(evutil_socket_t number, short what, void *context)
{
	const struct alymd *a = context;

	assert(a->magic == ALYMD_MAGIC);
	(void)number;
	(void)what;

	event_active(a->reload, EV_TIMEOUT, 0);
}

static void alymd_on_reload(evutil_socket_t fd, short what, void *context)
{
	struct alymd *a = context;
	struct config *next = NULL;
	SSL_CTX *tls = NULL;
	struct err err = { 0 };

	assert(a->magic == ALYMD_MAGIC);
	(void)fd;
	(void)what;

	if (a->stop_ms != 0) {
		return;
	}
	if (!alymd_reload_all(a, &next, &tls, &err)) {
		log_word(&a->log, PORTS_ERROR, "config.not_reloaded", "why", err.message);
		SSL_CTX_free(tls);
		config_free(&next);
		return;
	}
	if (tls != NULL) {
		https_use(a->https, tls);
	}
	socket_use(a->socket, next);
	a->world.state_dir = next->daemon.state_dir;
	a->world.data_dir = next->tariff.data_dir;
	a->log.level = (enum ports_level)next->daemon.log_level;
	config_free(&a->config);
	a->config = next;
	engine_look_at_tariff(a->engine);
	log_word(&a->log, PORTS_INFO, "config.reloaded", NULL, NULL);
}

/* ---- starting ---- */

/* What needs the rights we were started with. */
static enum alymd_status alymd_prepare(struct alymd *a)
{
	const struct config_daemon *daemon = &a->config->daemon;
	struct user user = { (uid_t)-1, (gid_t)-1 };
	struct err err = { 0 };
	struct err unbound = { 0 };
	bool becomes = daemon->user[0] != '\0' && geteuid() == 0;

	if (!kit_open(a->config, &a->kit, &err) ||
		(becomes && !user_find(daemon->user, &user, &err))) {
		return alymd_failed(a, ALYMD_CONFIG, &err);
	}
	if (a->config->https.line != 0) {
		a->https_fd = https_bind(&a->config->https, &unbound);
	}
	if (!state_make(daemon->state_dir, user.uid, user.gid, &err) ||
		(becomes && !user_become(daemon->user, &user, &err))) {
		return alymd_failed(a, ALYMD_SYSTEM, &err);
	}
	switch (state_lock(daemon->state_dir, &a->lock_fd, &err)) {
	case STATE_LOCKED:
		break;
	case STATE_TAKEN: /* whose port it will be, too: this says more than that it is taken */
		return alymd_failed(a, ALYMD_TAKEN, &err);
	case STATE_FAILED:
		return alymd_failed(a, ALYMD_SYSTEM, &err);
	}
	if (a->config->https.line != 0 && a->https_fd < 0) {
		return alymd_failed(a, ALYMD_SYSTEM, &unbound);
	}
	return ALYMD_STOPPED;
}

/* Of a checkpoint key that is not the first. */
static bool alymd_seed_of(void *context, const uint8_t public[NOTE_PUBLIC_SIZE],
	uint8_t seed[NOTE_SEED_SIZE], struct err *err)
{
	const struct alymd *a = context;

	return state_later_key(a->config->daemon.state_dir, public, seed, err);
}

/* Opens the book and gives it to its threads; the engine's settings learn its key. */
static enum alymd_status alymd_open_book(struct alymd *a, struct ports *ports,
	struct engine_settings *settings)
{
	struct book_options options = { .almaty = a->kit.almaty, .now = world_now() };
	char origin[CONFIG_VALUE_SIZE];
	char path[STATE_PATH_SIZE];
	char head[STATE_PATH_SIZE];
	struct book *book = NULL;
	struct err err = { 0 };
	bool ok = state_book(a->config->daemon.state_dir, path) &&
		  state_head(a->config->daemon.state_dir, head);

	assert(ok);
	options.path = path;
	options.head = head;
	if (!state_expect_book(a->config->daemon.state_dir, &err) ||
		!state_key(a->config->daemon.state_dir, options.seed, &err)) {
		return alymd_failed(a, ALYMD_SYSTEM, &err);
	}
	options.seed_of = alymd_seed_of;
	options.context = a;
	options.origin = kit_origin(a->config, options.seed, origin);
	ports->random(ports->world, options.random, sizeof(options.random));
	ok = book_open(&options, &book, &err) &&
	     state_found_book(a->config->daemon.state_dir, &err);
	mem_wipe(options.seed, sizeof(options.seed));
	mem_wipe(options.random, sizeof(options.random));
	if (ok) {
		book_keys(book, &settings->keys);
		settings->generation = book_generation(book);
		(void)book_standing(book, settings->restored);
		ok = writer_start(&book, path, alymd_wake, a, &a->writer, &err);
	}
	book_close(&book);
	return ok ? ALYMD_STOPPED : alymd_failed(a, ALYMD_BOOK, &err);
}

static enum alymd_status alymd_open_loop(struct alymd *a)
{
	struct event_config *options = event_config_new();
	struct err err = { 0 };

	assert(options != NULL);
	/* One thread.  No changelist: that would tell the kernel to forget a socket when its number
	 * may already be another thread's file. */
	(void)event_config_set_flag(options, EVENT_BASE_FLAG_NOLOCK);
	a->base = event_base_new_with_config(options);
	event_config_free(options);
	a->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (a->base == NULL || a->wake_fd < 0) {
		(void)err_set(&err, ERR_SYSTEM, "set up the event loop: %s", strerror(errno));
		return alymd_failed(a, ALYMD_SYSTEM, &err);
	}
	a->wake = event_new(a->base, a->wake_fd, EV_READ | EV_PERSIST, alymd_on_wake, a);
	a->tick = event_new(a->base, -1, 0, alymd_on_tick, a);
	a->signals[0] = evsignal_new(a->base, SIGTERM, alymd_on_stop, a);
	a->signals[1] = evsignal_new(a->base, SIGINT, alymd_on_stop, a);
	a->signals[2] = evsignal_new(a->base, SIGHUP, alymd_on_hangup, a);
	a->reload = event_new(a->base, -1, 0, alymd_on_reload, a);
	assert(a->wake != NULL && a->tick != NULL && a->reload != NULL);
	for (size_t i = 0; i < ALYMD_SIGNALS; i++) {
		assert(a->signals[i] != NULL);
		(void)event_add(a->signals[i], NULL);
	}
	(void)event_add(a->wake, NULL);
	a->world.transport = transport_start(a->base, a->kit.transports, a->kit.gateway_count + 1);
	return ALYMD_STOPPED;
}

/* Connections are bounded by descriptors too: running out of those is worse than letting wait. */
static void alymd_bound_connections(struct alymd *a, int64_t *socket_max, int64_t *https_max)
{
	struct rlimit limit;
	int64_t wanted;
	int64_t have;

	*socket_max = a->config->daemon.connections_max;
	*https_max = a->config->https.line != 0 ? a->config->https.connections_max : 0;
	wanted = *socket_max + *https_max + ALYMD_DESCRIPTORS;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return;
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
		limit.rlim_cur > INT32_MAX) {
		return;
	}
	have = (int64_t)limit.rlim_cur;
	if (have >= wanted) {
		return;
	}
	log_word(&a->log, PORTS_WARNING, "alymd.few_descriptors", NULL, NULL);
	have = have > INT64_C(2) * ALYMD_DESCRIPTORS ? have - ALYMD_DESCRIPTORS : have / 2;
	*socket_max = *socket_max * have / wanted + 1;
	*https_max = *https_max * have / wanted + 1;
}

static void alymd_tell_listening(const struct alymd *a)
{
	struct ports_field fields[] = {
		{ "socket", text_of(a->config->daemon.socket) },
		{ "https_port", TEXT("") },
	};
	char port[16];

	(void)snprintf(port, sizeof(port), "%d", a->https != NULL ? https_port(a->https) : 0);
	fields[1].value = text_of(port);
	log_event(&a->log, PORTS_INFO, "alymd.listening", fields, a->https != NULL ? 2 : 1);
}

static enum alymd_status alymd_listen(struct alymd *a)
{
	struct face_settings settings = { .log = &a->log, .context = a, .call = alymd_on_call };
	struct err err = { 0 };
	int64_t socket_max;
	int64_t https_max;

	face_set_times(&settings);
	alymd_bound_connections(a, &socket_max, &https_max);
	if (a->https_fd >= 0) {
		int fd = a->https_fd;
		SSL_CTX *tls = a->kit.tls;

		a->https_fd = -1;
		a->kit.tls = NULL;
		settings.connections_max = (size_t)https_max;
		if (!https_start(a->base, fd, tls, &settings, &a->https, &err)) {
			return alymd_failed(a, ALYMD_SYSTEM, &err);
		}
	}
	settings.connections_max = (size_t)socket_max;
	if (!socket_start(a->base, a->config, a->owner, &settings, &a->socket, &err)) {
		return alymd_failed(a, ALYMD_SYSTEM, &err);
	}
	alymd_tell_listening(a);
	return ALYMD_STOPPED;
}

static enum alymd_status alymd_start(struct alymd *a)
{
	struct engine_settings settings;
	struct ports ports;
	struct err err = { 0 };
	enum alymd_status status = alymd_prepare(a);

	if (status != ALYMD_STOPPED) {
		return status;
	}
	kit_warn(a->config, &a->log);
	a->world.log = &a->log;
	a->world.data_dir = a->config->tariff.data_dir;
	a->world.state_dir = a->config->daemon.state_dir;
	world_fill(&a->world, &ports);
	kit_settings(&a->kit, a->config, &settings);
	status = alymd_open_loop(a);
	if (status == ALYMD_STOPPED) {
		status = alymd_open_book(a, &ports, &settings);
	}
	if (status != ALYMD_STOPPED) {
		return status;
	}
	a->world.writer = a->writer;
	a->engine = engine_new(&ports, &settings, a->kit.almaty);
	if (a->kit.tariff != NULL && !engine_use_tariff(a->engine, a->kit.tariff->files,
					     a->kit.tariff->count, "start", &err)) {
		return alymd_failed(a, ALYMD_CONFIG, &err);
	}
	tariff_files_free(&a->kit.tariff);
	engine_begin(a->engine);
	alymd_set_tick(a, 0);
	return alymd_listen(a);
}

static void alymd_close_loop(struct alymd *a)
{
	struct event *const events[ALYMD_EVENTS] = { a->signals[0], a->signals[1], a->signals[2],
		a->wake, a->tick, a->reload };

	for (size_t i = 0; i < ALYMD_EVENTS; i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	if (a->base != NULL) {
		face_settle(a->base);
		event_base_free(a->base);
	}
	if (a->wake_fd >= 0) {
		(void)close(a->wake_fd);
	}
}

/* More of the signals that ended the loop change nothing; without its handlers they would kill. */
static void alymd_hold_signals(void)
{
	sigset_t held;

	(void)sigemptyset(&held);
	(void)sigaddset(&held, SIGTERM);
	(void)sigaddset(&held, SIGINT);
	(void)pthread_sigmask(SIG_BLOCK, &held, NULL);
}

/* In the order in which nobody is called who is gone. */
static void alymd_close(struct alymd *a)
{
	struct transport *transport = a->world.transport;

	alymd_hold_signals();
	a->world.writer = NULL; /* what done() still submits does not happen */
	a->world.transport = NULL;
	writer_stop(&a->writer);
	if (a->engine != NULL) {
		engine_stop(a->engine);
	}
	transport_stop(&transport);
	world_settle(&a->world);
	engine_free(&a->engine);
	socket_stop(&a->socket);
	https_stop(&a->https);
	alymd_close_loop(a);
	if (a->https_fd >= 0) {
		(void)close(a->https_fd);
	}
	kit_close(&a->kit);
	if (a->lock_fd >= 0) {
		(void)close(a->lock_fd);
	}
	config_free(&a->config);
}

enum alymd_status alymd_run(struct config *config, const char *path)
{
	struct alymd *a = mem_new(1, sizeof(*a));
	enum alymd_status status;

	assert(config != NULL);

	a->magic = ALYMD_MAGIC;
	a->config = config;
	a->path = path;
	a->log = (struct log){ .fd = STDERR_FILENO,
		.level = (enum ports_level)config->daemon.log_level };
	a->owner = (int64_t)getuid();
	a->lock_fd = -1;
	a->https_fd = -1;
	a->wake_fd = -1;
	status = alymd_start(a);
	if (status == ALYMD_STOPPED) {
		(void)event_base_dispatch(a->base);
		status = a->status;
		log_word(&a->log, PORTS_INFO, "alymd.stopped", NULL, NULL);
	}
	alymd_close(a);
	a->magic = 0;
	free(a);
	return status;
}

enum alymd_status alymd_check(const struct config *config)
{
	const struct log log = { .fd = STDERR_FILENO, .level = PORTS_WARNING };
	struct kit kit = { .almaty = NULL };
	struct err err = { 0 };
	bool ok = kit_open(config, &kit, &err);

	if (ok) {
		kit_warn(config, &log);
	} else {
		(void)fprintf(stderr, "alymd: %s\n", err.message);
	}
	kit_close(&kit);
	return ok ? ALYMD_STOPPED : ALYMD_CONFIG;
}
