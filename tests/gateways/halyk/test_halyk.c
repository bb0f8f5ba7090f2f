/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateways/halyk/fixture.h"

enum { SETTINGS_MAX = 16 };

/* The fixture's settings with one put in another's place, or added. */
static struct alym_gateway_state *open_with(struct fixture *f, const char *name, struct text value,
	struct err *err)
{
	struct alym_setting settings[SETTINGS_MAX];
	struct alym_gateway_state *state = NULL;
	size_t count = COUNT(shop_settings);
	size_t at = count;

	memcpy(settings, shop_settings, sizeof(shop_settings));
	for (size_t i = 0; i < count; i++) {
		at = strcmp(settings[i].name, name) == 0 ? i : at;
	}
	settings[at] = (struct alym_setting){ name, value };
	count = at == count ? count + 1 : count;
	return loader_configure(&f->plugin, settings, count, &state, err) ? state : NULL;
}

static void what_can_not_be_sent_is_no_setting(void **state)
{
	static const struct {
		const char *name;
		struct text value;
		const char *why;
	} cases[] = {
		{ "endpoint", VALUE("http://bank.test"), "endpoint must be https://" },
		{ "endpoint", VALUE("https://bank.test/"), "endpoint must be https://" },
		{ "token_endpoint", VALUE("https://"), "token_endpoint must be https://" },
		{ "client_id", VALUE("a\nb"), "client_id and client_secret_file" },
		{ "client_secret_file", VALUE("\n"), "client_id and client_secret_file" },
		{ "terminal", VALUE("67e34d63/.."), "terminal and shop_id" },
		{ "shop_id", VALUE("a b"), "terminal and shop_id" },
		{ "username", VALUE("somebody"), "username and password_file come together" },
		{ "password_file", VALUE("word\n"), "username and password_file come together" },
		{ "link_days", VALUE("0"), "link_days must be 1 to 30" },
		{ "link_days", VALUE("31"), "link_days must be 1 to 30" },
		{ "none_code", VALUE("100"), "none_code must be" },
		{ "none_code", VALUE("no"), "none_code must be" },
		{ "scope", VALUE("pay\xD1\x8F"), "scope must be" },
		{ "contact", VALUE("a\tb"), "contact must be" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = { 0 };

		assert_null(open_with(f, cases[i].name, cases[i].value, &err));
		if (strstr(err.message, cases[i].why) == NULL) {
			print_error("%s\n", err.message);
		}
		assert_non_null(strstr(err.message, cases[i].why));
	}
}

/* epayment.kz/docs, "invoice link API": the token for a link is a user's. */
static void a_user_may_ask_for_the_links_token(void **state)
{
	struct alym_setting settings[COUNT(shop_settings) + 4];
	struct fixture *f = *state;
	struct err err = { 0 };
	struct alym_gateway_state *with = NULL;
	struct drive d;

	memcpy(settings, shop_settings, sizeof(shop_settings));
	settings[COUNT(shop_settings)] =
		(struct alym_setting){ "username", TEXT("shop@example.test") };
	settings[COUNT(shop_settings) + 1] =
		(struct alym_setting){ "password_file", TEXT("pa&ss=word\n") };
	settings[COUNT(shop_settings) + 2] = (struct alym_setting){ "link_days", TEXT("3") };
	settings[COUNT(shop_settings) + 3] = (struct alym_setting){ "contact", TEXT("a@b.test") };
	assert_true(loader_configure(&f->plugin, settings, COUNT(settings), &with, &err));
	drive_init(&d, f->plugin.gateway, with, SHOP_NOW);
	d.order = shop_order();
	drive_start(&d, ALYM_OPERATION_PAY);
	assert_true(text_starts(d.action.request.body,
		TEXT("grant_type=password&username=shop%40example.test&"
		     "password=pa%26ss%3Dword&scope=webapi")));
	bank_says(&d, 200, TOKEN);
	assert_holds(d.action.request.body, "\"expire_period\":\"3d\"");
	assert_holds(d.action.request.body, "\"recipient_contact\":\"a@b.test\"");
	drive_start(&d, ALYM_OPERATION_STATUS);
	assert_true(
		text_starts(d.action.request.body, TEXT("grant_type=client_credentials&scope")));
	drive_done(&d);
	f->plugin.gateway->close(with);
}

static void order_numbers_are_as_the_bank_wants_them(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(f->plugin.gateway->order.digits_min, 6);
	assert_int_equal(f->plugin.gateway->order.digits_max, 15);
	assert_int_equal(f->plugin.gateway->order.suffix_daily, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(what_can_not_be_sent_is_no_setting),
		FIXTURE_TEST(a_user_may_ask_for_the_links_token),
		FIXTURE_TEST(order_numbers_are_as_the_bank_wants_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
