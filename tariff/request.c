/* SPDX-License-Identifier: Apache-2.0 */

/* request - a quote request from JSON and back: quote_read() and quote_request_write(). */
#include <assert.h>
#include <stdio.h>

#include "base/date.h"
#include "tariff/quote.h"

enum {
	REQUEST_CODE_MAX = 64,
	REQUEST_MISSION_MAX = 64,
};

/*
 * The longest a request can be written: every byte of a document may be a quotation mark, which
 * takes two; every other text is shorter than REQUEST_CODE_MAX and may grow the same way.
 */
_Static_assert(QUOTE_CLAIMS_MAX *(2 * (QUOTE_DOCUMENT_MAX + REQUEST_CODE_MAX) + 64) +
			       10 * 2 * REQUEST_CODE_MAX + 512 <=
		       QUOTE_REQUEST_SIZE_MAX,
	"whatever was read can be written");

/* Complains of unknown members; the complaint sticks until the caller ends its own reader. */
static void request_end(struct json_reader *r)
{
	bool fine = json_reader_end(r);

	assert(fine || r->problem->fault != JSON_FINE);
}

static void request_read_date(struct json_reader *r, quote_day_fn *day_of, void *context,
	int32_t *day)
{
	int32_t date = DATE_NONE;
	int64_t time = DATE_NO_TIME;

	assert(day_of != NULL);

	json_take_date(r, "date", JSON_OPTIONAL, &date);
	json_take_time(r, "time", JSON_OPTIONAL, &time);
	if (date != DATE_NONE && time != DATE_NO_TIME) {
		json_complain(r, JSON_WRONG, "time", "must not stand beside \"date\"");
	} else if (date != DATE_NONE) {
		*day = date;
	} else if (time != DATE_NO_TIME) {
		*day = day_of(context, time);
	}
}

static void request_read_applicant(struct json_reader *r, struct quote_request *request)
{
	struct json_reader applicant;

	json_take_object(r, "applicant", JSON_OPTIONAL, &applicant);
	json_take_date(&applicant, "birth_date", JSON_OPTIONAL, &request->birth_date);
	json_take_text(&applicant, "nationality", JSON_OPTIONAL, QUOTE_NATIONALITY_MAX,
		&request->nationality);
	request_end(&applicant);
}

static void request_read_claims(struct json_reader *r, struct quote_request *request)
{
	const struct json_value *claims = NULL;
	const struct json_value *element;

	json_take_array(r, "claims", JSON_OPTIONAL, QUOTE_CLAIMS_MAX, &claims);
	element = claims != NULL ? claims->first : NULL;
	for (size_t i = 0; element != NULL; i++, element = element->next) {
		struct json_reader claim;
		char path[JSON_PATH_SIZE + 32];

		(void)snprintf(path, sizeof(path), "%s%sclaims[%zu]", r->path,
			r->path[0] == '\0' ? "" : ".", i);
		json_reader_init(&claim, element, path, r->problem);
		json_take_text(&claim, "document", JSON_OPTIONAL, QUOTE_DOCUMENT_MAX,
			&request->claims[i].document);
		json_take_text(&claim, "ground", JSON_REQUIRED, REQUEST_CODE_MAX,
			&request->claims[i].ground);
		request_end(&claim);
		request->claim_count = i + 1;
	}
}

void quote_read(struct json_reader *r, bool dates, quote_day_fn *day_of, void *context,
	struct quote_request *request, int32_t *day)
{
	assert(r != NULL);
	assert(request != NULL);
	assert(day != NULL || !dates);

	*request = (struct quote_request){ .birth_date = DATE_NONE };
	request->activation_date = request->travel_date = DATE_NONE;
	json_take_text(r, "service", JSON_REQUIRED, REQUEST_CODE_MAX, &request->service);
	json_take_text(r, "action", JSON_OPTIONAL, REQUEST_CODE_MAX, &request->action);
	json_take_integer(r, "quantity", JSON_OPTIONAL, 1, QUOTE_QUANTITY_MAX, &request->quantity);
	if (dates) {
		request_read_date(r, day_of, context, day);
	}
	request_read_applicant(r, request);
	request_read_claims(r, request);
	json_take_text(r, "category", JSON_OPTIONAL, QUOTE_CATEGORY_MAX, &request->category);
	json_take_text(r, "currency", JSON_OPTIONAL, MONEY_CURRENCY_SIZE - 1, &request->currency);
	json_take_date(r, "activation_date", JSON_OPTIONAL, &request->activation_date);
	json_take_date(r, "travel_date", JSON_OPTIONAL, &request->travel_date);
	json_take_text(r, "place", JSON_OPTIONAL, QUOTE_PLACE_DIGITS, &request->place);
	if (request->place.size > 0 &&
		(request->place.size != QUOTE_PLACE_DIGITS || !text_is_digits(request->place))) {
		json_complain(r, JSON_WRONG, "place", "must be a KATO code of nine digits");
	}
	json_take_text(r, "mission", JSON_OPTIONAL, REQUEST_MISSION_MAX, &request->mission);
	json_take_integer(r, "years", JSON_OPTIONAL, 1, QUOTE_YEARS_MAX, &request->years);
}

static void request_write_applicant(const struct quote_request *request, struct json_writer *w)
{
	if (request->birth_date == DATE_NONE && request->nationality.size == 0) {
		return;
	}
	json_open_object(w, "applicant");
	if (request->birth_date != DATE_NONE) {
		json_day(w, "birth_date", request->birth_date);
	}
	json_text_said(w, "nationality", request->nationality);
	json_close_object(w);
}

static void request_write_claims(const struct quote_request *request, struct json_writer *w)
{
	if (request->claim_count == 0) {
		return;
	}
	json_open_array(w, "claims");
	for (size_t i = 0; i < request->claim_count; i++) {
		json_open_object(w, NULL);
		json_text_said(w, "document", request->claims[i].document);
		json_text_said(w, "ground", request->claims[i].ground);
		json_close_object(w);
	}
	json_close_array(w);
}

void quote_request_write(const struct quote_request *request, struct json_writer *w,
	const char *name)
{
	assert(request != NULL);
	assert(request->claim_count <= QUOTE_CLAIMS_MAX);

	json_open_object(w, name);
	json_text_said(w, "action", request->action);
	if (request->activation_date != DATE_NONE) {
		json_day(w, "activation_date", request->activation_date);
	}
	request_write_applicant(request, w);
	json_text_said(w, "category", request->category);
	request_write_claims(request, w);
	json_text_said(w, "currency", request->currency);
	json_text_said(w, "mission", request->mission);
	json_text_said(w, "place", request->place);
	if (request->quantity != 0) {
		json_number(w, "quantity", request->quantity);
	}
	json_text_said(w, "service", request->service);
	if (request->travel_date != DATE_NONE) {
		json_day(w, "travel_date", request->travel_date);
	}
	if (request->years != 0) {
		json_number(w, "years", request->years);
	}
	json_close_object(w);
}
