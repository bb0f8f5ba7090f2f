/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/api.h"

#include <assert.h>
#include <string.h>

enum {
	API_OPERATOR = CALL_ROLE_OPERATOR,
	API_SERVICE = CALL_ROLE_SERVICE,
	API_AUDITOR = CALL_ROLE_AUDITOR,
	API_READERS = CALL_ROLE_SERVICE | CALL_ROLE_AUDITOR | CALL_ROLE_OPERATOR,
};

static void api_events_get(struct api_request *r)
{
	events_call(r->engine, r->call, r->client);
}

/* Compared with openapi.json by tests/daemon/test_openapi.c, both ways. */
static const struct api_route api_table[] = {
	{ "GET", "/livez", 0, api_livez_get },
	{ "GET", "/readyz", 0, api_readyz_get },
	{ "GET", "/metrics", 0, api_metrics_get },
	{ "GET", "/openapi.json", 0, api_openapi_get },
	{ "POST", "/v1/payments", API_SERVICE, api_payments_post },
	{ "GET", "/v1/payments", API_READERS, api_payments_get },
	/* Before {id}, which it could be. */
	{ "GET", "/v1/payments/recompute", API_AUDITOR, api_recompute_all_get },
	{ "GET", "/v1/payments/{id}", API_READERS, api_payment_get },
	{ "GET", "/v1/payments/{id}/recompute", API_SERVICE | API_AUDITOR, api_recompute_get },
	{ "POST", "/v1/payments/{id}/attempts", API_SERVICE, api_attempts_post },
	{ "POST", "/v1/payments/{id}/cancel", API_SERVICE, api_cancel_post },
	{ "POST", "/v1/payments/{id}/fulfilment", API_SERVICE, api_fulfilment_post },
	{ "POST", "/v1/payments/{id}/erase", API_OPERATOR, api_erase_post },
	{ "POST", "/v1/quotes", API_READERS, api_quotes_post },
	{ "GET", "/v1/services", API_READERS, api_services_get },
	{ "GET", "/v1/services/{code}", API_READERS, api_service_get },
	{ "GET", "/v1/events", API_SERVICE, api_events_get },
	{ "POST", "/v1/rates", API_OPERATOR, api_rates_post },
	{ "GET", "/v1/rates", API_AUDITOR | API_OPERATOR, api_rates_get },
	{ "GET", "/v1/periods", API_AUDITOR | API_OPERATOR, api_periods_get },
	{ "GET", "/v1/periods/{month}", API_AUDITOR | API_OPERATOR, api_period_get },
	{ "POST", "/v1/periods/{month}/close", API_OPERATOR, api_close_post },
	{ "GET", "/v1/ledger/accounts", API_AUDITOR, api_accounts_get },
	{ "GET", "/v1/ledger/balances", API_AUDITOR, api_balances_get },
	{ "GET", "/v1/ledger/entries", API_AUDITOR, api_entries_get },
	{ "GET", "/v1/ledger/entries/{number}", API_AUDITOR, api_entry_get },
	{ "POST", "/v1/ledger/entries/{number}/reverse", API_OPERATOR, api_reverse_post },
	{ "GET", "/v1/ledger/entries/{number}/evidence", API_AUDITOR, api_entry_evidence_get },
	{ "GET", "/v1/ledger/records/{number}", API_AUDITOR, api_record_get },
	{ "GET", "/v1/ledger/records/{number}/private", API_AUDITOR, api_private_get },
	{ "GET", "/v1/ledger/records/{number}/evidence", API_AUDITOR, api_evidence_get },
	{ "GET", "/v1/ledger/checkpoint", API_AUDITOR | API_OPERATOR, api_checkpoint_get },
	{ "GET", "/v1/ledger/key", API_AUDITOR | API_OPERATOR, api_key_get },
	{ "POST", "/v1/ledger/key/rotate", API_OPERATOR, api_rotate_post },
	{ "GET", "/v1/ledger/proofs/inclusion", API_AUDITOR, api_inclusion_get },
	{ "GET", "/v1/ledger/proofs/consistency", API_AUDITOR, api_consistency_get },
	{ "GET", "/v1/ledger/export", API_AUDITOR, api_export_get },
	{ "GET", "/v1/ledger/verification", API_AUDITOR | API_OPERATOR, api_verification_get },
	{ "GET", "/v1/ledger/tlog/checkpoint", API_AUDITOR, api_checkpoint_get },
	{ "GET", "/v1/ledger/tlog/tile/{tile}", API_AUDITOR, api_tile_get },
	{ "GET", "/v1/reports/trial-balance", API_AUDITOR, api_trial_balance_get },
	{ "GET", "/v1/reports/relief", API_AUDITOR, api_relief_get },
	{ "GET", "/v1/reports/settlement", API_AUDITOR, api_settlement_get },
	{ "GET", "/v1/reports/commission", API_AUDITOR, api_commission_get },
	{ "POST", "/v1/book/backup", API_OPERATOR, api_backup_post },
	{ "GET", "/v1/book/backup", API_OPERATOR, api_backup_get },
	{ "GET", "/v1/book/backup/data", API_OPERATOR, api_backup_data_get },
	{ "POST", "/v1/book/backup/end", API_OPERATOR, api_backup_end_post },
	{ "POST", "/v1/book/resume", API_OPERATOR, api_resume_post },
	{ "POST", "/v1/tariff/check", API_OPERATOR, api_check_post },
	{ "POST", "/v1/tariff/activate", API_OPERATOR, api_activate_post },
	{ "POST", "/v1/tariff/impact", API_OPERATOR, api_impact_post },
};

enum { API_ROUTE_COUNT = sizeof(api_table) / sizeof(*api_table) };

const struct api_route *api_routes(size_t *count)
{
	assert(count != NULL);

	*count = API_ROUTE_COUNT;
	return api_table;
}

void api_refuse(struct engine *engine, struct call *call, const struct problem *problem)
{
	assert(engine != NULL);

	engine->counts.problems++;
	problem_answer(problem, call);
}

/*
 * Whether a path is one of a route's; `*name` gets what stands for its {name}, raw.  A route has at
 * most one {name}, and a name is never empty; only a {tile} has slashes in it.
 */
static bool api_path_fits(const char *wanted, struct text path, struct text *name)
{
	const char *brace = strchr(wanted, '{');
	size_t head = brace != NULL ? (size_t)(brace - wanted) : strlen(wanted);
	const char *tail;
	const char *slash;

	if (path.size < head || memcmp(path.bytes, wanted, head) != 0) {
		return false;
	}
	*name = (struct text){ path.bytes + head, path.size - head };
	if (brace == NULL) {
		return name->size == 0;
	}
	tail = strchr(brace, '}') + 1;
	slash = name->size > 0 && strcmp(brace, "{tile}") != 0
			? memchr(name->bytes, '/', name->size)
			: NULL;
	if (slash != NULL) {
		name->size = (size_t)(slash - name->bytes);
	}
	return name->size > 0 &&
	       text_is((struct text){ name->bytes + name->size, path.size - head - name->size },
		       tail);
}

/* The route, or NULL with the problem: no such path, or the methods it has instead. */
static const struct api_route *api_find(const struct call *call, struct text *name,
	struct problem *problem)
{
	struct buffer methods;
	bool fits;

	buffer_init(&methods, PROBLEM_ALLOW_SIZE - 1);
	for (size_t i = 0; i < API_ROUTE_COUNT; i++) {
		if (!api_path_fits(api_table[i].path, call->path, name)) {
			continue;
		}
		if (text_is(call->method, api_table[i].method)) {
			buffer_done(&methods);
			return &api_table[i];
		}
		buffer_add_string(&methods, methods.size > 0 ? ", " : "");
		buffer_add_string(&methods, api_table[i].method);
	}
	if (methods.size == 0) {
		problem_set(problem, PROBLEM_NOT_FOUND, "", "there is no such path");
	} else {
		problem_set(problem, PROBLEM_METHOD_NOT_ALLOWED, "", "the path takes %s",
			methods.bytes);
		fits = text_copy(buffer_text(&methods), problem->allow, sizeof(problem->allow));
		assert(fits); /* the buffer is no larger */
	}
	buffer_done(&methods);
	return NULL;
}

/* A restored book serves these and no others until it is resumed. */
static bool api_writes_nothing(const struct api_route *route)
{
	static api_handle_fn *const handles[] = { api_quotes_post, api_check_post, api_impact_post,
		api_backup_end_post, api_resume_post };

	for (size_t i = 0; i < sizeof(handles) / sizeof(*handles); i++) {
		if (route->handle == handles[i]) {
			return true;
		}
	}
	return strcmp(route->method, "GET") == 0;
}

/* False, with the problem, when this caller can not be served by this route now. */
static bool api_admit(const struct api_request *r, const struct api_route *route,
	struct problem *problem)
{
	if (route->roles == 0) {
		return true;
	}
	if ((r->call->roles & route->roles) == 0 || r->call->face != CALL_SOCKET) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "",
			"the caller has none of the roles this takes");
	} else if (r->engine->failed) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "the book failed");
	} else if (!r->engine->ready) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "still starting");
	} else if (r->engine->draining) {
		problem_set(problem, PROBLEM_UNAVAILABLE, "", "stopping");
	} else if (r->client == 0 && (r->call->roles & ~(unsigned)API_SERVICE) == 0) {
		problem_set(problem, PROBLEM_NOT_PERMITTED, "", "the caller is no client");
	} else if (r->engine->settings.restored[0] != '\0' && !api_writes_nothing(route)) {
		problem_set(problem, PROBLEM_BOOK_RESTORED, "",
			"%s; an operator lets it go on: alymctl book resume",
			r->engine->settings.restored);
	}
	return problem->code == PROBLEM_NONE;
}

void api_call(struct engine *engine, struct call *call)
{
	struct problem problem = { 0 };
	struct api_request r = { .engine = engine, .call = call };
	const struct api_route *route;
	struct text name;

	assert(engine != NULL);
	assert(call != NULL);

	route = api_find(call, &name, &problem);
	if (route != NULL) {
		r.client = engine_client_number(engine, call->client);
		r.sees_all = (call->roles & ~(unsigned)API_SERVICE) != 0;
		if (name.size > 0 && !parameter_decode(name, false, r.name, sizeof(r.name))) {
			problem_set(&problem, PROBLEM_NOT_FOUND, "", "there is no such path");
		}
	}
	if (route == NULL || problem.code != PROBLEM_NONE || !api_admit(&r, route, &problem)) {
		api_refuse(engine, call, &problem);
		return;
	}
	route->handle(&r);
}
