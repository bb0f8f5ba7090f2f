/* SPDX-License-Identifier: Apache-2.0 */

/* country - which two letters are a country's by ISO 3166-1. */
#ifndef ALYM_TARIFF_COUNTRY_H
#define ALYM_TARIFF_COUNTRY_H

#include <stdbool.h>

#include "base/text.h"

/* An officially assigned alpha-2 code, in capitals. */
bool country_is_known(struct text code);

#endif
