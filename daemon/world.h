/* SPDX-License-Identifier: Apache-2.0 */

/* world - the real one behind the engine's ports: the kernel's clock and randomness, the book's
 * threads, libcurl, the log. */
#ifndef ALYM_DAEMON_WORLD_H
#define ALYM_DAEMON_WORLD_H

#include "daemon/log.h"
#include "daemon/ports.h"
#include "daemon/transport.h"
#include "ledger/writer.h"

enum { WORLD_MAGIC = 0x776f726c, WORLD_RANDOM_SIZE = 4096 };

struct world {
	uint32_t magic;
	struct writer *writer;       /* NULL once it has stopped: what is submitted then waits */
	struct transport *transport; /* so too */
	struct job *jobs;            /* for world_settle() */
	struct query *queries;
	struct exchange *exchanges;
	const struct log *log;
	const char *state_dir;
	const char *data_dir;  /* of the tariff */
	int64_t disk_asked_ms; /* when the disk was last asked; 0: never */
	int64_t disk_free;     /* what it said */
	size_t random_left;    /* at the end of `random`, not given out yet */
	uint8_t random[WORLD_RANDOM_SIZE];
};

int64_t world_now(void);
int64_t world_now_ms(void);

/* Fills the ports; *world outlives who uses them. */
void world_fill(struct world *world, struct ports *ports);

/* Gives back what came when writer and transport had stopped - jobs failed, queries not run,
 * exchanges not sent - and what comes of that, until nothing does. */
void world_settle(struct world *world);

#endif
