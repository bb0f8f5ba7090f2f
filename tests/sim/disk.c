/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/disk.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/sim/medium.h"
#include "tests/sim/random.h"

struct disk {
	sqlite3_vfs vfs;
	struct random random;
	struct medium medium;
	bool dead;
	bool held;
	enum disk_fault fault;
	int64_t fault_in; /* calls until it happens */
	int page_size;
	bool full; /* the last write that failed had no room */
	struct disk_figures figures;
};

/* What SQLite holds of an open file. */
struct disk_handle {
	sqlite3_file base;
	struct disk *disk;
	struct medium_file *file;
	bool own;       /* the database itself, in the hands of who may write it */
	bool temporary; /* nobody else has its name; it goes when it is closed */
	bool mapped;
	int lock;
};

static struct disk_handle *handle_of(sqlite3_file *f)
{
	return (struct disk_handle *)(void *)f;
}

/* ---- faults ---- */

void disk_die(struct disk *d)
{
	d->dead = true;
}

bool disk_is_dead(const struct disk *d)
{
	return d->dead;
}

void disk_revive(struct disk *d)
{
	for (size_t i = 0; i < MEDIUM_FILES_MAX; i++) {
		medium_forget_regions(&d->medium.files[i]);
		d->medium.files[i].region_users = 0;
		d->medium.files[i].shared = 0;
	}
	d->dead = false;
	d->fault = DISK_FAULTLESS;
}

void disk_crash(struct disk *d)
{
	medium_crash(&d->medium);
	disk_revive(d);
}

void disk_fault(struct disk *d, enum disk_fault fault, int64_t n)
{
	assert(fault == DISK_FAULTLESS || n > 0);
	assert(fault <= DISK_FILE_CUT);

	d->fault = fault;
	d->fault_in = n;
}

void disk_hold(struct disk *d, bool held)
{
	d->held = held;
}

struct disk_figures disk_figures(const struct disk *d)
{
	struct disk_figures figures = d->figures;

	figures.lost = d->medium.lost;
	return figures;
}

enum disk_call { DISK_READ = 1, DISK_WRITE = 2, DISK_CHANGE = 4, DISK_SYNC = 8 };

/* Which calls a fault befalls, of any file or only of the database's own. */
static const struct {
	unsigned calls;
	bool own;
} disk_faults[] = {
	[DISK_READ_FAILS] = { DISK_READ, false },
	[DISK_WRITE_FAILS] = { DISK_WRITE | DISK_CHANGE, false },
	[DISK_IS_FULL] = { DISK_WRITE, false },
	[DISK_SYNC_FAILS] = { DISK_SYNC, false },
	[DISK_CUT] = { DISK_WRITE | DISK_CHANGE | DISK_SYNC, false },
	[DISK_FILE_READ_FAILS] = { DISK_READ, true },
	[DISK_FILE_WRITE_FAILS] = { DISK_WRITE | DISK_CHANGE, true },
	[DISK_FILE_SYNC_FAILS] = { DISK_SYNC, true },
	[DISK_FILE_CUT] = { DISK_WRITE | DISK_CHANGE | DISK_SYNC, true },
};

/* Whether this call is the one that fails. */
static bool disk_strikes(struct disk *d, enum disk_call call, bool own)
{
	enum disk_fault fault = d->fault;

	if (d->held || fault == DISK_FAULTLESS || (disk_faults[fault].calls & call) == 0 ||
		(disk_faults[fault].own && !own) || --d->fault_in > 0) {
		return false;
	}
	d->fault = DISK_FAULTLESS;
	d->dead = fault == DISK_CUT || fault == DISK_FILE_CUT;
	d->full = fault == DISK_IS_FULL;
	d->figures.faults++;
	d->figures.unwritten += call != DISK_READ;
	return true;
}

/* ---- SQLite's methods of a file ---- */

static int io_read(sqlite3_file *f, void *out, int size, sqlite3_int64 offset)
{
	struct disk_handle *h = handle_of(f);
	size_t have;

	if (h->disk->dead || disk_strikes(h->disk, DISK_READ, h->own)) {
		return SQLITE_IOERR_READ;
	}
	memset(out, 0, (size_t)size);
	have = medium_read(h->file, out, (size_t)size, (size_t)offset);
	return have == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int io_write(sqlite3_file *f, const void *bytes, int size, sqlite3_int64 offset)
{
	struct disk_handle *h = handle_of(f);
	struct disk *d = h->disk;
	size_t part;

	if (d->dead) {
		return SQLITE_IOERR_WRITE;
	}
	if (disk_strikes(d, DISK_WRITE, h->own)) {
		part = (size_t)random_below(&d->random, (uint64_t)size + 1);
		if (part > 0 && random_chance(&d->random, 500)) {
			medium_write(h->file, bytes, part, (size_t)offset);
		}
		return d->full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	d->figures.writes++;
	medium_write(h->file, bytes, (size_t)size, (size_t)offset);
	return SQLITE_OK;
}

static int io_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct disk_handle *h = handle_of(f);
	struct disk *d = h->disk;

	if (d->dead || disk_strikes(d, DISK_CHANGE, h->own)) {
		return SQLITE_IOERR_TRUNCATE;
	}
	medium_truncate(h->file, (size_t)size);
	return SQLITE_OK;
}

static int io_sync(sqlite3_file *f, int flags)
{
	struct disk_handle *h = handle_of(f);
	struct disk *d = h->disk;

	(void)flags;
	if (d->dead) {
		return SQLITE_IOERR_FSYNC;
	}
	if (disk_strikes(d, DISK_SYNC, h->own)) {
		if (!d->dead) {
			medium_sync_fails(&d->medium, h->file);
		}
		return SQLITE_IOERR_FSYNC;
	}
	d->figures.syncs++;
	medium_sync(&d->medium, h->file);
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
	return MEDIUM_SECTOR;
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

	if (region >= MEDIUM_REGIONS_MAX || h->disk->dead) {
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
		medium_forget_regions(h->file);
	}
	return SQLITE_OK;
}

static int io_close(sqlite3_file *f)
{
	struct disk_handle *h = handle_of(f);

	(void)io_unlock(f, SQLITE_LOCK_NONE);
	(void)io_shm_unmap(f, 0);
	if (h->temporary) {
		medium_remove(h->file, true);
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
	struct medium_file *file = name != NULL ? medium_find(&d->medium, name) : NULL;

	h->base.pMethods = NULL;
	if (d->dead || (file == NULL && (flags & SQLITE_OPEN_CREATE) == 0 && name != NULL)) {
		return SQLITE_CANTOPEN;
	}
	if (file == NULL) {
		file = medium_create(&d->medium, name != NULL ? name : "");
	}
	if (file == NULL) {
		return SQLITE_CANTOPEN;
	}
	*h = (struct disk_handle){ .base.pMethods = &io_methods,
		.disk = d,
		.file = file,
		.own = (flags & SQLITE_OPEN_MAIN_DB) != 0 && (flags & SQLITE_OPEN_READWRITE) != 0,
		.temporary = name == NULL };
	if (out_flags != NULL) {
		*out_flags = flags;
	}
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct disk *d = vfs->pAppData;
	struct medium_file *file = medium_find(&d->medium, name);

	if (d->dead || disk_strikes(d, DISK_CHANGE, false)) {
		return SQLITE_IOERR_DELETE;
	}
	if (file == NULL) {
		return SQLITE_IOERR_DELETE_NOENT;
	}
	medium_remove(file, sync_folder != 0);
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)flags;
	*out = medium_find(&((struct disk *)vfs->pAppData)->medium, name) != NULL;
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

/* Every connection of the process comes by here; those of another VFS go on. */
static int disk_connected(sqlite3 *db, char **message, const struct sqlite3_api_routines *api)
{
	sqlite3_vfs *vfs = NULL;
	char pragma[64];

	(void)message;
	(void)api;
	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK ||
		vfs->xOpen != vfs_open) {
		return SQLITE_OK;
	}
	(void)sqlite3_snprintf((int)sizeof(pragma), pragma, "PRAGMA page_size = %d",
		((struct disk *)vfs->pAppData)->page_size);
	return sqlite3_exec(db, pragma, NULL, NULL, NULL);
}

void disk_set_page_size(struct disk *d, int size)
{
	d->page_size = size;
	(void)sqlite3_auto_extension((void (*)(void))disk_connected);
}

struct disk *disk_new(const char *name, uint64_t seed)
{
	struct disk *d = mem_new(1, sizeof(*d));
	int rc;

	d->random.state = seed;
	d->medium.random = &d->random;
	d->vfs = (sqlite3_vfs){ .iVersion = 1,
		.szOsFile = sizeof(struct disk_handle),
		.mxPathname = MEDIUM_NAME_SIZE - 1,
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
	medium_done(&d->medium);
	free(d);
}
