/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/command.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "tools/table.h"

enum { COMMAND_HELP_WIDTH = 79, COMMAND_TERM_WIDTH = 26, COMMAND_TERM_MAX = 128 };

#define COMMAND_PRICED                                                             \
	(OPTION_BIT(OPTION_ACTION) | OPTION_BIT(OPTION_QUANTITY) |                 \
		OPTION_BIT(OPTION_NATIONALITY) | OPTION_BIT(OPTION_BIRTH_DATE) |   \
		OPTION_BIT(OPTION_CLAIM) | OPTION_BIT(OPTION_CATEGORY) |           \
		OPTION_BIT(OPTION_CURRENCY) | OPTION_BIT(OPTION_ACTIVATION_DATE) | \
		OPTION_BIT(OPTION_TRAVEL_DATE) | OPTION_BIT(OPTION_PLACE) |        \
		OPTION_BIT(OPTION_MISSION) | OPTION_BIT(OPTION_YEARS))
#define COMMAND_PAGED \
	(OPTION_BIT(OPTION_LIMIT) | OPTION_BIT(OPTION_CURSOR) | OPTION_BIT(OPTION_ALL))
#define COMMAND_DAYS (OPTION_BIT(OPTION_FROM) | OPTION_BIT(OPTION_TO))

static const struct command command_rows[] = {
	{
		.name = "services",
		.usage = "[CODE]",
		.summary = "what can be paid for; with CODE its rates and lists by date",
		.words_max = 1,
		.run = service_run,
	},
	{
		.name = "quote",
		.usage = "SERVICE",
		.summary = "how much is due and by which law; nothing is written",
		.about = "Says for each line the rate, the index it is counted by, the law, and "
			 "each exemption claimed with its decision and why.",
		.options = COMMAND_PRICED | OPTION_BIT(OPTION_DATE) | OPTION_BIT(OPTION_TIME),
		.words_min = 1,
		.words_max = 1,
		.run = quote_run,
	},
	{
		.name = "pay",
		.usage = "SERVICE --reference REFERENCE",
		.summary = "create a payment of what is due today",
		.about =
			"Says the code it is payable by and, with --gateway or --method, the address where "
			"the payer goes. The Idempotency-Key is shown before it is used: whoever "
			"loses the answer repeats the command with --key and gets the answer of "
			"the first time, never a second payment.",
		.options = COMMAND_PRICED | OPTION_BIT(OPTION_REFERENCE) |
			   OPTION_BIT(OPTION_GATEWAY) | OPTION_BIT(OPTION_METHOD) |
			   OPTION_BIT(OPTION_RETURN_URL) | OPTION_BIT(OPTION_EXPECT) |
			   OPTION_BIT(OPTION_PAYER) | OPTION_BIT(OPTION_KEY),
		.required = OPTION_BIT(OPTION_REFERENCE),
		.words_min = 1,
		.words_max = 1,
		.run = payment_create,
	},
	{
		.name = "payment",
		.usage = "[ID] | recompute ID | recompute --all | erase ID",
		.summary = "one payment by its ID, or those of a reference, code, state or time",
		.about = "recompute makes each calculation of the payment again from its stored "
			 "request, tariff set and version, and compares; with --all those of every "
			 "payment, showing only what differs. The exit code is 4 when something "
			 "does. erase has what the book keeps of the payer go, by the legal order "
			 "that is named: records and proofs stay, reference and quote are no "
			 "longer shown.",
		.options = OPTION_BIT(OPTION_REFERENCE) | OPTION_BIT(OPTION_CODE) |
			   OPTION_BIT(OPTION_STATE) | OPTION_BIT(OPTION_ORDER) |
			   OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_FORCE) |
			   OPTION_BIT(OPTION_KEY) | COMMAND_DAYS | COMMAND_PAGED,
		.words_max = 2,
		.words = { "recompute erase" },
		.run = payment_run,
	},
	{
		.name = "attempt",
		.usage = "ID (--gateway NAME | --method METHOD)",
		.summary = "try to pay a payment at a (another) gateway",
		.options = OPTION_BIT(OPTION_GATEWAY) | OPTION_BIT(OPTION_METHOD) |
			   OPTION_BIT(OPTION_RETURN_URL) | OPTION_BIT(OPTION_KEY),
		.words_min = 1,
		.words_max = 1,
		.run = payment_attempt,
	},
	{
		.name = "cancel",
		.usage = "ID",
		.summary = "cancel a payment that is not paid",
		.options = OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_KEY),
		.words_min = 1,
		.words_max = 1,
		.run = payment_cancel,
	},
	{
		.name = "fulfil",
		.usage = "ID performed|not_performed",
		.summary = "say what became of the service that was paid for",
		.about = "A duty that was performed can be neither used again nor returned.",
		.options = OPTION_BIT(OPTION_DOCUMENT) | OPTION_BIT(OPTION_KEY),
		.words_min = 2,
		.words_max = 2,
		.words = { NULL, "performed not_performed" },
		.run = payment_fulfil,
	},
	{
		.name = "events",
		.usage = "",
		.summary = "what happened to your payments: 1, 2, 3 ... without gaps",
		.about = "With --follow it waits for more until it is interrupted.",
		.options = OPTION_BIT(OPTION_AFTER) | OPTION_BIT(OPTION_LIMIT) |
			   OPTION_BIT(OPTION_FOLLOW),
		.run = event_run,
	},
	{
		.name = "accounts",
		.usage = "",
		.summary = "the accounts there are, or were as of a record",
		.options = OPTION_BIT(OPTION_AS_OF_RECORD) | COMMAND_PAGED,
		.run = ledger_accounts,
	},
	{
		.name = "balance",
		.usage = "[ACCOUNT]",
		.summary = "where the money is, by account",
		.options = OPTION_BIT(OPTION_AS_OF) | OPTION_BIT(OPTION_AXIS) |
			   OPTION_BIT(OPTION_AS_OF_RECORD) | COMMAND_PAGED,
		.words_max = 1,
		.run = ledger_balance,
	},
	{
		.name = "entries",
		.usage = "[N]",
		.summary = "the book's entries, or entry N",
		.options = OPTION_BIT(OPTION_ACCOUNT) | OPTION_BIT(OPTION_GATEWAY) |
			   OPTION_BIT(OPTION_SERVICE) | OPTION_BIT(OPTION_PAYMENT) |
			   OPTION_BIT(OPTION_AXIS) | OPTION_BIT(OPTION_AS_OF_RECORD) |
			   OPTION_BIT(OPTION_EVIDENCE) | COMMAND_DAYS | COMMAND_PAGED,
		.words_max = 1,
		.run = ledger_entries,
	},
	{
		.name = "reverse",
		.usage = "ENTRY --reason TEXT",
		.summary = "take an entry that was wrong back by a new one",
		.about = "What it moved moves back in the same commit: the payment, its attempt, "
			 "what lies in suspense. It is refused where something stands on it: a "
			 "duty that was used, a part that went into a later entry. An entry is "
			 "reversed once, and a reversal never.",
		.options = OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_KEY),
		.required = OPTION_BIT(OPTION_REASON),
		.words_min = 1,
		.words_max = 1,
		.run = ledger_reverse,
	},
	{
		.name = "export",
		.usage = "",
		.summary = "all entries for hledger, ledger, beancount or a table",
		.about =
			"It goes as far as the newest checkpoint, or to the record that is named. A "
			"FILE gets its name when the export is whole: until then, and if it breaks "
			"off, there is FILE.incomplete. docs/EXPORT.md says what each format "
			"carries.",
		.options = COMMAND_DAYS | OPTION_BIT(OPTION_FORMAT) | OPTION_BIT(OPTION_OUTPUT) |
			   OPTION_BIT(OPTION_AS_OF_RECORD),
		.required = OPTION_BIT(OPTION_FORMAT),
		.run = export_run,
	},
	{
		.name = "report",
		.usage = "trial-balance|relief|settlement|commission",
		.summary = "accounts, duty not collected, what gateways took, settled and kept",
		.options = COMMAND_DAYS | OPTION_BIT(OPTION_AXIS) | OPTION_BIT(OPTION_AS_OF_RECORD),
		.words_min = 1,
		.words_max = 1,
		.words = { "trial-balance relief settlement commission" },
		.run = ledger_report,
	},
	{
		.name = "proof",
		.usage = "RECORD | --consistency FIRST SECOND",
		.summary = "prove that a record is in the book, or that it was only appended to",
		.about = "Fetches the record's leaf, the signed checkpoint, the verifier key and "
			 "the proof, and checks them itself: the leaf's hash, each step of the "
			 "path, the root against the checkpoint's, the Ed25519 signature. With a "
			 "--checkpoint and a --verifier you kept from before, nothing the daemon "
			 "says now is believed.",
		.options = OPTION_BIT(OPTION_CONSISTENCY) | OPTION_BIT(OPTION_CHECKPOINT) |
			   OPTION_BIT(OPTION_VERIFIER),
		.words_min = 1,
		.words_max = 2,
		.run = verify_run,
	},
	{
		.name = "mirror",
		.usage = "DIR",
		.summary = "the whole log in a folder, for any web server to show",
		.about = "Tiles, records and checkpoint, as C2SP tlog-tiles lays them out. Every "
			 "byte is verified before it is written, and what was in the folder must "
			 "be the beginning of what comes now. Run again it adds what is new; "
			 "interrupted, it goes on.",
		.options = OPTION_BIT(OPTION_VERIFIER),
		.words_min = 1,
		.words_max = 1,
		.run = mirror_run,
	},
	{
		.name = "book",
		.usage = "rotate-key|resume --reason TEXT | verify [FILE] | rebuild FILE",
		.summary = "the book as a whole: another key, going on after a loss, what is wrong",
		.about =
			"rotate-key has the daemon make a key and name it in a record. For some "
			"days checkpoints carry both signatures, so that who trusts the old key "
			"finds that record in a tree it signed. resume lets a restored book go "
			"on: it raises the generation, so that no number, code or order is "
			"issued twice, and has the gateways asked. The newest --checkpoint kept "
			"outside is recorded, and says how much was lost. verify derives "
			"every row again from the records and names what is otherwise: of a FILE, "
			"by alymd --verify-book; without one, the book of the daemon that runs, on "
			"a copy that it makes and removes while payments go on. With --quick it "
			"looks only at the tree and at sums, with --verifier checkpoints of a FILE "
			"must be signed by the keys you know. Its exit codes are alymd's: 65 means "
			"faults. rebuild does the same with a FILE, and writes one with faults "
			"anew from its records.",
		.options = OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_DAYS) |
			   OPTION_BIT(OPTION_CHECKPOINT) | OPTION_BIT(OPTION_CONFIG) |
			   OPTION_BIT(OPTION_QUICK) | OPTION_BIT(OPTION_VERIFIER),
		.words_min = 1,
		.words_max = 2,
		.words = { "rotate-key resume verify rebuild" },
		.run = book_run,
	},
	{
		.name = "tariff",
		.usage = "check|impact FILE...|DIR | activate --reason TEXT",
		.summary = "what would become of the law if it were changed; and change it",
		.about =
			"check has the daemon load the files, or those of a folder, as it would to "
			"use them, and throw them away: it says what is wrong by file and line, "
			"and with --cases which cases come to something else and which rows no "
			"case hits. impact says what every action of every service would cost "
			"beside what it costs by the set in use, who pays more first, on the day "
			"and on those of the next year on which something changes; with --cases "
			"what they ask, too. activate takes what lies in the daemon's data_dir "
			"into use; where the configuration wants two persons the first one "
			"proposes.",
		.options = OPTION_BIT(OPTION_CASES) | OPTION_BIT(OPTION_DATE) |
			   OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_SHA256),
		.words_min = 1,
		.words_max = ARGUMENTS_WORDS_MAX,
		.words = { "check impact activate" },
		.run = tariff_run,
	},
	{
		.name = "rates",
		.usage = "import FILE...|DIR --reason TEXT | show",
		.summary = "official exchange rates: take the National Bank's lists into use",
		.about = "import has the daemon read each file, or those of a folder, and keep it "
			 "in the book with the reason. The same rates again change nothing. One "
			 "that is refused is named, and the others still go in; the exit code is "
			 "1 then. show says what is in use today or, with --date, on another day.",
		.options = OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_REPLACE) |
			   OPTION_BIT(OPTION_DATE),
		.words_min = 1,
		.words_max = ARGUMENTS_WORDS_MAX,
		.words = { "import show" },
		.run = rates_run,
	},
	{
		.name = "period",
		.usage = "close MONTH --reason TEXT | list | show MONTH",
		.summary = "months: close one that is over, and show what it was closed by",
		.about = "Into a closed month nothing is booked any more; what is late is booked "
			 "today and keeps its value date. Months are closed in order. What "
			 "stands in suspense or is not settled is told, and hinders nothing. "
			 "The closing balances are part of a signed checkpoint: proof RECORD "
			 "proves it.",
		.options = OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_KEY) | COMMAND_PAGED,
		.words_min = 1,
		.words_max = 2,
		.words = { "close list show" },
		.run = period_run,
	},
	{
		.name = "backup",
		.usage = "FILE",
		.summary = "a verified copy of the book into FILE, while the daemon works",
		.about = "The daemon copies the book into its state_dir, verifies the copy's tree "
			 "against the newest signed checkpoint in it, and hands it over; then its "
			 "own is removed. FILE gets mode 0600 and its name when it is whole. "
			 "checkpoint.key is not in it: keep a copy of that, and the checkpoint "
			 "that is shown, elsewhere.",
		.words_min = 1,
		.words_max = 1,
		.run = backup_run,
	},
	{
		.name = "restore",
		.usage = "FILE",
		.summary = "put a backup in the place of the book; no daemon may run",
		.about = "Runs alymd --restore, as whoever may write to the state_dir (root, "
			 "where the configuration names a user). The backup is verified before "
			 "anything is touched. A restored book only answers until book resume.",
		.options = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_CHECKPOINT) |
			   OPTION_BIT(OPTION_REPLACE),
		.words_min = 1,
		.words_max = 1,
		.run = maintenance_restore,
	},
	{
		.name = "status",
		.usage = "",
		.summary = "whether the daemon lives and is ready, and how far its book is",
		.run = status_run,
	},
	{
		.name = "help",
		.usage = "[COMMAND]",
		.summary = "this, or what one command does",
		.options = OPTION_BIT(OPTION_NAMES),
		.words_max = 1,
	},
};

size_t command_count(void)
{
	return sizeof(command_rows) / sizeof(*command_rows);
}

const struct command *command_at(size_t i)
{
	assert(i < command_count());
	assert(command_rows[i].words_max <= ARGUMENTS_WORDS_MAX);

	return &command_rows[i];
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count(); i++) {
		if (strcmp(command_at(i)->name, name) == 0) {
			return command_at(i);
		}
	}
	return NULL;
}

bool command_accepts(const struct arguments *arguments, struct err *err)
{
	const struct command *command = arguments->command;

	assert(command != NULL);

	if (arguments->word_count < command->words_min) {
		return err_set(err, ERR_INPUT, "it wants %s", command->usage);
	}
	for (enum option option = 0; option < OPTION_COUNT; option++) {
		if ((command->required & OPTION_BIT(option)) != 0 &&
			!arguments_has(arguments, option)) {
			return err_set(err, ERR_INPUT, "it wants --%s %s", option_row(option)->name,
				option_row(option)->value);
		}
	}
	return true;
}

enum session_exit command_run_word(struct session *session, const struct arguments *arguments,
	const struct command_word *rows, size_t count)
{
	const char *name = arguments->command->name;
	const char *word = arguments_word(arguments, 0);
	size_t i = 0;

	assert(word != NULL);

	while (i < count && strcmp(word, rows[i].word) != 0) {
		i++;
	}
	if (i == count) {
		return session_complain(session, SESSION_MISUSED, "there is no %s %s", name, word);
	}
	for (enum option o = 0; o < OPTION_COUNT; o++) {
		if (arguments_has(arguments, o) &&
			((OPTION_GLOBAL | rows[i].options) & OPTION_BIT(o)) == 0) {
			return session_complain(session, SESSION_MISUSED,
				"--%s is no option of %s %s", option_row(o)->name, name, word);
		}
	}
	if (arguments->word_count < rows[i].words_min) {
		return session_complain(session, SESSION_MISUSED, "%s %s wants %s", name, word,
			rows[i].wants);
	}
	if (arguments->word_count > rows[i].words_max) {
		return session_complain(session, SESSION_MISUSED, "one word too many: \"%s\"",
			arguments->words[rows[i].words_max]);
	}
	return rows[i].run(session, arguments);
}

static void command_help_line(const char *term, const char *explanation, FILE *out)
{
	char label[2 + COMMAND_TERM_MAX];

	(void)snprintf(label, sizeof(label), "  %s", term);
	table_write_pair(label, COMMAND_TERM_WIDTH, text_of(explanation), COMMAND_HELP_WIDTH, out);
}

static void command_help_options(uint64_t options, FILE *out)
{
	char term[COMMAND_TERM_MAX];

	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_row *row = option_row(option);

		if ((options & OPTION_BIT(option)) == 0) {
			continue;
		}
		(void)snprintf(term, sizeof(term), "--%s%s%s", row->name,
			row->value != NULL ? " " : "", row->value != NULL ? row->value : "");
		command_help_line(term, row->help, out);
	}
}

static void command_help_one(const struct command *command, FILE *out)
{
	(void)fprintf(out, "Usage: alymctl %s%s%s%s\n\n", command->name,
		command->usage[0] != '\0' ? " " : "", command->usage,
		command->options != 0 ? " [options]" : "");
	table_write_paragraph(text_of(command->summary), 0, COMMAND_HELP_WIDTH, out);
	if (command->about != NULL) {
		(void)fputc('\n', out);
		table_write_paragraph(text_of(command->about), 0, COMMAND_HELP_WIDTH, out);
	}
	if (command->options != 0) {
		(void)fputs("\nOptions:\n", out);
		command_help_options(command->options, out);
	}
}

static void command_help_all(FILE *out)
{
	char term[COMMAND_TERM_MAX];

	(void)fputs("Usage: alymctl [global options] COMMAND [words and options]\n\n"
		    "Talks to alymd over its Unix socket.\n\nCommands:\n",
		out);
	for (size_t i = 0; i < command_count(); i++) {
		const struct command *command = command_at(i);

		(void)snprintf(term, sizeof(term), "%s%s%s", command->name,
			command->usage[0] != '\0' ? " " : "", command->usage);
		command_help_line(term, command->summary, out);
	}
}

void command_help(const struct command *command, FILE *out)
{
	if (command != NULL) {
		command_help_one(command, out);
	} else {
		command_help_all(out);
	}
	(void)fputs("\nGlobal options:\n", out);
	command_help_options(OPTION_GLOBAL, out);
	if (command == NULL) {
		(void)fputs("\nExit codes: 0 done, 1 refused by the daemon, 2 wrong usage, "
			    "3 no daemon or no answer,\n4 a proof or a calculation does not "
			    "hold, 5 the output could not be written.\nrestore, book verify "
			    "and book rebuild have those of alymd: 65 the book has faults, "
			    "70 it is\nunreadable or not what it must be, 75 a daemon runs.\n",
			out);
	}
}

/* One line for each of the words that may stand behind `start`. */
static void command_names_words(const char *start, const char *words, FILE *out)
{
	const char *word = words;

	while (word != NULL && *word != '\0') {
		size_t size = strcspn(word, " ");

		(void)fprintf(out, "%s %.*s\n", start, (int)size, word);
		word += size + (word[size] == ' ' ? 1 : 0);
	}
}

static void command_names_options(const char *name, uint64_t options, FILE *out)
{
	char start[COMMAND_TERM_MAX];

	for (enum option option = 0; option < OPTION_COUNT; option++) {
		const struct option_row *row = option_row(option);

		if ((options & OPTION_BIT(option)) != 0) {
			(void)snprintf(start, sizeof(start), "%s --%s", name, row->name);
			(void)fprintf(out, "%s\n", start);
			command_names_words(start, row->words, out);
		}
	}
}

static void command_names_of(const struct command *command, FILE *out)
{
	char start[COMMAND_TERM_MAX];

	(void)fprintf(out, "%s\n", command->name);
	command_names_options(command->name, command->options, out);
	command_names_words(command->name, command->words[0], out);
	(void)snprintf(start, sizeof(start), "%s _", command->name);
	command_names_words(start, command->words[1], out);
	for (size_t i = 0; i < command_count() && command->run == NULL; i++) {
		(void)fprintf(out, "%s %s\n", command->name, command_at(i)->name);
	}
}

void command_names(FILE *out)
{
	command_names_options("*", OPTION_GLOBAL, out);
	for (size_t i = 0; i < command_count(); i++) {
		command_names_of(command_at(i), out);
	}
}
