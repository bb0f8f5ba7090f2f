/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/routing.h"
#include "tests/alym_test.h"

/* What is asked of most cases: a visa for 129,750 tenge by card. */
static const struct routing_payment visa = { .method = ROUTING_CARD,
	.amount = { 12975000, "KZT" },
	.service = { "visa.multiple", 13 },
	.draw = 7 };

static void each_rule_keeps_off_what_it_must(void **state)
{
	static const struct {
		struct routing_gateway gateway;
		enum routing_why why;
	} cases[] = {
		{ { .rule = { .method = ROUTING_CARD } }, ROUTING_FITS },
		{ { .rule = { .method = ROUTING_NONE } }, ROUTING_ELSE },
		{ { .rule = { .method = ROUTING_BANK } }, ROUTING_ELSE },
		{ { .rule = { .method = ROUTING_CARD, .currencies = "KZT" } }, ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .currencies = "USD KZT" } }, ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .currencies = "USD EUR" } },
			ROUTING_CURRENCY },
		{ { .rule = { .method = ROUTING_CARD, .services = "visa.multiple" } },
			ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .services = "evisa visa.*" } },
			ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .services = "visa.multi" } },
			ROUTING_SERVICE },
		{ { .rule = { .method = ROUTING_CARD, .services = "visa" } }, ROUTING_SERVICE },
		{ { .rule = { .method = ROUTING_CARD, .services = "evisa consular.*" } },
			ROUTING_SERVICE },
		{ { .rule = { .method = ROUTING_CARD, .amount_min = 12975000 } }, ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .amount_min = 12975001 } }, ROUTING_AMOUNT },
		{ { .rule = { .method = ROUTING_CARD, .amount_max = 12975000 } }, ROUTING_FITS },
		{ { .rule = { .method = ROUTING_CARD, .amount_max = 12974999 } }, ROUTING_AMOUNT },
		{ { .rule = { .method = ROUTING_CARD }, .resting = true }, ROUTING_RESTING },
		{ { .rule = { .method = ROUTING_CARD }, .tried = true }, ROUTING_TRIED },
		{ { .rule = { .method = ROUTING_CARD }, .tried = true, .resting = true },
			ROUTING_RESTING },
		{ { .rule = { .method = ROUTING_CARD, .amount_max = 1 }, .resting = true },
			ROUTING_AMOUNT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct routing_choice choice;
		bool goes = cases[i].why == ROUTING_FITS || cases[i].why == ROUTING_TRIED;

		routing_choose(&cases[i].gateway, 1, &visa, &choice);
		assert_int_equal(choice.why[0], cases[i].why);
		assert_int_equal(choice.count, goes ? 1 : 0);
		assert_int_equal(choice.untried, cases[i].why == ROUTING_FITS ? 1 : 0);
	}
}

static void ranks_come_one_after_the_other_and_what_was_tried_last(void **state)
{
	const struct routing_gateway gateways[] = {
		{ .rule = { .method = ROUTING_CARD, .rank = 3, .share = 100 } },
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 100 }, .tried = true },
		{ .rule = { .method = ROUTING_CARD, .rank = 2, .share = 1000 } },
		{ .rule = { .method = ROUTING_BANK, .rank = 1, .share = 1000 } },
		{ .rule = { .method = ROUTING_CARD, .rank = 2, .share = 0 } },
	};
	static const size_t places[] = { 2, 4, 0, 1 };
	struct routing_choice choice;

	(void)state;
	routing_choose(gateways, COUNT(gateways), &visa, &choice);
	assert_int_equal(choice.count, COUNT(places));
	assert_int_equal(choice.untried, 3);
	assert_memory_equal(choice.place, places, sizeof(places));
}

static void nothing_is_chosen_of_nothing(void **state)
{
	struct routing_choice choice = { .count = 1 };

	(void)state;
	routing_choose(NULL, 0, &visa, &choice);
	assert_int_equal(choice.count, 0);
}

/* Three to one of ten thousand: 7,500, and by chance a hundred more or less (more than two standard
 * deviations of 43); the draws are 0 to 9,999, so the figure is the same every time. */
static void shares_are_kept_and_the_same_draw_is_the_same_choice(void **state)
{
	const struct routing_gateway gateways[] = {
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 300 } },
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 100 } },
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 0 } },
	};
	int first[COUNT(gateways)] = { 0 };

	(void)state;
	for (uint64_t draw = 0; draw < 10000; draw++) {
		struct routing_payment payment = visa;
		struct routing_choice choice;
		struct routing_choice again;

		payment.draw = draw;
		routing_choose(gateways, COUNT(gateways), &payment, &choice);
		routing_choose(gateways, COUNT(gateways), &payment, &again);
		assert_int_equal(choice.count, 3);
		assert_memory_equal(choice.place, again.place, 3 * sizeof(size_t));
		assert_int_equal(choice.place[2], 2); /* only where the others can not */
		first[choice.place[0]]++;
	}
	assert_in_range(first[0], 7400, 7600);
	assert_int_equal(first[0] + first[1], 10000);
}

static void a_gateway_without_a_share_takes_what_the_others_can_not(void **state)
{
	const struct routing_gateway gateways[] = {
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 300 }, .resting = true },
		{ .rule = { .method = ROUTING_CARD, .rank = 1, .share = 0 } },
	};
	struct routing_choice choice;

	(void)state;
	routing_choose(gateways, COUNT(gateways), &visa, &choice);
	assert_int_equal(choice.count, 1);
	assert_int_equal(choice.place[0], 1);
	assert_string_equal(routing_why_name(choice.why[0]), "resting");
}

static void methods_have_names(void **state)
{
	(void)state;
	assert_int_equal(routing_method_of(TEXT("card")), ROUTING_CARD);
	assert_int_equal(routing_method_of(TEXT("bank")), ROUTING_BANK);
	assert_int_equal(routing_method_of(TEXT("none")), ROUTING_NONE);
	assert_int_equal(routing_method_of(TEXT("")), ROUTING_NONE);
	assert_int_equal(routing_method_of(TEXT("cards")), ROUTING_NONE);
	assert_string_equal(routing_method_name(ROUTING_BANK), "bank");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_keeps_off_what_it_must),
		cmocka_unit_test(ranks_come_one_after_the_other_and_what_was_tried_last),
		cmocka_unit_test(nothing_is_chosen_of_nothing),
		cmocka_unit_test(shares_are_kept_and_the_same_draw_is_the_same_choice),
		cmocka_unit_test(a_gateway_without_a_share_takes_what_the_others_can_not),
		cmocka_unit_test(methods_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
