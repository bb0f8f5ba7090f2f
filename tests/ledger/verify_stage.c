/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/ledger/verify_stage.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/almaty.h"
#include "tests/alym_test.h"

enum { TOLD_MAX = 1 << 20, VERIFY_STAGE_PAGE = 4096 };

struct verify_stage *verify_stage_new_crowded(int64_t window, int crowd)
{
	static const uint8_t seeds[VERIFY_STAGE_KEYS] = { FULL_SEED_BYTE, FULL_LATER_BYTE };
	struct verify_stage *stage = mem_new(1, sizeof(*stage));

	stage->zone = almaty_zone();
	buffer_init(&stage->told, TOLD_MAX);
	for (size_t i = 0; i < VERIFY_STAGE_KEYS; i++) {
		uint8_t seed[NOTE_SEED_SIZE];
		struct note_key *key = NULL;

		memset(seed, seeds[i], sizeof(seed));
		assert_true(note_key_new(seed, "auditor", &key, NULL));
		keyring_add(&stage->keys, note_key_public(key));
		note_key_free(&key);
	}
	stage->scene.keys_window = window;
	scene_open(&stage->scene);
	full_build(&stage->scene);
	full_crowd(&stage->scene, 'Z', crowd);
	(void)snprintf(stage->copy, sizeof(stage->copy), "%s/copy.db", stage->scene.folder);
	reader_close(&stage->scene.reader);
	book_close(&stage->scene.book);
	return stage;
}

struct verify_stage *verify_stage_new(int64_t window)
{
	return verify_stage_new_crowded(window, 0);
}

void verify_stage_remove(const struct verify_stage *stage)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < COUNT(ends); i++) {
		char path[160];

		(void)snprintf(path, sizeof(path), "%s%s", stage->copy, ends[i]);
		(void)unlink(path);
	}
}

void verify_stage_free(struct verify_stage **stage)
{
	struct verify_stage *s = *stage;

	*stage = NULL;
	verify_stage_remove(s);
	scene_close(&s->scene);
	zone_free(&s->zone);
	keyring_done(&s->keys);
	buffer_done(&s->told);
	free(s);
}

static void verify_stage_tell(void *context, const char *fault)
{
	struct buffer *told = context;

	buffer_add_string(told, fault);
	buffer_add_char(told, '\n');
}

struct verify *verify_stage_begin(struct verify_stage *stage, const struct verify_options *more)
{
	struct verify_options options = { .almaty = stage->zone, .keys = &stage->keys };

	if (more != NULL) {
		options.size = more->size;
		options.root = more->root;
		options.keys = more->keys != NULL ? more->keys : options.keys;
		options.named = more->named;
		options.wanted = more->wanted;
		options.wanted_context = more->wanted_context;
	}
	buffer_reset(&stage->told);
	return verify_new(&options, verify_stage_tell, &stage->told);
}

void verify_stage_copy(struct verify_stage *stage)
{
	verify_stage_remove(stage);
	full_copy(stage->scene.path, stage->copy);
}

void verify_stage_tamper(struct verify_stage *stage, const char *sql)
{
	char *why = NULL;
	sqlite3 *db = NULL;

	verify_stage_copy(stage);
	assert_int_equal(sqlite3_open(stage->copy, &db), SQLITE_OK);
	assert_int_equal(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF",
				 NULL, NULL, NULL),
		SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK) {
		fail_msg("%s: %s", sql, why);
	}
	if (sqlite3_total_changes(db) == 0) {
		fail_msg("%s: changes nothing", sql);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- bytes ---- */

static char *verify_stage_read(const struct verify_stage *stage, size_t *size)
{
	FILE *file = fopen(stage->copy, "rb");
	char *bytes;
	long end;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	end = ftell(file);
	assert_true(end > 0);
	rewind(file);
	*size = (size_t)end;
	bytes = mem_new(*size, 1);
	assert_int_equal(fread(bytes, 1, *size, file), *size);
	assert_int_equal(fclose(file), 0);
	return bytes;
}

static void verify_stage_write(const struct verify_stage *stage, const char *bytes, size_t size)
{
	FILE *file = fopen(stage->copy, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

void verify_stage_patch(const struct verify_stage *stage, const struct verify_stage_bytes *bytes)
{
	size_t size;
	char *file = verify_stage_read(stage, &size);
	size_t found = 0;

	for (size_t i = 0; i + bytes->size <= size; i++) {
		if (memcmp(file + i, bytes->bytes, bytes->size) == 0) {
			memcpy(file + i, bytes->others, 2);
			found++;
		}
	}
	assert_true(found > 0);
	verify_stage_write(stage, file, size);
	free(file);
}

void verify_stage_break(const struct verify_stage *stage, const char *text)
{
	size_t size;
	char *file = verify_stage_read(stage, &size);
	size_t last = 0;

	for (size_t i = 0; i + strlen(text) <= size; i++) {
		last = memcmp(file + i, text, strlen(text)) == 0 ? i : last;
	}
	assert_true(last > VERIFY_STAGE_PAGE);
	memset(file + last / VERIFY_STAGE_PAGE * VERIFY_STAGE_PAGE, 0xff, 1); /* its kind */
	verify_stage_write(stage, file, size);
	free(file);
}
