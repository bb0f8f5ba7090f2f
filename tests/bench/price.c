/* SPDX-License-Identifier: Apache-2.0 */

/*
 * price - quotes in process on one core, beside a bare look-up in a table, in the same run.
 *
 *     alym_price [--rounds N] [--smoke]
 *
 * The same questions are put in turn to a sorted table of (service, action, days) -> sum, which is
 * the least that could answer them, to quote_compute(), and to quote_compute() and quote_write(),
 * by the tariff as it is and by one of fifty years and two thousand rows.  What is printed is the
 * median of the rounds, and the median of the rounds' ratios to the look-up.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "base/mem.h"
#include "tariff/order.h"
#include "tariff/set.h"
#include "tests/tariff/fixture.h"

enum {
	PRICE_ROUNDS = 15,
	PRICE_ROUNDS_MAX = 101,
	PRICE_COMPUTED = 200000, /* figures of one round */
	PRICE_WRITTEN = 2000,    /* full quotes of one round */
	PRICE_SMOKE_DIVISOR = 100,
	PRICE_JSON_MAX = 1 << 20,
	PRICE_FILE_MAX = 1 << 21,
	PRICE_YEARS_FIRST = 2020, /* of the large set: fifty */
	PRICE_YEARS_LAST = 2069,
	PRICE_KNOWN_LAST = 2026, /* the last year whose MRP tariff/data has */
	PRICE_SERVICES = 36,     /* of the large set, beside those of the law */
	PRICE_ROWS_MIN = 2000,
};

static const int64_t price_ns_per_s = INT64_C(1000000000);

struct question {
	struct quote_request request;
	int32_t day;
};

/* One row of the bare table. */
struct entry {
	struct text service;
	struct text action;
	struct span days;
	int64_t minor;
};

struct table {
	struct entry *entries;
	size_t count;
};

/* A set, the questions put to it, and the bare table that answers them too. */
struct bench {
	const char *name;
	struct tariff *tariff;
	struct table table;
	struct question *questions;
	size_t question_count;
};

/* Processor time: what others do meanwhile on the machine counts less. */
static int64_t price_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * price_ns_per_s + now.tv_nsec;
}

/* ---- the sets ---- */

static void price_add_mrps(struct buffer *b)
{
	for (int year = PRICE_KNOWN_LAST + 1; year <= PRICE_YEARS_LAST; year++) {
		buffer_printf(b,
			"<mrp id=\"g-mrp-%d\" value=\"%d\" purposes=\"benefit duty fine\" year=\"%d\""
			" from=\"%d-01-01\" entered=\"2026-01-01\" act=\"g-act\""
			" status=\"unverified\" source=\"generated\"/>\n",
			year, 4000 + 2 * (year - 2000), year, year);
	}
}

/* A chain of one row for each year. */
static void price_add_rates(struct buffer *b, int service)
{
	for (int year = PRICE_YEARS_FIRST; year <= PRICE_YEARS_LAST; year++) {
		buffer_printf(b,
			"<rate id=\"g%d-rate-%d\" value=\"%d.5\" unit=\"MRP\" from=\"%d-01-01\""
			" last=\"%d-12-31\" entered=\"2026-01-01\" act=\"g-act\""
			" status=\"unverified\" source=\"generated\"/>\n",
			service, year, year % 40, year, year);
	}
}

static void price_add_service(struct buffer *b, int service)
{
	static const char texts[] = "<kk>g</kk><ru>g</ru><en>g</en>";
	static const char row[] = "from=\"2020-01-01\" entered=\"2026-01-01\" act=\"g-act\""
				  " status=\"unverified\" source=\"generated\"";

	buffer_printf(b,
		"<service code=\"generated.%d\" regime=\"state-duty\"><name>%s</name>"
		"<action code=\"issue\">%s</action>\n",
		service, texts, texts);
	price_add_rates(b, service);
	buffer_printf(b,
		"<rounding id=\"g%d-rounding\" rule=\"exact\" per=\"person\" step-minor=\"1\" %s/>\n"
		"<budget id=\"g%d-budget\" kbk=\"108126\" knp=\"911\" %s/>\n"
		"<refund id=\"g%d-refund\" rule=\"unknown\" %s/></service>\n",
		service, row, service, row, service, row);
}

/* The law, and as many services again as make it fifty years and two thousand rows. */
static void price_generate(struct fixture *f)
{
	struct buffer b;

	buffer_init(&b, PRICE_FILE_MAX);
	buffer_add_string(&b, "<tariff><act id=\"g-act\" kind=\"terms\" source=\"generated\">"
			      "<kk>g</kk><ru>g</ru><en>g</en></act>\n");
	price_add_mrps(&b);
	for (int i = 0; i < PRICE_SERVICES; i++) {
		price_add_service(&b, i);
	}
	buffer_add_string(&b, "</tariff>\n");
	assert(!b.overflowed);
	fixture_add(f, "generated.xml", buffer_text(&b));
	buffer_done(&b);
}

static struct tariff *price_load(struct fixture *f)
{
	struct err err = { 0 };
	struct tariff *tariff = fixture_load(f, &err);

	if (tariff == NULL) {
		(void)fprintf(stderr, "alym_price: %s\n", err.message);
		exit(EXIT_FAILURE);
	}
	return tariff;
}

/* ---- the bare table ---- */

static int entry_compare(const void *a, const void *b)
{
	const struct entry *left = a;
	const struct entry *right = b;
	int order = order_texts(left->service, right->service);

	if (order == 0) {
		order = order_texts(left->action, right->action);
	}
	if (order == 0) {
		order = (left->days.from > right->days.from) - (left->days.from < right->days.from);
	}
	return order;
}

static void table_add(struct table *t, const struct service *service,
	const struct service_action *action)
{
	const struct variant *variant = &action->variants.variants[0];

	for (size_t i = 0; i < variant->segment_count; i++) {
		t->entries = mem_grow(t->entries, t->count + 1, sizeof(*t->entries));
		t->entries[t->count++] = (struct entry){
			.service = service->code,
			.action = action->code,
			.days = variant->segments[i].days,
			.minor = variant->segments[i].unit.minor,
		};
	}
}

/* NULL when there is none. */
static const struct entry *table_find(const struct table *t, const struct question *q)
{
	struct entry wanted = {
		.service = q->request.service,
		.action = q->request.action,
		.days = { q->day, q->day },
	};
	size_t low = 0;
	size_t high = t->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entry_compare(&t->entries[middle], &wanted) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (low == 0 || !span_has(t->entries[low - 1].days, q->day) ||
		!text_equal(t->entries[low - 1].service, wanted.service) ||
		!text_equal(t->entries[low - 1].action, wanted.action)) {
		return NULL;
	}
	return &t->entries[low - 1];
}

/* ---- questions ---- */

static void bench_ask(struct bench *b, const struct service *service, struct text action,
	int32_t day)
{
	struct question *q;

	b->questions = mem_grow(b->questions, b->question_count + 1, sizeof(*b->questions));
	q = &b->questions[b->question_count++];
	*q = (struct question){ .day = day };
	q->request.service = service->code;
	q->request.action = action;
	q->request.birth_date = q->request.travel_date = DATE_NONE;
}

/* Each action of each service that asks nothing of the applicant, once in every of its segments. */
static void bench_open(struct bench *b, const char *name, struct fixture *f)
{
	*b = (struct bench){ .name = name, .tariff = price_load(f) };
	for (size_t i = 0; i < b->tariff->service_count; i++) {
		const struct service *s = b->tariff->services[i];

		for (size_t j = 0; s->regime == SERVICE_STATE_DUTY && j < s->action_count; j++) {
			table_add(&b->table, s, &s->actions[j]);
		}
	}
	assert(b->table.entries != NULL); /* the law has duties */
	qsort(b->table.entries, b->table.count, sizeof(struct entry), entry_compare);
	for (size_t i = 0; i < b->table.count; i++) {
		const struct entry *e = &b->table.entries[i];

		bench_ask(b, set_service(b->tariff, e->service), e->action, e->days.from);
	}
	/* In no order, so that nothing is found where the last was. */
	for (size_t i = 0; i < b->question_count; i++) {
		size_t other = i * UINT64_C(2654435761) % b->question_count;
		struct question q = b->questions[i];

		b->questions[i] = b->questions[other];
		b->questions[other] = q;
	}
}

/* The questions of another bench instead of its own. */
static void bench_ask_as(struct bench *b, const struct bench *other)
{
	free(b->questions);
	b->questions = mem_copy(other->questions, other->question_count * sizeof(*b->questions));
	b->question_count = other->question_count;
}

static void bench_close(struct bench *b)
{
	tariff_free(&b->tariff);
	free(b->table.entries);
	free(b->questions);
}

static struct quote_basis bench_basis(const struct bench *b, int32_t day)
{
	return fixture_basis(b->tariff, day);
}

/* Both answer, and say the same. */
static void bench_check(const struct bench *b)
{
	for (size_t i = 0; i < b->question_count; i++) {
		const struct question *q = &b->questions[i];
		const struct entry *entry = table_find(&b->table, q);
		struct quote_basis basis = bench_basis(b, q->day);
		struct quote_refusal refusal;
		struct quote quote;

		if (entry == NULL ||
			quote_compute(&basis, &q->request, &quote, &refusal) != QUOTE_DONE ||
			quote.due.minor != entry->minor) {
			(void)fprintf(stderr, "alym_price: the table and the quote differ\n");
			exit(EXIT_FAILURE);
		}
	}
}

/* ---- what is measured: each gives a sum, which nobody can leave out ---- */

typedef int64_t price_fn(const struct bench *b, size_t count, struct buffer *out);

static int64_t price_look_up(const struct bench *b, size_t count, struct buffer *out)
{
	int64_t sum = 0;

	(void)out;
	for (size_t i = 0; i < count; i++) {
		sum += table_find(&b->table, &b->questions[i % b->question_count])->minor;
	}
	return sum;
}

static int64_t price_compute(const struct bench *b, size_t count, struct buffer *out)
{
	int64_t sum = 0;

	(void)out;
	for (size_t i = 0; i < count; i++) {
		const struct question *q = &b->questions[i % b->question_count];
		struct quote_basis basis = bench_basis(b, q->day);
		struct quote_refusal refusal;
		struct quote quote;

		if (quote_compute(&basis, &q->request, &quote, &refusal) == QUOTE_DONE) {
			sum += quote.due.minor;
		}
	}
	return sum;
}

static int64_t price_write(const struct bench *b, size_t count, struct buffer *out)
{
	int64_t sum = 0;

	for (size_t i = 0; i < count; i++) {
		const struct question *q = &b->questions[i % b->question_count];
		struct quote_basis basis = bench_basis(b, q->day);
		struct quote_refusal refusal;
		struct json_writer w;
		struct quote quote;

		if (quote_compute(&basis, &q->request, &quote, &refusal) == QUOTE_DONE) {
			buffer_reset(out);
			json_writer_init(&w, out);
			quote_write(&basis, &q->request, &quote, &w, NULL);
			sum += (int64_t)out->size;
		}
	}
	return sum;
}

/* ---- rounds ---- */

static const struct {
	const char *name;
	price_fn *run;
	size_t count;
} price_kinds[] = {
	{ "bare look-up", price_look_up, PRICE_COMPUTED },
	{ "quote: figures", price_compute, PRICE_COMPUTED },
	{ "quote: figures and the whole argument, kk ru en", price_write, PRICE_WRITTEN },
};

enum { PRICE_KINDS = sizeof(price_kinds) / sizeof(*price_kinds), PRICE_SETS = 3 };

struct rounds {
	int count;
	int divisor;
	double ns[PRICE_SETS][PRICE_KINDS][PRICE_ROUNDS_MAX];
	double load_ms[PRICE_SETS][PRICE_ROUNDS_MAX];
};

static int price_compare(const void *a, const void *b)
{
	double left = *(const double *)a;
	double right = *(const double *)b;

	return (left > right) - (left < right);
}

static double price_median(const double *values, int count)
{
	double sorted[PRICE_ROUNDS_MAX];

	assert(count > 0 && count <= PRICE_ROUNDS_MAX);

	memcpy(sorted, values, (size_t)count * sizeof(*sorted));
	qsort(sorted, (size_t)count, sizeof(*sorted), price_compare);
	return sorted[count / 2];
}

/* Of the rounds, each to the bare look-up of the same questions in the same round. */
static double price_ratio(const struct rounds *r, int set, int kind)
{
	double ratios[PRICE_ROUNDS_MAX];

	for (int i = 0; i < r->count; i++) {
		ratios[i] = r->ns[set][kind][i] / r->ns[set][0][i];
	}
	return price_median(ratios, r->count);
}

static double price_load_once(struct fixture *f)
{
	int64_t began = price_now();
	struct tariff *tariff = price_load(f);
	int64_t took = price_now() - began;

	tariff_free(&tariff);
	return (double)took / 1e6;
}

static void price_round(struct rounds *r, int round, const struct bench *benches,
	struct buffer *out)
{
	for (int set = 0; set < PRICE_SETS; set++) {
		for (int kind = 0; kind < PRICE_KINDS; kind++) {
			size_t count = price_kinds[kind].count / (size_t)r->divisor;
			int64_t began = price_now();
			int64_t sum = price_kinds[kind].run(&benches[set], count, out);
			int64_t took = price_now() - began;

			assert(sum > 0);
			r->ns[set][kind][round] = (double)took / (double)count;
		}
	}
}

static void price_print(const struct rounds *r, const struct bench *benches)
{
	(void)printf("| | ns each | a second | x bare look-up |\n|---|---|---|---|\n");
	for (int set = 0; set < PRICE_SETS; set++) {
		for (int kind = 0; kind < PRICE_KINDS; kind++) {
			double ns = price_median(r->ns[set][kind], r->count);

			(void)printf("| %s, %s | %.0f | %.0f | %.1f |\n", price_kinds[kind].name,
				benches[set].name, ns, 1e9 / ns, price_ratio(r, set, kind));
		}
	}
	for (int set = 0; set < PRICE_SETS; set++) {
		(void)printf("%s: %zu rows, %zu prices, loaded in %.1f ms\n", benches[set].name,
			benches[set].tariff->row_count, benches[set].table.count,
			price_median(r->load_ms[set], r->count));
	}
}

static void price_run(struct rounds *r)
{
	struct fixture files[PRICE_SETS];
	struct bench benches[PRICE_SETS];
	struct buffer out;

	buffer_init(&out, PRICE_JSON_MAX);
	for (int set = 0; set < PRICE_SETS; set++) {
		fixture_open(TARIFF_DATA, &files[set]);
	}
	price_generate(&files[1]);
	price_generate(&files[2]);
	bench_open(&benches[0], "the law", &files[0]);
	bench_open(&benches[1], "50 years, the same questions", &files[1]);
	bench_open(&benches[2], "50 years, all its prices", &files[2]);
	assert(benches[1].tariff->row_count >= PRICE_ROWS_MIN);
	bench_ask_as(&benches[1], &benches[0]);
	for (int set = 0; set < PRICE_SETS; set++) {
		bench_check(&benches[set]);
	}
	for (int i = 0; i < r->count; i++) {
		for (int set = 0; set < PRICE_SETS; set++) {
			r->load_ms[set][i] = price_load_once(&files[set]);
		}
		price_round(r, i, benches, &out);
	}
	price_print(r, benches);
	for (int set = PRICE_SETS - 1; set >= 0; set--) { /* some ask what the first one's say */
		bench_close(&benches[set]);
		fixture_close(&files[set]);
	}
	buffer_done(&out);
}

int main(int argc, char **argv)
{
	struct rounds *r = mem_new(1, sizeof(*r));
	int rc = EXIT_SUCCESS;

	r->count = PRICE_ROUNDS;
	r->divisor = 1;
	if (argc == 2 && strcmp(argv[1], "--smoke") == 0) {
		r->count = 1;
		r->divisor = PRICE_SMOKE_DIVISOR;
	} else if (argc == 3 && strcmp(argv[1], "--rounds") == 0) {
		r->count = (int)strtol(argv[2], NULL, 10);
	} else if (argc != 1) {
		r->count = 0;
	}
	if (r->count < 1 || r->count > PRICE_ROUNDS_MAX) {
		(void)fprintf(stderr, "usage: alym_price [--rounds 1..%d] [--smoke]\n",
			PRICE_ROUNDS_MAX);
		rc = EXIT_FAILURE;
	} else {
		price_run(r);
	}
	free(r);
	return rc;
}
