/* SPDX-License-Identifier: Apache-2.0 */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"
#include "daemon/file.h"
#include "daemon/option.h"
#include "daemon/plugin.h"
#include "tests/alym_test.h"

#define FILE_NAME "alym.conf"
#define HTTPS     "[https]\ncertificate = /c\nprivate_key = /k\npublic_url = https://a.kz\n"

struct mistake {
	const char *text;
	const char *complaint; /* the message begins so */
};

static const struct mistake mistakes[] = {
	/* lines */
	{ "state_dir = /x\n", "alym.conf:1: state_dir stands in no section; put a [section]" },
	{ "[daemon\n", "alym.conf:1: the section does not end with ]" },
	{ "[]\n", "alym.conf:1: a section's name has 1 to 48 bytes" },
	{ "[daemon]]\n", "alym.conf:1: a section's name has 1 to 48 bytes" },
	{ "[daemon] ; comment\n", "alym.conf:1: the section does not end with ]" },
	{ "[daemon]\nuser\n", "alym.conf:2: neither a section nor a value" },
	{ "[daemon]\nuser: alym\n", "alym.conf:2: neither a section nor a value" },
	{ "[daemon]\nuser = alym ; who\n", "alym.conf:2: a comment behind a value" },
	{ "[daemon]\nuser = alym\t# who\n", "alym.conf:2: a comment behind a value" },
	{ "[daemon]\nuser =\n", "alym.conf:2: the key has no value" },
	{ "[daemon]\nuser = \t \n", "alym.conf:2: the key has no value" },
	{ "[daemon]\n user = alym\n", "alym.conf:2: the line begins with a space" },
	{ "[daemon]\nuser = alym\n\tgoes on\n", "alym.conf:3: the line begins with a space" },
	{ "[daemon]\nUser = alym\n", "alym.conf:2: the key is not one" },
	{ "[daemon]\n= alym\n", "alym.conf:2: the key is not one" },
	{ "[daemon]\nuser = a\x01\n", "alym.conf:2: the line holds a control character" },
	{ "[daemon]\nuser = \xFF\n", "alym.conf:2: the line is no UTF-8" },
	{ "\xEF\xBB\xBF[daemon]\n", "alym.conf:1: neither a section nor a value" },
	/* sections */
	{ "[deamon]\n", "alym.conf:1: unknown section [deamon]; there are daemon, https" },
	{ "[daemon]\n\n[daemon]\n", "alym.conf:3: [daemon] stands in line 1 already" },
	{ "[daemon main]\n", "alym.conf:1: [daemon main] takes no name; write [daemon]" },
	{ "[client]\n", "alym.conf:1: [client] needs a name of 1 to 32" },
	{ "[client Portal]\n", "alym.conf:1: [client Portal] needs a name" },
	{ "[client a b]\n", "alym.conf:1: [client a b] needs a name" },
	{ "[client a]\nuid = 1\nroles = service\n[client a]\n",
		"alym.conf:4: [client a] stands in line 1 already" },
	{ "[gateway b]\nplugin = x\n[gateway b]\n", "alym.conf:3: [gateway b] stands in line 1" },
	{ "[rates]\nca = /c\n", "alym.conf:1: [rates] has no url; add a line url = ..." },
	{ "[rates]\nurl = https://nationalbank.kz/rss/rates_all.xml\n",
		"alym.conf:2: url = https://nationalbank.kz/rss/rates_all.xml: write an address like "
		"https://host/path?day={date}" },
	{ "[rates]\nurl = http://nationalbank.kz/rss?fdate={date}\n", "alym.conf:2: url = http:" },
	{ "[rates]\nurl = https://{date}.kz/rss\n", "alym.conf:2: url = https://{date}.kz/rss: " },
	{ "[rates]\nurl = https://a.kz/{date}/{date}\n",
		"alym.conf:2: url = https://a.kz/{date}/" },
	{ "[rates]\nurl = https://a.kz/?d={date}#x\n",
		"alym.conf:2: url = https://a.kz/?d={date}#" },
	{ "[rates]\nurl = https://\n", "alym.conf:2: url = https://: " },
	{ "[rates]\nurl = {date}\n", "alym.conf:2: url = {date}: " },
	/* keys */
	{ "[daemon]\nsokcet = /x\n", "alym.conf:2: unknown key sokcet; [daemon] takes state_dir" },
	{ "[tariff]\nuser = alym\n", "alym.conf:2: unknown key user; [tariff] takes data_dir" },
	{ "[daemon]\nuser = a\nuser = a\n", "alym.conf:3: user is set twice in [daemon]" },
	{ HTTPS "[gateway b]\nplugin = x\nkey = 1\nkey = 2\n",
		"alym.conf:8: key is set twice in [gateway b]" },
	/* values */
	{ "[daemon]\nstate_dir = var\n", "alym.conf:2: state_dir = var: write an absolute path" },
	{ "[daemon]\nsession_s = 59\n",
		"alym.conf:2: session_s = 59: write a whole number from 60" },
	{ "[daemon]\nsession_s = 86401\n", "alym.conf:2: session_s = 86401: write a whole number" },
	{ "[daemon]\ninbox_max = 1000001\n",
		"alym.conf:2: inbox_max = 1000001: write a whole number from 1000 to 1000000" },
	{ "[daemon]\nsession_s = 1e3\n", "alym.conf:2: session_s = 1e3: write a whole number" },
	{ "[daemon]\nsession_s = -60\n", "alym.conf:2: session_s = -60: write a whole number" },
	{ "[daemon]\nsession_s = 99999999999999999999\n", "alym.conf:2: session_s = 9999" },
	{ "[daemon]\nlog_level = loud\n", "alym.conf:2: log_level = loud: write debug or info or" },
	{ "[daemon]\nsocket_group = nosuchgroup\n",
		"alym.conf:2: socket_group = nosuchgroup: write a group of this system" },
	{ "[book]\nstore = postgres\n",
		"alym.conf:2: store = postgres: write sqlite (this version has no other store)" },
	{ "[book]\norigin = a b\n", "alym.conf:2: origin = a b: write one word" },
	{ "[tariff]\nunverified = yes\n", "alym.conf:2: unverified = yes: write warn or refuse" },
	{ "[https]\nlisten = 8443\n", "alym.conf:2: listen = 8443: write a numeric address" },
	{ "[https]\nlisten = localhost:8443\n", "alym.conf:2: listen = localhost:8443: write a" },
	{ "[https]\nlisten = 127.0.0.1:65536\n", "alym.conf:2: listen = 127.0.0.1:65536: write" },
	{ "[https]\nlisten = ::1:8443\n", "alym.conf:2: listen = ::1:8443: write a numeric" },
	{ "[https]\nlisten = [127.0.0.1]:8443\n", "alym.conf:2: listen = [127.0.0.1]:8443: write" },
	{ "[https]\npublic_url = http://a.kz\n",
		"alym.conf:2: public_url = http://a.kz: write an" },
	{ "[https]\npublic_url = https://a.kz/\n",
		"alym.conf:2: public_url = https://a.kz/: write" },
	{ "[https]\npublic_url = https://a.kz?q\n", "alym.conf:2: public_url = https://a.kz?q" },
	{ "[client a]\nuid = nosuchuser\n", "alym.conf:2: uid = nosuchuser: write a user of this" },
	{ "[client a]\nuid = 4294967295\n",
		"alym.conf:2: uid = 4294967295: write a user's number" },
	{ "[client a]\nroles = boss\n", "alym.conf:2: roles = boss: write service, auditor" },
	{ "[client a]\nroles = service, service\n",
		"alym.conf:2: roles = service, service: write" },
	{ "[client a]\nroles = ,\n", "alym.conf:2: roles = ,: write at least one" },
	{ "[gateway b]\nplugin = ../x\n", "alym.conf:2: plugin = ../x: write a plugin's name" },
	{ "[gateway b]\nisolation = process\n", "alym.conf:2: isolation = process: write none (" },
	{ "[gateway b]\nallow = 10.0.0.1/8\n", "alym.conf:2: allow = 10.0.0.1/8: write networks" },
	{ "[gateway b]\nallow = everybody\n", "alym.conf:2: allow = everybody: write networks" },
	{ "[gateway b]\nallow = 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 "
	  "1.1.1.9 1.1.2.1 1.1.2.2 1.1.2.3 1.1.2.4 1.1.2.5 1.1.2.6 1.1.2.7 1.1.2.8\n",
		"alym.conf:2: allow = " },
	{ "[gateway b]\ntimezone = ../../etc/passwd\n",
		"alym.conf:2: timezone = ../../etc/passwd" },
	{ "[gateway b]\nendpoint = ftp://b\n",
		"alym.conf:2: endpoint = ftp://b: write an address" },
	/* sections as a whole */
	{ "[https]\ncertificate = /c\n", "alym.conf:1: [https] has no private_key; add a line" },
	{ "\n[https]\n[daemon]\n", "alym.conf:2: [https] has no certificate; add a line" },
	{ "[client a]\nuid = 1\n", "alym.conf:1: [client a] has no roles; add a line roles = ..." },
	{ "[client a]\nroles = service\n", "alym.conf:1: [client a] needs uid or gid" },
	{ "[client a]\nuid = 1\ngid = 1\nroles = service\n",
		"alym.conf:1: [client a] needs uid or" },
	{ "[client a]\nuid = 1\nroles = service\n[client b]\nuid = 1\nroles = auditor\n",
		"alym.conf:4: [client b] is the same user or group as [client a] in line 1" },
	{ HTTPS "[gateway b]\ntimezone = UTC\n", "alym.conf:5: [gateway b] has no plugin" },
	{ HTTPS "[gateway b]\nplugin = x\nclient_key = /k\n",
		"alym.conf:5: [gateway b] has one of client_certificate and client_key; set both" },
	{ "\n[gateway b]\nplugin = x\n", "alym.conf:2: [gateway b] has nowhere to call back" },
	/* which payments of a method */
	{ "[gateway b]\nmethod = cash\n",
		"alym.conf:2: method = cash: write none or card or bank" },
	{ "[gateway b]\nrank = 0\n", "alym.conf:2: rank = 0: write a whole number from 1 to 99" },
	{ "[gateway b]\nshare = 1001\n", "alym.conf:2: share = 1001: write a whole number from" },
	{ "[gateway b]\ncurrencies = KZT, RUB\n",
		"alym.conf:2: currencies = KZT, RUB: write some of KZT, USD, EUR, GBP, CHF" },
	{ "[gateway b]\ncurrencies = ,\n", "alym.conf:2: currencies = ,: write some of" },
	{ "[gateway b]\nservices = visa*\n",
		"alym.conf:2: services = visa*: write services, or all that begin alike" },
	{ "[gateway b]\nservices = *\n", "alym.conf:2: services = *: write services" },
	{ "[gateway b]\nservices = Visa.exit\n", "alym.conf:2: services = Visa.exit: write" },
	{ "[gateway b]\namount_min = -5\n",
		"alym.conf:2: amount_min = -5: write an amount like 5000 or 5000.50" },
	{ "[gateway b]\namount_max = 1,5\n", "alym.conf:2: amount_max = 1,5: write an amount" },
	{ HTTPS "[gateway b]\nplugin = x\nservices = evisa\n",
		"alym.conf:5: [gateway b] has rules for a method and none; add a line method" },
	{ HTTPS "[gateway b]\nplugin = x\nmethod = card\namount_min = 5.01\namount_max = 5\n",
		"alym.conf:5: [gateway b] has an amount_min above its amount_max; exchange" },
};

static void a_mistake_names_file_line_and_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct config *config = NULL;
		struct err err = { 0 };

		assert_false(config_parse(FILE_NAME, text_of(mistakes[i].text), &config, &err));
		assert_null(config);
		assert_int_equal(err.kind, ERR_INPUT);
		if (strncmp(err.message, mistakes[i].complaint, strlen(mistakes[i].complaint)) !=
			0) {
			fail_msg("%s\nsays: %s\nnot:  %s", mistakes[i].text, err.message,
				mistakes[i].complaint);
		}
	}
}

static void a_nul_is_a_mistake(void **state)
{
	static const char bytes[] = "[daemon]\nuser = a\0b\n";
	struct config *config = NULL;
	struct err err = { 0 };

	(void)state;
	assert_false(
		config_parse(FILE_NAME, (struct text){ bytes, sizeof(bytes) - 1 }, &config, &err));
	assert_non_null(strstr(err.message, "alym.conf:2: "));
}

static void a_line_may_be_as_long_as_the_limit(void **state)
{
	(void)state;
	for (size_t size = 189; size < 260; size++) {
		struct config *config = NULL;
		struct err err = { 0 };
		struct buffer b;
		bool ok;

		buffer_init(&b, 1024);
		buffer_add_string(&b, "[daemon]\nuser = ");
		while (b.size < strlen("[daemon]\n") + size) {
			buffer_add_char(&b, 'u');
		}
		ok = config_parse(FILE_NAME, buffer_text(&b), &config, &err);
		assert_int_equal(ok, size <= 190);
		if (ok) {
			assert_int_equal(strlen(config->daemon.user), size - strlen("user = "));
		} else {
			assert_non_null(strstr(err.message, "alym.conf:2: the line is longer"));
		}
		config_free(&config);
		buffer_done(&b);
	}
}

static void too_many_of_something_is_a_mistake(void **state)
{
	struct config *config = NULL;
	struct err err = { 0 };
	struct buffer b;

	(void)state;
	buffer_init(&b, 65536);
	for (int i = 0; i <= ENGINE_CLIENTS_MAX; i++) {
		buffer_printf(&b, "[client c%d]\nuid = %d\nroles = service\n", i, i);
	}
	assert_false(config_parse(FILE_NAME, buffer_text(&b), &config, &err));
	assert_non_null(strstr(err.message, "alym.conf:193: more than 64 clients"));
	buffer_reset(&b);
	for (int i = 0; i <= ENGINE_GATEWAYS_MAX; i++) {
		buffer_printf(&b, "[gateway g%d]\nplugin = x\n", i);
	}
	assert_false(config_parse(FILE_NAME, buffer_text(&b), &config, &err));
	assert_non_null(strstr(err.message, "alym.conf:33: more than 16 gateways"));
	buffer_reset(&b);
	buffer_add_string(&b, "[gateway g]\n");
	for (int i = 0; i <= CONFIG_EXTRA_MAX; i++) {
		buffer_printf(&b, "key_%d = x\n", i);
	}
	assert_false(config_parse(FILE_NAME, buffer_text(&b), &config, &err));
	assert_non_null(strstr(err.message, "alym.conf:26: more than 24 keys"));
	buffer_done(&b);
}

static void an_empty_file_is_the_defaults(void **state)
{
	struct config *config = NULL;
	struct config *blank = config_new();
	struct err err = { 0 };

	(void)state;
	assert_true(config_parse(FILE_NAME, TEXT("# nothing\n\n; at all\r\n"), &config, &err));
	assert_string_equal(config->daemon.state_dir, "/var/lib/alym");
	assert_string_equal(config->daemon.socket, "/var/lib/alym/alym.sock");
	assert_int_equal(config->daemon.log_level, PORTS_INFO);
	assert_int_equal(config->https.line, 0);
	assert_int_equal(config->client_count, 0);
	assert_true(config_may_replace(config, blank, &err));
	config_free(&config);
	config_free(&blank);
}

static void every_key_is_read(void **state)
{
	static const char text[] = "[daemon]\r\n"
				   "state_dir=/s\n"
				   "session_s   =   60\n"
				   "log_level = warning\n"
				   "[https]\n"
				   "listen = [::1]:0\n"
				   "certificate = /c\n"
				   "private_key = /k\n"
				   "public_url = https://pay.example.kz:8443/alym\n"
				   "[tariff]\n"
				   "unverified = refuse\n"
				   "[book]\n"
				   "origin = alym.example.kz/book\n"
				   "  # a comment may stand anywhere\n"
				   "[client portal]\n"
				   "uid = root\n"
				   "roles = service,auditor operator\n"
				   "[ gateway   bank ]\n"
				   "plugin = rbs\n"
				   "endpoint = https://bank.kz\n"
				   "allow = 10.0.0.0/8, 2001:db8::/32\n"
				   "window_h = 1\n"
				   "merchant = a = b\n"
				   "secret_file = /secret";
	const struct config_gateway *gateway;
	struct config *config = NULL;
	struct err err = { 0 };

	(void)state;
	if (!config_parse(FILE_NAME, text_of(text), &config, &err)) {
		fail_msg("%s", err.message);
	}
	assert_string_equal(config->daemon.socket, "/s/alym.sock");
	assert_int_equal(config->daemon.session_s, 60);
	assert_int_equal(config->daemon.log_level, PORTS_WARNING);
	assert_int_equal(config->https.listen.socket.ss_family, AF_INET6);
	assert_string_equal(config->https.public_url, "https://pay.example.kz:8443/alym");
	assert_int_equal(config->tariff.unverified, CONFIG_REFUSE);
	assert_int_equal(config->tariff.beneficiary, CONFIG_WARN);
	assert_string_equal(config->book.origin, "alym.example.kz/book");
	assert_int_equal(config->clients[0].uid, 0);
	assert_int_equal(config->clients[0].gid, CONFIG_NO_ID);
	assert_int_equal(config->clients[0].roles, 7);
	gateway = &config->gateways[0];
	assert_string_equal(gateway->name, "bank");
	assert_int_equal(gateway->allow.count, 2);
	assert_int_equal(gateway->window_h, 1);
	assert_int_equal(gateway->timeout_ms, 15000);
	assert_string_equal(gateway->timezone, "Asia/Almaty");
	assert_int_equal(gateway->extra_count, 2);
	assert_string_equal(gateway->extra[0].key, "merchant");
	assert_string_equal(gateway->extra[0].value, "a = b");
	assert_int_equal(gateway->extra[1].line, 24);
	config_free(&config);
}

struct change {
	const char *now;
	const char *next;
	const char *complaint; /* NULL: may be taken over */
};

static void a_running_daemon_takes_over_what_it_can(void **state)
{
	static const struct change changes[] = {
		{ "", "", NULL },
		{ "[daemon]\nlog_level = debug\n", "", NULL },
		{ "[tariff]\ndata_dir = /a\n", "[tariff]\ndata_dir = /b\n", NULL },
		{ HTTPS,
			"[https]\ncertificate = /d\nprivate_key = /l\nclient_ca = /m\n"
			"public_url = https://a.kz\n",
			NULL },
		{ "[client a]\nuid = 1\nroles = service\n",
			"[client a]\ngid = 2\nroles = auditor\n", NULL },
		{ "", "[daemon]\nstate_dir = /b\n", "[daemon] state_dir has changed; restart" },
		{ "", "[daemon]\nsession_s = 100\n", "[daemon] session_s has changed; restart" },
		{ "", "[tariff]\nunverified = refuse\n", "[tariff] unverified has changed" },
		{ "", "[book]\norigin = b\n", "[book] origin has changed; restart" },
		{ "", HTTPS, "[https] public_url has changed; restart" },
		{ "[client a]\nuid = 1\nroles = service\n", "", "[client] sections: their number" },
		{ "[client a]\nuid = 1\nroles = service\n",
			"[client b]\nuid = 1\nroles = service\n",
			"[client a] or its place has changed" },
		{ HTTPS "[gateway g]\nplugin = a\n", HTTPS "[gateway g]\nplugin = b\n",
			"[gateway g] plugin has changed" },
		{ HTTPS "[gateway g]\nplugin = a\n", HTTPS "[gateway h]\nplugin = a\n",
			"[gateway g] or its place has changed" },
		{ HTTPS "[gateway g]\nplugin = a\nkey = 1\n",
			HTTPS "[gateway g]\nplugin = a\nkey = 2\n",
			"[gateway g] a key of the plugin has changed" },
		{ HTTPS "[gateway g]\nplugin = a\nallow = 10.0.0.0/8\n",
			HTTPS "[gateway g]\nplugin = a\n", "[gateway g] allow has changed" },
		{ HTTPS "[gateway g]\nplugin = a\n", HTTPS, "[gateway] sections: their number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct config *now = NULL;
		struct config *next = NULL;
		struct err err = { 0 };
		bool may;

		assert_true(config_parse(FILE_NAME, text_of(changes[i].now), &now, &err));
		assert_true(config_parse(FILE_NAME, text_of(changes[i].next), &next, &err));
		may = config_may_replace(now, next, &err);
		assert_int_equal(may, changes[i].complaint == NULL);
		if (changes[i].complaint != NULL && strncmp(err.message, changes[i].complaint,
							    strlen(changes[i].complaint)) != 0) {
			fail_msg("%zu: %s", i, err.message);
		}
		config_free(&now);
		config_free(&next);
	}
}

static void rules_of_a_method_are_read(void **state)
{
	struct config *config = NULL;
	struct err err = { 0 };
	const struct config_gateway *g;

	(void)state;
	assert_true(config_parse(FILE_NAME,
		TEXT(HTTPS "[gateway a]\nplugin = x\n[gateway b]\nplugin = x\nmethod = bank\n"
			   "rank = 2\nshare = 0\ncurrencies = KZT,USD\n"
			   "services = evisa, visa.*\namount_min = 5000\namount_max = 5000.50\n"),
		&config, &err));
	g = &config->gateways[0];
	assert_int_equal(g->method, ROUTING_NONE);
	assert_int_equal(g->rank, 1);
	assert_int_equal(g->share, 100);
	assert_string_equal(g->currencies, "");
	assert_int_equal(g->amount_max, 0);
	g = &config->gateways[1];
	assert_int_equal(g->method, ROUTING_BANK);
	assert_int_equal(g->rank, 2);
	assert_int_equal(g->share, 0);
	assert_string_equal(g->currencies, "KZT USD");
	assert_string_equal(g->services, "evisa visa.*");
	assert_int_equal(g->amount_min, 500000);
	assert_int_equal(g->amount_max, 500050);
	config_free(&config);
}

static void every_option_can_be_found_and_has_a_sound_default(void **state)
{
	const struct option *o;

	(void)state;
	for (size_t i = 0; (o = option_at(i)) != NULL; i++) {
		assert_ptr_equal(option_find(o->section, o->key), o);
		assert_non_null(o->help);
		assert_true(o->type != OPTION_NUMBER || o->min < o->max);
		assert_false(o->required && o->standard != NULL);
	}
}

static void the_manual_is_what_help_config_prints(void **state)
{
	struct buffer manual;
	struct buffer help;
	struct err err = { 0 };

	(void)state;
	buffer_init(&manual, OPTION_HELP_MAX);
	buffer_init(&help, OPTION_HELP_MAX);
	option_help(&help);
	assert_false(help.overflowed);
	assert_true(file_read(TEST_MANUAL, &manual, &err));
	assert_string_equal(manual.bytes, help.bytes);
	buffer_done(&manual);
	buffer_done(&help);
}

/* ---- the keys of a plugin ---- */

struct folder {
	char path[64];
	char secret[96];
	char open[96];
};

static void write_file(const char *path, mode_t mode)
{
	static const char secret[] = "0123456789abcdef\n";
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, secret, sizeof(secret) - 1), sizeof(secret) - 1);
	(void)close(fd);
}

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	(void)snprintf(f->path, sizeof(f->path), "/tmp/alym_config_XXXXXX");
	assert_non_null(mkdtemp(f->path));
	(void)snprintf(f->secret, sizeof(f->secret), "%s/secret", f->path);
	(void)snprintf(f->open, sizeof(f->open), "%s/open", f->path);
	write_file(f->secret, 0640);
	write_file(f->open, 0644);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *f = *state;

	(void)unlink(f->secret);
	(void)unlink(f->open);
	(void)rmdir(f->path);
	free(f);
	return 0;
}

/* Opens the gateway of `keys`, which stand from line 6 on. */
static bool open_plugin(const char *keys, struct err *err)
{
	struct engine_gateway gateway = { .name = "b" };
	struct plugin plugin = { .state = NULL };
	struct config *config = NULL;
	struct buffer b;
	bool ok;

	buffer_init(&b, 65536);
	buffer_printf(&b, HTTPS "[gateway b]\n%s", keys);
	if (!config_parse(FILE_NAME, buffer_text(&b), &config, err)) {
		fail_msg("%s", err->message);
	}
	ok = plugin_open(config, &config->gateways[0], &plugin, &gateway, err);
	if (ok) {
		assert_non_null(gateway.plugin);
		assert_non_null(gateway.state);
		assert_int_equal(gateway.origin_count, 1);
		assert_string_equal(gateway.origins[0], "bank.kz:443");
	}
	plugin_close(&plugin);
	config_free(&config);
	buffer_done(&b);
	return ok;
}

#define SANDBOX "plugin = " TEST_SANDBOX "\n"
#define GOOD    SANDBOX "endpoint = https://bank.kz\nmerchant = shop\n"

static void a_plugin_is_given_its_keys(void **state)
{
	const struct folder *f = *state;
	struct err err = { 0 };
	char keys[1024];

	(void)snprintf(keys, sizeof(keys), GOOD "secret_file = %s\n", f->secret);
	if (!open_plugin(keys, &err)) {
		fail_msg("%s", err.message);
	}
}

static void a_mistake_in_a_plugins_keys_names_the_line(void **state)
{
	static const struct mistake cases[] = {
		{ "plugin = /nowhere/x.so\n", "alym.conf:5: load gateway /nowhere/x.so: " },
		{ "plugin = nosuch\n",
			"alym.conf:5: load gateway /usr/lib/alym/gateways/nosuch.so" },
		{ GOOD "colour = red\n",
			"alym.conf:9: unknown key colour; a gateway of sandbox takes "
			"plugin, isolation" },
		{ GOOD, "alym.conf:5: gateway sandbox: key secret_file is missing" },
		{ GOOD "secret_file = secret\n",
			"alym.conf:9: secret_file = secret: write an absolute path" },
		{ GOOD "secret_file = credential:kassa\n",
			"alym.conf:9: secret_file = credential:kassa: write an absolute path, or "
			"start it by systemd with LoadCredential=" },
		{ GOOD "secret_file = credential:../kassa\n",
			"alym.conf:9: secret_file = credential:../kassa: write credential:NAME" },
		{ GOOD "secret_file = /nowhere\n", "alym.conf:9: open /nowhere: No such file" },
		{ GOOD "secret_file = /dev\n", "alym.conf:9: open /dev: not a file" },
		{ "plugin = " TEST_ECHO "\nendpoint = https://b.kz\n",
			"alym.conf:5: [gateway b]: echo takes no endpoint; remove it" },
	};
	const struct folder *f = *state;
	struct err err = { 0 };
	char keys[1024];

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_false(open_plugin(cases[i].text, &err));
		if (strncmp(err.message, cases[i].complaint, strlen(cases[i].complaint)) != 0) {
			fail_msg("%zu: %s", i, err.message);
		}
	}
	(void)snprintf(keys, sizeof(keys), GOOD "secret_file = %s\n", f->open);
	assert_false(open_plugin(keys, &err));
	assert_non_null(strstr(err.message, "alym.conf:9: "));
	assert_non_null(strstr(err.message, "everybody may read"));
	assert_null(strstr(err.message, "0123456789"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mistake_names_file_line_and_remedy),
		cmocka_unit_test(a_nul_is_a_mistake),
		cmocka_unit_test(a_line_may_be_as_long_as_the_limit),
		cmocka_unit_test(too_many_of_something_is_a_mistake),
		cmocka_unit_test(an_empty_file_is_the_defaults),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(a_running_daemon_takes_over_what_it_can),
		cmocka_unit_test(rules_of_a_method_are_read),
		cmocka_unit_test(every_option_can_be_found_and_has_a_sound_default),
		cmocka_unit_test(the_manual_is_what_help_config_prints),
		cmocka_unit_test_setup_teardown(a_plugin_is_given_its_keys, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(a_mistake_in_a_plugins_keys_names_the_line,
			make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
