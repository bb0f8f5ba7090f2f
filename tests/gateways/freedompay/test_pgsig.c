/* SPDX-License-Identifier: Apache-2.0 */
#include "gateways/freedompay/pgsig.h"
#include "tests/alym_test.h"

/*
 * Published vectors.  1: github.com/pashagray/paybox_money spec/paybox_money/signature_spec.rb and
 * github.com/iborodikhin/paybox tests/suite/SignTest.php; 2 and 3: github.com/Platron/php-sdk
 * tests/unit/SigHelperTest.php.
 */
static const struct {
	const char *form;
	const char *xml;
	const char *script;
	const char *secret;
	const char *sig;
} vectors[] = {
	{ "pg_salt=9imM909TH820jwk387&pg_t_param=value3&pg_a_param=value1"
	  "&pg_z_param[pg_q_subparam]=subvalue2&pg_z_param[pg_m_subparam]=subvalue1"
	  "&pg_b_param=value2",
		"<response><pg_salt>9imM909TH820jwk387</pg_salt><pg_t_param>value3</pg_t_param>"
		"<pg_a_param>value1</pg_a_param><pg_z_param><pg_q_subparam>subvalue2"
		"</pg_q_subparam><pg_m_subparam>subvalue1</pg_m_subparam></pg_z_param>"
		"<pg_b_param>value2</pg_b_param></response>",
		"script.php", "mypasskey", "a8a4d5a9188f24038a14a4d65c387bf7" },
	{ "test=test1&test2=test3",
		"<r><test>test1</test><pg_sig>x</pg_sig><test2>test3</test2></r>", "payment.php",
		"rofoneqaxujagexi", "27a5edfcb35e2fa44c9adef6994af3f0" },
	{ "pg_sig=x&pg_description=test", "<r><pg_description>test</pg_description></r>",
		"test.php", "rofoneqaxujagexi", "7e3123d36e6aa859f40dbe4d7eff7c34" },
};

/* Signs the form, or the XML if there is no form. */
static void sign(const char *form, const char *xml, const char *script, const char *secret,
	char sig[PGSIG_TEXT_SIZE])
{
	struct pgsig_fields fields;
	struct pgsig pgsig;
	struct form parsed;
	struct xmltree *tree = NULL;

	assert_true(pgsig_init(&pgsig, text_of(secret), TEXT("")));
	if (form != NULL) {
		assert_true(form_parse(text_of(form), &parsed));
		assert_true(pgsig_of_form(&parsed, &fields));
		pgsig_make(&pgsig, 0, text_of(script), &fields, sig);
		form_free(&parsed);
	} else {
		tree = xmltree_new(text_of(xml));
		assert_non_null(tree);
		assert_true(pgsig_of_tree(xmltree_root(tree), &fields));
		pgsig_make(&pgsig, 0, text_of(script), &fields, sig);
		xmltree_free(&tree);
	}
	pgsig_free(&fields);
	pgsig_done(&pgsig);
}

static bool form_matches(const char *form, const char *script, const char *secret, const char *next,
	const char *sig)
{
	struct pgsig_fields fields;
	struct pgsig pgsig;
	struct form parsed;
	size_t which;
	bool good;

	assert_true(pgsig_init(&pgsig, text_of(secret), text_of(next)));
	assert_true(form_parse(text_of(form), &parsed));
	assert_true(pgsig_of_form(&parsed, &fields));
	good = pgsig_matches(&pgsig, text_of(script), &fields, text_of(sig), &which);
	pgsig_free(&fields);
	form_free(&parsed);
	pgsig_done(&pgsig);
	return good;
}

static void published_vectors_hold(void **state)
{
	char sig[PGSIG_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		sign(vectors[i].form, NULL, vectors[i].script, vectors[i].secret, sig);
		assert_string_equal(sig, vectors[i].sig);
		sign(NULL, vectors[i].xml, vectors[i].script, vectors[i].secret, sig);
		assert_string_equal(sig, vectors[i].sig);
		assert_true(form_matches(vectors[i].form, vectors[i].script, vectors[i].secret, "",
			vectors[i].sig));
		assert_true(form_matches(vectors[i].form, vectors[i].script, "another secret",
			vectors[i].secret, vectors[i].sig));
		assert_false(form_matches(vectors[i].form, vectors[i].script, "another secret", "",
			vectors[i].sig));
		assert_false(form_matches(vectors[i].form, "other.php", vectors[i].secret, "",
			vectors[i].sig));
	}
}

/* 4 and 5: github.com/iborodikhin/paybox tests/suite/SignTest.php. */
static void the_script_is_the_last_segment(void **state)
{
	(void)state;
	assert_true(text_is(pgsig_script(TEXT("http://example.com/")), ""));
	assert_true(text_is(pgsig_script(TEXT("http://example.com/script.php?some=args")),
		"script.php"));
	assert_true(text_is(pgsig_script(TEXT("/callbacks/freedom")), "freedom"));
	assert_true(text_is(pgsig_script(TEXT("/callbacks/freedom?a=/b")), "freedom"));
	assert_true(text_is(pgsig_script(TEXT("freedom")), "freedom"));
	assert_true(text_is(pgsig_script(TEXT("")), ""));
}

/* printf %s 'a.php;;2;mypasskey' | md5sum, and so on. */
static void order_and_emptiness_are_signed(void **state)
{
	static const struct {
		const char *form;
		const char *xml;
		const char *sig;
	} cases[] = {
		/* a.php;;2;mypasskey: an empty value and an unknown field count */
		{ "b=2&a=", "<r><b>2</b><a/></r>", "d6134df9920fd54b8b79a4b2115f1e0c" },
		/* a.php;1;2;3;mypasskey: a list keeps its order */
		{ "l[0]=1&l[1]=2&l[10]=3", "<r><l><i>1</i><i>2</i><i>3</i></l></r>",
			"1a1d8038847bf8aaeebac60e1b998a3a" },
		/* a.php;1;2;3;4;mypasskey: bytes, capital letters first */
		{ "a=3&_=2&B=1&aa=4", "<r><a>3</a><_>2</_><B>1</B><aa>4</aa></r>",
			"dab591d338d02a924ed42b064bc20e0c" },
		/* a.php;mypasskey */
		{ "pg_sig=1", "<r/>", "cd2f7ac7faca6ac25de6ee42df3f6cad" },
	};
	char sig[PGSIG_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		sign(cases[i].form, NULL, "a.php", "mypasskey", sig);
		assert_string_equal(sig, cases[i].sig);
		sign(NULL, cases[i].xml, "a.php", "mypasskey", sig);
		assert_string_equal(sig, cases[i].sig);
	}
}

/*
 * Platron sorts by name and place in one word: pg_p10 and 001 come before pg_p1 and 002.
 * printf %s 'a.php;ten;one;mypasskey' | md5sum; and by name: 'a.php;one;ten;mypasskey'
 */
static void both_ways_to_sort_are_believed(void **state)
{
	static const char *const sigs[] = { "1f4446941066bd564b3fbd5f8a8629ba",
		"859bd8e6a1f37ab4e6d5855c32ca61d1" };
	struct pgsig_fields fields;
	struct pgsig pgsig;
	struct xmltree *tree = xmltree_new(TEXT("<r><pg_p10>ten</pg_p10><pg_p1>one</pg_p1></r>"));
	size_t which = 9;

	(void)state;
	assert_non_null(tree);
	assert_true(pgsig_init(&pgsig, TEXT("mypasskey"), TEXT("")));
	assert_true(pgsig_of_tree(xmltree_root(tree), &fields));
	for (size_t i = 0; i < COUNT(sigs); i++) {
		assert_true(
			pgsig_matches(&pgsig, TEXT("a.php"), &fields, text_of(sigs[i]), &which));
		assert_int_equal(which, 0);
	}
	assert_false(pgsig_matches(&pgsig, TEXT("a.php"), &fields, TEXT(""), &which));
	pgsig_free(&fields);
	pgsig_done(&pgsig);
	xmltree_free(&tree);
}

static void fields_have_a_limit(void **state)
{
	struct pgsig_fields fields;
	struct buffer b;
	struct xmltree *tree;

	(void)state;
	for (int extra = 0; extra < 2; extra++) {
		buffer_init(&b, 1 << 20);
		buffer_add_string(&b, "<r>");
		for (int i = 0; i < PGSIG_FIELDS_MAX + extra; i++) {
			buffer_add_string(&b, "<i/>");
		}
		buffer_add_string(&b, "</r>");
		tree = xmltree_new(buffer_text(&b));
		assert_non_null(tree);
		assert_int_equal(pgsig_of_tree(xmltree_root(tree), &fields), extra == 0);
		if (extra == 0) {
			pgsig_free(&fields);
		}
		xmltree_free(&tree);
		buffer_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_hold),
		cmocka_unit_test(the_script_is_the_last_segment),
		cmocka_unit_test(order_and_emptiness_are_signed),
		cmocka_unit_test(both_ways_to_sort_are_believed),
		cmocka_unit_test(fields_have_a_limit),
	};

	xmltree_init();
	return cmocka_run_group_tests_name("gateways/freedompay/pgsig", tests, NULL, NULL);
}
