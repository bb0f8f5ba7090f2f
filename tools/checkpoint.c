/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/checkpoint.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

enum {
	CHECKPOINT_ED25519 = 0x01, /* the kind of key and signature, by C2SP signed-note */
	CHECKPOINT_SIGNATURE_SIZE = 64,
	CHECKPOINT_BLOB_SIZE = 96, /* room for the largest thing in base64 here */
};

/* Before each signature: an em dash and a space. */
#define CHECKPOINT_DASH TEXT("\xE2\x80\x94 ")

_Static_assert(CHECKPOINT_ID_SIZE + CHECKPOINT_SIGNATURE_SIZE + 2 <= CHECKPOINT_BLOB_SIZE,
	"a signature fits, also with what padding decodes to");

/* Takes the text before the first `stop` off *rest, and the stop with it; false: there is none. */
static bool checkpoint_take(struct text *rest, char stop, struct text *taken)
{
	const char *at = rest->size > 0 ? memchr(rest->bytes, stop, rest->size) : NULL;

	if (at == NULL) {
		return false;
	}
	*taken = (struct text){ rest->bytes, (size_t)(at - rest->bytes) };
	rest->bytes += taken->size + 1;
	rest->size -= taken->size + 1;
	return true;
}

/* Exactly `size` bytes, written in the one way there is. */
static bool checkpoint_decode(struct text base64, uint8_t *bytes, size_t size)
{
	unsigned char blob[CHECKPOINT_BLOB_SIZE];
	char again[CHECKPOINT_BLOB_SIZE / 3 * 4 + 1];

	assert(size + 2 <= sizeof(blob));

	if (base64.size != (size + 2) / 3 * 4 ||
		EVP_DecodeBlock(blob, (const unsigned char *)base64.bytes, (int)base64.size) < 0) {
		return false;
	}
	(void)EVP_EncodeBlock((unsigned char *)again, blob, (int)size);
	if (!text_is(base64, again)) {
		return false;
	}
	memcpy(bytes, blob, size);
	return true;
}

/* The first four bytes of SHA-256(name || LF || 0x01 || key). */
static void checkpoint_key_id(const struct checkpoint_key *key, uint8_t id[CHECKPOINT_ID_SIZE])
{
	unsigned char bytes[CHECKPOINT_NAME_SIZE + 2 + CHECKPOINT_KEY_SIZE];
	unsigned char digest[SHA256_DIGEST_LENGTH];
	size_t size = strlen(key->name);

	memcpy(bytes, key->name, size);
	bytes[size++] = '\n';
	bytes[size++] = CHECKPOINT_ED25519;
	memcpy(bytes + size, key->bytes, CHECKPOINT_KEY_SIZE);
	(void)SHA256(bytes, size + CHECKPOINT_KEY_SIZE, digest);
	memcpy(id, digest, CHECKPOINT_ID_SIZE);
}

bool checkpoint_key_read(struct text verifier, struct checkpoint_key *key, struct err *err)
{
	struct checkpoint_key read = { 0 };
	uint8_t typed[1 + CHECKPOINT_KEY_SIZE];
	uint8_t id[CHECKPOINT_ID_SIZE];
	struct text rest = verifier;
	struct text name;
	struct text hex;

	if (!checkpoint_take(&rest, '+', &name) || !checkpoint_take(&rest, '+', &hex) ||
		!text_copy(name, read.name, sizeof(read.name)) || name.size == 0 ||
		!text_unhex(hex, read.id, sizeof(read.id)) ||
		!checkpoint_decode(rest, typed, sizeof(typed))) {
		return err_set(err, ERR_INPUT, "not a verifier key: \"%.*s\"", TEXT_ARGS(verifier));
	}
	if (typed[0] != CHECKPOINT_ED25519) {
		return err_set(err, ERR_INPUT, "the verifier key is not one of Ed25519");
	}
	memcpy(read.bytes, typed + 1, sizeof(read.bytes));
	checkpoint_key_id(&read, id);
	if (memcmp(id, read.id, sizeof(id)) != 0) {
		return err_set(err, ERR_INPUT,
			"the verifier key is damaged: its digits do not follow from its name and key");
	}
	*key = read;
	return true;
}

static bool checkpoint_signature_holds(struct text signed_text, const struct checkpoint_key *key,
	const uint8_t signature[CHECKPOINT_SIGNATURE_SIZE])
{
	EVP_PKEY *public = NULL;
	EVP_MD_CTX *context = NULL;
	bool holds = false;

	public =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->bytes, sizeof(key->bytes));
	context = EVP_MD_CTX_new();
	if (public == NULL || context == NULL ||
		EVP_DigestVerifyInit(context, NULL, NULL, NULL, public) != 1) {
		goto out;
	}
	holds = EVP_DigestVerify(context, signature, CHECKPOINT_SIGNATURE_SIZE,
			(const unsigned char *)signed_text.bytes, signed_text.size) == 1;
out:
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public);
	return holds;
}

/* The key a signature line names, with what it says; NULL: it is somebody else's. */
static const struct checkpoint_key *checkpoint_signer(struct text line,
	const struct checkpoint_key *keys, size_t count,
	uint8_t signature[CHECKPOINT_SIGNATURE_SIZE])
{
	uint8_t blob[CHECKPOINT_ID_SIZE + CHECKPOINT_SIGNATURE_SIZE];
	struct text name;

	if (!checkpoint_take(&line, ' ', &name) || !checkpoint_decode(line, blob, sizeof(blob))) {
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		if (text_is(name, keys[i].name) &&
			memcmp(blob, keys[i].id, CHECKPOINT_ID_SIZE) == 0) {
			memcpy(signature, blob + CHECKPOINT_ID_SIZE, CHECKPOINT_SIGNATURE_SIZE);
			return &keys[i];
		}
	}
	return NULL;
}

/* One of the keys, whose signature is there; NULL: none is, or one does not hold.  Others' may
 * stand beside. */
static const struct checkpoint_key *checkpoint_is_signed(struct text signed_text, struct text lines,
	const struct checkpoint_key *keys, size_t count, struct err *err)
{
	const struct checkpoint_key *signer = NULL;
	uint8_t signature[CHECKPOINT_SIGNATURE_SIZE];
	struct text line;

	while (checkpoint_take(&lines, '\n', &line)) {
		const struct checkpoint_key *key;

		if (!text_starts(line, CHECKPOINT_DASH)) {
			(void)err_set(err, ERR_INPUT, "a line among the signatures is none");
			return NULL;
		}
		line.bytes += CHECKPOINT_DASH.size;
		line.size -= CHECKPOINT_DASH.size;
		key = checkpoint_signer(line, keys, count, signature);
		if (key != NULL && !checkpoint_signature_holds(signed_text, key, signature)) {
			(void)err_set(err, ERR_CRYPTO, "the signature of %s does not hold",
				key->name);
			return NULL;
		}
		signer = signer == NULL ? key : signer;
	}
	if (signer == NULL) {
		(void)err_set(err, ERR_INPUT, "there is no signature by %s%s", keys[0].name,
			count > 1 ? " and these keys" : " and this key");
	}
	return signer;
}

/* Where the empty line between text and signatures is: the last one. */
static bool checkpoint_split(struct text note, struct text *signed_text, struct text *lines)
{
	for (size_t i = note.size; i >= 2; i--) {
		if (note.bytes[i - 1] == '\n' && note.bytes[i - 2] == '\n') {
			*signed_text = (struct text){ note.bytes, i - 1 };
			*lines = (struct text){ note.bytes + i, note.size - i };
			return true;
		}
	}
	return false;
}

/* A decimal without leading zeros. */
static bool checkpoint_read_size(struct text digits, uint64_t *size)
{
	int64_t value;

	if (!text_parse_integer(digits, &value) || (digits.size > 1 && digits.bytes[0] == '0')) {
		return false;
	}
	*size = (uint64_t)value;
	return true;
}

bool checkpoint_read(struct text note, const struct checkpoint_key *keys, size_t count,
	struct checkpoint *checkpoint, struct err *err)
{
	const struct checkpoint_key *signer;
	struct checkpoint read = { 0 };
	struct text signed_text;
	struct text lines;
	struct text rest;
	struct text line;

	if (note.size > CHECKPOINT_NOTE_MAX || !text_is_utf8(note) ||
		!checkpoint_split(note, &signed_text, &lines)) {
		return err_set(err, ERR_INPUT, "not a signed note");
	}
	signer = checkpoint_is_signed(signed_text, lines, keys, count, err);
	if (signer == NULL) {
		return false;
	}
	rest = signed_text;
	if (!checkpoint_take(&rest, '\n', &line) ||
		!text_copy(line, read.origin, sizeof(read.origin)) ||
		!checkpoint_take(&rest, '\n', &line) || !checkpoint_read_size(line, &read.size) ||
		!checkpoint_take(&rest, '\n', &line) ||
		!checkpoint_decode(line, read.root.bytes, sizeof(read.root.bytes))) {
		return err_set(err, ERR_INPUT, "signed, but not a checkpoint: origin, size, root");
	}
	if (strcmp(read.origin, signer->name) != 0) {
		return err_set(err, ERR_INPUT, "the checkpoint is of %s, not of %s", read.origin,
			signer->name);
	}
	*checkpoint = read;
	return true;
}
