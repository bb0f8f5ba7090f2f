/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/option.h"

#include <assert.h>
#include <stddef.h>

static const struct option_row option_rows[] = {
	[OPTION_HELP] = { "help", NULL, NULL, "what this command does, and its options", 0 },
	[OPTION_VERSION] = { "version", NULL, NULL, "alymctl's version", 0 },
	[OPTION_SOCKET] = { "socket", "PATH", NULL,
		"where alymd listens (else $ALYM_SOCKET, else " ALYM_STATE_DIR "/" ALYM_SOCKET_NAME
		")",
		0 },
	[OPTION_JSON] = { "json", NULL, NULL, "the daemon's own bytes instead of tables", 0 },
	[OPTION_LANG] = { "lang", "LANGUAGE", "kk ru en",
		"of what the daemon says: kk, ru or en (else as $LC_ALL, $LC_MESSAGES or $LANG)",
		0 },

	[OPTION_ACTION] = { "action", "ACTION", "issue restore extend reissue",
		"what is done (else the service's first action)", 0 },
	[OPTION_QUANTITY] = { "quantity", "N", NULL, "how many (else 1)", 0 },
	[OPTION_NATIONALITY] = { "nationality", "XX", NULL,
		"of the applicant, by ISO 3166-1: IN, DE ...", 0 },
	[OPTION_BIRTH_DATE] = { "birth-date", "YYYY-MM-DD", NULL, "of the applicant", 0 },
	[OPTION_CLAIM] = { "claim", "GROUND[:DOCUMENT]",
		"mutual-waiver official-delegation state-invitation humanitarian-aid investor "
		"ethnic-kazakh child-under-16 funeral official-error",
		"a ground of exemption and what proves it; up to eight times", 8 },
	[OPTION_CATEGORY] = { "category", "CATEGORY", NULL, "of the visa: A3, B1, C12 ...", 0 },
	[OPTION_CURRENCY] = { "currency", "CUR", "KZT USD EUR GBP CHF",
		"to pay in (else the fee's own)", 0 },
	[OPTION_ACTIVATION_DATE] = { "activation-date", "YYYY-MM-DD", NULL,
		"of the status; of an extension, when the running term began", 0 },
	[OPTION_TRAVEL_DATE] = { "travel-date", "YYYY-MM-DD", NULL, "of the journey", 0 },
	[OPTION_PLACE] = { "place", "CODE", NULL, "of the action, by KATO", 0 },
	[OPTION_MISSION] = { "mission", "NAME", NULL, "abroad, where the rate depends on it", 0 },
	[OPTION_YEARS] = { "years", "N", NULL, "where the rate depends on them", 0 },
	[OPTION_DATE] = { "date", "YYYY-MM-DD", NULL, "the day that counts, in Almaty (else today)",
		0 },
	[OPTION_TIME] = { "time", "TIME", NULL,
		"an instant instead of --date: 2026-01-01T00:00:00+05:00", 0 },

	[OPTION_REFERENCE] = { "reference", "REFERENCE", NULL,
		"your own name of the matter; unique among open and paid payments", 0 },
	[OPTION_GATEWAY] = { "gateway", "NAME", NULL,
		"of a payment: open an order there (else payable by code); of entries: only that one's",
		0 },
	[OPTION_METHOD] = { "method", "METHOD", "card bank",
		"instead of --gateway: any that takes such a payment", 0 },
	[OPTION_RETURN_URL] = { "return-url", "URL", NULL,
		"where the gateway sends the payer afterwards", 0 },
	[OPTION_EXPECT] = { "expect", "AMOUNT", NULL,
		"refuse when another sum is due: 129750.00, '499.00 USD' (KZT if not said)", 0 },
	[OPTION_PAYER] = { "payer", "WHAT:VALUE", "iin: bin: document: name:",
		"who pays, by iin, bin, document or name; one of each", 4 },
	[OPTION_KEY] = { "key", "KEY", NULL,
		"the Idempotency-Key (else a fresh one, which is shown)", 0 },
	[OPTION_CODE] = { "code", "CODE", NULL, "the numeric code it is payable by", 0 },
	[OPTION_STATE] = { "state", "STATE", "open partly_paid paid exempt cancelled expired",
		"only payments in this state", 0 },
	[OPTION_REASON] = { "reason", "TEXT", NULL, "kept with it", 0 },
	[OPTION_ORDER] = { "order", "TEXT", NULL,
		"the legal act that orders it; kept for ever, so it names no person", 0 },
	[OPTION_FORCE] = { "force", NULL, NULL, "although the duty can still be claimed back", 0 },
	[OPTION_DOCUMENT] = { "document", "TEXT", NULL, "what shows it: number, date, body", 0 },

	[OPTION_FROM] = { "from", "YYYY-MM-DD", NULL, "from this day on", 0 },
	[OPTION_TO] = { "to", "YYYY-MM-DD", NULL, "up to and with this day", 0 },
	[OPTION_LIMIT] = { "limit", "N", NULL, "how many at once, at most 500", 0 },
	[OPTION_CURSOR] = { "cursor", "CURSOR", NULL, "go on where the last page ended", 0 },
	[OPTION_ALL] = { "all", NULL, NULL, "every page to the end", 0 },
	[OPTION_AFTER] = { "after", "N", NULL, "events after number N (else from the first)", 0 },
	[OPTION_FOLLOW] = { "follow", NULL, NULL, "wait for more, until interrupted", 0 },

	[OPTION_ACCOUNT] = { "account", "ACCOUNT", NULL,
		"only what touched it: clearing:sandbox, fee:...", 0 },
	[OPTION_PAYMENT] = { "payment", "ID", NULL, "only entries of this payment", 0 },
	[OPTION_AS_OF] = { "as-of", "YYYY-MM-DD", NULL, "at the end of this day (else now)", 0 },
	[OPTION_AXIS] = { "axis", "AXIS", "booked value",
		"days by our clock (booked) or by the bank's (value)", 0 },
	[OPTION_AS_OF_RECORD] = { "as-of-record", "N", NULL,
		"as the book stood after record N (else after its last)", 0 },
	[OPTION_SERVICE] = { "service", "SERVICE", NULL,
		"only entries of payments for it: visa.multiple ...", 0 },
	[OPTION_EVIDENCE] = { "evidence", NULL, NULL,
		"of entry N: the bank's message, the payment and the law, too", 0 },
	[OPTION_CONSISTENCY] = { "consistency", NULL, NULL,
		"that the first FIRST records are still the same at SECOND", 0 },
	[OPTION_CHECKPOINT] = { "checkpoint", "FILE", NULL,
		"a signed note that you kept: the book must be that of then", 0 },
	[OPTION_VERIFIER] = { "verifier", "KEY", NULL,
		"the verifier key you know, instead of those the daemon tells; up to eight times",
		8 },
	[OPTION_DAYS] = { "days", "N", NULL,
		"the present key signs for so long, too (else 30); 0: every older key ends now",
		0 },

	[OPTION_CASES] = { "cases", "FILE|DIR", NULL,
		"<cases> to hold against it, or a folder of them; up to eight times", 8 },

	[OPTION_SHA256] = { "sha256", "DIGITS", NULL,
		"of the set you checked: another one is not taken", 0 },

	[OPTION_REPLACE] = { "replace", NULL, NULL,
		"take these though the day has other rates, or a book is there: those are kept",
		0 },
	[OPTION_CONFIG] = { "config", "FILE", NULL, "of alymd (else /etc/alym/alym.conf)", 0 },
	[OPTION_QUICK] = { "quick", NULL, NULL,
		"look at hashes, tree, checkpoints and sums alone, in a fraction of the time", 0 },

	[OPTION_FORMAT] = { "format", "FORMAT", "hledger ledger beancount csv",
		"which program is to read it", 0 },
	[OPTION_OUTPUT] = { "output", "FILE", NULL,
		"where to write it, once it is whole (else to the standard output)", 0 },
	[OPTION_NAMES] = { "names", NULL, NULL,
		"every command, option and word, one a line, for programs", 0 },
};

_Static_assert(sizeof(option_rows) / sizeof(*option_rows) == OPTION_COUNT,
	"every option has a row");

const struct option_row *option_row(enum option option)
{
	assert(option < OPTION_COUNT);
	assert(option_rows[option].name != NULL);

	return &option_rows[option];
}

enum option option_find(struct text name)
{
	enum option option = 0;

	while (option < OPTION_COUNT && !text_is(name, option_row(option)->name)) {
		option++;
	}
	return option;
}
