/* SPDX-License-Identifier: Apache-2.0 */

/*
 * option - the one table of what alym.conf takes: names, types, limits, defaults, help.
 *
 * The parser, `alymd --help-config` and docs/CONFIG.md come from it.  Where a value lies in struct
 * config is told by an offset, so that one function per type is enough.
 */
#ifndef ALYM_DAEMON_OPTION_H
#define ALYM_DAEMON_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/text.h"

enum option_section {
	OPTION_DAEMON,
	OPTION_HTTPS,
	OPTION_TARIFF,
	OPTION_RATES,
	OPTION_BOOK,
	OPTION_RETENTION,
	OPTION_CLIENT,
	OPTION_GATEWAY,
	OPTION_SECTION_COUNT,
};

enum option_type {
	OPTION_PATH,    /* absolute */
	OPTION_WORD,    /* visible ASCII */
	OPTION_URL,     /* https, no slash at the end */
	OPTION_DATED,   /* https, with {date} where the day goes */
	OPTION_NUMBER,  /* min..max */
	OPTION_CHOICE,  /* one of `choices`; its number */
	OPTION_ADDRESS, /* "127.0.0.1:8443", "[::1]:8443" */
	OPTION_UID,     /* number or name of a user */
	OPTION_GID,     /* number or name of a group */
	OPTION_ROLES,
	OPTION_NETWORKS,
	OPTION_ZONE,   /* "Asia/Almaty" */
	OPTION_PLUGIN, /* a name, or an absolute path */
	OPTION_CURRENCIES,
	OPTION_SERVICES, /* "evisa, visa.*" */
	OPTION_AMOUNT,   /* "5000", "5000.50": minor units */
	OPTION_TYPE_COUNT,
};

enum { OPTION_CHOICES_MAX = 4, OPTION_WHY_SIZE = 160, OPTION_HELP_MAX = 32768 };

struct option {
	enum option_section section;
	enum option_type type;
	const char *key;
	size_t offset; /* in the struct of its section */
	size_t size;   /* of what lies there */
	int64_t min;
	int64_t max;
	const char *choices[OPTION_CHOICES_MAX];
	const char *standard; /* the default, as it would be written; NULL: none */
	const char *shown;    /* the default's description where it is not one text */
	const char *unit;
	const char *note; /* why there are no more choices */
	const char *help;
	bool required;
	bool reloads; /* a running daemon takes a change over on SIGHUP */
};

/* "daemon", "gateway" ... */
const char *option_section_name(enum option_section section);

/* The i-th option, or NULL past the end. */
const struct option *option_at(size_t i);

/* NULL when the section has no such key. */
const struct option *option_find(enum option_section section, const char *key);

/* The keys of a section, "state_dir, socket, ...". */
void option_list(enum option_section section, struct buffer *out);

/* docs/CONFIG.md. */
void option_help(struct buffer *out);

/* Reads a value into the struct of its section.  False: `why` says what it must be. */
bool option_take(const struct option *option, const char *value, void *section,
	char why[OPTION_WHY_SIZE]) MUST_USE;

/*
 * The path that a value names: itself when it is absolute; of `credential:NAME` the file that
 * systemd gave the service under that name.  False: `why` says what to write.
 */
bool option_path(struct text value, char *path, size_t size, char why[OPTION_WHY_SIZE]) MUST_USE;

#endif
