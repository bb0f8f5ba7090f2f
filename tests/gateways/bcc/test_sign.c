/* SPDX-License-Identifier: Apache-2.0 */

/*
 * P_SIGN against what others computed.
 *
 * Vectors: the bank's documentation, documenter.getpostman.com/view/23274245/2s7YYo95nr.
 * Notifications: received from the bank's test terminal 88888881 by a public project; card, name
 * and address are left out, they are not signed.
 */
#include <string.h>

#include "gateways/bcc/sign.h"
#include "tests/alym_test.h"
#include "tests/gateways/bcc/bank.h"

struct vector {
	const char *trtype;
	const char *values[SIGN_FIELDS_MAX + 1];
	const char *sign;
};

#define NONCE "F2B2DD7E603A7AAF5E1BC35DEE1F6C9A"
#define TIME  "20200224073921"

static const struct vector vectors[] = {
	{ "1",
		{ "350.00", "398", "3558714461568", "merchantname", "88888881", "0", TIME, "1",
			NONCE },
		"9B1C58714CFF6E4BCC6E97B4D503275838F4ED68" },
	{ "90", { "3558714461568", "88888881", TIME, "90", NONCE },
		"7C0D8BF3F6C7DCB0AA35E88F045292E176184B5E" },
	{ "14",
		{ "3558714461568", "350.00", "350.00", "398", "821185120045", "9C2176F638FDC05C",
			"88888881", TIME, "14", NONCE },
		"0D8ABFC1215135BD51AB27C10E2CD621C5AF1432" },
};

/* ACTION and RC are what the bank said besides; neither is among what is signed. */
static const struct {
	const char *action;
	const char *rc;
	struct vector vector;
} notifications[] = {
	{ "0", "00",
		{ "1",
			{ "5000.00", "398", "202609051553553713", "00000001", "88888881", "0",
				"20260905105443", "1", "DCFB8FB63ABE2C80A1C1ED436ABB4591" },
			"D6E73AD92036277CC8551F61589B047488AB7018" } },
	{ "0", "00",
		{ "1",
			{ "5000.00", "398", "202609051856051959", "00000001", "88888881", "0",
				"20260905135745", "1", "1B8F6E2A548575B202BC53A0258D05E3" },
			"BED71E67E37D8F60769E7EBE69DACC4600487389" } },
	{ "2", "65",
		{ "1",
			{ "5000.00", "398", "202609071613367349", "00000001", "88888881", "0",
				"20260907111514", "1", "8B743971DC8FE8ABC78109938569B65F" },
			"8CAB1F69B09AF519FA7005683344F6D0B013EBFD" } },
};

static int begin(void **state)
{
	static struct mac mac;
	unsigned char key[16];
	unsigned char next[16];

	assert_true(text_unhex(TEXT(BANK_KEY), key, sizeof(key)));
	assert_true(text_unhex(TEXT(BANK_KEY_NEXT), next, sizeof(next)));
	mac_init(&mac, "SHA1", (struct text){ (const char *)key, sizeof(key) },
		(struct text){ (const char *)next, sizeof(next) });
	*state = &mac;
	return 0;
}

static int end(void **state)
{
	mac_done(*state);
	return 0;
}

static size_t texts_of(const struct vector *v, struct text texts[SIGN_FIELDS_MAX])
{
	size_t count = 0;

	for (; v->values[count] != NULL; count++) {
		texts[count] = text_of(v->values[count]);
	}
	return count;
}

static void published_vectors_are_made(void **state)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct text texts[SIGN_FIELDS_MAX];
		size_t count = texts_of(&vectors[i], texts);
		char sign[SIGN_SIZE];

		sign_make(*state, texts, count, sign);
		assert_string_equal(sign, vectors[i].sign);
		assert_true(sign_matches(*state, texts, count, text_of(vectors[i].sign)));
	}
}

/* The names' order is the values' order of the vectors above. */
static void each_trtype_has_its_list(void **state)
{
	static const char *const ordered = "AMOUNT CURRENCY ORDER MERCHANT TERMINAL MERCH_GMT "
					   "TIMESTAMP TRTYPE NONCE ";
	static const char *const back = "ORDER ORG_AMOUNT AMOUNT CURRENCY RRN INT_REF TERMINAL "
					"TIMESTAMP TRTYPE NONCE ";
	const struct {
		const char *trtype;
		const char *names;
	} lists[] = {
		{ "0", ordered },
		{ "1", ordered },
		{ "12", ordered },
		{ "14", back },
		{ "22", back },
		{ "21", "ORDER AMOUNT CURRENCY RRN INT_REF TRTYPE TERMINAL TIMESTAMP NONCE " },
		{ "90", "ORDER TERMINAL TIMESTAMP TRTYPE NONCE " },
	};
	static const char *const none[] = { "", "2", "01", "800", "8", "171", "1 " };

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		const char *const *names = sign_fields(text_of(lists[i].trtype));
		char all[256] = "";

		assert_non_null(names);
		for (size_t k = 0; names[k] != NULL; k++) {
			strncat(all, names[k], sizeof(all) - strlen(all) - 1);
			strncat(all, " ", sizeof(all) - strlen(all) - 1);
		}
		assert_string_equal(all, lists[i].names);
	}
	for (size_t i = 0; i < COUNT(none); i++) {
		assert_null(sign_fields(text_of(none[i])));
	}
}

/*
 * Paid and declined alike: of what a notification says about the outcome - ACTION, RC, RRN, INT_REF
 * - nothing goes into its P_SIGN.  Whoever changes a declined one to ACTION 0 and RC 00 has a valid
 * notification of a payment, and so it must never be believed.
 */
static void real_notifications_are_signed_without_their_outcome(void **state)
{
	static const char *const outcome[] = { "ACTION", "RC", "RRN", "INT_REF" };
	const char *const *names = sign_fields(TEXT("1"));
	bool declined = false;

	for (size_t i = 0; i < COUNT(notifications); i++) {
		const struct vector *v = &notifications[i].vector;
		struct text texts[SIGN_FIELDS_MAX];
		size_t count = texts_of(v, texts);

		assert_true(sign_matches(*state, texts, count, text_of(v->sign)));
		declined = declined || strcmp(notifications[i].action, "0") != 0;
	}
	assert_true(declined);
	for (; *names != NULL; names++) {
		for (size_t k = 0; k < COUNT(outcome); k++) {
			assert_string_not_equal(*names, outcome[k]);
		}
	}
}

static void the_next_key_is_accepted_but_does_not_sign(void **state)
{
	struct text texts[SIGN_FIELDS_MAX];
	size_t count = texts_of(&vectors[1], texts);
	char sign[BANK_SIGN_SIZE];
	char ours[SIGN_SIZE];

	bank_sign(BANK_KEY_NEXT, vectors[1].values, count, sign);
	assert_true(sign_matches(*state, texts, count, text_of(sign)));
	sign_make(*state, texts, count, ours);
	assert_string_not_equal(ours, sign);
	bank_sign(BANK_KEY_ALIEN, vectors[1].values, count, sign);
	assert_false(sign_matches(*state, texts, count, text_of(sign)));
}

static void any_other_byte_is_another_sign(void **state)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct text texts[SIGN_FIELDS_MAX];
		size_t count = texts_of(&vectors[i], texts);
		char sign[SIGN_SIZE];

		for (size_t k = 0; k < SIGN_SIZE - 1; k++) {
			memcpy(sign, vectors[i].sign, sizeof(sign));
			sign[k] = sign[k] == '0' ? '1' : '0';
			assert_false(sign_matches(*state, texts, count, text_of(sign)));
			sign[k] = 'a';
			assert_false(sign_matches(*state, texts, count, text_of(sign)));
			sign[k] = '\0';
			assert_false(sign_matches(*state, texts, count, text_of(sign)));
		}
		for (size_t k = 0; k < count; k++) {
			struct text whole = texts[k];
			char value[64];

			assert_true(text_copy(whole, value, sizeof(value)));
			value[0] ^= 1;
			texts[k] = text_of(value);
			assert_false(sign_matches(*state, texts, count, text_of(vectors[i].sign)));
			texts[k] = whole;
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(published_vectors_are_made),
		TEST(each_trtype_has_its_list),
		TEST(real_notifications_are_signed_without_their_outcome),
		TEST(the_next_key_is_accepted_but_does_not_sign),
		TEST(any_other_byte_is_another_sign),
	};

	return cmocka_run_group_tests_name("gateways/bcc/sign", tests, NULL, NULL);
}
