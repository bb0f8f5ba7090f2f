/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/tariff/fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "tests/alym_test.h"

enum { FIXTURE_FILE_MAX = 1 << 20, FIXTURE_PATH_MAX = 512 };

static char *fixture_copy(const char *string)
{
	return mem_copy(string, strlen(string) + 1);
}

static struct text fixture_read(const char *path)
{
	char *bytes = mem_new(FIXTURE_FILE_MAX, 1);
	FILE *in = fopen(path, "rb");
	size_t size;

	assert_non_null(in);
	size = fread(bytes, 1, FIXTURE_FILE_MAX - 1, in);
	assert_true(feof(in));
	assert_int_equal(fclose(in), 0);
	return (struct text){ bytes, size };
}

/* The bytes are the fixture's from now on. */
static void fixture_take(struct fixture *f, const char *name, struct text bytes)
{
	assert_true(f->count < TARIFF_FILES_MAX);
	f->files[f->count++] = (struct tariff_file){ fixture_copy(name), bytes };
}

void fixture_add_file(struct fixture *f, const char *path)
{
	const char *slash = strrchr(path, '/');

	fixture_take(f, slash != NULL ? slash + 1 : path, fixture_read(path));
}

/* Makes an element blank; its lines stay. */
static void fixture_blank(char *element, const char *end)
{
	for (char *c = element; c < end; c++) {
		*c = *c == '\n' ? '\n' : ' ';
	}
}

/* Takes out every MRP of a year after FIXTURE_KNOWN_LAST. */
static void fixture_forget_years(struct text file)
{
	static const char year[] = "year=\"";
	char *element = strstr((char *)(uintptr_t)file.bytes, "<mrp ");

	while (element != NULL) {
		char *end = strstr(element, "/>");
		const char *said = strstr(element, year);

		assert_non_null(end);
		assert_non_null(said);
		if (said < end && strtol(said + sizeof(year) - 1, NULL, 10) > FIXTURE_KNOWN_LAST) {
			fixture_blank(element, end + 2);
		}
		element = strstr(end, "<mrp ");
	}
}

void fixture_open(const char *folder, struct fixture *f)
{
	fixture_open_whole(folder, f);
	for (size_t i = 0; i < f->count; i++) {
		fixture_forget_years(f->files[i].bytes);
	}
}

void fixture_open_whole(const char *folder, struct fixture *f)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[FIXTURE_PATH_MAX];

	assert_non_null(dir);
	f->count = 0;
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		if (entry->d_name[0] == '.') {
			continue;
		}
		assert_true(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
			    FIXTURE_PATH_MAX);
		fixture_add_file(f, path);
	}
	assert_int_equal(closedir(dir), 0);
	tariff_order_files(f->files, f->count);
}

void fixture_add(struct fixture *f, const char *name, struct text bytes)
{
	char *copy = mem_new(bytes.size + 1, 1);

	memcpy(copy, bytes.bytes, bytes.size);
	fixture_take(f, name, (struct text){ copy, bytes.size });
}

void fixture_add_string(struct fixture *f, const char *name, const char *string)
{
	fixture_add(f, name, text_of(string));
}

static void fixture_drop(struct tariff_file *file)
{
	free((char *)(uintptr_t)file->name);
	free((char *)(uintptr_t)file->bytes.bytes);
}

void fixture_close(struct fixture *f)
{
	for (size_t i = 0; i < f->count; i++) {
		fixture_drop(&f->files[i]);
	}
	f->count = 0;
}

static struct tariff_file *fixture_file(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->files[i].name, name) == 0) {
			return (struct tariff_file *)(uintptr_t)&f->files[i];
		}
	}
	fail_msg("the tariff has no %s", name);
	abort(); /* fail_msg() does not come back, which the compiler can not know */
}

void fixture_replace(struct fixture *f, const char *name, const char *old, const char *new)
{
	struct tariff_file *file = fixture_file(f, name);
	const char *at = strstr(file->bytes.bytes, old);
	struct buffer all;
	char *bytes;

	if (at == NULL) {
		fail_msg("%s has no %s", name, old);
		return;
	}
	buffer_init(&all, FIXTURE_FILE_MAX);
	buffer_add(&all, (struct text){ file->bytes.bytes, (size_t)(at - file->bytes.bytes) });
	buffer_add_string(&all, new);
	buffer_add_string(&all, at + strlen(old));
	assert_false(all.overflowed);
	bytes = mem_copy(all.bytes, all.size + 1);
	free((char *)(uintptr_t)file->bytes.bytes);
	file->bytes = (struct text){ bytes, all.size };
	buffer_done(&all);
}

void fixture_remove(struct fixture *f, const char *name)
{
	struct tariff_file *file = fixture_file(f, name);

	fixture_drop(file);
	*file = f->files[--f->count];
	tariff_order_files(f->files, f->count);
}

long fixture_line(const struct fixture *f, const char *name, const char *at)
{
	const char *start = fixture_file(f, name)->bytes.bytes;
	const char *end = strstr(start, at);
	long line = 1;

	if (end == NULL) {
		return 0;
	}
	end = strchr(end, '>');
	assert_non_null(end);
	for (const char *c = start; c < end; c++) {
		line += *c == '\n' ? 1 : 0;
	}
	return line;
}

void fixture_digest(uint8_t digest[TARIFF_DIGEST_SIZE])
{
	for (size_t i = 0; i < TARIFF_DIGEST_SIZE; i++) {
		digest[i] = (uint8_t)i;
	}
}

struct tariff *fixture_load(struct fixture *f, struct err *err)
{
	uint8_t digest[TARIFF_DIGEST_SIZE];
	struct tariff *tariff = NULL;

	fixture_digest(digest);
	return tariff_load(f->files, f->count, digest, &tariff, err) ? tariff : NULL;
}

struct tariff *fixture_tariff(const char *folder, const char *name, const char *more)
{
	struct fixture f;
	struct tariff *tariff;
	struct err err = { 0 };

	fixture_open(folder, &f);
	if (name != NULL) {
		fixture_add_string(&f, name, more);
	}
	tariff = fixture_load(&f, &err);
	fixture_close(&f);
	if (tariff == NULL) {
		fail_msg("%s", err.message);
	}
	return tariff;
}

int fixture_free(void **state)
{
	struct tariff *tariff = *state;

	tariff_free(&tariff);
	*state = NULL;
	return 0;
}

void fixture_refuse(struct fixture *f, const char *says)
{
	struct err err = { 0 };

	assert_null(fixture_load(f, &err));
	assert_int_not_equal(err.kind, ERR_NONE);
	if (strstr(err.message, says) == NULL) {
		fail_msg("does not say %s: %s", says, err.message);
	}
	fixture_close(f);
}

struct quote_request fixture_request(const char *service)
{
	return (struct quote_request){
		.service = text_of(service),
		.birth_date = DATE_NONE,
		.activation_date = DATE_NONE,
		.travel_date = DATE_NONE,
	};
}

int32_t fixture_day(const char *date)
{
	int32_t day = DATE_NONE;

	assert_true(date_parse(text_of(date), &day));
	return day;
}

struct quote_basis fixture_basis(const struct tariff *tariff, int32_t day)
{
	return (struct quote_basis){ .tariff = tariff, .version = QUOTE_VERSION, .day = day };
}

enum quote_result fixture_quote(const struct tariff *tariff, const struct quote_request *request,
	int32_t day, struct quote *quote, struct quote_refusal *refusal)
{
	struct quote_basis basis = fixture_basis(tariff, day);

	return quote_compute(&basis, request, quote, refusal);
}

struct exchange_day fixture_rates(int32_t day)
{
	static const char *const currencies[] = { "CHF", "EUR", "GBP", "USD" };
	struct exchange_day exchange = { .day = day, .count = COUNT(currencies) };

	for (size_t i = 0; i < COUNT(currencies); i++) {
		exchange.rates[i] = (struct exchange_rate){ .written = "47.359001",
			.value = { 47359001, 1000000 },
			.quant = 10 };
		assert_true(text_copy(text_of(currencies[i]), exchange.rates[i].currency,
			MONEY_CURRENCY_SIZE));
	}
	return exchange;
}
