/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/note.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The type of a key whose signature is Ed25519 over the note's text, in C2SP signed-note. */
enum { NOTE_TYPE_ED25519 = 0x01 };

enum {
	NOTE_SIGNATURE_SIZE = 64,
	NOTE_ID_SIZE = 4,
	NOTE_TYPED_SIZE = 1 + NOTE_PUBLIC_SIZE,                /* the type and the public key */
	NOTE_SIGNED_SIZE = NOTE_ID_SIZE + NOTE_SIGNATURE_SIZE, /* what a signature line encodes */
	NOTE_BASE64_MAX = 92,                                  /* of the longest of those */
};

#define NOTE_DASH              "\xE2\x80\x94 " /* every signature line begins with an em dash */
#define NOTE_BASE64_SIZE(size) (((size) + 2) / 3 * 4)

_Static_assert(NOTE_BASE64_SIZE(NOTE_SIGNED_SIZE) == NOTE_BASE64_MAX, "the longest base64 fits");
_Static_assert(3 * NOTE_NAME_SIZE + 21 + NOTE_BASE64_SIZE(TREE_HASH_SIZE) + 2 * NOTE_BASE64_MAX +
			       24 <
		       NOTE_TEXT_SIZE,
	"three names, a number of 20 digits, a root, two signatures and what joins them");
_Static_assert(NOTE_NAME_SIZE + 10 + NOTE_BASE64_SIZE(NOTE_TYPED_SIZE) < NOTE_VERIFIER_SIZE,
	"a name, two pluses, eight digits and a key");

struct note_key {
	EVP_PKEY *pkey;
	char name[NOTE_NAME_SIZE];
	uint8_t typed[NOTE_TYPED_SIZE];
	uint8_t id[NOTE_ID_SIZE];
};

/* A key to verify by. */
struct note_verifier {
	struct text name;
	uint8_t typed[NOTE_TYPED_SIZE];
	uint8_t id[NOTE_ID_SIZE];
};

/* ---- parts ---- */

/* Visible ASCII without a plus: signed-note forbids spaces and pluses, and we need no more. */
static bool note_name_is_sane(struct text name)
{
	assert(name.bytes != NULL || name.size == 0);

	for (size_t i = 0; i < name.size; i++) {
		if (name.bytes[i] <= ' ' || name.bytes[i] > '~' || name.bytes[i] == '+') {
			return false;
		}
	}
	return name.size > 0 && name.size < NOTE_NAME_SIZE;
}

/* The first bytes of SHA-256(name || LF || type || public key). */
static bool note_key_id(struct text name, const uint8_t typed[NOTE_TYPED_SIZE],
	uint8_t id[NOTE_ID_SIZE], struct err *err)
{
	uint8_t bytes[NOTE_NAME_SIZE + NOTE_TYPED_SIZE];
	uint8_t hash[EVP_MAX_MD_SIZE];

	assert(note_name_is_sane(name));
	assert(typed[0] == NOTE_TYPE_ED25519);

	memcpy(bytes, name.bytes, name.size);
	bytes[name.size] = '\n';
	memcpy(bytes + name.size + 1, typed, NOTE_TYPED_SIZE);
	if (EVP_Digest(bytes, name.size + 1 + NOTE_TYPED_SIZE, hash, NULL, EVP_sha256(), NULL) !=
		1) {
		return err_set(err, ERR_CRYPTO, "hash a checkpoint key");
	}
	memcpy(id, hash, NOTE_ID_SIZE);
	return true;
}

/* Base64 with padding, and a NUL. */
static void note_encode(const uint8_t *bytes, size_t size, char out[NOTE_BASE64_MAX + 1])
{
	int length;

	assert(bytes != NULL);
	assert(NOTE_BASE64_SIZE(size) <= NOTE_BASE64_MAX);

	length = EVP_EncodeBlock((unsigned char *)out, bytes, (int)size);
	assert((size_t)length == NOTE_BASE64_SIZE(size));
}

/* Exactly `size` bytes, in the one spelling that note_encode() gives; OpenSSL alone would take
 * many. */
static bool note_decode(struct text base64, uint8_t *bytes, size_t size)
{
	uint8_t decoded[NOTE_BASE64_MAX];
	char again[NOTE_BASE64_MAX + 1];

	assert(bytes != NULL);
	assert(NOTE_BASE64_SIZE(size) <= NOTE_BASE64_MAX);

	if (base64.size != NOTE_BASE64_SIZE(size) ||
		EVP_DecodeBlock(decoded, (const unsigned char *)base64.bytes, (int)base64.size) <
			0) {
		return false;
	}
	note_encode(decoded, size, again);
	if (!text_is(base64, again)) {
		return false;
	}
	memcpy(bytes, decoded, size);
	return true;
}

/* Takes what stands before the first `end` off the front of `t`, and `end` with it. */
static bool note_take(struct text *t, char end, struct text *part)
{
	const char *at;

	assert(t != NULL);
	assert(part != NULL);

	at = t->size > 0 ? memchr(t->bytes, end, t->size) : NULL;
	if (at == NULL) {
		return false;
	}
	*part = (struct text){ .bytes = t->bytes, .size = (size_t)(at - t->bytes) };
	*t = (struct text){ .bytes = at + 1, .size = t->size - part->size - 1 };
	return true;
}

/* The text before the last empty line, and the signature lines after it. */
static bool note_split(struct text note, struct text *text, struct text *lines)
{
	assert(text != NULL);
	assert(lines != NULL);

	for (size_t i = note.size; i >= 2; i--) {
		if (note.bytes[i - 1] == '\n' && note.bytes[i - 2] == '\n') {
			*text = (struct text){ .bytes = note.bytes, .size = i - 1 };
			*lines = (struct text){ .bytes = note.bytes + i, .size = note.size - i };
			return true;
		}
	}
	return false;
}

/* ---- signing ---- */

bool note_key_new(const uint8_t seed[NOTE_SEED_SIZE], const char *name, struct note_key **key,
	struct err *err)
{
	struct note_key *k = mem_new(1, sizeof(*k));
	size_t size = NOTE_PUBLIC_SIZE;
	bool ok = false;

	assert(seed != NULL);
	assert(key != NULL);
	assert(*key == NULL);

	if (!note_name_is_sane(text_of(name)) ||
		!text_copy(text_of(name), k->name, sizeof(k->name))) {
		(void)err_set(err, ERR_INPUT, "make a checkpoint key: the name can not be one");
		goto out;
	}
	k->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_SEED_SIZE);
	if (k->pkey == NULL || EVP_PKEY_get_raw_public_key(k->pkey, k->typed + 1, &size) != 1) {
		(void)err_set(err, ERR_CRYPTO, "make a checkpoint key");
		goto out;
	}
	assert(size == NOTE_PUBLIC_SIZE);
	k->typed[0] = NOTE_TYPE_ED25519;
	if (!note_key_id(text_of(k->name), k->typed, k->id, err)) {
		goto out;
	}
	*key = k;
	k = NULL; /* the caller's now */
	ok = true;
out:
	note_key_free(&k);
	return ok;
}

bool note_key_named(const struct note_key *key, const char *name, struct note_key **named,
	struct err *err)
{
	struct note_key *k;

	assert(key != NULL);
	assert(named != NULL);
	assert(*named == NULL);

	if (!note_name_is_sane(text_of(name))) {
		return err_set(err, ERR_INPUT, "make a checkpoint key: the name can not be one");
	}
	k = mem_copy(key, sizeof(*key));
	(void)EVP_PKEY_up_ref(k->pkey);
	if (!text_copy(text_of(name), k->name, sizeof(k->name)) ||
		!note_key_id(text_of(k->name), k->typed, k->id, err)) {
		note_key_free(&k);
		return false;
	}
	*named = k;
	return true;
}

void note_key_free(struct note_key **key)
{
	struct note_key *k;

	assert(key != NULL);

	k = *key;
	*key = NULL;
	if (k == NULL) {
		return;
	}
	EVP_PKEY_free(k->pkey); /* OpenSSL clears what it frees of a private key */
	mem_wipe(k, sizeof(*k));
	free(k);
}

const uint8_t *note_key_public(const struct note_key *key)
{
	assert(key != NULL);

	return key->typed + 1;
}

const char *note_key_name(const struct note_key *key)
{
	assert(key != NULL);

	return key->name;
}

static void note_write_verifier(struct text name, const uint8_t id[NOTE_ID_SIZE],
	const uint8_t typed[NOTE_TYPED_SIZE], char out[NOTE_VERIFIER_SIZE])
{
	char base64[NOTE_BASE64_MAX + 1];
	char digits[2 * NOTE_ID_SIZE + 1];
	int size;

	assert(out != NULL);

	text_hex(id, NOTE_ID_SIZE, digits);
	note_encode(typed, NOTE_TYPED_SIZE, base64);
	size = snprintf(out, NOTE_VERIFIER_SIZE, "%.*s+%s+%s", TEXT_ARGS(name), digits, base64);
	assert(size > 0 && size < NOTE_VERIFIER_SIZE);
}

const char *note_key_verifier(const struct note_key *key, char out[NOTE_VERIFIER_SIZE])
{
	assert(key != NULL);

	note_write_verifier(text_of(key->name), key->id, key->typed, out);
	return out;
}

/* The key's id and its signature of the text. */
static bool note_key_sign(const struct note_key *key, struct text text,
	uint8_t signed_id[NOTE_SIGNED_SIZE], struct err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = NOTE_SIGNATURE_SIZE;
	bool ok;

	assert(key != NULL);
	assert(text.size > 0);

	memcpy(signed_id, key->id, NOTE_ID_SIZE);
	ok = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
	     EVP_DigestSign(context, signed_id + NOTE_ID_SIZE, &size,
		     (const unsigned char *)text.bytes, text.size) == 1;
	EVP_MD_CTX_free(context);
	if (!ok) {
		return err_set(err, ERR_CRYPTO, "sign a checkpoint");
	}
	assert(size == NOTE_SIGNATURE_SIZE);
	return true;
}

bool note_sign(const struct note_key *key, uint64_t size, const struct tree_hash *root,
	char out[NOTE_TEXT_SIZE], struct err *err)
{
	uint8_t signed_id[NOTE_SIGNED_SIZE];
	char base64[NOTE_BASE64_MAX + 1];
	char text[NOTE_TEXT_SIZE];
	int length;

	assert(key != NULL);
	assert(size <= INT64_MAX);
	assert(root != NULL);

	note_encode(root->bytes, TREE_HASH_SIZE, base64);
	length = snprintf(text, sizeof(text), "%s\n%" PRIu64 "\n%s\n", key->name, size, base64);
	assert(length > 0 && (size_t)length < sizeof(text));
	if (!note_key_sign(key, (struct text){ text, (size_t)length }, signed_id, err)) {
		return false;
	}
	note_encode(signed_id, NOTE_SIGNED_SIZE, base64);
	length = snprintf(out, NOTE_TEXT_SIZE, "%s\n" NOTE_DASH "%s %s\n", text, key->name, base64);
	assert(length > 0 && length < NOTE_TEXT_SIZE);
	return true;
}

bool note_cosign(const struct note_key *key, char note[NOTE_TEXT_SIZE], struct err *err)
{
	uint8_t signed_id[NOTE_SIGNED_SIZE];
	char base64[NOTE_BASE64_MAX + 1];
	size_t size = strlen(note);
	struct text text;
	struct text lines;
	bool split = note_split((struct text){ note, size }, &text, &lines);
	int length;

	assert(key != NULL);
	assert(split && lines.size > 0);

	if (!note_key_sign(key, text, signed_id, err)) {
		return false;
	}
	note_encode(signed_id, NOTE_SIGNED_SIZE, base64);
	length = snprintf(note + size, NOTE_TEXT_SIZE - size, NOTE_DASH "%s %s\n", key->name,
		base64);
	assert(length > 0 && (size_t)length < NOTE_TEXT_SIZE - size);
	return true;
}

/* ---- verifying ---- */

/* "<name>+<id>+<base64>", the id being what the rest says it is. */
static bool note_verifier_parse(struct text t, struct note_verifier *verifier, struct err *err)
{
	struct text id;
	uint8_t stated[NOTE_ID_SIZE];

	assert(verifier != NULL);

	if (!note_take(&t, '+', &verifier->name) || !note_name_is_sane(verifier->name) ||
		!note_take(&t, '+', &id) || !text_unhex(id, stated, sizeof(stated)) ||
		!note_decode(t, verifier->typed, sizeof(verifier->typed)) ||
		verifier->typed[0] != NOTE_TYPE_ED25519) {
		return err_set(err, ERR_INPUT, "read a verifier key: not an Ed25519 one");
	}
	if (!note_key_id(verifier->name, verifier->typed, verifier->id, err)) {
		return false;
	}
	if (memcmp(stated, verifier->id, sizeof(stated)) != 0) {
		return err_set(err, ERR_INPUT, "read a verifier key: its id is not its own");
	}
	return true;
}

bool note_verifier_write(const uint8_t public[NOTE_PUBLIC_SIZE], struct text name,
	char out[NOTE_VERIFIER_SIZE], struct err *err)
{
	uint8_t typed[NOTE_TYPED_SIZE] = { NOTE_TYPE_ED25519 };
	uint8_t id[NOTE_ID_SIZE];

	assert(public != NULL);

	if (!note_name_is_sane(name)) {
		return err_set(err, ERR_INPUT, "name a verifier key: the name can not be one");
	}
	memcpy(typed + 1, public, NOTE_PUBLIC_SIZE);
	if (!note_key_id(name, typed, id, err)) {
		return false;
	}
	note_write_verifier(name, id, typed, out);
	return true;
}

bool note_verifier_public(struct text verifier, uint8_t out[NOTE_PUBLIC_SIZE])
{
	struct note_verifier parsed;

	assert(out != NULL);

	if (!note_verifier_parse(verifier, &parsed, NULL)) {
		return false;
	}
	memcpy(out, parsed.typed + 1, NOTE_PUBLIC_SIZE);
	return true;
}

static bool note_signature_holds(const struct note_verifier *verifier, struct text text,
	const uint8_t signature[NOTE_SIGNATURE_SIZE])
{
	EVP_PKEY *pkey;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok;

	assert(verifier != NULL);
	assert(text.size > 0);

	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, verifier->typed + 1,
		NOTE_PUBLIC_SIZE);
	ok = pkey != NULL && context != NULL &&
	     EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
	     EVP_DigestVerify(context, signature, NOTE_SIGNATURE_SIZE,
		     (const unsigned char *)text.bytes, text.size) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(pkey);
	return ok;
}

enum note_line { NOTE_LINE_OTHER, NOTE_LINE_GOOD, NOTE_LINE_BAD };

/* Judges one signature line; those of other keys - witnesses - are not ours to judge. */
static enum note_line note_judge(const struct note_verifier *verifier, struct text text,
	struct text line)
{
	struct text dash = TEXT(NOTE_DASH);
	struct text name;
	uint8_t signed_id[NOTE_SIGNED_SIZE];

	assert(verifier != NULL);

	if (!text_starts(line, dash)) {
		return NOTE_LINE_BAD;
	}
	line = (struct text){ .bytes = line.bytes + dash.size, .size = line.size - dash.size };
	if (!note_take(&line, ' ', &name) || name.size == 0 || line.size == 0) {
		return NOTE_LINE_BAD;
	}
	if (!text_equal(name, verifier->name) || !note_decode(line, signed_id, sizeof(signed_id)) ||
		memcmp(signed_id, verifier->id, NOTE_ID_SIZE) != 0) {
		return NOTE_LINE_OTHER;
	}
	return note_signature_holds(verifier, text, signed_id + NOTE_ID_SIZE) ? NOTE_LINE_GOOD
									      : NOTE_LINE_BAD;
}

/* At least one good line, and no bad one. */
static bool note_is_signed(const struct note_verifier *verifier, struct text text,
	struct text lines, struct err *err)
{
	bool good = false;

	assert(verifier != NULL);
	assert(text.size > 0);

	while (lines.size > 0) {
		struct text line;
		enum note_line judgement = NOTE_LINE_BAD;

		if (note_take(&lines, '\n', &line)) {
			judgement = note_judge(verifier, text, line);
		}
		if (judgement == NOTE_LINE_BAD) {
			return err_set(err, ERR_INPUT, "open a checkpoint: a bad signature");
		}
		good = good || judgement == NOTE_LINE_GOOD;
	}
	if (!good) {
		return err_set(err, ERR_INPUT, "open a checkpoint: not signed by this key");
	}
	return true;
}

/* The first three lines; what may follow are extensions, which are not ours to judge. */
static bool note_read(struct text text, struct text origin, uint64_t *size, struct tree_hash *root)
{
	struct text line;
	struct text number;
	struct text base64;
	int64_t count;

	assert(size != NULL);
	assert(root != NULL);

	if (!note_take(&text, '\n', &line) || !text_equal(line, origin) ||
		!note_take(&text, '\n', &number) || !text_parse_integer(number, &count) ||
		(number.size > 1 && number.bytes[0] == '0') || !note_take(&text, '\n', &base64) ||
		!note_decode(base64, root->bytes, sizeof(root->bytes))) {
		return false;
	}
	*size = (uint64_t)count;
	return true;
}

bool note_open(struct text note, struct text verifier, uint64_t *size, struct tree_hash *root,
	struct err *err)
{
	struct note_verifier v = { 0 };
	struct text text;
	struct text lines;
	struct tree_hash stated_root = { 0 };
	uint64_t stated_size = 0;

	assert(size != NULL);
	assert(root != NULL);

	if (!note_verifier_parse(verifier, &v, err)) {
		return false;
	}
	if (note.size > NOTE_SIZE_MAX) {
		return err_set(err, ERR_LIMIT, "open a checkpoint: longer than %d bytes",
			NOTE_SIZE_MAX);
	}
	if (!note_split(note, &text, &lines)) {
		return err_set(err, ERR_INPUT, "open a checkpoint: not a signed note");
	}
	if (!note_is_signed(&v, text, lines, err)) {
		return false;
	}
	if (!note_read(text, v.name, &stated_size, &stated_root)) {
		return err_set(err, ERR_INPUT, "open a checkpoint: signed, but no checkpoint");
	}
	*size = stated_size;
	*root = stated_root;
	return true;
}

bool note_parse(struct text note, struct text *origin, uint64_t *size, struct tree_hash *root)
{
	struct text text;
	struct text lines;
	struct text rest;

	assert(origin != NULL);

	if (note.size > NOTE_SIZE_MAX || !note_split(note, &text, &lines)) {
		return false;
	}
	rest = text;
	return note_take(&rest, '\n', origin) && note_read(text, *origin, size, root);
}
