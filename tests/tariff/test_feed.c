/* SPDX-License-Identifier: Apache-2.0 */

/*
 * feed - lists of official exchange rates.  The forms are those the National Bank publishes; the
 * item of USD on 01.08.2026 is its own (473.59, DOWN, -1.04), the other values are made up.
 */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "tariff/feed.h"
#include "tests/alym_test.h"

enum { MANY = FEED_ITEMS_MAX + 1, LONG_SIZE = FEED_SIZE_MAX + 1, BIG_SIZE = 1 << 16 };

#define HEADER                                                                                         \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                                                 \
	"<rates>\n"                                                                                    \
	"<generator>Alternate RSS Builder</generator>\n"                                               \
	"<title>Official exchange rates of National Bank of Republic Kazakhstan</title>\n"             \
	"<link>www.nationalbank.kz</link>\n"                                                           \
	"<description>Official exchange rates of National Bank of Republic Kazakhstan</description>\n" \
	"<copyright>www.nationalbank.kz</copyright>\n"
#define DAY "<date>01.08.2026</date>\n"
#define ITEM(code, value, quant)                                                        \
	"<item><fullname>\xD0\x94</fullname><title>" code "</title><description>" value \
	"</description><quant>" quant "</quant><index>DOWN</index><change>-1.04</change></item>\n"
#define USD ITEM("USD", "473.59", "1")
#define END "</rates>\n"

#define RSS_HEADER                                                                                     \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                                                 \
	"<rss version=\"2.0\"><channel>\n"                                                             \
	"<generator>Alternate RSS Builder</generator>\n"                                               \
	"<title>Official exchange rates of National Bank of Republic Kazakhstan</title>\n"             \
	"<link>www.nationalbank.kz</link>\n"                                                           \
	"<description>Official exchange rates of National Bank of Republic Kazakhstan</description>\n" \
	"<language>ru</language><copyright>www.nationalbank.kz</copyright>\n"
#define RSS_ITEM(code, day, value, quant)                                                         \
	"<item><title>" code "</title><pubDate>" day "</pubDate><description>" value              \
	"</description><quant>" quant "</quant><index></index><change>0.00</change><link></link>" \
	"</item>\n"
#define RSS_USD RSS_ITEM("USD", "01.08.2026", "473.59", "1")
#define RSS_END "</channel></rss>\n"

static void digest(uint8_t out[EXCHANGE_DIGEST_SIZE])
{
	memset(out, 0xA5, EXCHANGE_DIGEST_SIZE);
}

static enum feed_result read_text(struct text feed, struct exchange_day *exchange, struct err *err)
{
	uint8_t sha256[EXCHANGE_DIGEST_SIZE];

	digest(sha256);
	return feed_read("feed.xml", feed, sha256, exchange, err);
}

static enum feed_result read_string(const char *feed, struct exchange_day *exchange,
	struct err *err)
{
	return read_text(text_of(feed), exchange, err);
}

static void assert_rate(const struct exchange_day *exchange, const char *currency,
	const char *written, int64_t quant, struct rational value)
{
	const struct exchange_rate *rate = exchange_find(exchange, currency);

	assert_non_null(rate);
	assert_string_equal(rate->currency, currency);
	assert_string_equal(rate->written, written);
	assert_int_equal(rate->quant, quant);
	assert_int_equal(rate->value.numerator, value.numerator);
	assert_int_equal(rate->value.denominator, value.denominator);
}

static int32_t day_of(int year, int month, int day)
{
	int32_t number = DATE_NONE;

	assert_true(date_from_civil((struct date_civil){ year, month, day }, &number));
	return number;
}

static void the_feed_of_one_day_is_read(void **state)
{
	static const char feed[] = HEADER DAY USD ITEM("EUR", "540.5", "1") ITEM("GBP", "630", "1")
		ITEM("CHF", "5850", "10") ITEM("KRW", "34.12", "100") ITEM("IRR", "0.11", "10000")
			END;
	struct exchange_day exchange = { 0 };
	struct err err = { 0 };
	uint8_t sha256[EXCHANGE_DIGEST_SIZE];

	(void)state;
	digest(sha256);
	assert_int_equal(read_string(feed, &exchange, &err), FEED_READ);
	assert_int_equal(exchange.day, day_of(2026, 8, 1));
	assert_memory_equal(exchange.digest, sha256, sizeof(sha256));
	assert_int_equal(exchange.count, 4); /* what no tariff charges in is not kept */
	assert_string_equal(exchange.rates[0].currency, "CHF");
	assert_string_equal(exchange.rates[3].currency, "USD");
	assert_rate(&exchange, "USD", "473.59", 1, (struct rational){ 47359, 100 });
	assert_rate(&exchange, "EUR", "540.5", 1, (struct rational){ 1081, 2 });
	assert_rate(&exchange, "GBP", "630", 1, (struct rational){ 630, 1 });
	assert_rate(&exchange, "CHF", "5850", 10, (struct rational){ 5850, 1 });
	assert_null(exchange_find(&exchange, "KRW"));
	assert_null(exchange_find(&exchange, "KZT"));
}

/* The sample in one line, without header fields beyond the title. */
static void the_short_sample_is_read(void **state)
{
	static const char feed[] =
		"<rates><title>Official exchange rates of National Bank of Republic "
		"Kazakhstan</title><date>01.08.2026</date><item><fullname>\xD0\x94\xD0\x9E"
		"\xD0\x9B\xD0\x9B\xD0\x90\xD0\xA0 \xD0\xA1\xD0\xA8\xD0\x90</fullname><title>USD"
		"</title><description>473.59</description><quant>1</quant><index>DOWN</index>"
		"<change>-1.04</change></item></rates>";
	struct exchange_day exchange = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_string(feed, &exchange, &err), FEED_READ);
	assert_int_equal(exchange.count, 1);
	assert_rate(&exchange, "USD", "473.59", 1, (struct rational){ 47359, 100 });
}

static void the_rss_feed_is_read(void **state)
{
	static const char feed[] = RSS_HEADER RSS_ITEM("EUR", "01.08.2026", "540.50", "1")
		RSS_USD RSS_ITEM("GBP", "01.08.2026", "630.00", "1")
			RSS_ITEM("UZS", "01.08.2026", "3.9", "100") RSS_END;
	struct exchange_day exchange = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_string(feed, &exchange, &err), FEED_READ);
	assert_int_equal(exchange.day, day_of(2026, 8, 1));
	assert_int_equal(exchange.count, 3);
	assert_rate(&exchange, "GBP", "630", 1, (struct rational){ 630, 1 });
	assert_rate(&exchange, "EUR", "540.5", 1, (struct rational){ 1081, 2 });
	assert_rate(&exchange, "USD", "473.59", 1, (struct rational){ 47359, 100 });
}

/* A header field that could be taken for a rate is none. */
static void the_header_holds_no_rate(void **state)
{
	static const char feed[] = "<rates><title>USD</title><description>1.00</description>"
				   "<quant>1</quant>" DAY USD END;
	struct exchange_day exchange = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_string(feed, &exchange, &err), FEED_READ);
	assert_int_equal(exchange.count, 1);
	assert_rate(&exchange, "USD", "473.59", 1, (struct rational){ 47359, 100 });
}

static void a_day_without_rates_is_told_apart(void **state)
{
	/* "no" in Russian, as the day without rates has it */
	static const char by_day[] =
		HEADER "<date>03.05.2026</date><info>\xD0\xBD\xD0\xB5\xD1\x82</info>" END;
	static const char undated[] = HEADER "<info>\xD0\xBD\xD0\xB5\xD1\x82</info>" END;
	static const char rss[] = RSS_HEADER RSS_END;
	struct exchange_day exchange = { .day = 7 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_string(by_day, &exchange, &err), FEED_EMPTY);
	assert_string_equal(err.message, "feed.xml: there are no rates for 03.05.2026");
	assert_int_equal(read_string(undated, &exchange, &err), FEED_EMPTY);
	assert_string_equal(err.message, "feed.xml: there are no rates in it");
	assert_int_equal(read_string(rss, &exchange, &err), FEED_EMPTY);
	assert_int_equal(exchange.day, 7); /* untouched */
	assert_int_equal(exchange.count, 0);
}

struct spoilt {
	const char *what;
	const char *feed;
	const char *says; /* the complaint begins or goes on so */
};

/* clang-format off */
static const struct spoilt spoilts[] = {
	{ "a decimal comma", HEADER DAY ITEM("USD", "473,59", "1") END,
		"feed.xml:9: <description>: \"473,59\" is not a rate" },
	{ "a space for thousands", HEADER DAY USD ITEM("CHF", "5 850", "10") END,
		"feed.xml:10: <description>: \"5 850\" is not a rate" },
	{ "a space behind", HEADER DAY ITEM("USD", "473.59 ", "1") END, "feed.xml:9: " },
	{ "a minus", HEADER DAY ITEM("USD", "-473.59", "1") END, "\"-473.59\" is not a rate" },
	{ "two points", HEADER DAY ITEM("USD", "473.59.1", "1") END, "one decimal point" },
	{ "a zero before", HEADER DAY ITEM("USD", "0473.59", "1") END, "\"0473.59\" is not a rate" },
	{ "a point at the end", HEADER DAY ITEM("USD", "473.", "1") END, "one decimal point" },
	{ "a point alone", HEADER DAY ITEM("USD", ".", "1") END, "one decimal point" },
	{ "a fraction", HEADER DAY ITEM("USD", "473/2", "1") END, "\"473/2\" is not a rate" },
	{ "too many places", HEADER DAY ITEM("USD", "473.5912345", "1") END, "6 places" },
	{ "a rate of nothing", HEADER DAY ITEM("USD", "0.00", "1") END, "\"0.00\" is no rate" },
	{ "a huge rate", HEADER DAY ITEM("USD", "1000000", "1") END, "more tenge" },
	{ "a rate that fits nowhere", HEADER DAY ITEM("USD", "99999999999999999999", "1") END,
		"is not a rate" },
	{ "an empty rate", HEADER DAY ITEM("USD", "", "1") END, "<description>: \"\" is empty" },
	{ "a rate with an element in it", HEADER DAY ITEM("USD", "473<b/>.59", "1") END,
		"is not plain text" },
	{ "a quant of nothing", HEADER DAY ITEM("USD", "473.59", "0") END,
		"<quant>: \"0\" is not 1, 10" },
	{ "a quant of five", HEADER DAY ITEM("USD", "473.59", "5") END, "\"5\" is not 1, 10" },
	{ "a quant of eleven", HEADER DAY ITEM("USD", "473.59", "11") END, "\"11\" is not 1, 10" },
	{ "a quant with a zero before", HEADER DAY ITEM("USD", "473.59", "01") END, "\"01\" is not" },
	{ "a negative quant", HEADER DAY ITEM("USD", "473.59", "-1") END, "\"-1\" is not 1, 10" },
	{ "a huge quant", HEADER DAY ITEM("USD", "473.59", "10000000") END, "is not 1, 10" },
	{ "a currency twice", HEADER DAY USD USD END, "feed.xml:10: <title>: \"USD\" has two rates" },
	{ "a currency twice that is not kept", HEADER DAY USD ITEM("KRW", "1", "1")
		ITEM("KRW", "1", "1") END, "\"KRW\" has two rates" },
	{ "a currency in small letters", HEADER DAY ITEM("usd", "473.59", "1") END, "currency's code" },
	{ "a currency of four letters", HEADER DAY ITEM("USDT", "473.59", "1") END, "currency's code" },
	{ "a spoilt rate that is not kept", HEADER DAY USD ITEM("KRW", "34,12", "100") END,
		"feed.xml:10: " },
	{ "no rate that is kept", HEADER DAY ITEM("KRW", "34.12", "100") END, "has no rate of USD" },
	{ "no day", HEADER USD END, "has no <date>" },
	{ "two days", HEADER DAY DAY USD END, "<date>: \"\" stands there twice" },
	{ "a day that does not exist", HEADER "<date>30.02.2026</date>" USD END,
		"\"30.02.2026\" is not a day that exists" },
	{ "a day written the other way", HEADER "<date>2026-08-01</date>" USD END, "DD.MM.YYYY" },
	{ "a day with letters", HEADER "<date>01.ab.2026</date>" USD END, "a day that exists" },
	{ "items of two days", RSS_HEADER RSS_USD RSS_ITEM("EUR", "02.08.2026", "540", "1") RSS_END,
		"feed.xml:9: <pubDate>: \"02.08.2026\" is another day" },
	{ "an item without its day", RSS_HEADER "<item><title>USD</title><description>473.59"
		"</description><quant>1</quant></item>" RSS_END, "lacks a title, pubDate" },
	{ "an item without a quant", HEADER DAY "<item><title>USD</title><description>473.59"
		"</description></item>" END, "lacks a title, description or quant" },
	{ "an item with two titles", HEADER DAY "<item><title>USD</title><title>EUR</title>"
		"<description>473.59</description><quant>1</quant></item>" END, "item twice" },
	{ "an item with two rates", HEADER DAY "<item><title>USD</title><description>473.59"
		"</description><description>1</description><quant>1</quant></item>" END, "item twice" },
	{ "an item with two quants", HEADER DAY "<item><title>USD</title><quant>1</quant><quant>1"
		"</quant><description>473.59</description></item>" END, "item twice" },
	{ "two channels", "<rss><channel/><channel/></rss>", "<channel>: \"\" stands there twice" },
	{ "rss without a channel", "<rss/>", "is neither <rates> nor <rss>" },
	{ "another document", "<html><body/></html>", "is neither <rates> nor <rss>" },
	{ "an error page", "<html><br></html>", "feed.xml:1: " },
	{ "nothing", "", "is empty or is not UTF-8" },
	{ "broken XML", HEADER DAY USD, "feed.xml:" },
	{ "a DOCTYPE", "<!DOCTYPE rates><rates>" DAY USD END, "DOCTYPE" },
	{ "entities that expand", "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><rates>"
		DAY USD END, "DOCTYPE" },
	{ "an unknown entity", HEADER DAY ITEM("USD", "&rate;", "1") END, "feed.xml:9: " },
	{ "a namespace", "<rates xmlns=\"urn:x\">" DAY USD END, "namespace" },
	{ "another encoding", "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rates>" DAY USD END,
		"UTF-8" },
	/* not converted: libxml2 would complain to standard error of what does not convert */
	{ "an encoding of two bytes", "<?xml version='1.0' encoding='UTF-16'?><rates>" DAY USD END,
		"feed.xml:1: declares the encoding UTF-16; only UTF-8 is read" },
	{ "an encoding of four bytes", "\xEF\xBB\xBF<?xml version=\"1.0\" encoding =\n\"utf32be\" ?>"
		"<rates>" DAY USD END, "feed.xml:1: declares the encoding utf32be; only" },
	{ "a declaration without an end", "<?xml version=\"1.0\" encoding=\"", "feed.xml:1: " },
	{ "bytes of another encoding", "<rates><title>\xC4\xCE\xCB\xCB\xC0\xD0</title>" DAY USD END,
		"is not UTF-8" },
};
/* clang-format on */

static void what_is_spoilt_is_refused_by_line_and_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spoilts) / sizeof(*spoilts); i++) {
		struct exchange_day exchange = { .day = 7 };
		struct err err = { 0 };
		enum feed_result result = read_string(spoilts[i].feed, &exchange, &err);

		if (result != FEED_REFUSED || strstr(err.message, spoilts[i].says) == NULL) {
			fail_msg("%s: %d, %s", spoilts[i].what, (int)result, err.message);
		}
		assert_int_equal(err.kind, ERR_INPUT);
		assert_int_equal(exchange.day, 7);
	}
}

/* `count` items of currencies AAA, AAB ... and one of USD. */
static size_t write_many(char *out, size_t size, size_t count)
{
	int used = snprintf(out, size, "%s", "<rates>" DAY USD);

	for (size_t i = 0; i + 1 < count; i++) {
		used += snprintf(out + used, size - (size_t)used,
			"<item><title>%c%c%c</title><description>1</description><quant>1</quant></item>",
			(char)('A' + i / 676 % 26), (char)('A' + i / 26 % 26),
			(char)('A' + i % 26));
	}
	used += snprintf(out + used, size - (size_t)used, "%s", END);
	assert_true((size_t)used < size);
	return (size_t)used;
}

static void the_limits_are_met_and_not_passed(void **state)
{
	static char bytes[BIG_SIZE];
	struct exchange_day exchange = { 0 };
	struct err err = { 0 };
	size_t size = write_many(bytes, sizeof(bytes), FEED_ITEMS_MAX);

	(void)state;
	assert_int_equal(read_text((struct text){ bytes, size }, &exchange, &err), FEED_READ);
	size = write_many(bytes, sizeof(bytes), MANY);
	assert_int_equal(read_text((struct text){ bytes, size }, &exchange, &err), FEED_REFUSED);
	assert_non_null(strstr(err.message, "one item too many"));

	(void)snprintf(bytes, sizeof(bytes), "%s", HEADER DAY USD END);
	memset(bytes + strlen(bytes), '\n', sizeof(bytes) - strlen(bytes));
	assert_int_equal(read_text((struct text){ bytes, LONG_SIZE - 1 }, &exchange, &err),
		FEED_READ);
	assert_int_equal(read_text((struct text){ bytes, LONG_SIZE }, &exchange, &err),
		FEED_REFUSED);
	assert_string_equal(err.message, "feed.xml:1: is longer than 49152 bytes");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_feed_of_one_day_is_read),
		cmocka_unit_test(the_short_sample_is_read),
		cmocka_unit_test(the_rss_feed_is_read),
		cmocka_unit_test(the_header_holds_no_rate),
		cmocka_unit_test(a_day_without_rates_is_told_apart),
		cmocka_unit_test(what_is_spoilt_is_refused_by_line_and_reason),
		cmocka_unit_test(the_limits_are_met_and_not_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
