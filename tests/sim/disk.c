/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/random.h"

enum { DISK_SECTOR = 512, DISK_FILES_MAX = 32, DISK_NAME_SIZE = 128, DISK_REGIONS_MAX = 64 };

struct disk_bytes {
	unsigned char *bytes;
	size_t size;
	size_t capacity;
};

/* A write, or with no bytes a truncation to `offset`, that was not synced yet. */
struct disk_change {
	size_t offset;
	size_t size;
	unsigned char *bytes;
};

struct disk_file {
	char name[DISK_NAME_SIZE];
	bool used;
	bool kept; /* it was synced once: its name survives */
	struct disk_bytes seen;
	struct disk_bytes durable;
	struct disk_change *changes;
	size_t change_count;
	size_t change_capacity;
	void *regions[DISK_REGIONS_MAX]; /* shared memory of the WAL's index */
	int region_users;
	int shared; /* handles that hold a lock of any kind */
};

struct disk {
	sqlite3_vfs vfs;
	struct random random;
	struct disk_file files[DISK_FILES_MAX];
	bool dead;
	int64_t fail_write;
	int64_t fail_sync;
	struct disk_figures figures;
};

/* What SQLite holds of an open file. */
struct disk_handle {
	sqlite3_file base;
	struct disk *disk;
	struct disk_file *file;
	bool temporary; /* nobody else has its name; it goes when it is closed */
	bool mapped;
	int lock;
};

static struct disk_handle *handle_of(sqlite3_file *f)
{
	return (struct disk_handle *)(void *)f;
}

/* ---- bytes ---- */

static void bytes_resize(struct disk_bytes *b, size_t size)
{
	if (size > b->capacity) {
		size_t capacity = b->capacity == 0 ? 4096 : b->capacity;

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

static void bytes_write(struct disk_bytes *b, size_t offset, const unsigned char *bytes,
	size_t size)
{
	if (offset + size > b->size) {
		bytes_resize(b, offset + size);
	}
	memcpy(b->bytes + offset, bytes, size);
}

static void bytes_done(struct disk_bytes *b)
{
	free(b->bytes);
	*b = (struct disk_bytes){ 0 };
}

/* ---- files ---- */

static void file_forget_changes(struct disk_file *f)
{
	for (size_t i = 0; i < f->change_count; i++) {
		free(f->changes[i].bytes);
	}
	f->change_count = 0;
}

static void file_forget_regions(struct disk_file *f)
{
	for (size_t i = 0; i < DISK_REGIONS_MAX; i++) {
		free(f->regions[i]);
		f->regions[i] = NULL;
	}
}

static void file_remove(struct disk_file *f)
{
	file_forget_changes(f);
	file_forget_regions(f);
	free(f->changes);
	bytes_done(&f->seen);
	bytes_done(&f->durable);
	*f = (struct disk_file){ .used = false };
}

static struct disk_file *disk_find(struct disk *d, const char *name)
{
	for (size_t i = 0; i < DISK_FILES_MAX; i++) {
		if (d->files[i].used && strcmp(d->files[i].name, name) == 0) {
			return &d->files[i];
		}
	}
	return NULL;
}

static struct disk_file *disk_create(struct disk *d, const char *name)
{
	for (size_t i = 0; i < DISK_FILES_MAX; i++) {
		struct disk_file *f = &d->files[i];

		if (!f->used) {
			f->used = true;
			(void)snprintf(f->name, sizeof(f->name), "%s", name);
			return f;
		}
	}
	return NULL;
}

static void file_change(struct disk_file *f, size_t offset, const void *bytes, size_t size)
{
	if (f->change_count == f->change_capacity) {
		f->change_capacity = f->change_capacity == 0 ? 64 : 2 * f->change_capacity;
		f->changes = mem_grow(f->changes, f->change_capacity, sizeof(*f->changes));
	}
	f->changes[f->change_count++] = (struct disk_change){ .offset = offset,
		.size = size,
		.bytes = bytes != NULL ? mem_copy(bytes, size) : NULL };
}

/* ---- what survives ---- */

/* One change reaches the medium whole, in part, or not at all. */
static void crash_change(struct disk *d, struct disk_file *f, const struct disk_change *c)
{
	uint64_t fate = random_below(&d->random, 4);

	if (fate == 0) {
		d->figures.lost++;
		return;
	}
	if (c->bytes == NULL) {
		bytes_resize(&f->durable, c->offset);
		return;
	}
	if (fate > 1) {
		bytes_write(&f->durable, c->offset, c->bytes, c->size);
		return;
	}
	d->figures.lost++;
	for (size_t at = 0; at < c->size;) {
		/* Sectors are those of the file, not of the write. */
		size_t end = (c->offset + at) / DISK_SECTOR * DISK_SECTOR + DISK_SECTOR - c->offset;

		end = end < c->size ? end : c->size;
		if (random_chance(&d->random, 500)) {
			bytes_write(&f->durable, c->offset + at, c->bytes + at, end - at);
		}
		at = end;
	}
}

static void crash_file(struct disk *d, struct disk_file *f)
{
	/* Any order: each change in turn trades places with a later one. */
	for (size_t i = 0; i + 1 < f->change_count; i++) {
		size_t k = i + random_below(&d->random, f->change_count - i);
		struct disk_change c = f->changes[i];

		f->changes[i] = f->changes[k];
		f->changes[k] = c;
	}
	for (size_t i = 0; i < f->change_count; i++) {
		crash_change(d, f, &f->changes[i]);
	}
	file_forget_changes(f);
	file_forget_regions(f);
	if (!f->kept && random_chance(&d->random, 500)) {
		file_remove(f);
		return;
	}
	f->kept = true;
	f->seen.size = 0;
	if (f->durable.size > 0) {
		bytes_write(&f->seen, 0, f->durable.bytes, f->durable.size);
	}
}

void disk_die(struct disk *d)
{
	d->dead = true;
}

void disk_revive(struct disk *d)
{
	for (size_t i = 0; i < DISK_FILES_MAX; i++) {
		file_forget_regions(&d->files[i]); /* whoever opens first makes the index anew */
	}
	d->dead = false;
	d->fail_write = 0;
	d->fail_sync = 0;
}

void disk_crash(struct disk *d)
{
	for (size_t i = 0; i < DISK_FILES_MAX; i++) {
		if (d->files[i].used) {
			crash_file(d, &d->files[i]);
		}
	}
	d->dead = false;
	d->fail_write = 0;
	d->fail_sync = 0;
}

void disk_fail_write(struct disk *d, int64_t n)
{
	d->fail_write = n;
}

void disk_fail_sync(struct disk *d, int64_t n)
{
	d->fail_sync = n;
}

struct disk_figures disk_figures(const struct disk *d)
{
	return d->figures;
}

/* ---- SQLite's methods of a file ---- */

static int io_read(sqlite3_file *f, void *out, int size, sqlite3_int64 offset)
{
	struct disk_handle *h = handle_of(f);
	const struct disk_bytes *b = &h->file->seen;
	size_t at = (size_t)offset;
	size_t have = at < b->size ? b->size - at : 0;

	if (h->disk->dead) {
		return SQLITE_IOERR_READ;
	}
	have = have < (size_t)size ? have : (size_t)size;
	memset(out, 0, (size_t)size);
	if (have > 0) {
		memcpy(out, b->bytes + at, have);
	}
	return have == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int io_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 offset)
{
	struct disk_handle *h = handle_of(f);
	struct disk *d = h->disk;

	if (d->dead || (d->fail_write > 0 && --d->fail_write == 0)) {
		return SQLITE_IOERR_WRITE;
	}
	d->figures.writes++;
	bytes_write(&h->file->seen, (size_t)offset, bytes, (size_t)size);
	file_change(h->file, (size_t)offset, bytes, (size_t)size);
	return SQLITE_OK;
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct disk_handle *h = handle_of(f);

	if (h->disk->dead) {
		return SQLITE_IOERR_TRUNCATE;
	}
	bytes_resize(&h->file->seen, (size_t)size);
	file_change(h->file, (size_t)size, NULL, 0);
	return SQLITE_OK;
}

static int io_sync(sqlite3_file *f, int flags)
{
	struct disk_handle *h = handle_of(f);
	struct disk *d = h->disk;

	(void)flags;
	if (d->dead || (d->fail_sync > 0 && --d->fail_sync == 0)) {
		return SQLITE_IOERR_FSYNC;
	}
	d->figures.syncs++;
	for (size_t i = 0; i < h->file->change_count; i++) {
		const struct disk_change *c = &h->file->changes[i];

		if (c->bytes == NULL) {
			bytes_resize(&h->file->durable, c->offset);
		} else {
			bytes_write(&h->file->durable, c->offset, c->bytes, c->size);
		}
	}
	file_forget_changes(h->file);
	h->file->kept = true;
	return SQLITE_OK;
}

static int io_file_size(sqlite3_file *f, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)handle_of(f)->file->seen.size;
	return SQLITE_OK;
}

/* Connections take turns, but an exclusive lock still says whether one is alone: the last to close
 * checkpoints. */
static int io_lock(sqlite3_file *f, int lock)
{
	struct disk_handle *h = handle_of(f);

	if (lock == SQLITE_LOCK_EXCLUSIVE && h->file->shared > (h->lock > SQLITE_LOCK_NONE)) {
		return SQLITE_BUSY;
	}
	h->file->shared += h->lock == SQLITE_LOCK_NONE;
	h->lock = lock > h->lock ? lock : h->lock;
	return SQLITE_OK;
}

static int io_unlock(sqlite3_file *f, int lock)
{
	struct disk_handle *h = handle_of(f);

	if (lock == SQLITE_LOCK_NONE && h->lock > SQLITE_LOCK_NONE) {
		h->file->shared--;
	}
	h->lock = lock < h->lock ? lock : h->lock;
	return SQLITE_OK;
}

static int io_check_reserved(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int io_control(sqlite3_file *f, int op, void *argument)
{
	(void)f;
	(void)op;
	(void)argument;
	return SQLITE_NOTFOUND;
}

static int io_sector_size(sqlite3_file *f)
{
	(void)f;
	return DISK_SECTOR;
}

static int io_characteristics(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int io_shm_map(sqlite3_file *f, int region, int size, int extend, void volatile **out)
{
	struct disk_handle *h = handle_of(f);
	void **slot = &h->file->regions[region];

	if (region >= DISK_REGIONS_MAX || h->disk->dead) {
		return SQLITE_IOERR_SHMMAP;
	}
	if (*slot == NULL && extend != 0) {
		*slot = mem_new(1, (size_t)size);
	}
	h->file->region_users += !h->mapped;
	h->mapped = true;
	*out = *slot;
	return SQLITE_OK;
}

static int io_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	(void)f;
	(void)offset;
	(void)n;
	(void)flags;
	return SQLITE_OK;
}

static void io_shm_barrier(sqlite3_file *f)
{
	(void)f;
}

static int io_shm_unmap(sqlite3_file *f, int delete)
{
	struct disk_handle *h = handle_of(f);

	h->file->region_users -= h->mapped;
	h->mapped = false;
	if (delete != 0 && h->file->region_users == 0) {
		file_forget_regions(h->file);
	}
	return SQLITE_OK;
}

static int io_close(sqlite3_file *f)
{
	struct disk_handle *h = handle_of(f);

	(void)io_unlock(f, SQLITE_LOCK_NONE);
	(void)io_shm_unmap(f, 0);
	if (h->temporary) {
		file_remove(h->file);
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods io_methods = {
	.iVersion = 2,
	.xClose = io_close,
	.xRead = io_read,
	.xWrite = io_write,
	.xTruncate = io_truncate,
	.xSync = io_sync,
	.xFileSize = io_file_size,
	.xLock = io_lock,
	.xUnlock = io_unlock,
	.xCheckReservedLock = io_check_reserved,
	.xFileControl = io_control,
	.xSectorSize = io_sector_size,
	.xDeviceCharacteristics = io_characteristics,
	.xShmMap = io_shm_map,
	.xShmLock = io_shm_lock,
	.xShmBarrier = io_shm_barrier,
	.xShmUnmap = io_shm_unmap,
};

/* ---- SQLite's methods of the disk ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out_flags)
{
	struct disk *d = vfs->pAppData;
	struct disk_handle *h = handle_of(f);
	struct disk_file *file = name != NULL ? disk_find(d, name) : NULL;

	h->base.pMethods = NULL;
	if (d->dead || (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0 && name != NULL)) {
		return SQLITE_CANTOPEN;
	}
	if (file == NULL) {
		file = disk_create(d, name != NULL ? name : "");
	}
	if (file == NULL) {
		return SQLITE_CANTOPEN;
	}
	*h = (struct disk_handle){ .base.pMethods = &io_methods,
		.disk = d,
		.file = file,
		.temporary = name == NULL };
	if (out_flags != NULL) {
		*out_flags = flags;
	}
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct disk *d = vfs->pAppData;
	struct disk_file *file = disk_find(d, name);

	(void)sync_folder;
	if (d->dead) {
		return SQLITE_IOERR_DELETE;
	}
	if (file == NULL) {
		return SQLITE_IOERR_DELETE_NOENT;
	}
	file_remove(file);
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)flags;
	*out = disk_find(vfs->pAppData, name) != NULL;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	(void)vfs;
	(void)sqlite3_snprintf(size, out, "%s", name);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out)
{
	random_fill(&((struct disk *)vfs->pAppData)->random, out, (size_t)size);
	return size;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	(void)vfs;
	return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *julian)
{
	(void)vfs;
	*julian = 2461000.5; /* SQLite asks for its own pragmas only; the book never does */
	return SQLITE_OK;
}

struct disk *disk_new(const char *name, uint64_t seed)
{
	struct disk *d = mem_new(1, sizeof(*d));
	int rc;

	d->random.state = seed;
	d->vfs = (sqlite3_vfs){ .iVersion = 1,
		.szOsFile = sizeof(struct disk_handle),
		.mxPathname = DISK_NAME_SIZE - 1,
		.zName = name,
		.pAppData = d,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time };
	rc = sqlite3_vfs_register(&d->vfs, 0);
	assert(rc == SQLITE_OK);
	return d;
}

void disk_free(struct disk **disk)
{
	struct disk *d = *disk;

	*disk = NULL;
	if (d == NULL) {
		return;
	}
	(void)sqlite3_vfs_unregister(&d->vfs);
	for (size_t i = 0; i < DISK_FILES_MAX; i++) {
		if (d->files[i].used) {
			file_remove(&d->files[i]);
		}
	}
	free(d);
}
