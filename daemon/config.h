/* SPDX-License-Identifier: Apache-2.0 */

/*
 * config - alym.conf as a struct, every value checked and every default in place.
 *
 * It knows the daemon's own keys; the keys of a gateway's plugin are kept as they came, with their
 * lines, for daemon/plugin.c to judge.  It opens no file but alym.conf itself.  Sections, keys,
 * limits and defaults stand in one table (daemon/option.c), from which docs/CONFIG.md is written.
 */
#ifndef ALYM_DAEMON_CONFIG_H
#define ALYM_DAEMON_CONFIG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "daemon/engine.h"

enum {
	CONFIG_FILE_MAX = 65536,
	CONFIG_VALUE_SIZE = 192, /* of any value and its NUL */
	CONFIG_KEY_SIZE = 49,
	CONFIG_NAME_SIZE = 33, /* of a client or gateway and its NUL */
	CONFIG_EXTRA_MAX = 24, /* keys of a gateway's plugin */
	CONFIG_NO_ID = -1,
};

/* The client that everybody is who may, when there are no [client] sections. */
#define CONFIG_LOCAL "local"

enum config_unsure { CONFIG_WARN, CONFIG_REFUSE };

struct config_daemon {
	int line; /* of the section; 0: it is not there */
	char state_dir[CONFIG_VALUE_SIZE];
	char socket[CONFIG_VALUE_SIZE];
	int64_t socket_group; /* gid, or CONFIG_NO_ID */
	char user[CONFIG_VALUE_SIZE];
	int64_t log_level; /* enum ports_level */
	int64_t connections_max;
	int64_t payment_days;
	int64_t session_s;
	int64_t checkpoint_s;
	int64_t inbox_max;
	int64_t disk_reserve_mb;
	char plugin_dir[CONFIG_VALUE_SIZE];
	char zoneinfo_dir[CONFIG_VALUE_SIZE];
};

struct config_address {
	char text[CONFIG_VALUE_SIZE];
	struct sockaddr_storage socket;
	socklen_t size;
};

struct config_https {
	int line;
	struct config_address listen;
	char certificate[CONFIG_VALUE_SIZE];
	char private_key[CONFIG_VALUE_SIZE];
	char client_ca[CONFIG_VALUE_SIZE];
	char public_url[CONFIG_VALUE_SIZE];
	int64_t connections_max;
	int64_t peer_calls_per_second;
};

struct config_tariff {
	int line;
	char data_dir[CONFIG_VALUE_SIZE];
	int64_t unverified; /* enum config_unsure */
	int64_t beneficiary;
	int64_t activation; /* enum engine_activation */
};

struct config_rates {
	int line;
	char url[CONFIG_VALUE_SIZE]; /* empty: nothing is fetched */
	char ca[CONFIG_VALUE_SIZE];
};

struct config_book {
	int line;
	int64_t store;
	char origin[CONFIG_VALUE_SIZE]; /* empty: made of the checkpoint key */
};

struct config_retention {
	int line;
	int64_t inbox_days;
	int64_t evidence_days; /* 0: for ever */
	int64_t private_days;  /* 0: for ever */
};

struct config_client {
	int line;
	char name[CONFIG_NAME_SIZE];
	int64_t uid; /* or CONFIG_NO_ID; one of the two is given */
	int64_t gid;
	int64_t roles; /* of enum call_role */
};

/* A key that the daemon does not know: the plugin's. */
struct config_extra {
	int line;
	char key[CONFIG_KEY_SIZE];
	char value[CONFIG_VALUE_SIZE];
};

struct config_networks {
	struct engine_network network[ENGINE_NETWORKS_MAX];
	size_t count;
};

struct config_gateway {
	int line;
	char name[CONFIG_NAME_SIZE];
	char plugin[CONFIG_VALUE_SIZE]; /* a name in plugin_dir, or a path */
	int64_t isolation;
	char endpoint[CONFIG_VALUE_SIZE];
	char ca[CONFIG_VALUE_SIZE];
	char client_certificate[CONFIG_VALUE_SIZE];
	char client_key[CONFIG_VALUE_SIZE];
	struct config_networks allow;
	int64_t calls_per_second;
	int64_t timeout_ms;
	char timezone[CONFIG_VALUE_SIZE];
	int64_t window_h;
	int64_t method; /* enum routing_method */
	int64_t rank;
	int64_t share;
	char currencies[ROUTING_LIST_SIZE]; /* as struct routing_rule has them */
	char services[ROUTING_LIST_SIZE];
	int64_t amount_min;
	int64_t amount_max;
	struct config_extra extra[CONFIG_EXTRA_MAX];
	size_t extra_count;
};

struct config {
	char file[CONFIG_VALUE_SIZE]; /* for messages */
	struct config_daemon daemon;
	struct config_https https;
	struct config_tariff tariff;
	struct config_rates rates;
	struct config_book book;
	struct config_retention retention;
	struct config_client clients[ENGINE_CLIENTS_MAX];
	size_t client_count;
	struct config_gateway gateways[ENGINE_GATEWAYS_MAX];
	size_t gateway_count;
};

/* What alymd does without a file.  To be given back with config_free(). */
struct config *config_new(void);
void config_free(struct config **config);

/* Gives a config to be freed; err says "file:line: what is wrong; what to do". */
bool config_parse(const char *file, struct text bytes, struct config **config, struct err *err)
	MUST_USE;
bool config_read(const char *path, struct config **config, struct err *err) MUST_USE;

/*
 * True when a daemon running on `now` may go on with `next`.  Else err names the first key (or
 * client, or gateway) that only a restart can change.
 */
bool config_may_replace(const struct config *now, const struct config *next, struct err *err)
	MUST_USE;

#endif
