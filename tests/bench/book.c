/* SPDX-License-Identifier: Apache-2.0 */

/*
 * alym_book - the book alone, without sockets and requests: how fast it is written and read, and
 * how it grows.
 *
 *     alym_book fill --book FILE --payments N [--kind exempt|paid] [--accounts N] [--group N]
 *     alym_book turns --book FILE --beside FILE --payments N [--turns N] [--accounts-beside N] ...
 *     alym_book raw --book FILE --from FILE [--group N]
 *     alym_book open --book FILE
 *     alym_book read --book FILE
 *
 * `fill` goes on where the book ends; each line of JSON is a tenth of what it wrote.  `turns` has
 * two books open and writes so many payments into each, in turn, a line each time: what is compared
 * is compared within seconds.  `raw` writes
 * the rows of another book into a new file by bare prepared statements, in as many commits, without
 * triggers: nothing that keeps the same facts on SQLite can be faster.
 */
#include "ledger/book.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/date.h"
#include "base/mem.h"
#include "ledger/reader.h"
#include "ledger/sums.h"
#include "tests/bench/bare.h"
#include "tests/bench/latency.h"

enum {
	BOOK_USAGE = 64,
	BOOK_GROUP = 64,
	BOOK_PARTS = 10, /* lines that `fill` prints */
	BOOK_TURNS = 9,
	BOOK_DAYS = 360, /* that ten million payments are spread over */
	BOOK_EVERY_S = 3,
	BOOK_EAST_S = 5 * 3600, /* Almaty */
	BOOK_P50 = 500,
	BOOK_P99 = 990,
	BOOK_STATUS_LINE = 256,
	BOOK_TEXT = 64, /* of a key, a reference, a service */
	BOOK_DUE = 216250,
};

/* Ten million payments end before the daemon's own clock goes on. */
static const int64_t book_begins = INT64_C(1735689600); /* 2025-01-01T00:00:00Z */

enum book_verb { BOOK_FILL, BOOK_TURN, BOOK_RAW, BOOK_OPEN, BOOK_READ, BOOK_VERB_COUNT };

static const char *const book_verbs[] = { "fill", "turns", "raw", "open", "read" };

struct book_words {
	enum book_verb verb;
	const char *book;
	const char *beside; /* the other book, of `turns` */
	const char *from;
	int64_t payments;
	int64_t group;
	int64_t turns;
	int64_t accounts; /* that fees go to */
	int64_t accounts_beside;
	bool paid; /* else exempt */
};

/* One payment's job, with the texts it points to. */
struct book_payment {
	struct job job;
	char key[BOOK_TEXT];
	char service[BOOK_TEXT];
	char code[CODE_SIZE];
};

/* Of the clock; or of the processor, for this process. */
static double book_seconds(clockid_t clock)
{
	struct timespec t;
	int rc = clock_gettime(clock, &t);

	assert(rc == 0);
	(void)rc;
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Not of getrusage(), which begins with what the parent had when it made us. */
static int64_t book_peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[BOOK_STATUS_LINE];
	struct text peak = text_of("");
	int64_t kib = 0;

	while (file != NULL && peak.size == 0 && fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "VmHWM:", 6) == 0) {
			peak = text_of(line + 6 + strspn(line + 6, "\t "));
			peak.size = strspn(peak.bytes, "0123456789");
		}
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	return text_parse_integer(peak, &kib) ? kib : 0;
}

static int64_t book_file_size(const char *path)
{
	struct stat file;

	return stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
}

/* ---- filling it ---- */

/* Keys and references that come in no order, as those of clients do. */
static uint64_t book_mix(int64_t n)
{
	uint64_t x = (uint64_t)n * UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 32;
	return x * UINT64_C(0xd6e8feb86659fd93);
}

static void book_create(const struct book_words *words, int64_t n, struct book_payment *p)
{
	struct money due = money_of(BOOK_DUE, "KZT");
	struct money none = money_of(0, "KZT");

	(void)snprintf(p->key, sizeof(p->key), "%016" PRIx64 "-%" PRId64, book_mix(n), n);
	(void)snprintf(p->service, sizeof(p->service), "visa.%" PRId64, n % words->accounts);
	p->job.kind = JOB_CREATE;
	p->job.u.create = (struct job_create){
		.request = { .client = 1, .route = ROUTE_CREATE, .key = text_of(p->key) },
		.reference = text_of(p->key),
		.payer = TEXT("{\"iin\":\"900401300018\",\"name\":\"whoever pays\"}"),
		.quote_request = TEXT("{\"action\":\"issue\",\"applicant\":{\"birth_date\":"
				      "\"1990-04-01\",\"nationality\":\"IN\"},\"quantity\":1,"
				      "\"service\":\"visa.exit\"}"),
		.expires_at = p->job.now + INT64_C(30) * DATE_DAY_S,
		.calculation = { .version = 1,
			.day = p->job.today,
			.valid_from = p->job.today - 1,
			.valid_until = p->job.today + BOOK_DAYS,
			.gross = due,
			.due = words->paid ? due : none,
			.relief = words->paid ? none : due,
			.service = text_of(p->service),
			.ground = words->paid ? TEXT("") : TEXT("investor"),
			.kbk = TEXT("108126"),
			.rows = TEXT("mrp-2026 rate-visa-exit relief-investor") },
	};
	memcpy(p->job.u.create.salt, p->key, JOB_SALT_SIZE);
}

static void book_pay(int64_t n, struct book_payment *p)
{
	(void)snprintf(p->key, sizeof(p->key), "op-%" PRId64, n);
	memcpy(p->code, p->job.code, sizeof(p->code));
	p->job.kind = JOB_VERDICT;
	p->job.u.verdict = (struct job_verdict){ .gateway = 1,
		.code = text_of(p->code),
		.event = ATTEMPT_DONE,
		.amount = money_of(BOOK_DUE, "KZT"),
		.operation = text_of(p->key),
		.paid_on = p->job.today,
		.value_date = p->job.today + 1,
		.evidence = TEXT("{\"amount\":216250,\"currency\":\"KZT\",\"operation\":\"4711\","
				 "\"status\":\"paid\"}") };
}

/* What goes into one commit after the other. */
struct book_filling {
	const struct book_words *words;
	struct book *book;
	struct book_payment *group;
	struct latency latency;
};

/* Commits the first `count` of the group; false with err, or when a job was refused. */
static bool book_commit_group(struct book_filling *f, size_t count, struct err *err)
{
	struct book_payment *group = f->group;
	double began = book_seconds(CLOCK_MONOTONIC);

	for (size_t i = 0; i < count; i++) {
		group[i].job.next = i + 1 < count ? &group[i + 1].job : NULL;
	}
	if (!book_commit(f->book, &group[0].job, err)) {
		return false;
	}
	latency_add(&f->latency, (int64_t)((book_seconds(CLOCK_MONOTONIC) - began) * 1e9));
	for (size_t i = 0; i < count; i++) {
		if (group[i].job.outcome != JOB_DONE) {
			return err_set(err, ERR_INPUT, "job %zu of %zu: outcome %d", i, count,
				(int)group[i].job.outcome);
		}
	}
	return true;
}

static bool book_fill_group(struct book_filling *f, int64_t first, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct job *job = &f->group[i].job;
		int64_t n = first + (int64_t)i;

		*job = (struct job){ .now = book_begins + n * BOOK_EVERY_S };
		job->today = (int32_t)((job->now + BOOK_EAST_S) / DATE_DAY_S);
		book_create(f->words, n, &f->group[i]);
	}
	if (!book_commit_group(f, count, err)) {
		return false;
	}
	for (size_t i = 0; f->words->paid && i < count; i++) {
		book_pay(first + (int64_t)i, &f->group[i]);
	}
	return !f->words->paid || book_commit_group(f, count, err);
}

static bool book_name(struct book *book, const char *name, bool gateway, struct err *err)
{
	struct job job = { .kind = JOB_NAME,
		.now = book_begins,
		.today = (int32_t)(book_begins / DATE_DAY_S),
		.u.name = { .gateway = gateway, .name = text_of(name) } };

	return book_commit(book, &job, err);
}

static bool book_begin(const char *path, struct book **book, struct err *err)
{
	struct book_options options = { .path = path, .origin = "bench/book", .now = book_begins };

	memset(options.seed, 7, sizeof(options.seed));
	memset(options.random, 9, sizeof(options.random));
	return book_open(&options, book, err) && book_name(*book, "bench", false, err) &&
	       book_name(*book, "bank", true, err);
}

/* How many payments the book has. */
static bool book_count(const char *path, int64_t *count, struct err *err)
{
	struct reader *reader = NULL;
	bool ok = reader_open(path, NULL, &reader, err) && reader_payment_last(reader, count, err);

	reader_close(&reader);
	return ok;
}

/* The payments from `first` on, `count` of them, with a line about them. */
static bool book_fill_part(struct book_filling *f, int64_t first, int64_t count, struct err *err)
{
	double began = book_seconds(CLOCK_MONOTONIC);
	double cpu = book_seconds(CLOCK_PROCESS_CPUTIME_ID);
	double total = (double)(first + count - 1);
	bool ok = true;

	latency_init(&f->latency);
	for (int64_t done = 0; ok && done < count; done += f->words->group) {
		int64_t left = count - done;

		ok = book_fill_group(f, first + done,
			(size_t)(left < f->words->group ? left : f->words->group), err);
	}
	began = book_seconds(CLOCK_MONOTONIC) - began;
	cpu = book_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	latency_sort(&f->latency);
	if (ok) {
		printf("{\"payments\":%.0f,\"per_second\":%.0f,\"cpu_us_each\":%.1f"
		       ",\"commit_p50_us\":%" PRIu32 ",\"commit_p99_us\":%" PRIu32
		       ",\"bytes_each\":%.0f,\"peak_kib\":%" PRId64 "}\n",
			total, (double)count / began, cpu * 1e6 / (double)count,
			latency_at(&f->latency, BOOK_P50), latency_at(&f->latency, BOOK_P99),
			(double)book_file_size(f->words->book) / total, book_peak_kib());
		(void)fflush(stdout);
	}
	latency_done(&f->latency);
	return ok;
}

static bool book_fill(const struct book_words *words, struct err *err)
{
	struct book_filling f = { .words = words };
	int64_t before = 0;
	bool ok = book_begin(words->book, &f.book, err) && book_count(words->book, &before, err);

	f.group = mem_new((size_t)words->group, sizeof(*f.group));
	for (int64_t part = 0; ok && part < BOOK_PARTS; part++) {
		int64_t first = words->payments * part / BOOK_PARTS;
		int64_t next = words->payments * (part + 1) / BOOK_PARTS;

		ok = next == first || book_fill_part(&f, before + first + 1, next - first, err);
	}
	free(f.group);
	book_close(&f.book);
	return ok;
}

/* Two books, in turn: a line for each turn of each. */
static bool book_turns(const struct book_words *words, struct err *err)
{
	struct book_words other = *words;
	struct book_filling f[2] = { { .words = words }, { .words = &other } };
	int64_t have[2] = { 0, 0 };
	bool ok = true;

	other.book = words->beside;
	other.accounts = words->accounts_beside;
	for (size_t i = 0; i < 2; i++) {
		f[i].group = mem_new((size_t)words->group, sizeof(*f[i].group));
		ok = ok && book_begin(f[i].words->book, &f[i].book, err) &&
		     book_count(f[i].words->book, &have[i], err);
	}
	for (int64_t turn = 0; ok && turn < 2 * words->turns; turn++) {
		size_t i = (size_t)(turn % 2);

		ok = book_fill_part(&f[i], have[i] + 1, words->payments, err);
		have[i] += words->payments;
	}
	for (size_t i = 0; i < 2; i++) {
		free(f[i].group);
		book_close(&f[i].book);
	}
	return ok;
}

/* ---- opening and reading ---- */

static bool book_reopen(const struct book_words *words, struct err *err)
{
	struct book *book = NULL;
	double began = book_seconds(CLOCK_MONOTONIC);

	if (!book_begin(words->book, &book, err)) {
		return false;
	}
	printf("{\"open_ms\":%.1f,\"peak_kib\":%" PRId64 "}\n",
		(book_seconds(CLOCK_MONOTONIC) - began) * 1e3, book_peak_kib());
	book_close(&book);
	return true;
}

/* All accounts as of a day: how many, and that they cancel out. */
static bool book_read_as_of(struct reader *reader, int32_t day, enum reader_axis axis,
	const char *what, struct err *err)
{
	double began = book_seconds(CLOCK_MONOTONIC);
	struct sums sums;
	int64_t sum = 0;
	bool more = true;
	bool ok = true;

	sums_init(&sums, day, axis, READER_LATEST);
	while (ok && more) {
		ok = sums_step(reader, &sums, &more, err) == READER_FOUND;
	}
	for (size_t i = 0; ok && i < sums.count; i++) {
		sum += sums.rows[i].debit - sums.rows[i].credit;
	}
	if (ok) {
		printf("{\"read\":\"%s\",\"ms\":%.3f,\"accounts\":%zu,\"sum\":%" PRId64 "}\n", what,
			(book_seconds(CLOCK_MONOTONIC) - began) * 1e3, sums.count, sum);
	}
	sums_done(&sums);
	return ok &&
	       (sum == 0 || err_set(err, ERR_DATABASE, "%s: the sums do not cancel out", what));
}

static bool book_read(const struct book_words *words, struct err *err)
{
	struct reader *reader = NULL;
	int32_t day = (int32_t)(book_begins / DATE_DAY_S) + BOOK_DAYS / 2;
	bool ok = reader_open(words->book, NULL, &reader, err) &&
		  book_read_as_of(reader, DATE_NONE, READER_BOOKED, "balances now", err) &&
		  book_read_as_of(reader, day, READER_BOOKED, "balances as of a booked day", err) &&
		  book_read_as_of(reader, day, READER_VALUE, "balances as of a value date", err);

	reader_close(&reader);
	return ok;
}

/* ---- the command line ---- */

static bool book_number(const char *word, int64_t *number)
{
	return text_parse_integer(text_of(word), number) && *number > 0;
}

/* One option and its word; false when it makes no sense. */
static bool book_understand_option(int which, const char *word, struct book_words *words)
{
	switch (which) {
	case 'b':
		words->book = word;
		return true;
	case 'B':
		words->beside = word;
		return true;
	case 'f':
		words->from = word;
		return true;
	case 'p':
		return book_number(word, &words->payments);
	case 'g':
		return book_number(word, &words->group) && words->group <= BOOK_BATCH_MAX;
	case 't':
		return book_number(word, &words->turns);
	case 'a':
		return book_number(word, &words->accounts);
	case 'A':
		return book_number(word, &words->accounts_beside);
	case 'k':
		words->paid = strcmp(word, "paid") == 0;
		return words->paid || strcmp(word, "exempt") == 0;
	default:
		return false;
	}
}

static bool book_understand(int argc, char **argv, struct book_words *words)
{
	static const struct option options[] = {
		{ "book", required_argument, NULL, 'b' },
		{ "beside", required_argument, NULL, 'B' },
		{ "from", required_argument, NULL, 'f' },
		{ "payments", required_argument, NULL, 'p' },
		{ "group", required_argument, NULL, 'g' },
		{ "turns", required_argument, NULL, 't' },
		{ "accounts", required_argument, NULL, 'a' },
		{ "accounts-beside", required_argument, NULL, 'A' },
		{ "kind", required_argument, NULL, 'k' },
		{ NULL, 0, NULL, 0 },
	};
	bool ok = argc > 1;
	int which;

	while (ok && words->verb < BOOK_VERB_COUNT &&
		strcmp(argv[1], book_verbs[words->verb]) != 0) {
		words->verb++;
	}
	optind = 2;
	while (ok && (which = getopt_long(argc, argv, "", options, NULL)) != -1) {
		ok = book_understand_option(which, optarg, words);
	}
	return ok && optind == argc && words->verb < BOOK_VERB_COUNT && words->book != NULL &&
	       (words->verb != BOOK_RAW || words->from != NULL) &&
	       (words->verb != BOOK_TURN || words->beside != NULL);
}

int main(int argc, char **argv)
{
	struct book_words words = { .payments = 10000,
		.group = BOOK_GROUP,
		.turns = BOOK_TURNS,
		.accounts = 1,
		.accounts_beside = 1 };
	struct err err = { 0 };
	bool ok = false;

	if (!book_understand(argc, argv, &words)) {
		(void)fputs("usage: alym_book fill|turns|raw|open|read --book FILE [--beside FILE] "
			    "[--from FILE] [--payments N] [--turns N] [--kind exempt|paid] "
			    "[--accounts N] [--accounts-beside N] [--group N]\n",
			stderr);
		return BOOK_USAGE;
	}
	switch (words.verb) {
	case BOOK_FILL:
		ok = book_fill(&words, &err);
		break;
	case BOOK_TURN:
		ok = book_turns(&words, &err);
		break;
	case BOOK_RAW:
		ok = bare_write(words.from, words.book, words.group, &err);
		break;
	case BOOK_OPEN:
		ok = book_reopen(&words, &err);
		break;
	case BOOK_READ:
		ok = book_read(&words, &err);
		break;
	case BOOK_VERB_COUNT:
		break;
	}
	if (!ok) {
		(void)fprintf(stderr, "alym_book: %s\n", err.message);
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
