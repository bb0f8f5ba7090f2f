/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/medium.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MEDIUM_CHUNK = 4096 };

/* ---- bytes ---- */

static void bytes_resize(struct medium_bytes *b, size_t size)
{
	if (size > b->capacity) {
		size_t capacity = b->capacity == 0 ? MEDIUM_CHUNK : b->capacity;

		while (capacity < size) {
			capacity *= 2;
		}
		b->bytes = mem_grow(b->bytes, capacity, 1);
		b->capacity = capacity;
	}
	if (size > b->size) {
		memset(b->bytes + b->size, 0, size - b->size);
	}
	b->size = size;
}

static void bytes_write(struct medium_bytes *b, size_t offset, const unsigned char *bytes,
	size_t size)
{
	if (offset + size > b->size) {
		bytes_resize(b, offset + size);
	}
	memcpy(b->bytes + offset, bytes, size);
}

static void bytes_done(struct medium_bytes *b)
{
	free(b->bytes);
	*b = (struct medium_bytes){ 0 };
}

/* ---- files ---- */

static void file_forget_changes(struct medium_file *f)
{
	for (size_t i = 0; i < f->change_count; i++) {
		free(f->changes[i].bytes);
	}
	f->change_count = 0;
}

void medium_forget_regions(struct medium_file *f)
{
	for (size_t i = 0; i < MEDIUM_REGIONS_MAX; i++) {
		free(f->regions[i]);
		f->regions[i] = NULL;
	}
}

static void file_done(struct medium_file *f)
{
	file_forget_changes(f);
	medium_forget_regions(f);
	free(f->changes);
	bytes_done(&f->seen);
	bytes_done(&f->durable);
	*f = (struct medium_file){ .used = false };
}

void medium_done(struct medium *m)
{
	for (size_t i = 0; i < MEDIUM_FILES_MAX; i++) {
		file_done(&m->files[i]);
	}
}

struct medium_file *medium_find(struct medium *m, const char *name)
{
	for (size_t i = 0; i < MEDIUM_FILES_MAX; i++) {
		struct medium_file *f = &m->files[i];

		if (f->used && !f->gone && strcmp(f->name, name) == 0) {
			return f;
		}
	}
	return NULL;
}

/* A new file takes the place of a removed one for good. */
struct medium_file *medium_create(struct medium *m, const char *name)
{
	struct medium_file *place = NULL;

	assert(strlen(name) < MEDIUM_NAME_SIZE);
	for (size_t i = 0; i < MEDIUM_FILES_MAX; i++) {
		struct medium_file *f = &m->files[i];

		if (f->gone && name[0] != '\0' && strcmp(f->name, name) == 0) {
			file_done(f);
		}
		place = place == NULL && !f->used ? f : place;
	}
	if (place != NULL) {
		place->used = true;
		(void)snprintf(place->name, sizeof(place->name), "%s", name);
	}
	return place;
}

void medium_remove(struct medium_file *f, bool durable)
{
	if (durable || !f->kept) {
		file_done(f);
		return;
	}
	medium_forget_regions(f);
	f->gone = true;
}

static void file_change(struct medium_file *f, size_t offset, const void *bytes, size_t size)
{
	if (f->change_count == f->change_capacity) {
		f->change_capacity = f->change_capacity == 0 ? 64 : 2 * f->change_capacity;
		f->changes = mem_grow(f->changes, f->change_capacity, sizeof(*f->changes));
	}
	f->changes[f->change_count++] = (struct medium_change){ .offset = offset,
		.size = size,
		.bytes = bytes != NULL ? mem_copy(bytes, size) : NULL };
}

size_t medium_read(const struct medium_file *f, void *out, size_t size, size_t offset)
{
	size_t have = offset < f->seen.size ? f->seen.size - offset : 0;

	have = have < size ? have : size;
	if (have > 0) {
		memcpy(out, f->seen.bytes + offset, have);
	}
	return have;
}

void medium_write(struct medium_file *f, const void *bytes, size_t size, size_t offset)
{
	bytes_write(&f->seen, offset, bytes, size);
	file_change(f, offset, bytes, size);
}

void medium_truncate(struct medium_file *f, size_t size)
{
	bytes_resize(&f->seen, size);
	file_change(f, size, NULL, 0);
}

void medium_sync(struct medium *m, struct medium_file *f)
{
	for (size_t i = 0; !f->kept && i < MEDIUM_FILES_MAX; i++) {
		if (m->files[i].gone) {
			file_done(&m->files[i]);
		}
	}
	for (size_t i = 0; i < f->change_count; i++) {
		const struct medium_change *c = &f->changes[i];

		if (c->bytes == NULL) {
			bytes_resize(&f->durable, c->offset);
		} else {
			bytes_write(&f->durable, c->offset, c->bytes, c->size);
		}
	}
	file_forget_changes(f);
	f->kept = true;
}

/* ---- what survives ---- */

static void change_tear(struct medium *m, struct medium_file *f, const struct medium_change *c)
{
	for (size_t at = 0; at < c->size;) {
		/* Sectors are those of the file, not of the write. */
		size_t end = (c->offset + at) / MEDIUM_SECTOR * MEDIUM_SECTOR + MEDIUM_SECTOR -
			     c->offset;

		end = end < c->size ? end : c->size;
		if (random_chance(m->random, 500)) {
			bytes_write(&f->durable, c->offset + at, c->bytes + at, end - at);
		}
		at = end;
	}
}

/* One change reaches the medium whole, in part, or not at all. */
static void change_survive(struct medium *m, struct medium_file *f, const struct medium_change *c)
{
	uint64_t fate = random_below(m->random, 4);

	if (fate == 0) {
		m->lost++;
	} else if (c->bytes == NULL) {
		bytes_resize(&f->durable, c->offset);
	} else if (fate > 1) {
		bytes_write(&f->durable, c->offset, c->bytes, c->size);
	} else {
		m->lost++;
		change_tear(m, f, c);
	}
}

/* In any order: each change in turn trades places with a later one. */
static void file_survive(struct medium *m, struct medium_file *f)
{
	for (size_t i = 0; i + 1 < f->change_count; i++) {
		size_t k = i + random_below(m->random, f->change_count - i);
		struct medium_change c = f->changes[i];

		f->changes[i] = f->changes[k];
		f->changes[k] = c;
	}
	for (size_t i = 0; i < f->change_count; i++) {
		change_survive(m, f, &f->changes[i]);
	}
	file_forget_changes(f);
}

void medium_sync_fails(struct medium *m, struct medium_file *f)
{
	file_survive(m, f);
}

static void file_crash(struct medium *m, struct medium_file *f)
{
	file_survive(m, f);
	medium_forget_regions(f);
	f->region_users = 0;
	f->shared = 0;
	if ((!f->kept || f->gone) && random_chance(m->random, 500)) {
		file_done(f);
		return;
	}
	f->kept = true;
	f->gone = false;
	f->seen.size = 0;
	if (f->durable.size > 0) {
		bytes_write(&f->seen, 0, f->durable.bytes, f->durable.size);
	}
}

void medium_crash(struct medium *m)
{
	for (size_t i = 0; i < MEDIUM_FILES_MAX; i++) {
		if (m->files[i].used) {
			file_crash(m, &m->files[i]);
		}
	}
}
