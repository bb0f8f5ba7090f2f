/* SPDX-License-Identifier: Apache-2.0 */

/* The parts that have vectors, compiled in: keys, messages and signatures in vectors.h. */
#include <openssl/evp.h>
#include <string.h>

#include "gateways/epay1/document.h"
#include "gateways/epay1/letter.h"
#include "plugins/form.h"
#include "tests/alym_test.h"
#include "tests/gateways/epay1/vectors.h"

/* Those of the shop: nodkz/kkb-epay's snapshots, panda-madness/kkb-epay's question. */
#define ORDER                                                                             \
	"<merchant cert_id=\"00C182B189\" name=\"Test shop\"><order order_id=\"000333\" " \
	"amount=\"500\" currency=\"398\"><department merchant_id=\"92061101\" "           \
	"amount=\"500\"/></order></merchant>"
#define ORDER_SIGN \
	"4OGkGgCrB+KGFdx7cnCb6vnPyaYWsrEl3F8NA9wIDPlO/QGNVkhqxR+mY66e5NNAxIGOmSrwsAmq/7mvEz2zaQ=="
#define QUESTION "<merchant id=\"92061101\"><order id=\"064085\"/></merchant>"
#define QUESTION_SIGN \
	"RB8oaB0UCAHIb7oyRXS8QhmNUnHcYcS6Dgff5Zmvev87WF07bt72gRmH5Cyss3qZl9j8M1zfuq0eY6aHnumzLw=="
#define COMMAND(type, reason)                                                        \
	"<merchant id=\"92061101\"><command type=\"" type                            \
	"\"/><payment reference=\"referenceNumber\" approval_code=\"approvalCode\" " \
	"orderid=\"orderId\" amount=\"500\" currency_code=\"398\"/>" reason "</merchant>"
#define COMPLETE_SIGN \
	"DTqfRPB7D6R8CAeo8hLgzRtNWtGpeYeOXJEvkOgOv82nNneV4hnJ/RCe8R8ltf/jwkVCPTy3zCTIGn9QL0v5oQ=="
#define REVERSE_SIGN \
	"ITStWa16eRpfb77i8sQDC31DfR6lOi/jEoZNcl1k0Q2TVxfLBwe12Ls/V0Xm9fRW2nxblXRMm5uLJ2HnOsLlaA=="
#define SIGNED(attributes, signature) \
	"<merchant_sign type=\"RSA\"" attributes ">" signature "</merchant_sign></document>"
#define WITH_ID " cert_id=\"00C182B189\""

static struct alym_gateway_state shop;
static char scratch_bytes[ALYM_SCRATCH_SIZE];
static struct alym_scratch scratch;

static int begin(void **state)
{
	(void)state;
	scratch = (struct alym_scratch){ .bytes = scratch_bytes };
	shop = (struct alym_gateway_state){ .merchant_id = "92061101",
		.merchant_name = "Test shop",
		.cert_id = "00C182B189" };
	return sign_init(&shop.sign, TEXT(VECTOR_KEY), TEXT(VECTOR_PASSPHRASE), TEXT(VECTOR_BANK),
		       TEXT("")) == NULL
		       ? 0
		       : -1;
}

static int end(void **state)
{
	(void)state;
	sign_done(&shop.sign);
	return 0;
}

static void the_shops_signatures_are_the_published_ones(void **state)
{
	static const char *const cases[][2] = {
		{ "Test", "OOlFo1j3wWs4Km7OHfRtMQPvBI/63DgA6soBBPo9MjcscWM+SBhzMx6fYvofKRbPxMMBtijm"
			  "+l2sYMjdrraEbw==" },
		{ ORDER, ORDER_SIGN },
		{ QUESTION, QUESTION_SIGN },
		{ COMMAND("complete", ""), COMPLETE_SIGN },
		{ COMMAND("reverse", "<reason>Return payment</reason>"), REVERSE_SIGN },
	};
	char signature[SIGN_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sign_make(&shop.sign, text_of(cases[i][0]), signature);
		assert_string_equal(signature, cases[i][1]);
	}
}

/* Byte for byte: there is no canonical form. */
static void an_order_is_the_published_document(void **state)
{
	static const char expected[] = "<document>" ORDER SIGNED("", ORDER_SIGN);
	const struct alym_order order = { .number = TEXT("000333"),
		.amount = money_of(50000, "KZT") };
	struct text encoded = document_order(&shop, &order, &scratch);
	unsigned char decoded[2048];
	int size;

	(void)state;
	assert_true(encoded.size < sizeof(decoded));
	size = EVP_DecodeBlock(decoded, (const unsigned char *)encoded.bytes, (int)encoded.size);
	assert_true(size >= (int)sizeof(expected) - 1 && size < (int)sizeof(expected) + 2);
	assert_memory_equal(decoded, expected, sizeof(expected) - 1);
}

static void assert_encoded(struct text query, const char *expected)
{
	struct buffer b;

	buffer_init(&b, 4096);
	form_encode(&b, text_of(expected));
	assert_true(text_equal(query, buffer_text(&b)));
	buffer_done(&b);
}

static void questions_and_commands_are_the_published_documents(void **state)
{
	struct document_command command = { .type = "complete",
		.number = TEXT("orderId"),
		.reference = "referenceNumber",
		.approval = "approvalCode",
		.amount = money_of(50000, "KZT") };

	(void)state;
	assert_encoded(document_question(&shop, TEXT("064085"), &scratch),
		"<document>" QUESTION SIGNED(WITH_ID, QUESTION_SIGN));
	assert_encoded(document_command(&shop, &command, &scratch),
		"<document>" COMMAND("complete", "") SIGNED(WITH_ID, COMPLETE_SIGN));
	command.type = "reverse";
	assert_encoded(document_command(&shop, &command, &scratch),
		"<document>" COMMAND("reverse", "<reason>Return payment</reason>")
			SIGNED(WITH_ID, REVERSE_SIGN));
}

static void the_banks_letters_are_read(void **state)
{
	struct letter letter;

	(void)state;
	assert_int_equal(letter_read_payment(&shop.sign, TEXT(VECTOR_PAYMENT), &letter),
		LETTER_GOOD);
	assert_string_equal(letter.merchant_id, "92061101");
	assert_string_equal(letter.order, "064085");
	assert_int_equal(letter.amount.minor, 100000);
	assert_string_equal(letter.amount.currency, "KZT");
	assert_string_equal(letter.reference, "180418115914");
	assert_string_equal(letter.approval, "115914");
	assert_string_equal(letter.code, "00");

	assert_int_equal(letter_read_payment(&shop.sign, TEXT(VECTOR_OTHER_SHOP), &letter),
		LETTER_GOOD);
	assert_string_equal(letter.merchant_id, "92061103");
	assert_int_equal(letter.amount.minor, 1000);

	assert_int_equal(letter_read_status(&shop.sign, TEXT(VECTOR_STATUS), &letter), LETTER_GOOD);
	assert_string_equal(letter.payment, "true");
	assert_string_equal(letter.status, "0");
	assert_string_equal(letter.result, "0");
	assert_int_equal(letter.amount.minor, 100000);

	assert_int_equal(letter_read_command(&shop.sign, TEXT(VECTOR_COMMAND), &letter),
		LETTER_GOOD);
	assert_string_equal(letter.command, "complete");
	assert_string_equal(letter.order, "0202171211");
	assert_string_equal(letter.code, "00");
}

static void a_letter_of_one_kind_is_none_of_another(void **state)
{
	struct letter letter;

	(void)state;
	assert_int_equal(letter_read_status(&shop.sign, TEXT(VECTOR_PAYMENT), &letter),
		LETTER_STRANGE);
	assert_int_equal(letter_read_command(&shop.sign, TEXT(VECTOR_STATUS), &letter),
		LETTER_STRANGE);
	assert_int_equal(letter_read_payment(&shop.sign, TEXT(VECTOR_COMMAND), &letter),
		LETTER_STRANGE);
}

/* Every byte of the slice is signed, and every byte of the signature counts. */
static void no_byte_may_be_another(void **state)
{
	static const char good[] = VECTOR_PAYMENT;
	char bad[sizeof(good)];
	struct letter letter;
	size_t end = (size_t)(strstr(good, "</bank_sign>") - good);
	size_t begin = (size_t)(strstr(good, "<bank ") - good);

	(void)state;
	for (size_t i = begin; i < end; i++) {
		memcpy(bad, good, sizeof(good));
		bad[i] = (char)(good[i] ^ 1);
		if (letter_read_payment(&shop.sign, TEXT(bad), &letter) == LETTER_GOOD) {
			/* The signature's element names a certificate: we pin the key. */
			assert_true(i > (size_t)(strstr(good, "<bank_sign ") - good));
			assert_true(i < (size_t)(strstr(good, "SHA/RSA\">") - good + 9));
		}
	}
	for (size_t size = 0; size < sizeof(good) - 1; size++) {
		assert_int_not_equal(letter_read_payment(&shop.sign, (struct text){ good, size },
					     &letter),
			LETTER_GOOD);
	}
}

static void no_other_signature_is_the_banks(void **state)
{
	static const char *const signatures[] = {
		"invalid", /* the published invalid one */
		"", "====", "AAAA", ORDER_SIGN,
		"EpUcI/2F2MTU6l908yXTZHdFaEHB7qd318RUzluzhW7EpWgWyB6jl++QanVnM2bvJRQzS/Ik3nifRPoo"
		"Uxvnm9vK5YevtC8U5/HUwHqqyMghwOxEvWJM6W2bXPbzaM2U/VQRdJeM6ppaeOk10aKDxUBOLFBc7IX5o"
		"x6WhN78XUI", /* without its padding */
		"EpUcI/2F2MTU6l908yXTZHdFaEHB7qd318RUzluzhW7EpWgWyB6jl++QanVnM2bvJRQzS/Ik3nifRPoo"
		"Uxvnm9vK5YevtC8U5/HUwHqqyMghwOxEvWJM6W2bXPbzaM2U/VQRdJeM6ppaeOk10aKDxUBOLFBc7IX5o"
		"x6WhN78XUJ=", /* padding with bits in it */
	};
	static const char good[] = VECTOR_PAYMENT;
	const char *slice = strstr(good, "<bank ");
	struct text bytes = { slice, (size_t)(strstr(good, "</bank>") + 7 - slice) };

	(void)state;
	for (size_t i = 0; i < COUNT(signatures); i++) {
		assert_false(sign_is_banks(&shop.sign, bytes, text_of(signatures[i])));
	}
}

static void keys_that_are_none_are_told(void **state)
{
	struct sign sign;

	(void)state;
	assert_string_equal(sign_init(&sign, TEXT(VECTOR_KEY), TEXT("wrong"), TEXT(VECTOR_BANK),
				    TEXT("")),
		"key_file is no RSA key, or passphrase_file does not open it");
	assert_string_equal(sign_init(&sign, TEXT(VECTOR_KEY), TEXT(""), TEXT(VECTOR_BANK),
				    TEXT("")),
		"key_file is no RSA key, or passphrase_file does not open it");
	assert_string_equal(sign_init(&sign, TEXT(VECTOR_KEY), TEXT(VECTOR_PASSPHRASE),
				    TEXT("no key"), TEXT("")),
		"bank_key_file holds no certificate or RSA key");
	assert_string_equal(sign_init(&sign, TEXT(VECTOR_KEY), TEXT(VECTOR_PASSPHRASE),
				    TEXT(VECTOR_BANK), TEXT("no key")),
		"bank_key_next_file holds no certificate or RSA key");
}

#define VECTOR_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		VECTOR_TEST(the_shops_signatures_are_the_published_ones),
		VECTOR_TEST(an_order_is_the_published_document),
		VECTOR_TEST(questions_and_commands_are_the_published_documents),
		VECTOR_TEST(the_banks_letters_are_read),
		VECTOR_TEST(a_letter_of_one_kind_is_none_of_another),
		VECTOR_TEST(no_byte_may_be_another),
		VECTOR_TEST(no_other_signature_is_the_banks),
		VECTOR_TEST(keys_that_are_none_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
