/* SPDX-License-Identifier: Apache-2.0 */

/*
 * kit - all that the configuration points to, opened: plugins with their settings, time zones, the
 * certificate, the tariff's files.
 *
 * `alymd --check-config` opens a kit and closes it again; a daemon keeps it as long as it runs.
 */
#ifndef ALYM_DAEMON_KIT_H
#define ALYM_DAEMON_KIT_H

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/zone.h"
#include "daemon/config.h"
#include "daemon/engine.h"
#include "daemon/log.h"
#include "daemon/plugin.h"
#include "daemon/tariff_files.h"
#include "daemon/transport.h"
#include "ledger/note.h"

struct kit {
	struct zone *almaty;
	struct zone *zones[ENGINE_GATEWAYS_MAX];
	struct plugin plugins[ENGINE_GATEWAYS_MAX];
	struct engine_gateway gateways[ENGINE_GATEWAYS_MAX];
	struct transport_gateway transports[TRANSPORT_GATEWAYS_MAX]; /* behind theirs: the rates' */
	size_t gateway_count;
	struct tariff_files *tariff;
	SSL_CTX *tls; /* NULL: no [https] */
};

/* Fills *kit, which the caller has zeroed; also when it fails kit_close() is needed. */
bool kit_open(const struct config *config, struct kit *kit, struct err *err) MUST_USE;
void kit_close(struct kit *kit);

/* Tells the log what works and is not wise. */
void kit_warn(const struct config *config, const struct log *log);

/* What the engine is to know; its texts are the configuration's. */
void kit_settings(const struct kit *kit, const struct config *config,
	struct engine_settings *settings);

/* The name checkpoints are signed under: the configuration's, or, into `origin`, "alym/" and the
 * first eight digits of the key's SHA-256: no two installations have the same. */
const char *kit_origin(const struct config *config, const uint8_t seed[NOTE_SEED_SIZE],
	char origin[CONFIG_VALUE_SIZE]);

#endif
