/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/pgsig.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { PGSIG_DIGEST_SIZE = 16 };

static const char pgsig_name[] = "pg_sig";

bool pgsig_init(struct pgsig *pgsig, struct text secret, struct text next)
{
	assert(pgsig != NULL);
	assert(secret.size >= PGSIG_SECRET_MIN);

	*pgsig = (struct pgsig){ .md5 = EVP_MD_fetch(NULL, "MD5", NULL) };
	if (!text_copy(secret, pgsig->secrets[0], sizeof(pgsig->secrets[0])) ||
		!text_copy(next, pgsig->secrets[1], sizeof(pgsig->secrets[1]))) {
		abort(); /* the caller has looked at their sizes */
	}
	pgsig->secret_count = next.size > 0 ? PGSIG_SECRETS : 1;
	return pgsig->md5 != NULL;
}

void pgsig_done(struct pgsig *pgsig)
{
	assert(pgsig != NULL);

	EVP_MD_free(pgsig->md5);
	mem_wipe(pgsig->secrets, sizeof(pgsig->secrets));
	pgsig->md5 = NULL;
}

struct text pgsig_script(struct text address)
{
	const char *mark = address.size > 0 ? memchr(address.bytes, '?', address.size) : NULL;
	size_t size = mark != NULL ? (size_t)(mark - address.bytes) : address.size;
	size_t begin = size;

	while (begin > 0 && address.bytes[begin - 1] != '/') {
		begin--;
	}
	return (struct text){ address.bytes + begin, size - begin };
}

/* ---- fields ---- */

/*
 * A key is, for each level from the outside in, the name, a NUL and the place in three digits.
 * Bytewise that sorts by name and keeps lists in order.  Without the NULs it is Platron's flat
 * name.
 */
static void pgsig_add_level(struct pgsig_fields *fields, struct text name, int place)
{
	buffer_add(&fields->keys, name);
	buffer_add_char(&fields->keys, '\0');
	buffer_printf(&fields->keys, "%03d", place);
}

static void pgsig_begin(struct pgsig_fields *fields)
{
	fields->count = 0;
	buffer_init_whole(&fields->keys, PGSIG_KEYS_MAX);
}

/* A field whose key was written from `begin` on. */
static bool pgsig_add(struct pgsig_fields *fields, size_t begin, struct text value)
{
	if (fields->keys.overflowed || fields->count == PGSIG_FIELDS_MAX) {
		return false;
	}
	fields->items[fields->count].key =
		(struct text){ fields->keys.bytes + begin, fields->keys.size - begin };
	fields->items[fields->count].value = value;
	fields->count++;
	return true;
}

static bool pgsig_end(struct pgsig_fields *fields, bool ok)
{
	if (!ok) {
		pgsig_free(fields);
	}
	return ok;
}

/* Name[inner][0] as PHP reads it: a level each.  Places in a list are numbers and sort so. */
static void pgsig_add_name(struct pgsig_fields *fields, struct text name)
{
	while (name.size > 0) {
		size_t size = 0;
		int64_t place = 0;

		while (size < name.size && name.bytes[size] != '[' && name.bytes[size] != ']') {
			size++;
		}
		if (text_parse_integer((struct text){ name.bytes, size }, &place) &&
			place <= XMLTREE_NODES_MAX) {
			pgsig_add_level(fields, TEXT(""), (int)place);
		} else if (size > 0) {
			pgsig_add_level(fields, (struct text){ name.bytes, size }, 0);
		}
		size += size < name.size;
		name.bytes += size;
		name.size -= size;
	}
}

bool pgsig_of_form(const struct form *form, struct pgsig_fields *fields)
{
	bool ok = true;

	assert(form != NULL);
	assert(fields != NULL);

	pgsig_begin(fields);
	for (size_t i = 0; ok && i < form->count; i++) {
		size_t begin = fields->keys.size;

		if (!text_is(form->fields[i].name, pgsig_name)) {
			pgsig_add_name(fields, form->fields[i].name);
			ok = pgsig_add(fields, begin, form->fields[i].value);
		}
	}
	return pgsig_end(fields, ok);
}

static void pgsig_add_path(struct pgsig_fields *fields, const struct xmltree_node *node)
{
	const struct xmltree_node *path[XMLTREE_DEPTH_MAX];
	size_t depth = 0;

	for (; node->parent != NULL; node = node->parent) {
		path[depth++] = node;
	}
	while (depth > 0) {
		depth--;
		pgsig_add_level(fields, path[depth]->name, path[depth]->position);
	}
}

bool pgsig_of_tree(const struct xmltree_node *root, struct pgsig_fields *fields)
{
	const struct xmltree_node *node;
	bool ok = true;

	assert(root != NULL);
	assert(fields != NULL);

	pgsig_begin(fields);
	for (node = xmltree_next(root); ok && node != NULL; node = xmltree_next(node)) {
		size_t begin = fields->keys.size;

		if (node->first == NULL &&
			!(node->parent == root && text_is(node->name, pgsig_name))) {
			pgsig_add_path(fields, node);
			ok = pgsig_add(fields, begin, node->text);
		}
	}
	return pgsig_end(fields, ok);
}

void pgsig_free(struct pgsig_fields *fields)
{
	assert(fields != NULL);

	buffer_done(&fields->keys);
	fields->count = 0;
}

/* ---- signatures ---- */

static int pgsig_compare_sizes(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int pgsig_by_name(const void *a, const void *b)
{
	const struct text x = ((const struct pgsig_field *)a)->key;
	const struct text y = ((const struct pgsig_field *)b)->key;
	int order = memcmp(x.bytes, y.bytes, x.size < y.size ? x.size : y.size);

	return order != 0 ? order : pgsig_compare_sizes(x.size, y.size);
}

static size_t pgsig_skip(struct text key, size_t at)
{
	while (at < key.size && key.bytes[at] == '\0') {
		at++;
	}
	return at;
}

static int pgsig_by_flat_name(const void *a, const void *b)
{
	const struct text x = ((const struct pgsig_field *)a)->key;
	const struct text y = ((const struct pgsig_field *)b)->key;
	size_t i = pgsig_skip(x, 0);
	size_t j = pgsig_skip(y, 0);

	while (i < x.size && j < y.size && x.bytes[i] == y.bytes[j]) {
		i = pgsig_skip(x, i + 1);
		j = pgsig_skip(y, j + 1);
	}
	if (i < x.size && j < y.size) {
		return (unsigned char)x.bytes[i] < (unsigned char)y.bytes[j] ? -1 : 1;
	}
	return pgsig_compare_sizes(x.size - i, y.size - j);
}

static void pgsig_digest(const struct pgsig *pgsig, size_t secret, struct text script,
	const struct pgsig_fields *fields, char sig[PGSIG_TEXT_SIZE])
{
	unsigned char digest[PGSIG_DIGEST_SIZE];
	unsigned int size = 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context != NULL && EVP_DigestInit_ex(context, pgsig->md5, NULL) == 1 &&
		  EVP_DigestUpdate(context, script.bytes, script.size) == 1;

	for (size_t i = 0; ok && i < fields->count; i++) {
		struct text value = fields->items[i].value;

		ok = EVP_DigestUpdate(context, ";", 1) == 1 &&
		     EVP_DigestUpdate(context, value.bytes, value.size) == 1;
	}
	ok = ok && EVP_DigestUpdate(context, ";", 1) == 1 &&
	     EVP_DigestUpdate(context, pgsig->secrets[secret], strlen(pgsig->secrets[secret])) ==
		     1 &&
	     EVP_DigestFinal_ex(context, digest, &size) == 1;
	if (!ok || size != sizeof(digest)) {
		abort(); /* memory, as in mem_new() */
	}
	EVP_MD_CTX_free(context);
	text_hex(digest, sizeof(digest), sig);
}

void pgsig_make(const struct pgsig *pgsig, size_t secret, struct text script,
	struct pgsig_fields *fields, char sig[PGSIG_TEXT_SIZE])
{
	assert(pgsig != NULL);
	assert(secret < pgsig->secret_count);
	assert(fields != NULL);

	qsort(fields->items, fields->count, sizeof(*fields->items), pgsig_by_name);
	pgsig_digest(pgsig, secret, script, fields, sig);
}

bool pgsig_matches(const struct pgsig *pgsig, struct text script, struct pgsig_fields *fields,
	struct text sig, size_t *secret)
{
	static int (*const orders[])(const void *, const void *) = { pgsig_by_name,
		pgsig_by_flat_name };
	char ours[PGSIG_TEXT_SIZE];
	bool found = false;

	assert(pgsig != NULL);
	assert(fields != NULL);
	assert(secret != NULL);

	if (sig.size != PGSIG_TEXT_SIZE - 1) {
		return false;
	}
	for (size_t i = 0; i < sizeof(orders) / sizeof(*orders); i++) {
		qsort(fields->items, fields->count, sizeof(*fields->items), orders[i]);
		for (size_t k = 0; k < pgsig->secret_count; k++) {
			pgsig_digest(pgsig, k, script, fields, ours);
			if (mem_same(ours, sig.bytes, sig.size)) {
				*secret = k;
				found = true;
			}
		}
	}
	return found;
}
