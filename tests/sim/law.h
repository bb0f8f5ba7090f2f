/* SPDX-License-Identifier: Apache-2.0 */

/*
 * law - what the services of a life cost, known here without asking the tariff.
 *
 * A day is Almaty's: UTC+5 since March 2024.
 */
#ifndef ALYM_TESTS_SIM_LAW_H
#define ALYM_TESTS_SIM_LAW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

int32_t law_day(int64_t now);

/* In tiyn; -1: there is no such fee on that day. */
int64_t law_gross(struct text service, int32_t day);

#endif
