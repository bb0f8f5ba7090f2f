/* SPDX-License-Identifier: Apache-2.0 */

/* What a payer's browser sees at /pay, and that nothing from outside gets into it unescaped. */
#include <stdio.h>
#include <string.h>

#include "daemon/page_text.h"
#include "tests/alym_test.h"
#include "tests/daemon/stage.h"

static int begin(void **state)
{
	*state = stage_new(STAGE_NOW);
	return 0;
}

static int end(void **state)
{
	struct stage *s = *state;

	stage_free(&s);
	return 0;
}

static int look(struct stage *s, const struct stage_payment *p, struct stage_call *c)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/pay/%s", p->token);
	return stage_call(s, c, CALL_HTTPS, "GET", path, "");
}

static void everything_is_escaped(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out, PAGE_TEXT_MAX);
	page_text_escape(&out, TEXT("<a href='x'>&\"\n\x7F \xD0\x96"));
	assert_string_equal(out.bytes,
		"&#60;a href=&#39;x&#39;&#62;&#38;&#34;&#10;&#127; \xD0\x96");
	buffer_done(&out);
}

static void a_form_can_not_break_out(void **state)
{
	const struct alym_form_field fields[] = {
		{ TEXT("submit"), TEXT("\"><script>alert(1)</script>") },
	};
	struct page_text page = {
		.kind = PAGE_FORM,
		.language = LANGUAGE_KK,
		.return_url = TEXT("https://x/\"><script>"),
		.form_url = TEXT("https://bank.test/\"><script>"),
		.fields = fields,
		.field_count = 1,
		.nonce = "0123",
	};
	char policy[PAGE_TEXT_POLICY_SIZE];
	const char *script;
	struct buffer out;

	(void)state;
	buffer_init(&out, PAGE_TEXT_MAX);
	page_text_write(&page, &out);
	assert_false(out.overflowed);
	assert_null(strstr(out.bytes, "<script>"));
	script = strstr(out.bytes, "<script");
	assert_non_null(script);
	assert_null(strstr(script + 1, "<script"));
	assert_non_null(strstr(out.bytes, "lang=\"kk\""));
	assert_non_null(strstr(page_text_policy(&page, policy), "script-src 'nonce-0123'"));
	assert_non_null(strstr(policy, "form-action https:"));
	page.kind = PAGE_PAID;
	assert_null(strstr(page_text_policy(&page, policy), "script-src"));
	assert_non_null(strstr(policy, "form-action 'none'"));
	buffer_done(&out);
}

static void only_https_is_linked_back_to(void **state)
{
	struct page_text page = { .kind = PAGE_PAID, .return_url = TEXT("javascript:alert(1)") };
	struct buffer out;

	(void)state;
	buffer_init(&out, PAGE_TEXT_MAX);
	page_text_write(&page, &out);
	assert_null(strstr(out.bytes, "href"));
	buffer_reset(&out);
	page.return_url = TEXT("https://portal.kz/back?a=1&b=2");
	page_text_write(&page, &out);
	assert_non_null(strstr(out.bytes, "href=\"https://portal.kz/back?a=1&#38;b=2\""));
	buffer_done(&out);
}

static void every_page_speaks_three_languages(void **state)
{
	(void)state;
	for (int kind = 0; kind < PAGE_KIND_COUNT; kind++) {
		for (int language = 0; language < LANGUAGE_COUNT; language++) {
			struct page_text page = { .kind = (enum page_kind)kind,
				.language = (enum language)language };
			struct buffer out;

			buffer_init(&out, PAGE_TEXT_MAX);
			page_text_write(&page, &out);
			assert_true(text_is_utf8(buffer_text(&out)));
			assert_null(strstr(out.bytes, "(null)"));
			buffer_done(&out);
		}
	}
}

static void a_form_is_made_anew_for_each_browser(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;
	char first[STAGE_BODY_SIZE];

	s->kassa.form = true;
	stage_create(s, "a", "visa.exit", "kassa", &p);
	assert_string_equal(p.attempt, "pending");
	assert_int_equal(look(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "action=\"https://bank.test/form?a=1&#38;b=&#34;2&#34;\""));
	assert_non_null(strstr(c.body, p.order));
	assert_non_null(strstr(c.body, "name=\"IP\" value=\"192.0.2.7\""));
	assert_non_null(strstr(c.body, "&#60;b&#62;&#34;O&#39;Hara&#34; &#38;"));
	assert_non_null(strstr(c.policy, "default-src 'none'"));
	memcpy(first, c.body, sizeof(first));
	s->now += 7;
	assert_int_equal(look(s, &p, &c), 200);
	assert_string_not_equal(c.body, first);
	assert_int_equal(stage_records(s) > 0, 1);
}

static void who_comes_too_early_waits(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	s->bank.fault = BANK_LOSES_ANSWER;
	stage_create(s, "a", "visa.exit", "kassa", &p);
	assert_int_equal(look(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "http-equiv=\"refresh\""));
	assert_non_null(strstr(c.body, "2162.50 KZT"));
}

static void nobody_reads_what_the_book_forgot(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", "kassa", &p);
	s->forgets = true;
	assert_int_equal(look(s, &p, &c), 503);
	s->forgets = false;
	assert_int_equal(look(s, &p, &c), 303);
}

static void who_comes_too_late_reads_what_became_of_it(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", "kassa", &p);
	s->now += 1200;
	assert_int_equal(look(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "The time to pay has run out"));
	assert_int_equal(stage_message(s, &c, "declined order %s", p.order), 200);
	assert_int_equal(look(s, &p, &c), 200);
	assert_non_null(strstr(c.body, "No money was taken"));
	assert_non_null(strstr(c.body, "href=\"https://portal.kz/back\""));
	assert_null(strstr(c.body, "refresh"));
}

static void there_is_nothing_else_to_see(void **state)
{
	struct stage *s = *state;
	struct stage_payment p;
	struct stage_call c;

	stage_create(s, "a", "visa.exit", "kassa", &p);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/", ""), 404);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET", "/pay/x", ""), 404);
	p.token[0] = p.token[0] == '0' ? '1' : '0';
	assert_int_equal(look(s, &p, &c), 404);
	assert_non_null(strstr(c.body, "There is no such page"));
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "POST", "/pay/x", "a"), 405);
	assert_int_equal(stage_call(s, &c, CALL_HTTPS, "GET",
				 "/pay/0123456789012345678901234567890123456789", ""),
		404);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_escaped),
		cmocka_unit_test(a_form_can_not_break_out),
		cmocka_unit_test(only_https_is_linked_back_to),
		cmocka_unit_test(every_page_speaks_three_languages),
		TEST(a_form_is_made_anew_for_each_browser),
		TEST(who_comes_too_early_waits),
		TEST(nobody_reads_what_the_book_forgot),
		TEST(who_comes_too_late_reads_what_became_of_it),
		TEST(there_is_nothing_else_to_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
