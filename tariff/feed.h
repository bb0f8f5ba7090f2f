/* SPDX-License-Identifier: Apache-2.0 */

/*
 * feed - a daily list of official exchange rates, as the National Bank publishes it in XML.
 *
 * Two forms are read: that of one day (get_rates.cfm?fdate=DD.MM.YYYY), <rates> with a <date> and
 * <item>s, and that of today (rates_all.xml), <rss><channel> with a <pubDate> in each <item>.  In
 * both the header has a <title> and a <description> of its own; a rate is in an <item> only.  What
 * is read of one: title (the currency's code), description (tenge, with a decimal point), quant
 * (for how many units: 1, 10, 100 ...).  fullname, index and change are passed over.
 *
 * All items are read and checked, so that a spoilt feed is not taken in part; kept are the rates of
 * the currencies of struct exchange_day.  A day on which nothing is published (an <info>, no item)
 * is told apart: it is not a fault of the feed, and there is nothing to keep.
 */
#ifndef ALYM_TARIFF_FEED_H
#define ALYM_TARIFF_FEED_H

#include "base/attr.h"
#include "base/err.h"
#include "base/text.h"
#include "tariff/exchange.h"

enum {
	FEED_SIZE_MAX = 49152, /* bytes; a day of the National Bank's forty currencies has 15,000 */
	FEED_ITEMS_MAX = 250,
	FEED_QUANT_MAX = 1000000,
	FEED_VALUE_MAX = 1000000, /* tenge for `quant` units */
};

enum feed_result {
	FEED_READ,    /* *exchange is set */
	FEED_EMPTY,   /* it has no rates: err says for which day, if the feed does */
	FEED_REFUSED, /* err says "name:line: ..." and why */
};

/* `name` is what complaints call it: a file's name, an address.  `digest` is the bytes' SHA-256,
 * taken by the caller. */
enum feed_result feed_read(const char *name, struct text bytes,
	const uint8_t digest[EXCHANGE_DIGEST_SIZE], struct exchange_day *exchange, struct err *err)
	MUST_USE;

#endif
