/* SPDX-License-Identifier: Apache-2.0 */

/*
 * command - the one table of what alymctl can do: parsing, help, completion and the manual's check
 * all come from it.
 */
#ifndef ALYM_TOOLS_COMMAND_H
#define ALYM_TOOLS_COMMAND_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tools/arguments.h"
#include "tools/session.h"

enum { COMMAND_WORDS_MAX = 2 }; /* words that completion knows */

typedef enum session_exit command_fn(struct session *session, const struct arguments *arguments);

struct command {
	const char *name;
	const char *usage; /* of its words: "ID performed|not_performed"; "" when it takes none */
	const char *summary;
	const char *about; /* sentences; NULL where the summary says it all */
	uint64_t options;  /* besides the global ones */
	uint64_t required; /* of these */
	size_t words_min;
	size_t words_max;                     /* at most ARGUMENTS_WORDS_MAX */
	const char *words[COMMAND_WORDS_MAX]; /* what may stand there, for completion; or NULL */
	command_fn *run;                      /* NULL: help, which needs no daemon */
};

/* What one of the words does that may stand behind a command. */
struct command_word {
	const char *word;
	command_fn *run;
	uint64_t options; /* of the command's; besides the global ones */
	size_t words_min; /* with the word itself */
	size_t words_max;
	const char *wants; /* what is told when there are fewer; NULL: there can not be */
};

size_t command_count(void);
const struct command *command_at(size_t i);

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

/* Too few words, or a required option missing: err says what. */
bool command_accepts(const struct arguments *arguments, struct err *err) MUST_USE;

/* Runs the row of the first word; one that has no row, an option of another's and too few or too
 * many words are told. */
enum session_exit command_run_word(struct session *session, const struct arguments *arguments,
	const struct command_word *rows, size_t count);

/* Help on one command, or (NULL) on all of them. */
void command_help(const struct command *command, FILE *out);

/*
 * For programs, one a line: "quote", "quote --action", "quote --action issue"; "fulfil _ performed"
 * where another word stands before; "* --json" for the options of every command.
 */
void command_names(FILE *out);

/* ---- what they do, each in the file of its noun ---- */

command_fn service_run;
command_fn quote_run;
command_fn payment_create;
command_fn payment_run;
command_fn payment_recompute, payment_erase; /* of payment_run() */
command_fn payment_attempt;
command_fn payment_cancel;
command_fn payment_fulfil;
command_fn event_run;
command_fn ledger_accounts;
command_fn ledger_balance;
command_fn ledger_entries;
command_fn ledger_reverse;
command_fn ledger_report;
command_fn export_run;
command_fn verify_run;
command_fn mirror_run;
command_fn book_run;
command_fn tariff_run;
command_fn rates_run;
command_fn period_run;
command_fn status_run;
command_fn backup_run;
command_fn maintenance_restore;
command_fn maintenance_verify; /* book rebuild, and of verification_run() */
command_fn verification_run;   /* book verify */

#endif
