/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/exemption.h"

#include <assert.h>
#include <stdlib.h>

#include "base/date.h"
#include "tariff/country.h"
#include "tariff/document.h"
#include "tariff/order.h"

_Static_assert(SERVICE_ACTIONS_MAX <= 32, "an action is a bit of action_bits");

static const char *const agreement_kind_names[AGREEMENT_KIND_COUNT] = {
	[AGREEMENT_MUTUAL_WAIVER] = "mutual-waiver",
	[AGREEMENT_RECIPROCITY] = "reciprocity",
};

bool ground_read(const struct node *n, struct exemptions *all)
{
	struct ground *ground = arena_take(n->arena, 1, sizeof(*ground));
	const struct ground *before;

	assert(all != NULL);

	ground->origin = n->origin;
	if (!node_word(n, "code", NODE_REQUIRED, &ground->code) || !node_texts(n, &ground->name)) {
		return false;
	}
	if (ground->code.size >= QUOTE_GROUND_SIZE) {
		return node_refuse(n, "code is longer than %d bytes", QUOTE_GROUND_SIZE - 1);
	}
	before = ground_find(all, ground->code);
	if (before != NULL) {
		return node_refuse(n, "code=\"%s\" is a duplicate of %.60s:%ld", ground->code.bytes,
			before->origin.file, before->origin.line);
	}
	if (all->ground_count == EXEMPTION_GROUNDS_MAX) {
		return node_refuse(n, "is one more than %d grounds", EXEMPTION_GROUNDS_MAX);
	}
	ground->number = all->ground_count;
	all->grounds[all->ground_count++] = ground;
	return true;
}

const struct ground *ground_find(const struct exemptions *all, struct text code)
{
	assert(all != NULL);

	for (size_t i = 0; i < all->ground_count; i++) {
		if (text_equal(all->grounds[i]->code, code)) {
			return all->grounds[i];
		}
	}
	return NULL;
}

/* age-below=, which reciprocity has and a waiver has not. */
static bool agreement_read_age(const struct node *n, struct agreement *agreement)
{
	struct text age = { 0 };

	if (agreement->kind == AGREEMENT_RECIPROCITY) {
		return node_integer(n, "age-below", 1, EXEMPTION_AGE_MAX, &agreement->age_below);
	}
	if (!node_text(n, "age-below", NODE_OPTIONAL, &age)) {
		return false;
	}
	return age.bytes == NULL ||
	       node_refuse(n, "age-below=\"%.40s\": a mutual waiver is for every age; leave it out",
		       age.bytes);
}

bool agreement_read(const struct node *n, const struct acts *acts, struct exemptions *all,
	const struct row **row)
{
	struct agreement *agreement = arena_take(n->arena, 1, sizeof(*agreement));
	size_t kind = 0;

	assert(all != NULL);
	assert(row != NULL);

	if (!row_read(n, acts, &agreement->row) ||
		!node_choice(n, "kind", agreement_kind_names, AGREEMENT_KIND_COUNT, &kind) ||
		!node_word(n, "country", NODE_REQUIRED, &agreement->country)) {
		return false;
	}
	if (!country_is_known(agreement->country)) {
		return node_refuse(n, "country=\"%s\" is not a code of ISO 3166-1",
			agreement->country.bytes);
	}
	agreement->kind = (enum agreement_kind)kind;
	if (!agreement_read_age(n, agreement)) {
		return false;
	}
	if (!node_list(n, "services", NODE_OPTIONAL, &agreement->services)) {
		return false;
	}
	all->agreements = arena_grow(n->arena, all->agreements, all->agreement_count,
		&all->agreement_capacity, sizeof(struct agreement *));
	all->agreements[all->agreement_count++] = agreement;
	*row = &agreement->row;
	return true;
}

/* agreement= and age-below=, both optional. */
static bool exemption_read_conditions(const struct node *n, struct exemption *e)
{
	size_t kind = 0;

	e->by_agreement = node_has(n, "agreement");
	if (e->by_agreement &&
		!node_choice(n, "agreement", agreement_kind_names, AGREEMENT_KIND_COUNT, &kind)) {
		return false;
	}
	e->agreement = (enum agreement_kind)kind;
	return !node_has(n, "age-below") ||
	       node_integer(n, "age-below", 1, EXEMPTION_AGE_MAX, &e->age_below);
}

bool exemption_read(const struct node *n, const struct acts *acts, struct exemptions *all,
	const struct row **row)
{
	struct exemption *e = arena_take(n->arena, 1, sizeof(*e));
	struct text ground = { 0 };

	assert(all != NULL);
	assert(row != NULL);

	if (!row_read(n, acts, &e->row) || !node_word(n, "ground", NODE_REQUIRED, &ground) ||
		!node_list(n, "services", NODE_REQUIRED, &e->services) ||
		!node_list(n, "actions", NODE_OPTIONAL, &e->actions) ||
		!rate_read_place(n, &e->where) || !exemption_read_conditions(n, e)) {
		return false;
	}
	e->ground = ground_find(all, ground);
	if (e->ground == NULL) {
		return node_refuse(n, "ground=\"%s\" is not in the set", ground.bytes);
	}
	all->rows = arena_grow(n->arena, all->rows, all->row_count, &all->row_capacity,
		sizeof(struct exemption *));
	all->rows[all->row_count++] = e;
	*row = &e->row;
	return true;
}

static int agreement_compare(const void *a, const void *b)
{
	const struct agreement *left = *(const struct agreement *const *)a;
	const struct agreement *right = *(const struct agreement *const *)b;
	int order = order_texts(left->country, right->country);

	if (left->kind != right->kind) {
		return left->kind < right->kind ? -1 : 1;
	}
	if (order != 0) {
		return order;
	}
	return (left->row.from > right->row.from) - (left->row.from < right->row.from);
}

static struct service *exemption_service(struct service *const *services, size_t count,
	struct text code)
{
	for (size_t i = 0; i < count; i++) {
		if (text_equal(services[i]->code, code)) {
			return services[i];
		}
	}
	return NULL;
}

bool agreement_is_for(const struct agreement *agreement, struct text service)
{
	return agreement->services.count == 0 || node_list_has(&agreement->services, service);
}

static bool agreements_share_service(const struct agreement *a, const struct agreement *b)
{
	bool share = a->services.count == 0 || b->services.count == 0;

	for (size_t i = 0; i < a->services.count && !share; i++) {
		share = node_list_has(&b->services, a->services.words[i]);
	}
	return share;
}

/* No two with one country, sorted behind one another, say something of one service and day. */
static bool agreement_check(const struct exemptions *all, size_t i, struct err *err)
{
	const struct agreement *a = all->agreements[i];

	for (size_t j = i; j > 0; j--) {
		const struct agreement *before = all->agreements[j - 1];

		if (a->kind != before->kind || !text_equal(a->country, before->country)) {
			break;
		}
		if (row_days(&before->row).until > a->row.from &&
			agreements_share_service(before, a)) {
			return row_refuse(&a->row, err, "overlaps %s (%.60s:%ld) for %s",
				before->row.id.bytes, before->row.origin.file,
				before->row.origin.line, a->country.bytes);
		}
	}
	return true;
}

/* An agreement that no exemption asks for would free nobody, and nobody would notice. */
static bool agreement_is_asked_for(const struct exemptions *all, const struct agreement *a,
	struct text service)
{
	for (size_t i = 0; i < all->row_count; i++) {
		const struct exemption *e = all->rows[i];

		if (e->by_agreement && e->agreement == a->kind &&
			node_list_has(&e->services, service)) {
			return true;
		}
	}
	return false;
}

static bool agreement_check_services(const struct exemptions *all, const struct agreement *a,
	struct service *const *services, size_t count, struct err *err)
{
	for (size_t i = 0; i < a->services.count; i++) {
		struct text service = a->services.words[i];

		if (exemption_service(services, count, service) == NULL) {
			return row_refuse(&a->row, err,
				"names the service %.*s, which is not there", TEXT_ARGS(service));
		}
		if (!agreement_is_asked_for(all, a, service)) {
			return row_refuse(&a->row, err,
				"names the service %.*s, which no exemption frees by %s",
				TEXT_ARGS(service), agreement_kind_names[a->kind]);
		}
	}
	return true;
}

/* Sorts; each names services there are and that an exemption of its kind frees. */
static bool agreements_close(struct exemptions *all, struct service *const *services, size_t count,
	struct err *err)
{
	if (all->agreement_count > 0) {
		qsort(all->agreements, all->agreement_count, sizeof(struct agreement *),
			agreement_compare);
	}
	for (size_t i = 0; i < all->agreement_count; i++) {
		if (!agreement_check_services(all, all->agreements[i], services, count, err) ||
			!agreement_check(all, i, err)) {
			return false;
		}
	}
	return true;
}

static int exemption_compare(const void *a, const void *b)
{
	const struct exemption *left = *(const struct exemption *const *)a;
	const struct exemption *right = *(const struct exemption *const *)b;

	if (left->ground->number != right->ground->number) {
		return left->ground->number < right->ground->number ? -1 : 1;
	}
	if (left->row.from != right->row.from) {
		return left->row.from < right->row.from ? -1 : 1;
	}
	return order_texts(left->row.id, right->row.id);
}

/* Files a copy of the row, with the bits of this service's actions, under the service. */
static bool exemption_file(const struct exemption *e, struct service *service, struct arena *arena,
	struct err *err)
{
	struct exemption *filed = arena_take(arena, 1, sizeof(*filed));

	*filed = *e;
	filed->action_bits = e->actions.count == 0 ? UINT32_MAX : 0;
	for (size_t i = 0; i < e->actions.count; i++) {
		size_t action = service_action_find(service, e->actions.words[i]);

		if (action == service->action_count) {
			return row_refuse(&e->row, err, "names the action %.*s, which %s has not",
				TEXT_ARGS(e->actions.words[i]), service->code.bytes);
		}
		filed->action_bits |= UINT32_C(1) << action;
	}
	service->exemptions = arena_grow(arena, service->exemptions, service->exemption_count,
		&service->exemption_capacity, sizeof(struct exemption *));
	service->exemptions[service->exemption_count++] = filed;
	return true;
}

static bool exemption_file_all(const struct exemption *e, struct service *const *services,
	size_t count, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < e->services.count; i++) {
		struct service *service = exemption_service(services, count, e->services.words[i]);

		if (service == NULL) {
			return row_refuse(&e->row, err,
				"names the service %.*s, which is not there",
				TEXT_ARGS(e->services.words[i]));
		}
		if (!exemption_file(e, service, arena, err)) {
			return false;
		}
	}
	return true;
}

static bool exemption_check(const struct service *service, struct err *err)
{
	char day[DATE_TEXT_SIZE];

	for (size_t i = 1; i < service->exemption_count; i++) {
		const struct exemption *e = service->exemptions[i];

		for (size_t j = i; j > 0 && service->exemptions[j - 1]->ground == e->ground; j--) {
			const struct exemption *before = service->exemptions[j - 1];

			if ((before->action_bits & e->action_bits) != 0 &&
				row_days(&before->row).until > e->row.from) {
				return row_refuse(&e->row, err,
					"contradicts %s (%.60s:%ld): both decide %s for %s on %s",
					before->row.id.bytes, before->row.origin.file,
					before->row.origin.line, e->ground->code.bytes,
					service->code.bytes, date_format(e->row.from, day));
			}
		}
	}
	return true;
}

bool exemptions_close(struct exemptions *all, struct service *const *services, size_t count,
	struct arena *arena, struct err *err)
{
	assert(all != NULL);
	assert(services != NULL || count == 0);

	if (!agreements_close(all, services, count, err)) {
		return false;
	}
	for (size_t i = 0; i < all->row_count; i++) {
		if (!exemption_file_all(all->rows[i], services, count, arena, err)) {
			return false;
		}
	}
	for (size_t i = 0; i < count; i++) {
		struct service *s = services[i];

		if (s->exemption_count > 0) {
			qsort(s->exemptions, s->exemption_count, sizeof(struct exemption *),
				exemption_compare);
		}
		if (!exemption_check(s, err)) {
			return false;
		}
	}
	return true;
}
