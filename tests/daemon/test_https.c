/* SPDX-License-Identifier: Apache-2.0 */

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/alym_test.h"
#include "tests/daemon/face_stage.h"
#include "tests/daemon/throwaway.h"

enum { REQUEST_MS = 3000, PATIENCE_S = 10, WRITE_MS = 60000 }; /* valgrind takes its time */

enum { CONNECTIONS_MAX = 50 };

struct scene {
	struct throwaway files;
	struct face_stage stage;
};

/* A client: TLS over a blocking socket. */
struct client {
	int fd;
	SSL_CTX *context;
	SSL *ssl;
	bool shook; /* the handshake succeeded on our side */
};

static void scene_begin(struct scene *scene, const char *client_ca)
{
	char certificate[THROWAWAY_PATH_SIZE];
	char key[THROWAWAY_PATH_SIZE];
	char ca[THROWAWAY_PATH_SIZE];

	face_stage_open(&scene->stage, CONNECTIONS_MAX);
	scene->stage.settings.request_ms = REQUEST_MS;
	scene->stage.settings.write_ms = WRITE_MS;
	face_stage_add_https(&scene->stage,
		throwaway_path(&scene->files, "server.pem", certificate),
		throwaway_path(&scene->files, "server.key", key),
		client_ca != NULL ? throwaway_path(&scene->files, client_ca, ca) : "");
	face_stage_begin(&scene->stage);
}

static int set_up(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	throwaway_open(&scene->files);
	scene_begin(scene, NULL);
	*state = scene;
	return 0;
}

static int set_up_with_client_ca(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	throwaway_open(&scene->files);
	scene_begin(scene, "ca.pem");
	*state = scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	face_stage_close(&scene->stage);
	throwaway_close(&scene->files);
	free(scene);
	return 0;
}

/* `name`: the client's certificate, or NULL; `version`: the highest it speaks; `session`: to be
 * resumed, or NULL. */
static struct client client_open(const struct scene *scene, const char *name, int version,
	SSL_SESSION *session)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct client c = { .fd = socket(AF_INET, SOCK_STREAM, 0) };
	char file[48];
	char path[THROWAWAY_PATH_SIZE];

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((in_port_t)https_port(scene->stage.https));
	assert_int_equal(connect(c.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	c.context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(c.context, 0); /* so that old versions are offered at all */
	assert_int_equal(SSL_CTX_load_verify_locations(c.context,
				 throwaway_path(&scene->files, "ca.pem", path), NULL),
		1);
	SSL_CTX_set_verify(c.context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_max_proto_version(c.context, version);
	if (name != NULL) {
		(void)snprintf(file, sizeof(file), "%s.pem", name);
		assert_int_equal(SSL_CTX_use_certificate_file(c.context,
					 throwaway_path(&scene->files, file, path),
					 SSL_FILETYPE_PEM),
			1);
		(void)snprintf(file, sizeof(file), "%s.key", name);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(c.context,
					 throwaway_path(&scene->files, file, path),
					 SSL_FILETYPE_PEM),
			1);
	}
	c.ssl = SSL_new(c.context);
	SSL_set_fd(c.ssl, c.fd);
	if (session != NULL) {
		assert_int_equal(SSL_set_session(c.ssl, session), 1);
	}
	c.shook = SSL_connect(c.ssl) == 1;
	ERR_clear_error();
	return c;
}

static void client_close(struct client *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	(void)close(c->fd);
	ERR_clear_error();
}

/* The status of the answer, 0: none; `out` gets the whole answer. */
static int client_ask(struct client *c, const char *request, struct buffer *out)
{
	char piece[4096];
	int status = 0;
	size_t wanted = 1;

	buffer_reset(out);
	(void)SSL_write(c->ssl, request, (int)strlen(request));
	while (out->size < wanted) {
		int size = SSL_read(c->ssl, piece, sizeof(piece));
		const char *end;
		const char *length;

		if (size <= 0) {
			break;
		}
		buffer_add(out, (struct text){ piece, (size_t)size });
		end = strstr(out->bytes, "\r\n\r\n");
		length = strstr(out->bytes, "Content-Length: ");
		wanted = out->size + 1;
		if (end != NULL && length != NULL) {
			wanted = (size_t)(end + 4 - out->bytes) +
				 strtoul(length + strlen("Content-Length: "), NULL, 10);
		}
	}
	if (out->size > 12 && out->size >= wanted) {
		status = (int)strtol(out->bytes + 9, NULL, 10);
	}
	ERR_clear_error();
	return status;
}

static void a_bank_is_answered_over_tls(void **state)
{
	const struct scene *scene = *state;
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct client c = client_open(scene, NULL, versions[i], NULL);

		assert_true(c.shook);
		for (int again = 0; again < 3; again++) {
			assert_int_equal(client_ask(&c,
						 "POST /callbacks/b HTTP/1.1\r\nHost: x\r\n"
						 "Content-Length: 2\r\n\r\nhi",
						 &out),
				200);
			assert_non_null(strstr(out.bytes, "POST|/callbacks/b||hi||0|127.0.0.1"));
			assert_int_equal(client_ask(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n",
						 &out),
				200);
		}
		assert_int_equal(client_ask(&c, "GET /size?3000000 HTTP/1.1\r\nHost: x\r\n\r\n",
					 &out),
			200);
		assert_true(out.size > 3000000);
		client_close(&c);
	}
	buffer_done(&out);
}

static void the_end_is_said_in_tls_too(void **state)
{
	struct client c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	struct buffer out;
	char byte;
	int rc;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	assert_int_equal(
		client_ask(&c, "GET /size?1000000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			&out),
		200);
	rc = SSL_read(c.ssl, &byte, 1);
	assert_int_equal(SSL_get_error(c.ssl, rc), SSL_ERROR_ZERO_RETURN);
	client_close(&c);
	buffer_done(&out);
}

/* Everything until the end, which is said in TLS. */
static void client_hear_all(struct client *c, struct buffer *out)
{
	char piece[16384];
	int size;

	while ((size = SSL_read(c->ssl, piece, sizeof(piece))) > 0) {
		buffer_add(out, (struct text){ piece, (size_t)size });
	}
	assert_false(out->overflowed);
	ERR_clear_error();
}

/* The end of the sending is there by the time the first answer is given. */
static void who_stopped_sending_gets_every_answer(void **state)
{
	static const char large[] = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
				    "GET /size?3000000 HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char many[] = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /echo?1 HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /echo?2 HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /echo?3 HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /echo?last HTTP/1.1\r\nHost: x\r\n\r\n";
	struct client c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	assert_int_equal(SSL_write(c.ssl, large, (int)strlen(large)), (int)strlen(large));
	assert_int_equal(SSL_shutdown(c.ssl), 0);
	client_hear_all(&c, &out);
	assert_true(out.size > 3000000);
	client_close(&c);
	c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	buffer_reset(&out);
	assert_int_equal(SSL_write(c.ssl, many, (int)strlen(many)), (int)strlen(many));
	assert_int_equal(SSL_shutdown(c.ssl), 0);
	client_hear_all(&c, &out);
	assert_non_null(strstr(out.bytes, "|last|"));
	client_close(&c);
	buffer_done(&out);
}

/* His answer can not be written: his place is free long before the time to write is up. */
static void who_is_gone_before_his_answer_is_let_go(void **state)
{
	static const char request[] = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";
	const struct timespec taken = { .tv_nsec = 5000000 }; /* a reset before is another matter */
	const struct linger reset = { .l_onoff = 1 };
	struct client c;
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
		assert_true(c.shook);
		assert_int_equal(SSL_write(c.ssl, request, (int)strlen(request)),
			(int)strlen(request));
		(void)nanosleep(&taken, NULL);
		assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
		client_close(&c);
	}
	c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	assert_int_equal(client_ask(&c, request, &out), 200);
	client_close(&c);
	buffer_done(&out);
}

static void old_tls_is_refused(void **state)
{
	static const int versions[] = { TLS1_1_VERSION, TLS1_VERSION };

	for (size_t i = 0; i < COUNT(versions); i++) {
		struct client c = client_open(*state, NULL, versions[i], NULL);

		assert_false(c.shook);
		client_close(&c);
	}
}

static void bad_bytes_are_refused_over_tls_as_well(void **state)
{
	struct client c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	assert_int_equal(client_ask(&c, "GET / HTTP/1.1\nHost: x\n\n", &out), 400);
	client_close(&c);
	c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	assert_int_equal(send(c.fd, "not tls at all, not at all", 26, MSG_NOSIGNAL), 26);
	assert_int_equal(client_ask(&c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &out), 0);
	client_close(&c);
	c = client_open(*state, NULL, TLS1_3_VERSION, NULL);
	assert_int_equal(client_ask(&c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &out), 200);
	client_close(&c);
	buffer_done(&out);
}

static void who_does_not_shake_hands_is_cut(void **state)
{
	const struct scene *scene = *state;
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons((in_port_t)https_port(scene->stage.https));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	(void)close(fd);
}

static void callbacks_need_a_certificate_of_the_client_ca(void **state)
{
	static const struct {
		const char *certificate;
		const char *path;
		int status;
	} cases[] = {
		{ NULL, "/callbacks/b", 403 },
		{ NULL, "/pay/t", 200 },
		{ "server", "/callbacks/b", 200 },
		{ "stranger", "/callbacks/b", 403 },
		{ "stranger", "/pay/t", 200 },
		{ "expired", "/callbacks/b", 403 },
	};
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		struct client c =
			client_open(*state, cases[i / 2].certificate, versions[i % 2], NULL);
		char request[128];

		(void)snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n",
			cases[i / 2].path);
		assert_true(c.shook);
		assert_int_equal(client_ask(&c, request, &out), cases[i / 2].status);
		client_close(&c);
	}
	buffer_done(&out);
}

/* A second connection with the session of the first, but without its certificate. */
static void a_resumed_session_does_not_bring_a_certificate(void **state)
{
	static const char request[] = "GET /callbacks/b HTTP/1.1\r\nHost: x\r\n\r\n";
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct client first = client_open(*state, "server", versions[i], NULL);
		struct client second;
		SSL_SESSION *session;

		assert_int_equal(client_ask(&first, request, &out), 200);
		session = SSL_get1_session(first.ssl);
		assert_non_null(session);
		second = client_open(*state, NULL, versions[i], session);
		assert_true(second.shook);
		assert_false(SSL_session_reused(second.ssl));
		assert_int_equal(client_ask(&second, request, &out), 403);
		SSL_SESSION_free(session);
		client_close(&first);
		client_close(&second);
	}
	buffer_done(&out);
}

static long serial_of(const struct client *c)
{
	X509 *certificate = SSL_get1_peer_certificate(c->ssl);
	long serial = ASN1_INTEGER_get(X509_get0_serialNumber(certificate));

	X509_free(certificate);
	return serial;
}

static void a_new_certificate_drops_no_connection(void **state)
{
	struct scene *scene = *state;
	struct client before = client_open(scene, NULL, TLS1_3_VERSION, NULL);
	struct client after;
	char certificate[THROWAWAY_PATH_SIZE];
	char key[THROWAWAY_PATH_SIZE];
	struct buffer out;

	buffer_init(&out, FACE_STAGE_ANSWER_MAX);
	assert_int_equal(client_ask(&before, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &out), 200);
	face_stage_reload(&scene->stage, throwaway_path(&scene->files, "other.pem", certificate),
		throwaway_path(&scene->files, "other.key", key));
	assert_int_equal(client_ask(&before, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", &out), 200);
	after = client_open(scene, NULL, TLS1_3_VERSION, NULL);
	assert_true(after.shook);
	assert_int_not_equal(serial_of(&before), serial_of(&after));
	client_close(&before);
	client_close(&after);
	buffer_done(&out);
}

static void a_certificate_that_can_not_be_used_is_told(void **state)
{
	static const struct {
		const char *certificate;
		const char *key;
		const char *client_ca;
		const char *complaint;
	} cases[] = {
		{ "nowhere.pem", "server.key", NULL, "read [https] certificate" },
		{ "server.key", "server.key", NULL, "read [https] certificate" },
		{ "server.pem", "nowhere.key", NULL, "open " },
		{ "server.pem", "server.pem", NULL, "read [https] private_key" },
		{ "server.pem", "other.key", NULL, "" },
		{ "server.pem", "server.key", "nowhere.pem", "read [https] client_ca" },
	};
	const struct scene *scene = *state;
	char path[THROWAWAY_PATH_SIZE];
	struct err err = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config_https https = { .line = 1 };
		SSL_CTX *tls = NULL;

		(void)snprintf(https.certificate, sizeof(https.certificate), "%s",
			throwaway_path(&scene->files, cases[i].certificate, path));
		(void)snprintf(https.private_key, sizeof(https.private_key), "%s",
			throwaway_path(&scene->files, cases[i].key, path));
		if (cases[i].client_ca != NULL) {
			(void)snprintf(https.client_ca, sizeof(https.client_ca), "%s",
				throwaway_path(&scene->files, cases[i].client_ca, path));
		}
		assert_false(https_load(&https, &tls, &err));
		assert_null(tls);
		if (strncmp(err.message, cases[i].complaint, strlen(cases[i].complaint)) != 0) {
			fail_msg("%zu: %s", i, err.message);
		}
	}
	assert_int_equal(chmod(throwaway_path(&scene->files, "server.key", path), 0644), 0);
	assert_false(https_load(&scene->stage.config->https, &(SSL_CTX *){ NULL }, &err));
	assert_non_null(strstr(err.message, "everybody may read"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_bank_is_answered_over_tls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_end_is_said_in_tls_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_stopped_sending_gets_every_answer, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(who_is_gone_before_his_answer_is_let_go, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(old_tls_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_bytes_are_refused_over_tls_as_well, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(who_does_not_shake_hands_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(callbacks_need_a_certificate_of_the_client_ca,
			set_up_with_client_ca, tear_down),
		cmocka_unit_test_setup_teardown(a_resumed_session_does_not_bring_a_certificate,
			set_up_with_client_ca, tear_down),
		cmocka_unit_test_setup_teardown(a_new_certificate_drops_no_connection, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(a_certificate_that_can_not_be_used_is_told, set_up,
			tear_down),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
