/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/verification.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/file.h"
#include "daemon/replacement.h"
#include "daemon/state.h"
#include "ledger/rebuild.h"
#include "ledger/verify.h"

enum {
	VERIFICATION_ZONE_MAX = 65536,
	VERIFICATION_LINE = 40,
};

struct verification {
	const struct config *config;
	const struct maintenance_words *words;
	int lock; /* of the state_dir, when FILE is its book; or -1 */
	struct zone *almaty;
	struct keyring keys;  /* one of which must have signed; empty: that is not looked at */
	struct keyring named; /* those that the book names itself */
	struct verify_options options;
	struct verify *verify;
	bool told; /* a line of progress stands on the terminal */
};

/* ---- what it is held against ---- */

static bool verification_zone(struct verification *v, struct err *err)
{
	char path[CONFIG_VALUE_SIZE + VERIFICATION_LINE];
	struct buffer bytes;
	bool ok;

	(void)snprintf(path, sizeof(path), "%s/Asia/Almaty", v->config->daemon.zoneinfo_dir);
	buffer_init(&bytes, VERIFICATION_ZONE_MAX);
	ok = file_read(path, &bytes, err) && zone_new(buffer_text(&bytes), &v->almaty, err);
	buffer_done(&bytes);
	return ok;
}

/* The keys that the auditor knows: nothing in the state_dir is believed then. */
static bool verification_verifiers(struct verification *v, struct err *err)
{
	for (size_t i = 0; i < v->words->verifier_count; i++) {
		uint8_t public[NOTE_PUBLIC_SIZE];

		if (!note_verifier_public(text_of(v->words->verifiers[i]), public)) {
			return err_set(err, ERR_INPUT,
				"--verifier %s is no Ed25519 verifier key: it is NAME+HASH+BASE64, "
				"as GET /v1/ledger/key tells it",
				v->words->verifiers[i]);
		}
		keyring_add(&v->keys, public);
	}
	return keyring_add_named_in(&v->named, v->words->value, err);
}

/* Those that signed, as the auditor knows them, or where the state_dir has them; an auditor
 * elsewhere has none. */
static bool verification_keys(struct verification *v, struct err *err)
{
	const char *folder = v->config->daemon.state_dir;
	char path[STATE_PATH_SIZE + VERIFICATION_LINE];

	if (v->words->verifier_count > 0) {
		return verification_verifiers(v, err);
	}
	(void)snprintf(path, sizeof(path), "%s/checkpoint.key", folder);
	if (access(path, R_OK) != 0) {
		(void)printf(
			"%s can not be read: signatures are not looked at. With --verifier KEY "
			"they are.\n",
			path);
		return true;
	}
	return state_keys(folder, v->words->value, &v->keys, &v->named, err);
}

/* The auditor's own checkpoint. */
static bool verification_note(struct verification *v, struct err *err)
{
	struct buffer note;
	struct head head;
	bool ok;

	if (v->words->checkpoint == NULL) {
		return true;
	}
	buffer_init(&note, NOTE_SIZE_MAX);
	ok = file_read(v->words->checkpoint, &note, err) &&
	     (v->keys.count > 0 ? keyring_open(&v->keys, buffer_text(&note), &head, err)
				: head_of(buffer_text(&note), &head) ||
					  err_set(err, ERR_INPUT, "%s is no checkpoint of a book",
						  v->words->checkpoint));
	buffer_done(&note);
	if (ok) {
		v->options.size = head.size;
		v->options.root = head.root;
	}
	return ok;
}

/* ---- the file ---- */

/* Nobody writes it: it is not the book of a daemon that runs. */
static enum state_lock verification_lock(struct verification *v, struct err *err)
{
	char book[STATE_PATH_SIZE];
	struct stat ours;
	struct stat theirs;

	if (!state_book(v->config->daemon.state_dir, book) || stat(book, &ours) != 0 ||
		stat(v->words->value, &theirs) != 0 || ours.st_ino != theirs.st_ino ||
		ours.st_dev != theirs.st_dev) {
		return STATE_LOCKED;
	}
	return state_lock(v->config->daemon.state_dir, &v->lock, err);
}

/* ---- the run ---- */

static void verification_found(void *context, const char *fault)
{
	(void)context;
	(void)printf("%s\n", fault);
}

static void verification_progress(void *context, int64_t done, int64_t all)
{
	struct verification *v = context;

	if (isatty(STDERR_FILENO) != 0) {
		(void)fprintf(stderr, "\rverified %3d %%",
			all > 0 ? (int)((double)done * 100 / (double)all) : 0);
		v->told = true;
	}
}

static bool verification_go(struct verification *v, const char *path, struct err *err)
{
	bool ok;

	verify_free(&v->verify);
	v->options.almaty = v->almaty;
	v->options.keys = v->keys.count > 0 ? &v->keys : NULL;
	v->options.named = &v->named;
	v->verify = verify_new(&v->options, verification_found, v);
	ok = v->words->quick ? verify_quick(v->verify, path, verification_progress, err)
			     : verify_file(v->verify, path, verification_progress, err);
	if (v->told) {
		(void)fprintf(stderr, "\r%*s\r", VERIFICATION_LINE, "");
		v->told = false;
	}
	return ok;
}

static void verification_tell_signatures(const struct verification *v)
{
	const struct verify_signed *s = verify_signatures(v->verify);

	if (s->unchecked > 0) {
		(void)printf("Not checked: the signatures of %" PRId64
			     " checkpoint%s, records %" PRId64 " to %" PRId64
			     ", by keys that the book names and that were not given. "
			     "By those given the first %" PRIu64 " records are proven.\n",
			s->unchecked, s->unchecked == 1 ? "" : "s", s->first, s->last, s->size);
	}
}

static void verification_tell(const struct verification *v)
{
	int64_t faults = verify_faults(v->verify);

	if (faults > VERIFY_FAULTS_MAX) {
		(void)printf("... and %" PRId64 " more.\n", faults - VERIFY_FAULTS_MAX);
	}
	(void)printf("%s: %" PRId64 " records, %" PRId64 " rows %s: %" PRId64 " fault%s.\n",
		v->words->value, verify_records(v->verify), verify_rows(v->verify),
		v->words->quick ? "looked at quickly" : "that follow from them", faults,
		faults == 1 ? "" : "s");
	verification_tell_signatures(v);
	if (v->words->quick) {
		(void)printf("Not looked at: whether rows say what their records say, private data "
			     "and evidence, keys, indexes.\nWithout --quick they are.\n");
	}
	if (v->options.size > 0 && faults == 0) {
		(void)printf("It goes on from the checkpoint of %" PRIu64 " records.\n",
			v->options.size);
	}
}

/* All that it is held against, and the first look; ALYMD_STOPPED when nothing failed. */
static enum alymd_status verification_begin(struct verification *v, struct err *err)
{
	enum state_lock lock = verification_lock(v, err);

	if (lock != STATE_LOCKED) {
		return lock == STATE_TAKEN ? ALYMD_TAKEN : ALYMD_SYSTEM;
	}
	if (access(v->words->value, R_OK) != 0) {
		(void)err_set(err, ERR_SYSTEM, "%s", strerror(errno));
		return ALYMD_BOOK;
	}
	if (!verification_keys(v, err) || !verification_note(v, err) ||
		!verification_zone(v, err) || !verification_go(v, v->words->value, err)) {
		return ALYMD_BOOK;
	}
	verification_tell(v);
	return ALYMD_STOPPED;
}

static enum alymd_status verification_end(struct verification *v, enum alymd_status status,
	const char *doing, const struct err *err)
{
	if (err->kind != ERR_NONE) {
		(void)fprintf(stderr, "alymd: %s %s: %s\n", doing, v->words->value, err->message);
	}
	verify_free(&v->verify);
	keyring_done(&v->keys);
	keyring_done(&v->named);
	zone_free(&v->almaty);
	if (v->lock >= 0) {
		(void)close(v->lock);
	}
	return status;
}

enum alymd_status verification_run(const struct config *config,
	const struct maintenance_words *words)
{
	struct verification v = { .config = config, .words = words, .lock = -1 };
	struct err err = { 0 };
	enum alymd_status status;

	assert(words->value != NULL);

	status = verification_begin(&v, &err);
	if (status == ALYMD_STOPPED && verify_faults(v.verify) > 0) {
		status = ALYMD_UNSOUND;
	}
	return verification_end(&v, status, "verify", &err);
}

/* ---- written anew ---- */

/* Whose the old one is, and for nobody else. */
static bool verification_own(const char *fresh, const char *file, struct err *err)
{
	struct stat old;

	return (stat(file, &old) == 0 &&
		       chmod(fresh, old.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) == 0 &&
		       chown(fresh, old.st_uid, old.st_gid) == 0) ||
	       err_set(err, ERR_SYSTEM, "give %s to whom %s belongs: %s", fresh, file,
		       strerror(errno));
}

static enum alymd_status verification_rebuild(struct verification *v, struct err *err)
{
	const char *file = v->words->value;
	char fresh[REPLACEMENT_PATH_SIZE];
	char kept[REPLACEMENT_PATH_SIZE];
	int64_t faults = verify_faults(v->verify);
	int size = snprintf(fresh, sizeof(fresh), "%s.rebuild", file);

	if (faults == 0) {
		(void)printf("Nothing is to be mended: the file stays as it is.\n");
		return ALYMD_STOPPED;
	}
	if (size < 0 || (size_t)size >= sizeof(fresh)) {
		(void)err_set(err, ERR_LIMIT, "the path is too long");
		return ALYMD_SYSTEM;
	}
	(void)umask(S_IRWXG | S_IRWXO);
	(void)unlink(fresh);
	if (!rebuild_file(file, fresh, v->almaty, err) || !verification_go(v, fresh, err)) {
		(void)unlink(fresh);
		return ALYMD_BOOK;
	}
	if (verify_faults(v->verify) > 0) {
		(void)unlink(fresh);
		(void)printf("Written anew it has %" PRId64
			     " faults still, so the file stays as it is: "
			     "what only a row had is not in the records. Go back to a backup.\n",
			verify_faults(v->verify));
		return ALYMD_UNSOUND;
	}
	if (!verification_own(fresh, file, err) || !replacement_make(fresh, file, kept, err)) {
		return ALYMD_SYSTEM;
	}
	(void)printf("Written anew from the records: %" PRId64 " faults are mended.\n"
		     "The file that was there is kept as %s.\n",
		faults, kept);
	return ALYMD_STOPPED;
}

enum alymd_status verification_rebuild_run(const struct config *config,
	const struct maintenance_words *words)
{
	struct verification v = { .config = config, .words = words, .lock = -1 };
	struct err err = { 0 };
	enum alymd_status status;

	assert(words->value != NULL);

	status = verification_begin(&v, &err);
	if (status == ALYMD_STOPPED) {
		status = verification_rebuild(&v, &err);
	}
	return verification_end(&v, status, "rebuild", &err);
}
