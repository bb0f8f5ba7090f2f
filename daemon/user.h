/* SPDX-License-Identifier: Apache-2.0 */

/* user - becoming somebody with fewer rights, for good. */
#ifndef ALYM_DAEMON_USER_H
#define ALYM_DAEMON_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

struct user {
	uid_t uid;
	gid_t gid;
};

bool user_find(const char *name, struct user *user, struct err *err) MUST_USE;

/* Takes the user's groups and numbers; there is no way back. */
bool user_become(const char *name, const struct user *user, struct err *err) MUST_USE;

#endif
