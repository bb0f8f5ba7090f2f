/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/network.h"
#include "daemon/origin.h"
#include "tests/alym_test.h"

static void networks_are_read_strictly(void **state)
{
	static const char *const fine[] = { "10.0.0.0/8", "192.0.2.7", "192.0.2.7/32", "0.0.0.0/0",
		"::/0", "2001:db8::/32", "::1", "::ffff:192.0.2.0/120" };
	static const char *const wrong[] = { "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
		"10.1.2.3/8", "2001:db8::1/32", "2001:db8::/129", "10.0.0/8", "example.kz",
		"10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8", "010.0.0.1", "fe80::1%eth0",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd:eeee" };
	struct engine_network network;

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++) {
		assert_true(network_parse(text_of(fine[i]), &network));
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(network_parse(text_of(wrong[i]), &network));
	}
	assert_false(network_parse((struct text){ "10.0.0.1\0", 9 }, &network));
	assert_true(network_parse(TEXT("10.0.0.0/8"), &network));
	assert_int_equal(network.bits, 104);
	assert_true(network_parse(TEXT("2001:db8::/32"), &network));
	assert_int_equal(network.bits, 32);
}

static void an_address_lies_in_its_network_and_in_no_other(void **state)
{
	static const struct {
		const char *network;
		const char *address;
		bool holds;
	} cases[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "192.0.2.128/25", "192.0.2.128", true },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.6", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "::/0", "203.0.113.9", true },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::/32", "", false },
		{ "2001:db8::/32", "localhost", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct engine_network network;

		assert_true(network_parse(text_of(cases[i].network), &network));
		assert_int_equal(network_holds(&network, 1, text_of(cases[i].address)),
			cases[i].holds);
	}
	assert_false(network_holds(NULL, 0, TEXT("192.0.2.7")));
}

static void an_origin_is_read_strictly(void **state)
{
	static const struct {
		const char *url;
		const char *origin;
	} fine[] = {
		{ "https://bank.example", "bank.example:443" },
		{ "https://Bank.EXAMPLE/v1?x=https://evil", "bank.example:443" },
		{ "https://bank.example:8443/v1", "bank.example:8443" },
		{ "https://bank.example?x", "bank.example:443" },
		{ "https://127.0.0.1:9443", "127.0.0.1:9443" },
		{ "https://[2001:DB8::1]:1/", "[2001:db8::1]:1" },
	};
	static const char *const wrong[] = { "", "https://", "http://bank.example",
		"HTTPS://bank.example", "https:///v1", "https://user@bank.example",
		"https://bank.example@evil", "https://bank.example:0", "https://bank.example:65536",
		"https://bank.example:", "https://bank.example:+1", "https://bank.example\\@evil",
		"https://bank%2eexample", "https://[::1", "https://[]", "https://[::1]x",
		"https://bank example" };
	char origin[ENGINE_ORIGIN_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(fine); i++) {
		assert_true(origin_of(text_of(fine[i].url), origin));
		assert_string_equal(origin, fine[i].origin);
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_false(origin_of(text_of(wrong[i]), origin));
	}
}

static void a_gateway_sends_to_its_endpoints_only(void **state)
{
	struct engine_gateway gateway = { 0 };

	(void)state;
	assert_false(origin_allows(&gateway, TEXT("https://bank.example/")));
	assert_true(origin_add(&gateway, TEXT("https://bank.example/v1")));
	assert_true(origin_allows(&gateway, TEXT("https://bank.example/v2?x")));
	assert_true(origin_allows(&gateway, TEXT("https://bank.example:443/")));
	assert_false(origin_allows(&gateway, TEXT("https://bank.example:444/")));
	assert_false(origin_allows(&gateway, TEXT("https://bank.example.evil/")));
	assert_false(origin_allows(&gateway, TEXT("http://bank.example/")));
	assert_false(origin_add(&gateway, TEXT("ftp://bank.example")));
	for (size_t i = 1; i < ENGINE_ORIGINS_MAX; i++) {
		assert_true(origin_add(&gateway, TEXT("https://other.example")));
	}
	assert_false(origin_add(&gateway, TEXT("https://one.too.many")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_read_strictly),
		cmocka_unit_test(an_address_lies_in_its_network_and_in_no_other),
		cmocka_unit_test(an_origin_is_read_strictly),
		cmocka_unit_test(a_gateway_sends_to_its_endpoints_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
