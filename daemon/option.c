/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/option.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/bucket.h"
#include "daemon/config.h"
#include "ledger/book.h"

enum { OPTION_INBOX_MAX = 1000000 };

_Static_assert((int)OPTION_INBOX_MAX < (int)BOOK_INBOX_MAX,
	"the inbox is cleaned before the book takes no message any more");

#define OPTION_FIELD(type, member) offsetof(struct type, member), sizeof(((struct type *)0)->member)

/* clang-format off */
static const struct option options[] = {
	{ OPTION_DAEMON, OPTION_PATH, "state_dir", OPTION_FIELD(config_daemon, state_dir),
		.standard = ALYM_STATE_DIR,
		.help = "where the book, its keys and the lock lie; made with mode 0700 if it is not there" },
	{ OPTION_DAEMON, OPTION_PATH, "socket", OPTION_FIELD(config_daemon, socket),
		.shown = "`" ALYM_SOCKET_NAME "` in `state_dir`",
		.help = "the Unix socket of the API, mode 0660; put it where its users may go" },
	{ OPTION_DAEMON, OPTION_GID, "socket_group", OPTION_FIELD(config_daemon, socket_group),
		.max = UINT32_MAX - 1, .shown = "the daemon's",
		.help = "the socket's group: who is in it may connect" },
	{ OPTION_DAEMON, OPTION_WORD, "user", OPTION_FIELD(config_daemon, user),
		.help = "the user to become when started as root" },
	{ OPTION_DAEMON, OPTION_CHOICE, "log_level", OPTION_FIELD(config_daemon, log_level),
		.choices = { "debug", "info", "warning", "error" }, .standard = "info",
		.help = "what is written to standard error", .reloads = true },
	{ OPTION_DAEMON, OPTION_NUMBER, "connections_max",
		OPTION_FIELD(config_daemon, connections_max), .min = 1, .max = 16384,
		.standard = "2048", .help = "connections to the socket at a time; more wait" },
	{ OPTION_DAEMON, OPTION_NUMBER, "payment_days", OPTION_FIELD(config_daemon, payment_days),
		.min = 1, .max = 366, .standard = "30", .unit = "days",
		.help = "how long a payment stays payable" },
	{ OPTION_DAEMON, OPTION_NUMBER, "session_s", OPTION_FIELD(config_daemon, session_s),
		.min = 60, .max = 86400, .standard = "1200", .unit = "seconds",
		.help = "how long a gateway's session lasts" },
	{ OPTION_DAEMON, OPTION_NUMBER, "checkpoint_s", OPTION_FIELD(config_daemon, checkpoint_s),
		.min = 1, .max = 86400, .standard = "60", .unit = "seconds",
		.help = "between two signed checkpoints at most, when there is something new" },
	{ OPTION_DAEMON, OPTION_NUMBER, "inbox_max", OPTION_FIELD(config_daemon, inbox_max),
		.min = 1000, .max = OPTION_INBOX_MAX, .standard = "100000", .unit = "messages",
		.help = "how many such messages are kept" },
	{ OPTION_DAEMON, OPTION_NUMBER, "disk_reserve_mb",
		OPTION_FIELD(config_daemon, disk_reserve_mb), .max = 1048576,
		.standard = "256", .unit = "MiB",
		.help = "below so much free space new payments are refused and callbacks are not" },
	{ OPTION_DAEMON, OPTION_PATH, "plugin_dir", OPTION_FIELD(config_daemon, plugin_dir),
		.standard = "/usr/lib/alym/gateways", .help = "where `plugin = NAME` finds NAME.so" },
	{ OPTION_DAEMON, OPTION_PATH, "zoneinfo_dir", OPTION_FIELD(config_daemon, zoneinfo_dir),
		.standard = "/usr/share/zoneinfo", .help = "the tz database" },

	{ OPTION_HTTPS, OPTION_ADDRESS, "listen", OPTION_FIELD(config_https, listen),
		.standard = "0.0.0.0:8443",
		.help = "address and port, `127.0.0.1:8443` or `[::]:8443`" },
	{ OPTION_HTTPS, OPTION_PATH, "certificate", OPTION_FIELD(config_https, certificate),
		.help = "PEM: the server's certificate, then its chain", .required = true,
		.reloads = true },
	{ OPTION_HTTPS, OPTION_PATH, "private_key", OPTION_FIELD(config_https, private_key),
		.help = "PEM: its private key, not readable by others", .required = true,
		.reloads = true },
	{ OPTION_HTTPS, OPTION_PATH, "client_ca", OPTION_FIELD(config_https, client_ca),
		.help = "PEM: if set, `/callbacks/` answers only clients with a certificate of this CA",
		.reloads = true },
	{ OPTION_HTTPS, OPTION_URL, "public_url", OPTION_FIELD(config_https, public_url),
		.help = "what banks and payers reach us as, `https://pay.example.kz`", .required = true },
	{ OPTION_HTTPS, OPTION_NUMBER, "connections_max",
		OPTION_FIELD(config_https, connections_max), .min = 1, .max = 16384,
		.standard = "512", .help = "connections at a time; more wait" },
	{ OPTION_HTTPS, OPTION_NUMBER, "peer_calls_per_second", OPTION_FIELD(config_https, peer_calls_per_second),
		.max = BUCKET_PER_SECOND_MAX, .standard = "500",
		.help = "from one address; more are answered 429; 0: no limit" },

	{ OPTION_TARIFF, OPTION_PATH, "data_dir", OPTION_FIELD(config_tariff, data_dir),
		.standard = "/usr/share/alym/tariff", .help = "the set: `*.xml` and `tariff.xsd`",
		.reloads = true },
	{ OPTION_TARIFF, OPTION_CHOICE, "unverified", OPTION_FIELD(config_tariff, unverified),
		.choices = { "warn", "refuse" }, .standard = "warn",
		.help = "a value without a confirmed source" },
	{ OPTION_TARIFF, OPTION_CHOICE, "beneficiary", OPTION_FIELD(config_tariff, beneficiary),
		.choices = { "warn", "refuse" }, .standard = "warn",
		.help = "a beneficiary that is not known" },

	{ OPTION_TARIFF, OPTION_CHOICE, "activation", OPTION_FIELD(config_tariff, activation),
		.choices = { "reload", "operator", "two-persons" }, .standard = "reload",
		.help = "who takes a changed `data_dir` into use: start and SIGHUP, an operator's "
			"`activate`, or two operators'" },

	{ OPTION_RATES, OPTION_DATED, "url", OPTION_FIELD(config_rates, url), .required = true,
		.help = "the list of a day; `{date}` becomes its DD.MM.YYYY" },
	{ OPTION_RATES, OPTION_PATH, "ca", OPTION_FIELD(config_rates, ca), .shown = "the system's",
		.help = "PEM: the CA the server's certificate must be of" },

	{ OPTION_BOOK, OPTION_CHOICE, "store", OPTION_FIELD(config_book, store),
		.choices = { "sqlite" }, .standard = "sqlite",
		.note = "this version has no other store", .help = "where the book is kept" },
	{ OPTION_BOOK, OPTION_WORD, "origin", OPTION_FIELD(config_book, origin),
		.shown = "`alym/` and 8 digits of the checkpoint key",
		.help = "the name checkpoints are signed under, `alym.example.kz/book`; never change it" },

	{ OPTION_RETENTION, OPTION_NUMBER, "inbox_days", OPTION_FIELD(config_retention, inbox_days),
		.min = 1, .max = 366, .standard = "30", .unit = "days",
		.help = "a gateway's message that nothing proved" },
	{ OPTION_RETENTION, OPTION_NUMBER, "evidence_days",
		OPTION_FIELD(config_retention, evidence_days), .max = 36500, .standard = "0",
		.unit = "days", .help = "what gateways said that was booked; 0: for ever" },
	{ OPTION_RETENTION, OPTION_NUMBER, "private_days",
		OPTION_FIELD(config_retention, private_days), .max = 36500, .standard = "0",
		.unit = "days",
		.help = "who paid and what was asked, after the payment's last change; 0: for ever" },

	{ OPTION_CLIENT, OPTION_UID, "uid", OPTION_FIELD(config_client, uid), .max = UINT32_MAX - 1,
		.help = "the user, by number or name; this or `gid`", .reloads = true },
	{ OPTION_CLIENT, OPTION_GID, "gid", OPTION_FIELD(config_client, gid), .max = UINT32_MAX - 1,
		.help = "everybody in a group, by number or name", .reloads = true },
	{ OPTION_CLIENT, OPTION_ROLES, "roles", OPTION_FIELD(config_client, roles),
		.help = "of `service`, `auditor`, `operator`", .required = true, .reloads = true },

	{ OPTION_GATEWAY, OPTION_PLUGIN, "plugin", OPTION_FIELD(config_gateway, plugin),
		.help = "a name (`sandbox`: `sandbox.so` in `plugin_dir`) or an absolute path",
		.required = true },
	{ OPTION_GATEWAY, OPTION_CHOICE, "isolation", OPTION_FIELD(config_gateway, isolation),
		.choices = { "none" }, .standard = "none",
		.note = "this version runs plugins in its own process",
		.help = "where the plugin runs: in the daemon's process" },
	{ OPTION_GATEWAY, OPTION_URL, "endpoint", OPTION_FIELD(config_gateway, endpoint),
		.help = "the gateway's address; requests go there and nowhere else" },
	{ OPTION_GATEWAY, OPTION_PATH, "ca", OPTION_FIELD(config_gateway, ca), .shown = "the system's",
		.help = "PEM: the CA the gateway's certificate must be of" },
	{ OPTION_GATEWAY, OPTION_PATH, "client_certificate",
		OPTION_FIELD(config_gateway, client_certificate),
		.help = "PEM: our certificate for the gateway" },
	{ OPTION_GATEWAY, OPTION_PATH, "client_key", OPTION_FIELD(config_gateway, client_key),
		.help = "PEM: its private key, not readable by others" },
	{ OPTION_GATEWAY, OPTION_NETWORKS, "allow", OPTION_FIELD(config_gateway, allow),
		.shown = "everybody", .help = "networks that may call back, `10.0.0.0/8, 2001:db8::/32`" },
	{ OPTION_GATEWAY, OPTION_NUMBER, "calls_per_second", OPTION_FIELD(config_gateway, calls_per_second),
		.max = BUCKET_PER_SECOND_MAX, .standard = "1000",
		.help = "callbacks of the gateway; more are answered 429; 0: no limit" },
	{ OPTION_GATEWAY, OPTION_NUMBER, "timeout_ms", OPTION_FIELD(config_gateway, timeout_ms),
		.min = 100, .max = 120000, .standard = "15000", .unit = "milliseconds",
		.help = "for a request to the gateway and its answer" },
	{ OPTION_GATEWAY, OPTION_ZONE, "timezone", OPTION_FIELD(config_gateway, timezone),
		.standard = "Asia/Almaty", .help = "of the times the gateway writes without one" },
	{ OPTION_GATEWAY, OPTION_NUMBER, "window_h", OPTION_FIELD(config_gateway, window_h),
		.max = 720, .standard = "72", .unit = "hours",
		.help = "how far back the gateway's own time of a payment is believed" },
	{ OPTION_GATEWAY, OPTION_CHOICE, "method", OPTION_FIELD(config_gateway, method),
		.choices = { "none", "card", "bank" }, .standard = "none",
		.help = "what payments for any gateway of a method it is one of; `none`: it is only ever named" },
	{ OPTION_GATEWAY, OPTION_NUMBER, "rank", OPTION_FIELD(config_gateway, rank),
		.min = 1, .max = ROUTING_RANK_MAX, .standard = "1",
		.help = "of a method the gateways of 1 are tried before those of 2" },
	{ OPTION_GATEWAY, OPTION_NUMBER, "share", OPTION_FIELD(config_gateway, share),
		.max = ROUTING_SHARE_MAX, .standard = "100",
		.help = "of the payments of its rank: 300 gets three times what 100 gets; 0: what the others can not take" },
	{ OPTION_GATEWAY, OPTION_CURRENCIES, "currencies", OPTION_FIELD(config_gateway, currencies),
		.shown = "any", .help = "of a method's payments, `KZT, USD`" },
	{ OPTION_GATEWAY, OPTION_SERVICES, "services", OPTION_FIELD(config_gateway, services),
		.shown = "any", .help = "of a method's payments, `evisa, visa.*`" },
	{ OPTION_GATEWAY, OPTION_AMOUNT, "amount_min", OPTION_FIELD(config_gateway, amount_min),
		.standard = "0", .help = "of a method's payments, in their currency, `5000` or `5000.50`" },
	{ OPTION_GATEWAY, OPTION_AMOUNT, "amount_max", OPTION_FIELD(config_gateway, amount_max),
		.standard = "0", .help = "the same, inclusive; 0: no limit" },
};

static const struct option_head {
	const char *name;
	const char *title;
	const char *what;
} option_heads[OPTION_SECTION_COUNT] = {
	[OPTION_DAEMON] = { "daemon", "[daemon]", "The daemon itself." },
	[OPTION_HTTPS] = { "https", "[https]",
		"The face to banks and payers: `/callbacks/` and `/pay/`, TLS 1.2 or later. Without this\n"
		"section there is none." },
	[OPTION_TARIFF] = { "tariff", "[tariff]", "The law." },
	[OPTION_RATES] = { "rates", "[rates]",
		"Where the National Bank's official exchange rates are fetched from:\n"
		"`https://nationalbank.kz/rss/get_rates.cfm?fdate={date}`. Tomorrow's are asked for from 16:00\n"
		"in Almaty, every ten minutes until they are had, and so are today's while they are missing.\n"
		"A list without USD or EUR is not taken. Without this section nothing is fetched;\n"
		"lists are imported with `alymctl rates import`." },
	[OPTION_BOOK] = { "book", "[book]", "The book." },
	[OPTION_RETENTION] = { "retention", "[retention]",
		"How long what lies beside the journal is kept. What goes is gone from the file and its log;\n"
		"records and proofs stay. No source names a period for Alym's data, so nothing but unproven\n"
		"messages goes unless this says so; a state duty can be claimed back for three years." },
	[OPTION_CLIENT] = { "client", "[client NAME]",
		"Who may call on the socket, by the user or group of the calling process. The first that\n"
		"fits counts. Without any the user who started the daemon has all roles, under the name\n"
		"`local`. A client's payments belong to its NAME for ever." },
	[OPTION_GATEWAY] = { "gateway", "[gateway NAME]",
		"A bank or payment system; it calls back at `/callbacks/NAME`, so `[https]` is needed.\n"
		"Besides these keys the section takes those of its plugin (see its README); the value of a\n"
		"plugin's key that ends in `_file` is a path, and the plugin is given what is in the file,\n"
		"which others must not be able to read. A payment names a gateway or a method; of a method's\n"
		"gateways those that take its currency, service and amount are tried by rank, and by share in\n"
		"a rank. One that lately took no orders rests, and the others get what would be its." },
};
/* clang-format on */

const char *option_section_name(enum option_section section)
{
	assert(section < OPTION_SECTION_COUNT);

	return option_heads[section].name;
}

const struct option *option_at(size_t i)
{
	return i < sizeof(options) / sizeof(*options) ? &options[i] : NULL;
}

const struct option *option_find(enum option_section section, const char *key)
{
	assert(key != NULL);

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (options[i].section == section && strcmp(options[i].key, key) == 0) {
			return &options[i];
		}
	}
	return NULL;
}

void option_list(enum option_section section, struct buffer *out)
{
	const char *between = "";

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (options[i].section == section) {
			buffer_printf(out, "%s%s", between, options[i].key);
			between = ", ";
		}
	}
}

/* What may stand behind the equals sign. */
static void option_help_value(const struct option *o, struct buffer *out)
{
	static const char *const words[OPTION_TYPE_COUNT] = {
		[OPTION_PATH] = "absolute path",
		[OPTION_WORD] = "word",
		[OPTION_URL] = "https address",
		[OPTION_DATED] = "https address",
		[OPTION_ADDRESS] = "address:port",
		[OPTION_UID] = "user",
		[OPTION_GID] = "group",
		[OPTION_ROLES] = "list of roles",
		[OPTION_NETWORKS] = "list of networks",
		[OPTION_ZONE] = "tz name",
		[OPTION_PLUGIN] = "name or absolute path",
		[OPTION_CURRENCIES] = "list of currencies",
		[OPTION_SERVICES] = "list of services",
		[OPTION_AMOUNT] = "amount",
	};

	if (o->type == OPTION_NUMBER) {
		buffer_printf(out, "%" PRId64 "..%" PRId64, o->min, o->max);
		if (o->unit != NULL) {
			buffer_printf(out, " %s", o->unit);
		}
	} else if (o->type == OPTION_CHOICE) {
		for (size_t i = 0; i < OPTION_CHOICES_MAX && o->choices[i] != NULL; i++) {
			buffer_printf(out, "%s`%s`", i > 0 ? ", " : "", o->choices[i]);
		}
	} else {
		assert(words[o->type] != NULL);
		buffer_add_string(out, words[o->type]);
	}
}

static void option_help_row(const struct option *o, struct buffer *out)
{
	buffer_printf(out, "| `%s` | ", o->key);
	option_help_value(o, out);
	buffer_add_string(out, " | ");
	if (o->required) {
		buffer_add_string(out, "required");
	} else if (o->standard != NULL) {
		buffer_printf(out, "`%s`", o->standard);
	} else if (o->shown != NULL) {
		buffer_add_string(out, o->shown);
	}
	buffer_printf(out, " | %s | %s |\n", o->reloads ? "SIGHUP" : "restart", o->help);
}

static void option_help_section(enum option_section section, struct buffer *out)
{
	buffer_printf(out, "\n## %s\n\n%s\n\n", option_heads[section].title,
		option_heads[section].what);
	buffer_add_string(out, "| key | value | default | changed by | what |\n"
			       "|---|---|---|---|---|\n");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (options[i].section == section) {
			option_help_row(&options[i], out);
		}
	}
}

void option_help(struct buffer *out)
{
	buffer_printf(out,
		"# alym.conf\n"
		"\n"
		"Written by `alymd --help-config`; do not edit.\n"
		"\n"
		"One INI file, UTF-8, lines of at most 190 bytes. `[section]` lines and `key = value` lines\n"
		"begin at the first column; a comment has a line of its own and begins with `;` or `#`.\n"
		"Every section is optional; a section, a key in it and a name occur once. What is not\n"
		"understood is an error that names file, line and remedy, and `alymd` ends with status 78;\n"
		"`alymd --check-config` only looks.\n"
		"\n"
		"A path is absolute, or `credential:NAME`: the file that systemd gave the service by\n"
		"`LoadCredential=NAME:...`, which nobody else can read. Keys and secrets are best kept so.\n"
		"\n"
		"On SIGHUP a changed file is taken over whole or not at all; a change of a key marked\n"
		"*restart* is refused then.\n");
	for (int s = 0; s < OPTION_SECTION_COUNT; s++) {
		option_help_section((enum option_section)s, out);
	}
}
