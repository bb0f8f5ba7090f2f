/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "plugins/mac.h"
#include "tests/alym_test.h"

/* RFC 2202 section 3 and RFC 4231 section 4: key "Jefe", data "what do ya want for nothing?". */
static const char *const jefe_sha1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";
static const char *const jefe_sha256 =
	"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

static void macs_are_those_of_the_rfcs(void **state)
{
	const struct text parts[] = { TEXT("what do ya want "), TEXT(""), TEXT("for nothing?") };
	static const struct {
		const char *digest;
		size_t size;
	} cases[] = { { "SHA1", 20 }, { "SHA256", 32 } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unsigned char made[MAC_SIZE_MAX];
		char hex[2 * MAC_SIZE_MAX + 1];
		struct mac mac;

		mac_init(&mac, cases[i].digest, TEXT("Jefe"), TEXT(""));
		assert_int_equal(mac.size, cases[i].size);
		mac_make(&mac, parts, 3, made);
		text_hex(made, mac.size, hex);
		assert_string_equal(hex, i == 0 ? jefe_sha1 : jefe_sha256);
		mac_done(&mac);
		mac_done(&mac);
	}
}

static void two_keys_are_taken_and_no_third(void **state)
{
	const struct text data = TEXT("what do ya want for nothing?");
	unsigned char theirs[32];
	struct mac mac;

	(void)state;
	assert_true(text_unhex(text_of(jefe_sha256), theirs, sizeof(theirs)));
	mac_init(&mac, "SHA256", TEXT("Jefe"), TEXT("next"));
	assert_true(mac_matches(&mac, &data, 1, theirs));
	mac_done(&mac);
	mac_init(&mac, "SHA256", TEXT("other"), TEXT("Jefe"));
	assert_true(mac_matches(&mac, &data, 1, theirs));
	mac_done(&mac);
	mac_init(&mac, "SHA256", TEXT("other"), TEXT("next"));
	assert_false(mac_matches(&mac, &data, 1, theirs));
	mac_done(&mac);
	mac_init(&mac, "SHA256", TEXT("other"), TEXT(""));
	assert_false(mac_matches(&mac, &data, 1, theirs));
	mac_done(&mac);
}

static void each_byte_counts(void **state)
{
	const struct text data = TEXT("what do ya want for nothing?");
	unsigned char theirs[32];
	struct mac mac;

	(void)state;
	mac_init(&mac, "SHA256", TEXT("Jefe"), TEXT(""));
	assert_true(text_unhex(text_of(jefe_sha256), theirs, sizeof(theirs)));
	for (size_t i = 0; i < sizeof(theirs); i++) {
		theirs[i] ^= 1;
		assert_false(mac_matches(&mac, &data, 1, theirs));
		theirs[i] ^= 1;
	}
	assert_true(mac_matches(&mac, &data, 1, theirs));
	mac_done(&mac);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_those_of_the_rfcs),
		cmocka_unit_test(two_keys_are_taken_and_no_third),
		cmocka_unit_test(each_byte_counts),
	};

	return cmocka_run_group_tests_name("plugins/mac", tests, NULL, NULL);
}
