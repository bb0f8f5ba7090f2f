/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/page_text.h"

#include <assert.h>
#include <stdio.h>

struct page_words {
	const char *title[LANGUAGE_COUNT]; /* kk, ru, en */
	const char *detail[LANGUAGE_COUNT];
};

static const struct page_words page_words[PAGE_KIND_COUNT] = {
	[PAGE_WAITING] = { { "Төлем өңделуде", "Платёж обрабатывается",
				   "Your payment is being processed" },
		{ "Бет өздігінен жаңарады.", "Страница обновится сама.",
			"This page refreshes by itself." } },
	[PAGE_FORM] = { { "Банк бетіне өту", "Переход на страницу банка", "Going to the bank" },
		{ "Бет ашылмаса, батырманы басыңыз.", "Если страница не открылась, нажмите кнопку.",
			"If the page does not open, press the button." } },
	[PAGE_PAID] = { { "Төлем қабылданды", "Платёж принят", "The payment was received" },
		{ "Рахмет.", "Спасибо.", "Thank you." } },
	[PAGE_PARTLY_PAID] = { { "Соманың бір бөлігі қабылданды", "Принята часть суммы",
				       "A part of the sum was received" },
		{ "Қалған соманы төлеңіз.", "Оплатите остаток.", "Please pay the rest." } },
	[PAGE_DECLINED] = { { "Төлем өтпеді", "Платёж не прошёл",
				    "The payment did not go through" },
		{ "Ақша алынған жоқ.", "Деньги не списаны.", "No money was taken." } },
	[PAGE_EXPIRED] = { { "Төлеу уақыты өтті", "Время оплаты истекло",
				   "The time to pay has run out" },
		{ "Төлемді қайтадан бастаңыз.", "Начните оплату заново.",
			"Please start the payment again." } },
	[PAGE_CLOSED] = { { "Төлем жабылды", "Платёж закрыт", "The payment is closed" },
		{ "Оны төлеудің қажеті жоқ.", "Оплачивать его не нужно.",
			"It need not be paid." } },
	[PAGE_MISSING] = { { "Мұндай бет жоқ", "Такой страницы нет", "There is no such page" },
		{ "Сілтемені тексеріңіз.", "Проверьте ссылку.", "Please check the link." } },
	[PAGE_BUSY] = { { "Қазір мүмкін емес", "Сейчас это невозможно", "Not possible now" },
		{ "Біраздан соң қайталап көріңіз.", "Повторите немного позже.",
			"Please try again a little later." } },
};

static const char *const page_words_back[LANGUAGE_COUNT] = { "Сервиске оралу", "Вернуться в сервис",
	"Back to the service" };
static const char *const page_words_go[LANGUAGE_COUNT] = { "Жалғастыру", "Продолжить", "Continue" };

static const char page_style[] =
	"body{font:18px/1.5 sans-serif;margin:0;background:#f4f6f8;color:#1c2733}"
	"main{max-width:30em;margin:12vh auto;padding:2em;background:#fff;border-radius:8px}"
	"h1{font-size:1.4em;margin:0 0 .5em}"
	".sum{font-size:1.3em;font-weight:bold}"
	"button,a{color:#0a58a6;font:inherit}"
	"button{padding:.5em 1.5em}";

/* Not form.submit(): a field named "submit" would stand in its place. */
static const char page_script[] =
	"HTMLFormElement.prototype.submit.call(document.getElementById(\"pay\"))";

void page_text_escape(struct buffer *out, struct text t)
{
	assert(out != NULL);

	for (size_t i = 0; i < t.size; i++) {
		unsigned char c = (unsigned char)t.bytes[i];

		if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' || c < ' ' ||
			c == 0x7F) {
			buffer_printf(out, "&#%u;", c);
		} else {
			buffer_add_char(out, (char)c);
		}
	}
}

static void page_text_add_quoted(struct buffer *out, const char *name, struct text value)
{
	buffer_printf(out, " %s=\"", name);
	page_text_escape(out, value);
	buffer_add_char(out, '"');
}

static void page_text_add_form(struct buffer *out, const struct page_text *page)
{
	buffer_add_string(out, "<form id=\"pay\" method=\"post\" accept-charset=\"utf-8\"");
	page_text_add_quoted(out, "action", page->form_url);
	buffer_add_string(out, ">");
	for (size_t i = 0; i < page->field_count; i++) {
		buffer_add_string(out, "<input type=\"hidden\"");
		page_text_add_quoted(out, "name", page->fields[i].name);
		page_text_add_quoted(out, "value", page->fields[i].value);
		buffer_add_string(out, ">");
	}
	buffer_printf(out, "<button type=\"submit\">%s</button></form>",
		page_words_go[page->language]);
	buffer_printf(out, "<script nonce=\"%s\">%s</script>", page->nonce, page_script);
}

static void page_text_add_head(struct buffer *out, const struct page_text *page, const char *title)
{
	buffer_printf(out, "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">",
		language_name(page->language));
	buffer_add_string(out,
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
	buffer_add_string(out, "<meta name=\"robots\" content=\"noindex\">");
	if (page->kind == PAGE_WAITING) {
		buffer_printf(out, "<meta http-equiv=\"refresh\" content=\"%d\">",
			PAGE_TEXT_REFRESH_S);
	}
	buffer_printf(out, "<title>%s</title><style nonce=\"%s\">%s</style></head>", title,
		page->nonce, page_style);
}

void page_text_write(const struct page_text *page, struct buffer *out)
{
	const struct page_words *words;

	assert(page->kind < PAGE_KIND_COUNT);
	assert(page->language < LANGUAGE_COUNT);
	assert(page->field_count == 0 || page->kind == PAGE_FORM);

	words = &page_words[page->kind];
	page_text_add_head(out, page, words->title[page->language]);
	buffer_printf(out, "<body><main><h1>%s</h1>", words->title[page->language]);
	if (page->amount.size > 0) {
		buffer_add_string(out, "<p class=\"sum\">");
		page_text_escape(out, page->amount);
		buffer_add_string(out, "</p>");
	}
	buffer_printf(out, "<p>%s</p>", words->detail[page->language]);
	if (page->kind == PAGE_FORM) {
		page_text_add_form(out, page);
	}
	if (text_starts(page->return_url, TEXT("https://"))) {
		buffer_add_string(out, "<p><a rel=\"noreferrer\"");
		page_text_add_quoted(out, "href", page->return_url);
		buffer_printf(out, ">%s</a></p>", page_words_back[page->language]);
	}
	buffer_add_string(out, "</main></body></html>\n");
}

/* Where a bank's form leads on to is the bank's business: browsers hold redirects to it, too. */
const char *page_text_policy(const struct page_text *page, char out[PAGE_TEXT_POLICY_SIZE])
{
	char script[PAGE_TEXT_NONCE_SIZE + sizeof("script-src 'nonce-'; ")] = "";
	bool form;
	int size;

	assert(page->kind < PAGE_KIND_COUNT);

	form = page->kind == PAGE_FORM;
	if (form) {
		(void)snprintf(script, sizeof(script), "script-src 'nonce-%s'; ", page->nonce);
	}
	size = snprintf(out, PAGE_TEXT_POLICY_SIZE,
		"default-src 'none'; style-src 'nonce-%s'; %sform-action %s; base-uri 'none'; "
		"frame-ancestors 'none'",
		page->nonce, script, form ? "https:" : "'none'");
	assert(size > 0 && size < PAGE_TEXT_POLICY_SIZE);
	return out;
}
