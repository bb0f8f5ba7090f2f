/* SPDX-License-Identifier: Apache-2.0 */

/*
 * action - whether what a gateway answered keeps to the ABI.
 *
 * A gateway is code we load, but its texts come from a bank: alymd looks at every action before it
 * obeys one.  Tests, fuzzers and the conformance kit look with the same eyes.
 */
#ifndef ALYM_PLUGINS_ACTION_H
#define ALYM_PLUGINS_ACTION_H

#include "plugins/gateway.h"

enum { ACTION_WAIT_MS_MAX = 60000 };

/* NULL when `action` may be obeyed in a session of that kind after that event; else what is wrong
 * with it, for the log.  Hosts of addresses are not judged here: who knows the settings does. */
const char *action_fault(const struct alym_action *action, const struct alym_event *event);

#endif
