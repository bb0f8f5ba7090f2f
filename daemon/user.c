/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/user.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

bool user_find(const char *name, struct user *user, struct err *err)
{
	const struct passwd *entry;

	assert(name != NULL);
	assert(user != NULL);

	entry = getpwnam(name);
	if (entry == NULL) {
		return err_set(err, ERR_INPUT, "[daemon] user: there is no user %s", name);
	}
	*user = (struct user){ entry->pw_uid, entry->pw_gid };
	return true;
}

bool user_become(const char *name, const struct user *user, struct err *err)
{
	assert(name != NULL);
	assert(user != NULL);

	if (initgroups(name, user->gid) != 0 || setgid(user->gid) != 0 || setuid(user->uid) != 0) {
		return err_set(err, ERR_SYSTEM, "become user %s: %s", name, strerror(errno));
	}
	if (user->uid != 0 && setuid(0) == 0) {
		return err_set(err, ERR_SYSTEM, "become user %s: root came back", name);
	}
	return true;
}
