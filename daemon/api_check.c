/* SPDX-License-Identifier: Apache-2.0 */

/*
 * POST /v1/tariff/check: would this set be taken, and what do the cases say of it?
 *
 * Loaded on a reader's thread, and thrown away.
 */
#include "daemon/api_draft.h"

enum { API_CHECK_LISTED = 500 }; /* faults, and rows not hit, that are listed; all are counted */

/* ---- on a reader's thread ---- */

static void api_check_write_faults(struct json_writer *w, const struct cases_report *report)
{
	json_open_array(w, "faults");
	for (size_t i = 0; i < report->fault_count && i < API_CHECK_LISTED; i++) {
		const struct cases_fault *fault = &report->faults[i];

		json_open_object(w, NULL);
		json_cstring(w, "came", fault->came);
		json_cstring(w, "expected", fault->expected);
		json_cstring(w, "file", fault->file);
		json_number(w, "line", fault->line);
		json_close_object(w);
	}
	json_close_array(w);
}

static void api_check_write_unhit(struct json_writer *w, const struct cases_report *report)
{
	json_open_array(w, "unhit");
	for (size_t i = 0; i < report->unhit_count && i < API_CHECK_LISTED; i++) {
		const struct cases_unhit *unhit = &report->unhit[i];

		json_open_object(w, NULL);
		json_cstring(w, "file", unhit->file);
		json_number(w, "line", unhit->line);
		json_cstring(w, "row", unhit->row);
		json_close_object(w);
	}
	json_close_array(w);
}

/* True when every case came out. */
static bool api_check_write_cases(struct json_writer *w, const struct draft *draft)
{
	struct cases_report report = { 0 };
	bool fine;

	if (draft->cases == NULL) {
		json_nothing(w, "cases");
		return true;
	}
	cases_run(draft->cases, draft->tariff, &report);
	fine = report.fault_count == 0;
	json_open_object(w, "cases");
	json_number(w, "count", (int64_t)report.case_count);
	json_number(w, "fault_count", (int64_t)report.fault_count);
	api_check_write_faults(w, &report);
	api_check_write_unhit(w, &report);
	json_number(w, "unhit_count", (int64_t)report.unhit_count);
	json_close_object(w);
	cases_report_done(&report);
	return fine;
}

static void api_check_run(struct reader *reader, struct api_query *query)
{
	struct draft *draft = &((struct api_draft *)(void *)query)->draft;
	struct err err = { 0 };
	struct json_writer w;
	bool fine;

	(void)reader;
	json_writer_init(&w, &query->out);
	if (!draft_load(draft, &err)) {
		draft_write_refusal(&err, &w);
		return;
	}
	json_open_object(&w, NULL);
	fine = api_check_write_cases(&w, draft);
	json_true_or_false(&w, "ok", fine);
	json_number(&w, "rows", (int64_t)tariff_row_count(draft->tariff));
	json_number(&w, "services", (int64_t)tariff_service_count(draft->tariff));
	json_hex(&w, "sha256", tariff_digest(draft->tariff), TARIFF_DIGEST_SIZE);
	json_close_object(&w);
}

/* ---- the call ---- */

static void api_check_read(struct api_draft *check, struct json_reader *body)
{
	draft_read(body, "cases", &check->draft);
}

void api_check_post(struct api_request *r)
{
	api_draft_post(r, api_query_new(r, sizeof(struct api_draft), api_check_run),
		api_check_read);
}
