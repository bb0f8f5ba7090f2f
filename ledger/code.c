/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/code.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	CODE_BLOCK_SIZE = 16, /* of AES */
	CODE_ROUNDS = 8,
	CODE_LENGTHS = CODE_DIGITS_MAX - CODE_DIGITS_MIN + 1,
	CODE_GENERATIONS = 100, /* a value is number * 100 + generation */
};

_Static_assert((int)ID_GENERATION_MAX < (int)CODE_GENERATIONS,
	"the generation is the last two digits");
_Static_assert(CODE_TOKEN_SIZE == 2 * CODE_BLOCK_SIZE + 1, "a token is one block");

/*
 * For each length of code: how many values its digits after the check digit can say, and the
 * fewest bits that hold them, in two halves for the network.
 */
static const struct code_domain {
	uint64_t count;
	unsigned left_bits;
	unsigned right_bits;
} code_domains[CODE_LENGTHS] = {
	{ UINT64_C(100000000000), 18, 19 },
	{ UINT64_C(1000000000000), 20, 20 },
	{ UINT64_C(10000000000000), 22, 22 },
	{ UINT64_C(100000000000000), 23, 24 },
};

/* Damm's quasigroup of order 10 (Damm 2004). */
static const uint8_t code_damm[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

struct code_key {
	EVP_CIPHER_CTX *encrypt;
	EVP_CIPHER_CTX *decrypt;
};

/* ---- AES ---- */

static EVP_CIPHER_CTX *code_cipher(const uint8_t key[CODE_KEY_SIZE], int encrypts)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	assert(key != NULL);
	assert(encrypts == 0 || encrypts == 1);

	/* On memory alone it can only fail for lack of it, or of AES altogether. */
	if (context == NULL ||
		EVP_CipherInit_ex2(context, EVP_aes_128_ecb(), key, NULL, encrypts, NULL) != 1 ||
		EVP_CIPHER_CTX_set_padding(context, 0) != 1) {
		abort();
	}
	return context;
}

static void code_block(EVP_CIPHER_CTX *cipher, const uint8_t in[CODE_BLOCK_SIZE],
	uint8_t out[CODE_BLOCK_SIZE])
{
	int size = 0;

	assert(cipher != NULL);
	assert(in != out);

	if (EVP_CipherUpdate(cipher, out, &size, in, CODE_BLOCK_SIZE) != 1) {
		abort();
	}
	assert(size == CODE_BLOCK_SIZE);
}

struct code_key *code_key_new(const uint8_t key[CODE_KEY_SIZE])
{
	struct code_key *k = mem_new(1, sizeof(*k));

	assert(key != NULL);

	k->encrypt = code_cipher(key, 1);
	k->decrypt = code_cipher(key, 0);
	assert(k->encrypt != k->decrypt);
	return k;
}

void code_key_free(struct code_key **key)
{
	struct code_key *k;

	assert(key != NULL);

	k = *key;
	*key = NULL;
	if (k == NULL) {
		return;
	}
	EVP_CIPHER_CTX_free(k->encrypt); /* and clears the expanded key */
	EVP_CIPHER_CTX_free(k->decrypt);
	free(k);
}

/* ---- numbers in blocks ---- */

static void code_put(uint8_t *bytes, size_t size, uint64_t value)
{
	assert(bytes != NULL);
	assert(size == sizeof(uint64_t) || value >> 8 * size == 0);

	for (size_t i = size; i > 0; i--) {
		bytes[i - 1] = (uint8_t)(value & 0xFF);
		value >>= 8;
	}
}

static uint64_t code_get(const uint8_t *bytes, size_t size)
{
	uint64_t value = 0;

	assert(bytes != NULL);
	assert(size <= sizeof(value));

	for (size_t i = 0; i < size; i++) {
		value = value << 8 | bytes[i];
	}
	return value;
}

/* ---- the permutation ---- */

/*
 * The round function: some bits of the AES of (1, round, length, half).  A token's block begins
 * with the high byte of a generation, which is 0: no block serves both.
 */
static uint64_t code_round(struct code_key *key, unsigned length, unsigned round, uint64_t half,
	unsigned bits)
{
	uint8_t in[CODE_BLOCK_SIZE] = { 1, (uint8_t)round, (uint8_t)length };
	uint8_t out[CODE_BLOCK_SIZE];

	assert(round < CODE_ROUNDS);
	assert(bits < 32);

	code_put(in + CODE_BLOCK_SIZE - sizeof(half), sizeof(half), half);
	code_block(key->encrypt, in, out);
	return code_get(out, sizeof(uint64_t)) & ((UINT64_C(1) << bits) - 1);
}

/* One pass of the network over left_bits + right_bits; the rounds change the halves in turn. */
static uint64_t code_pass(struct code_key *key, unsigned length, uint64_t value, bool backwards)
{
	const struct code_domain *domain = &code_domains[length - CODE_DIGITS_MIN];
	uint64_t left = value >> domain->right_bits;
	uint64_t right = value & ((UINT64_C(1) << domain->right_bits) - 1);

	assert(length >= CODE_DIGITS_MIN && length <= CODE_DIGITS_MAX);
	assert(left >> domain->left_bits == 0);

	for (unsigned i = 0; i < CODE_ROUNDS; i++) {
		unsigned round = backwards ? CODE_ROUNDS - 1 - i : i;

		if (round % 2 == 0) {
			left ^= code_round(key, length, round, right, domain->left_bits);
		} else {
			right ^= code_round(key, length, round, left, domain->right_bits);
		}
	}
	return left << domain->right_bits | right;
}

/*
 * A permutation of the values below the domain's count: what a pass throws out of it walks on
 * along its cycle, and is back after 1.1 to 1.8 passes on average.
 */
static uint64_t code_permute(struct code_key *key, unsigned length, uint64_t value, bool backwards)
{
	uint64_t count = code_domains[length - CODE_DIGITS_MIN].count;

	assert(key != NULL);
	assert(value < count);

	do {
		value = code_pass(key, length, value, backwards);
	} while (value >= count);
	return value;
}

/* ---- codes ---- */

/* The digit that makes Damm's sum of the rest, read from the right, and itself zero. */
static uint8_t code_check(const char *digits, size_t size)
{
	uint8_t sum = 0;

	assert(digits != NULL);
	assert(size < CODE_SIZE);

	for (size_t i = size; i > 0; i--) {
		assert(digits[i - 1] >= '0' && digits[i - 1] <= '9');
		sum = code_damm[sum][digits[i - 1] - '0'];
	}
	return sum; /* every element of the quasigroup is its own inverse */
}

/* The length of the codes of that number's payments: the shortest that holds it. */
static unsigned code_length(int64_t number)
{
	unsigned length = CODE_DIGITS_MIN;

	assert(number >= 1);
	assert(number <= ID_NUMBER_MAX);

	while ((uint64_t)number >=
		code_domains[length - CODE_DIGITS_MIN].count / CODE_GENERATIONS) {
		length++;
	}
	assert(length <= CODE_DIGITS_MAX);
	return length;
}

const char *code_format(struct code_key *key, int32_t generation, int64_t number,
	char out[CODE_SIZE])
{
	unsigned length = code_length(number);
	uint64_t value;

	assert(generation >= 1);
	assert(generation <= ID_GENERATION_MAX);

	value = (uint64_t)number * CODE_GENERATIONS + (uint64_t)generation;
	value = code_permute(key, length, value, false);
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
	assert(value == 0);
	out[0] = (char)('0' + code_check(out + 1, length - 1));
	out[length] = '\0';
	return out;
}

/* The digits alone; false when anything but spaces and hyphens stands between them. */
static bool code_digits(struct text typed, char digits[CODE_SIZE], unsigned *length)
{
	unsigned count = 0;

	assert(typed.bytes != NULL || typed.size == 0);
	assert(length != NULL);

	for (size_t i = 0; i < typed.size; i++) {
		char c = typed.bytes[i];

		if (c == ' ' || c == '-') {
			continue;
		}
		if (c < '0' || c > '9' || count == CODE_DIGITS_MAX) {
			return false;
		}
		digits[count++] = c;
	}
	*length = count;
	return count >= CODE_DIGITS_MIN;
}

bool code_parse(struct code_key *key, struct text digits, int32_t *generation, int64_t *number)
{
	char code[CODE_SIZE];
	unsigned length = 0;
	uint64_t value = 0;
	int32_t found_generation;
	int64_t found_number;

	assert(generation != NULL);
	assert(number != NULL);

	if (!code_digits(digits, code, &length) ||
		code_check(code + 1, length - 1) != code[0] - '0') {
		return false;
	}
	for (unsigned i = 1; i < length; i++) {
		value = value * 10 + (uint64_t)(code[i] - '0');
	}
	value = code_permute(key, length, value, true);
	found_generation = (int32_t)(value % CODE_GENERATIONS);
	found_number = (int64_t)(value / CODE_GENERATIONS);
	if (found_generation == 0 || found_number == 0 || code_length(found_number) != length) {
		return false;
	}
	*generation = found_generation;
	*number = found_number;
	return true;
}

/* ---- tokens ---- */

const char *code_token(struct code_key *key, int32_t generation, int64_t number,
	char out[CODE_TOKEN_SIZE])
{
	uint8_t in[CODE_BLOCK_SIZE] = { 0 };
	uint8_t block[CODE_BLOCK_SIZE];

	assert(generation >= 1 && generation <= ID_GENERATION_MAX);
	assert(number >= 1 && number <= ID_ATTEMPT_NUMBER_MAX);

	code_put(in, sizeof(uint32_t), (uint64_t)generation);
	code_put(in + sizeof(uint32_t), sizeof(uint64_t), (uint64_t)number);
	code_block(key->encrypt, in, block);
	text_hex(block, sizeof(block), out);
	return out;
}

bool code_token_parse(struct code_key *key, struct text token, int32_t *generation, int64_t *number)
{
	uint8_t block[CODE_BLOCK_SIZE];
	uint8_t out[CODE_BLOCK_SIZE];
	uint64_t found_generation;
	uint64_t found_number;
	uint64_t rest;

	assert(generation != NULL);
	assert(number != NULL);

	if (!text_unhex(token, block, sizeof(block))) {
		return false;
	}
	code_block(key->decrypt, block, out);
	found_generation = code_get(out, sizeof(uint32_t));
	found_number = code_get(out + sizeof(uint32_t), sizeof(uint64_t));
	rest = code_get(out + sizeof(uint32_t) + sizeof(uint64_t), sizeof(uint32_t));
	if (found_generation < 1 || found_generation > ID_GENERATION_MAX || found_number < 1 ||
		found_number > (uint64_t)ID_ATTEMPT_NUMBER_MAX || rest != 0) {
		return false;
	}
	*generation = (int32_t)found_generation;
	*number = (int64_t)found_number;
	return true;
}
