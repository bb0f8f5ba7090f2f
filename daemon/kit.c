/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/kit.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "daemon/file.h"
#include "daemon/https.h"
#include "daemon/inifile.h"

enum { KIT_PATH_SIZE = 2 * CONFIG_VALUE_SIZE + 2, KIT_SECONDS_PER_HOUR = 3600 };

static const char kit_almaty[] = "Asia/Almaty";

static bool kit_open_zone(const struct config *config, const char *name, struct zone **zone,
	struct err *err)
{
	char path[KIT_PATH_SIZE];
	struct buffer bytes;
	bool ok;
	int size = snprintf(path, sizeof(path), "%s/%s", config->daemon.zoneinfo_dir, name);

	assert(size > 0 && (size_t)size < sizeof(path));

	buffer_init(&bytes, ZONE_FILE_SIZE_MAX);
	ok = file_read(path, &bytes, err) && zone_new(buffer_text(&bytes), zone, err);
	buffer_done(&bytes);
	return ok;
}

/* The files libcurl will open when it connects: a mistake is better told now. */
static bool kit_open_transport(const struct config *config, const struct config_gateway *section,
	struct transport_gateway *transport, struct err *err)
{
	struct buffer bytes;
	struct err said = { 0 };
	bool ok = true;

	_Static_assert((int)TRANSPORT_PATH_SIZE == (int)CONFIG_VALUE_SIZE, "paths fit");

	buffer_init(&bytes, (size_t)FILE_SECRET_MAX * 16);
	if (section->ca[0] != '\0') {
		ok = file_read(section->ca, &bytes, &said);
	}
	buffer_reset(&bytes);
	if (ok && section->client_certificate[0] != '\0') {
		ok = file_read(section->client_certificate, &bytes, &said) &&
		     file_check_secret(section->client_key, &said);
	}
	buffer_done(&bytes);
	if (!ok) {
		return inifile_complain(err, config->file, section->line, "[gateway %s]: %s",
			section->name, said.message);
	}
	memcpy(transport->ca, section->ca, sizeof(transport->ca));
	memcpy(transport->certificate, section->client_certificate, sizeof(transport->certificate));
	memcpy(transport->key, section->client_key, sizeof(transport->key));
	return true;
}

/* Where exchange rates are fetched from: in the place behind the gateways. */
static bool kit_open_rates(struct kit *kit, const struct config *config, struct err *err)
{
	struct transport_gateway *transport = &kit->transports[kit->gateway_count];
	struct buffer bytes;
	bool ok = true;

	_Static_assert((int)TRANSPORT_GATEWAYS_MAX > (int)ENGINE_GATEWAYS_MAX, "a place more");

	buffer_init(&bytes, (size_t)FILE_SECRET_MAX * 16);
	if (config->rates.ca[0] != '\0') {
		ok = file_read(config->rates.ca, &bytes, err) ||
		     inifile_blame(err, config->file, config->rates.line);
	}
	buffer_done(&bytes);
	memcpy(transport->ca, config->rates.ca, sizeof(transport->ca));
	return ok;
}

static bool kit_open_gateway(struct kit *kit, const struct config *config, size_t i,
	struct err *err)
{
	const struct config_gateway *section = &config->gateways[i];
	struct engine_gateway *gateway = &kit->gateways[i];

	if (!plugin_open(config, section, &kit->plugins[i], gateway, err)) {
		return false;
	}
	kit->gateway_count = i + 1;
	if (!kit_open_zone(config, section->timezone, &kit->zones[i], err)) {
		return inifile_blame(err, config->file, section->line);
	}
	if (!kit_open_transport(config, section, &kit->transports[i], err)) {
		return false;
	}
	(void)snprintf(gateway->name, sizeof(gateway->name), "%s", section->name);
	gateway->zone = kit->zones[i];
	gateway->timeout_ms = section->timeout_ms;
	gateway->window_s = section->window_h * KIT_SECONDS_PER_HOUR;
	memcpy(gateway->allow, section->allow.network, sizeof(gateway->allow));
	gateway->allow_count = section->allow.count;
	gateway->calls_per_second = section->calls_per_second;
	gateway->rule = (struct routing_rule){
		.method = (enum routing_method)section->method,
		.rank = section->rank,
		.share = section->share,
		.amount_min = section->amount_min,
		.amount_max = section->amount_max,
	};
	memcpy(gateway->rule.currencies, section->currencies, sizeof(gateway->rule.currencies));
	memcpy(gateway->rule.services, section->services, sizeof(gateway->rule.services));
	return true;
}

bool kit_open(const struct config *config, struct kit *kit, struct err *err)
{
	assert(config != NULL);
	assert(kit != NULL);
	assert(kit->almaty == NULL && kit->tariff == NULL && kit->tls == NULL);

	if (!kit_open_zone(config, kit_almaty, &kit->almaty, err)) {
		return inifile_blame(err, config->file, config->daemon.line); /* its zoneinfo_dir */
	}
	if (config->https.line != 0 && !https_load(&config->https, &kit->tls, err)) {
		return inifile_blame(err, config->file, config->https.line);
	}
	for (size_t i = 0; i < config->gateway_count; i++) {
		if (!kit_open_gateway(kit, config, i, err)) {
			return false;
		}
	}
	if (!kit_open_rates(kit, config, err)) {
		return false;
	}
	if (config->tariff.activation != ENGINE_BY_RELOAD) {
		return true; /* a draft: what lies there is not in use until it is activated */
	}
	if (!tariff_files_read(config->tariff.data_dir, &kit->tariff, err)) {
		return inifile_blame(err, config->file, config->tariff.line);
	}
	return tariff_files_check(kit->tariff, err); /* names its own file and line */
}

void kit_close(struct kit *kit)
{
	assert(kit != NULL);

	for (size_t i = 0; i < kit->gateway_count; i++) {
		plugin_close(&kit->plugins[i]);
		zone_free(&kit->zones[i]);
	}
	zone_free(&kit->almaty);
	tariff_files_free(&kit->tariff);
	SSL_CTX_free(kit->tls);
	kit->tls = NULL;
	kit->gateway_count = 0;
}

/* Whoever is let in draws on the gateway's limit of callbacks. */
void kit_warn(const struct config *config, const struct log *log)
{
	assert(config != NULL);
	assert(log != NULL);

	for (size_t i = 0; i < config->gateway_count; i++) {
		if (config->gateways[i].allow.count == 0 && config->https.client_ca[0] == '\0') {
			log_word(log, PORTS_WARNING, "gateway.hears_everybody", "gateway",
				config->gateways[i].name);
		}
	}
}

void kit_settings(const struct kit *kit, const struct config *config,
	struct engine_settings *settings)
{
	*settings = (struct engine_settings){
		.public_url = config->https.line != 0 ? config->https.public_url : NULL,
		.rates_url = config->rates.line != 0 ? config->rates.url : NULL,
		.refuse_unverified = config->tariff.unverified == CONFIG_REFUSE,
		.refuse_beneficiary = config->tariff.beneficiary == CONFIG_REFUSE,
		.activation = (enum engine_activation)config->tariff.activation,
		.peer_calls_per_second = config->https.peer_calls_per_second,
		.payment_days = config->daemon.payment_days,
		.session_s = config->daemon.session_s,
		.checkpoint_s = config->daemon.checkpoint_s,
		.inbox_days = config->retention.inbox_days,
		.evidence_days = config->retention.evidence_days,
		.private_days = config->retention.private_days,
		.inbox_max = config->daemon.inbox_max,
		.disk_reserve = config->daemon.disk_reserve_mb * (1 << 20),
		.gateway_count = kit->gateway_count,
		.client_count = config->client_count,
	};
	memcpy(settings->gateways, kit->gateways, sizeof(settings->gateways));
	for (size_t i = 0; i < config->client_count; i++) {
		(void)snprintf(settings->clients[i].name, sizeof(settings->clients[i].name), "%s",
			config->clients[i].name);
	}
	if (config->client_count == 0) {
		(void)snprintf(settings->clients[0].name, sizeof(settings->clients[0].name), "%s",
			CONFIG_LOCAL);
		settings->client_count = 1;
	}
}

const char *kit_origin(const struct config *config, const uint8_t seed[NOTE_SEED_SIZE],
	char origin[CONFIG_VALUE_SIZE])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	int rc;

	if (config->book.origin[0] != '\0') {
		return config->book.origin;
	}
	rc = EVP_Digest(seed, NOTE_SEED_SIZE, digest, &size, EVP_sha256(), NULL);
	assert(rc == 1 && size >= 4);
	(void)rc;
	(void)snprintf(origin, CONFIG_VALUE_SIZE, "alym/%02x%02x%02x%02x", digest[0], digest[1],
		digest[2], digest[3]);
	return origin;
}
