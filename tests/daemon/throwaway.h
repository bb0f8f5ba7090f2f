/* SPDX-License-Identifier: Apache-2.0 */

/* throwaway - certificates made by a test for itself, in a folder of its own under /tmp. */
#ifndef ALYM_TESTS_DAEMON_THROWAWAY_H
#define ALYM_TESTS_DAEMON_THROWAWAY_H

enum { THROWAWAY_PATH_SIZE = 96 };

/* ca.pem, server.pem and .key (127.0.0.1 and localhost), other.pem and .key (another name),
 * expired.pem and .key, stranger_ca.pem, stranger.pem and .key (of that CA). */
struct throwaway {
	char folder[64];
};

void throwaway_open(struct throwaway *throwaway);
void throwaway_close(struct throwaway *throwaway);

/* "FOLDER/NAME"; returns `path`. */
const char *throwaway_path(const struct throwaway *throwaway, const char *name,
	char path[THROWAWAY_PATH_SIZE]);

#endif
