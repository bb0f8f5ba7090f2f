/* SPDX-License-Identifier: Apache-2.0 */

/* cite - how rows and texts of a set are shown: as JSON, and as a citation in a sentence. */
#ifndef ALYM_TARIFF_CITE_H
#define ALYM_TARIFF_CITE_H

#include "base/json.h"
#include "tariff/set.h"

/* {"en","kk","ru"}. */
void cite_texts(struct json_writer *w, const char *name, const struct texts *texts);

/* The act, article and item of a row, the days it acts, source and status; briefly: act and place
 * only. */
void cite_row(struct json_writer *w, const char *name, const struct row *row, struct span days);
void cite_row_briefly(struct json_writer *w, const char *name, const struct row *row);

/* Members "unit" and "value" of a rate, and what it depends on: "where", "years". */
void cite_rate(struct json_writer *w, const struct rate *rate);

/* A rule as one object; its law with the days it acts, or briefly where `days` is NULL. */
void cite_rule(struct json_writer *w, const struct rule *rule, const struct span *days);

/* "Tax Code № 214-VIII, art. 666", in that language. */
void cite_sentence(const struct phrases *phrases, const struct row *row, enum language language,
	struct buffer *out);

/* 2026-01-01 in English, 01.01.2026 in Kazakh and Russian. */
enum { CITE_DAY_SIZE = 16 };
struct text cite_day(int32_t day, enum language language, char out[CITE_DAY_SIZE]);

#endif
