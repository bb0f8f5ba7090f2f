/* SPDX-License-Identifier: Apache-2.0 */

/*
 * decision - what a gateway is told about what the book made of its message.
 *
 * Pure: the same outcome gives the same decision, hence a repeat gets the same answer.
 */
#ifndef ALYM_DAEMON_DECISION_H
#define ALYM_DAEMON_DECISION_H

#include "ledger/job.h"
#include "plugins/gateway.h"

/* The job is a finished JOB_VERDICT or JOB_ASK; texts point into it. */
struct alym_decision decision_of_verdict(const struct job *job);
struct alym_decision decision_of_ask(const struct job *job);

/* A decision without a job behind it. */
struct alym_decision decision_of(enum alym_answer_kind kind);

#endif
