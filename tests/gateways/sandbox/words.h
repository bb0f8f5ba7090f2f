/* SPDX-License-Identifier: Apache-2.0 */

/* words - the bank of gateways/sandbox/README.md, put into words for the conformance kit. */
#ifndef ALYM_TESTS_GATEWAYS_SANDBOX_WORDS_H
#define ALYM_TESTS_GATEWAYS_SANDBOX_WORDS_H

#include "plugins/kit/kit.h"

/* `gateway` is the path of one that speaks to it. */
struct kit_bank sandbox_words(const char *gateway);

#endif
