/* SPDX-License-Identifier: Apache-2.0 */

/*
 * page_text - the pages a payer's browser sees at /pay, as HTML in kk, ru and en.
 *
 * Pure: everything from outside is escaped, nothing is loaded from anywhere, and the only script is
 * the one that posts the bank's form.
 */
#ifndef ALYM_DAEMON_PAGE_TEXT_H
#define ALYM_DAEMON_PAGE_TEXT_H

#include "base/text.h"
#include "daemon/language.h"
#include "plugins/gateway.h"

enum {
	PAGE_TEXT_MAX = 1 << 20,
	PAGE_TEXT_NONCE_SIZE = 33,
	PAGE_TEXT_POLICY_SIZE = 256,
	PAGE_TEXT_REFRESH_S = 3,
};

enum page_kind {
	PAGE_WAITING, /* refreshes by itself */
	PAGE_FORM,    /* posts itself to the bank */
	PAGE_PAID,
	PAGE_PARTLY_PAID,
	PAGE_DECLINED,
	PAGE_EXPIRED,
	PAGE_CLOSED,
	PAGE_MISSING,
	PAGE_BUSY,
	PAGE_KIND_COUNT,
};

struct page_text {
	enum page_kind kind;
	enum language language;
	struct text amount;     /* "129750.00 KZT", or empty */
	struct text return_url; /* a link back, if it is an https address */
	struct text form_url;   /* FORM */
	const struct alym_form_field *fields;
	size_t field_count;
	char nonce[PAGE_TEXT_NONCE_SIZE]; /* fresh for each page */
};

void page_text_write(const struct page_text *page, struct buffer *out);

/* The Content-Security-Policy that lets the page do what it does and nothing else. */
const char *page_text_policy(const struct page_text *page, char out[PAGE_TEXT_POLICY_SIZE]);

/* As text or as a quoted attribute of HTML. */
void page_text_escape(struct buffer *out, struct text t);

#endif
