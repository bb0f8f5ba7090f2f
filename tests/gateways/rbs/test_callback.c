/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tests/gateways/rbs/fixture.h"

/* BPC's documentation of callbacks, the sample with a symmetric key. */
#define MD       "06cf5599-3f17-7c86-bdbc-bd7d00a8b38b"
#define SIGNED   "mdOrder;" MD ";operation;approved;orderNumber;2003;status;1;"
#define CHECKSUM "EAF2FB72CAB99FD5067F4BA493DD84F4D79C1589FDE8ED29622F0F07215AA972"
#define PUBLISHED \
	"mdOrder=" MD "&orderNumber=2003&checksum=" CHECKSUM "&operation=approved&status=1"

/* The same, the sample with an RSA key: SHA-512 although its alias says another. */
#define RSA_MD "12b59da8-f68f-7c8d-12b5-9da8000826ea"
#define RSA_CHECKSUM                                                       \
	"163BD9FAE437B5DCDAAC4EB5ECEE5E533DAC7BD2C8947B0719F7A8BD17C101EB" \
	"DBEACDB295C10BF041E903AF3FF1E6101FF7DB9BD024C6272912D86382090D5A" \
	"7614E174DC034EBBB541435C80869CEED1F1E1710B71D6EE7F52AE354505A83A" \
	"1E279FBA02572DC4661C1D75ABF5A7130B70306CAFA69DABC2F6200A698198F8"
#define RSA_PUBLISHED                                                                     \
	"amount=35000099&sign_alias=SHA-256+with+RSA&operation=deposited&mdOrder=" RSA_MD \
	"&checksum=" RSA_CHECKSUM "&status=1"

static void assert_answered(const struct drive *d, int status)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
	assert_int_equal(d->action.answer.status, status);
	assert_int_equal(d->action.answer.body.size, 0);
}

static void assert_checks(const struct drive *d, const char *number)
{
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_CHECK);
	assert_text(d->action.about_order, number);
	assert_int_equal(d->action.about_code.size, 0);
}

static void the_published_sample_is_believed_in_any_order(void **state)
{
	static const char *const cases[] = {
		PUBLISHED,
		"status=1&checksum=" CHECKSUM "&orderNumber=2003&operation=approved&mdOrder=" MD,
		"operation=approved&mdOrder=" MD "&status=1&orderNumber=2003&checksum=" CHECKSUM,
		"checksum=" CHECKSUM "&operation=%61pproved&sign_alias=x&status=1&orderNumber=2003"
		"&mdOrder=" MD,
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		rbs_bank_call(d, "GET", cases[i]);
		assert_checks(d, "2003");
		rbs_bank_call(d, "POST", cases[i]);
		assert_checks(d, "2003");
	}
}

/* It names no order by our number: it is kept, and nobody is asked. */
static void the_published_rsa_sample_is_believed(void **state)
{
	struct drive *d = fixture_drive(state);

	rbs_bank_call(d, "GET", RSA_PUBLISHED);
	assert_null(d->fault);
	assert_int_equal(d->action.kind, ALYM_ACTION_KEEP);
	assert_text(d->action.keep, "callback about mdOrder " RSA_MD ", no order of ours");
}

static void an_rsa_checksum_with_another_digest_is_forged(void **state)
{
	struct drive *d = fixture_drive(state);

	fixture_set(state, "callback_digest", TEXT("sha256"));
	rbs_bank_call(d, "GET", RSA_PUBLISHED);
	assert_answered(d, 403);
	rbs_bank_call(d, "GET", PUBLISHED); /* which is none of RSA's business */
	assert_checks(d, "2003");
}

/* The sample that the documentation warns of: what is signed is the same as in the good one. */
static void an_order_number_does_not_carry_a_status(void **state)
{
	static const char *const cases[] = {
		"mdOrder=" MD "&operation=approved&orderNumber=2003;status;1&checksum=" CHECKSUM,
		"mdOrder=" MD
		"&operation=approved&orderNumber=2003%3Bstatus%3B1&checksum=" CHECKSUM,
		"mdOrder=" MD ";operation;approved&orderNumber=2003&status=1&checksum=" CHECKSUM,
		"mdOrder;" MD ";operation=approved&orderNumber=2003&status=1&checksum=" CHECKSUM,
		"mdOrder=" MD "&operation=approved&orderNumber=2003&status=1;&checksum=" CHECKSUM,
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		rbs_bank_call(d, "GET", cases[i]);
		assert_answered(d, 400);
		rbs_bank_call(d, "POST", cases[i]);
		assert_answered(d, 400);
	}
}

/* Signed by the bank's own key, so that nothing but the form can refuse it. */
static void each_part_is_there_once(void **state)
{
	static const struct {
		const char *parameters;
		const char *text;
		int status;
	} cases[] = {
		{ "operation=approved&orderNumber=2003&status=1",
			"operation;approved;orderNumber;2003;status;1;", 400 },
		{ "mdOrder=" MD "&orderNumber=2003&status=1",
			"mdOrder;" MD ";orderNumber;2003;status;1;", 400 },
		{ "mdOrder=" MD "&operation=&orderNumber=2003&status=1",
			"mdOrder;" MD ";operation;;orderNumber;2003;status;1;", 400 },
		{ "mdOrder=" MD "&operation=approved&orderNumber=2003",
			"mdOrder;" MD ";operation;approved;orderNumber;2003;", 400 },
		{ "mdOrder=" MD "&operation=approved&orderNumber=2003&status=2",
			"mdOrder;" MD ";operation;approved;orderNumber;2003;status;2;", 400 },
		{ "mdOrder=" MD "&operation=approved&orderNumber=2003&status=0&status=1",
			"mdOrder;" MD ";operation;approved;orderNumber;2003;status;0;status;1;",
			400 },
		{ "mdOrder=" MD "&operation=approved&orderNumber=2003&status=1&status=1",
			"mdOrder;" MD ";operation;approved;orderNumber;2003;status;1;status;1;",
			400 },
		{ "mdOrder=" MD "&mdOrder=" MD "&operation=approved&orderNumber=2003&status=1",
			"mdOrder;" MD ";mdOrder;" MD
			";operation;approved;orderNumber;2003;status;1;",
			400 },
		{ "a=1&a=2&mdOrder=" MD "&operation=approved&orderNumber=2003&status=1",
			"a;1;a;2;mdOrder;" MD ";operation;approved;orderNumber;2003;status;1;",
			400 },
		{ "checksum=00&mdOrder=" MD "&operation=approved&orderNumber=2003&status=1", SIGNED,
			400 },
		{ "mdOrder=..%2Frefund&operation=approved&orderNumber=2003&status=1",
			"mdOrder;../refund;operation;approved;orderNumber;2003;status;1;", 400 },
		{ "mdOrder=%FF&operation=approved&orderNumber=2003&status=1",
			"mdOrder;\xFF;operation;approved;orderNumber;2003;status;1;", 400 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		rbs_bank_call_signed(d, "POST", cases[i].parameters, cases[i].text);
		assert_answered(d, cases[i].status);
	}
}

/* Whatever it says happened, and whatever the sum: the bank is asked, and nothing is booked. */
static void an_outcome_is_never_taken_from_a_callback(void **state)
{
	static const struct {
		const char *parameters;
		const char *text;
	} cases[] = {
		{ "operation=approved&status=0&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;approved;orderNumber;7;status;0;" },
		{ "operation=deposited&status=1&orderNumber=7&amount=1&mdOrder=" MD,
			"amount;1;mdOrder;" MD ";operation;deposited;orderNumber;7;status;1;" },
		{ "operation=reversed&status=1&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;reversed;orderNumber;7;status;1;" },
		{ "operation=refunded&status=1&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;refunded;orderNumber;7;status;1;" },
		{ "operation=declinedByTimeout&status=1&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;declinedByTimeout;orderNumber;7;status;1;" },
		{ "operation=declinedCardPresent&status=0&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;declinedCardPresent;orderNumber;7;status;0;" },
		{ "Zeta=%D0%BF&alpha=&operation=new+word&status=1&orderNumber=7&mdOrder=" MD,
			"Zeta;\xD0\xBF;alpha;;mdOrder;" MD
			";operation;new word;orderNumber;7;status;1;" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		rbs_bank_call_signed(d, i % 2 == 0 ? "GET" : "POST", cases[i].parameters,
			cases[i].text);
		assert_checks(d, "7");
	}
}

static void what_is_about_no_order_of_ours_is_kept(void **state)
{
	static const struct {
		const char *parameters;
		const char *text;
	} cases[] = {
		{ "operation=bindingCreated&status=1&orderNumber=7&mdOrder=" MD,
			"mdOrder;" MD ";operation;bindingCreated;orderNumber;7;status;1;" },
		{ "operation=approved&status=1&orderNumber=cabinet-7&mdOrder=" MD,
			"mdOrder;" MD ";operation;approved;orderNumber;cabinet-7;status;1;" },
		{ "operation=approved&status=1&orderNumber=1234567890123456&mdOrder=" MD,
			"mdOrder;" MD
			";operation;approved;orderNumber;1234567890123456;status;1;" },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		rbs_bank_call_signed(d, "GET", cases[i].parameters, cases[i].text);
		assert_null(d->fault);
		assert_int_equal(d->action.kind, ALYM_ACTION_KEEP);
	}
}

/* Each bit of each byte: what comes of it is refused, or says the very same. */
static void a_callback_is_forged_at_every_byte(void **state)
{
	static const char *const published[] = { PUBLISHED, RSA_PUBLISHED };
	struct drive *d = fixture_drive(state);

	for (size_t k = 0; k < COUNT(published); k++) {
		size_t size = strlen(published[k]);
		char forged[1024];

		assert_true(size < sizeof(forged));
		for (size_t at = 0; at < size; at++) {
			memcpy(forged, published[k], size + 1);
			forged[at] = (char)(forged[at] ^ 1);
			rbs_bank_call(d, "POST", forged);
			assert_null(d->fault);
			if (d->action.kind != ALYM_ACTION_ANSWER) {
				const char *alias = strstr(published[k], "sign_alias=");

				/* The alias is what nobody signs. */
				assert_true(alias != NULL && published[k] + at >= alias + 11 &&
					    published[k] + at < alias + 27);
			} else {
				assert_true(d->action.answer.status == 400 ||
					    d->action.answer.status == 403);
			}
		}
		for (size_t end = 0; end < size; end++) {
			memcpy(forged, published[k], end);
			forged[end] = '\0';
			rbs_bank_call(d, "POST", forged);
			assert_int_equal(d->action.kind, ALYM_ACTION_ANSWER);
			assert_int_not_equal(d->action.answer.status, 200);
		}
	}
}

static void two_keys_are_active_and_no_third(void **state)
{
	static const struct {
		const char *key;
		bool ours;
	} cases[] = {
		{ RBS_BANK_KEY, true }, { RBS_BANK_KEY_NEXT, true },
		{ "another merchant's", false },
		{ RBS_BANK_KEY "\n", false }, /* the line's end is not the key's */
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		char parameters[512] =
			"mdOrder=" MD "&operation=approved&orderNumber=2003&status=1&checksum=";
		size_t size = strlen(parameters);

		rbs_bank_sign(cases[i].key, SIGNED, parameters + size);
		rbs_bank_call(d, "GET", parameters);
		if (cases[i].ours) {
			assert_checks(d, "2003");
		} else {
			assert_answered(d, 403);
		}
		for (char *c = parameters + size; *c != '\0'; c++) {
			*c = (char)(*c >= 'A' && *c <= 'F' ? *c + 'a' - 'A' : *c);
		}
		rbs_bank_call(d, "GET", parameters); /* one message has one checksum */
		assert_answered(d, 403);
	}
}

static void what_is_no_form_is_refused(void **state)
{
	struct drive *d = fixture_drive(state);
	char many[4096] = "";

	rbs_bank_call(d, "POST", "");
	assert_answered(d, 400);
	rbs_bank_call(d, "GET", "");
	assert_answered(d, 400);
	rbs_bank_call(d, "POST", "{\"mdOrder\":\"" MD "\"}");
	assert_answered(d, 400);
	rbs_bank_call(d, "POST", PUBLISHED "&a=%zz");
	assert_answered(d, 400);
	rbs_bank_call(d, "POST", PUBLISHED "&a=%00");
	assert_answered(d, 400);
	rbs_bank_call(d, "PUT", PUBLISHED);
	assert_answered(d, 405);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(many + strlen(many), sizeof(many) - strlen(many), "a%d=1&", i);
	}
	rbs_bank_call(d, "POST", many);
	assert_answered(d, 400);
}

/* The bank repeats whatever is not answered by 200, three times. */
static void each_decision_has_its_answer(void **state)
{
	static const struct {
		enum alym_answer_kind kind;
		int status;
	} cases[] = {
		{ ALYM_ANSWER_NOTED, 200 },
		{ ALYM_ANSWER_UNKNOWN, 200 },
		{ ALYM_ANSWER_BUSY, 503 },
	};
	struct drive *d = fixture_drive(state);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct alym_decision decision = { .kind = cases[i].kind };

		rbs_bank_call(d, "GET", PUBLISHED);
		drive_decision(d, &decision);
		assert_answered(d, cases[i].status);
		assert_true(d->over);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(the_published_sample_is_believed_in_any_order),
		FIXTURE_TEST(the_published_rsa_sample_is_believed),
		FIXTURE_TEST(an_rsa_checksum_with_another_digest_is_forged),
		FIXTURE_TEST(an_order_number_does_not_carry_a_status),
		FIXTURE_TEST(each_part_is_there_once),
		FIXTURE_TEST(an_outcome_is_never_taken_from_a_callback),
		FIXTURE_TEST(what_is_about_no_order_of_ours_is_kept),
		FIXTURE_TEST(a_callback_is_forged_at_every_byte),
		FIXTURE_TEST(two_keys_are_active_and_no_third),
		FIXTURE_TEST(what_is_no_form_is_refused),
		FIXTURE_TEST(each_decision_has_its_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
