/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/socket.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

enum { SOCKET_MODE = 0660, SOCKET_DRAFT_SIZE = CONFIG_VALUE_SIZE + 8, SOCKET_PARTS_MAX = 8 };

struct socket {
	struct face *face;
	const struct config *config;
	int64_t owner;
	char path[CONFIG_VALUE_SIZE];
	dev_t device; /* the file we made, */
	ino_t inode;  /* whatever has its name by now */
};

static bool socket_failed(struct err *err, const char *doing, const char *path)
{
	return err_set(err, ERR_SYSTEM, "%s the socket %s: %s", doing, path, strerror(errno));
}

static bool socket_has_group(const struct face_guest *guest, int64_t gid)
{
	for (size_t i = 0; i < guest->gid_count; i++) {
		if (guest->gids[i] == gid) {
			return true;
		}
	}
	return false;
}

bool socket_identify(const struct config *config, int64_t owner, struct face_guest *guest)
{
	assert(config != NULL);
	assert(guest != NULL);

	guest->roles = 0;
	guest->client[0] = '\0';
	if (config->client_count == 0 && guest->uid == owner) {
		guest->roles = CALL_ROLE_SERVICE | CALL_ROLE_AUDITOR | CALL_ROLE_OPERATOR;
		return text_copy(text_of(CONFIG_LOCAL), guest->client, sizeof(guest->client));
	}
	for (size_t i = 0; i < config->client_count; i++) {
		const struct config_client *client = &config->clients[i];
		bool is_user = client->uid != CONFIG_NO_ID && client->uid == guest->uid;
		bool is_member =
			client->gid != CONFIG_NO_ID && socket_has_group(guest, client->gid);

		if (is_user || is_member) {
			guest->roles = (unsigned)client->roles;
			return text_copy(text_of(client->name), guest->client,
				sizeof(guest->client));
		}
	}
	return false;
}

/* What the kernel says of the process that connected. */
static void socket_ask_kernel(int fd, struct face_guest *guest)
{
	gid_t groups[FACE_GROUPS_MAX - 1];
	socklen_t size = sizeof(groups);
	struct ucred peer;
	socklen_t peer_size = sizeof(peer);

	guest->known = true;
	guest->uid = CONFIG_NO_ID;
	guest->gid_count = 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0) {
		return; /* nobody: no roles */
	}
	guest->uid = peer.uid;
	guest->gids[guest->gid_count++] = peer.gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0) {
		return; /* of more groups than we look at, the first one counts */
	}
	for (size_t i = 0; i < size / sizeof(*groups); i++) {
		guest->gids[guest->gid_count++] = groups[i];
	}
	assert(guest->gid_count <= FACE_GROUPS_MAX);
}

static const char *socket_greet(void *owner, struct bufferevent *transport, struct text path,
	struct face_guest *guest)
{
	struct socket *s = owner;

	(void)path;
	if (!guest->known) {
		socket_ask_kernel(bufferevent_getfd(transport), guest);
	}
	(void)socket_identify(s->config, s->owner, guest); /* nobody may still ask /livez */
	return NULL;
}

static struct bufferevent *socket_wrap(void *owner, struct event_base *base)
{
	(void)owner;
	return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
}

static size_t socket_put(struct bufferevent *transport, const struct text *parts, size_t count)
{
	struct iovec pieces[SOCKET_PARTS_MAX];
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };
	ssize_t gone;

	assert(count <= SOCKET_PARTS_MAX);

	for (size_t i = 0; i < count; i++) {
		/* sendmsg() only reads; its interface has no const. */
		memcpy(&pieces[i].iov_base, &parts[i].bytes, sizeof(pieces[i].iov_base));
		pieces[i].iov_len = parts[i].size;
	}
	gone = sendmsg(bufferevent_getfd(transport), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	return gone > 0 ? (size_t)gone : 0; /* what is wrong the transport finds out, too */
}

/* ---- the file ---- */

static bool socket_address(const char *path, struct sockaddr_un *address, struct err *err)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!text_copy(text_of(path), address->sun_path, sizeof(address->sun_path))) {
		return err_set(err, ERR_LIMIT, "the socket's path %s is longer than %zu bytes",
			path, sizeof(address->sun_path) - 1);
	}
	return true;
}

/* True when the socket is of a program that is no more: nobody can connect to it. */
static bool socket_is_left(const char *path, struct err *err)
{
	struct sockaddr_un address;
	bool refused = false;
	int fd;

	if (!socket_address(path, &address, err)) {
		return false;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return socket_failed(err, "make", path);
	}
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 ||
		errno == EAGAIN) {
		(void)err_set(err, ERR_INPUT,
			"somebody listens on %s already; stop it, or set another [daemon] socket",
			path);
	} else {
		refused = errno == ECONNREFUSED || socket_failed(err, "try", path);
	}
	(void)close(fd);
	return refused;
}

/* Takes away what an earlier daemon left. */
static bool socket_clear(const char *path, struct err *err)
{
	struct stat stat;

	if (lstat(path, &stat) != 0) {
		return errno == ENOENT || socket_failed(err, "look at", path);
	}
	if (!S_ISSOCK(stat.st_mode)) {
		return err_set(err, ERR_INPUT, "%s is there and is not a socket; move it away",
			path);
	}
	return socket_is_left(path, err) &&
	       (unlink(path) == 0 || socket_failed(err, "remove", path));
}

/* A listening descriptor whose file is `draft`, or -1. */
static int socket_listen(const char *draft, int64_t group, struct err *err)
{
	struct sockaddr_un address;
	int fd;

	if (!socket_address(draft, &address, err)) {
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		(void)socket_failed(err, "make", draft);
		return -1;
	}
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		(void)socket_failed(err, "bind", draft);
		(void)close(fd);
		return -1;
	}
	if ((group != CONFIG_NO_ID && chown(draft, (uid_t)-1, (gid_t)group) != 0) ||
		chmod(draft, SOCKET_MODE) != 0 || listen(fd, FACE_BACKLOG) != 0) {
		(void)socket_failed(err, "set up", draft);
		(void)unlink(draft);
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* Gives the file its name; it is known by its number from now on. */
static bool socket_name(struct socket *s, const char *draft, struct err *err)
{
	struct stat stat;

	if (lstat(draft, &stat) != 0 || rename(draft, s->path) != 0) {
		(void)socket_failed(err, "name", s->path);
		(void)unlink(draft);
		return false;
	}
	s->device = stat.st_dev;
	s->inode = stat.st_ino;
	return true;
}

bool socket_start(struct event_base *base, const struct config *config, int64_t owner,
	const struct face_settings *settings, struct socket **out, struct err *err)
{
	struct face_settings mine = *settings;
	struct socket *s = mem_new(1, sizeof(*s));
	struct evconnlistener *listener;
	char draft[SOCKET_DRAFT_SIZE];
	int fd = -1;

	assert(out != NULL);

	s->config = config;
	s->owner = owner;
	(void)snprintf(s->path, sizeof(s->path), "%s", config->daemon.socket);
	(void)snprintf(draft, sizeof(draft), "%s.new", s->path);
	if (socket_clear(s->path, err) && socket_clear(draft, err)) {
		fd = socket_listen(draft, config->daemon.socket_group, err);
	}
	if (fd >= 0 && !socket_name(s, draft, err)) {
		(void)close(fd);
		fd = -1;
	}
	if (fd < 0) {
		free(s);
		return false;
	}
	listener = evconnlistener_new(base, NULL, NULL,
		LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	assert(listener != NULL);
	mine.kind = CALL_SOCKET;
	mine.owner = s;
	mine.wrap = socket_wrap;
	mine.put = socket_put;
	mine.greet = socket_greet;
	s->face = face_start(base, listener, &mine);
	*out = s;
	return true;
}

void socket_use(struct socket *socket, const struct config *config)
{
	assert(socket != NULL);
	assert(config != NULL);

	socket->config = config;
}

void socket_drain(struct socket *socket)
{
	struct stat stat;

	assert(socket != NULL);

	if (lstat(socket->path, &stat) == 0 && stat.st_dev == socket->device &&
		stat.st_ino == socket->inode) {
		(void)unlink(socket->path);
	}
	face_drain(socket->face);
}

void socket_stop(struct socket **socket)
{
	struct socket *s = *socket;

	*socket = NULL;
	if (s == NULL) {
		return;
	}
	face_stop(&s->face);
	free(s);
}

const struct face *socket_face(const struct socket *socket)
{
	assert(socket != NULL);

	return socket->face;
}
