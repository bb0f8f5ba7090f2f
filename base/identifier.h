/* SPDX-License-Identifier: Apache-2.0 */

/*
 * identifier - numbers others have given, which carry a check of their own.
 *
 * IIN (ЖСН, ИИН: of a person) and BIN (БСН, БИН: of an organisation) are twelve digits, the last of
 * which is the sum of the others by weights 1..11, modulo 11; where that is 10 by weights 3..11, 1,
 * 2; a number for which both are 10 is never given.  An IBAN is checked by ISO 7064, MOD 97-10.
 */
#ifndef ALYM_BASE_IDENTIFIER_H
#define ALYM_BASE_IDENTIFIER_H

#include <stdbool.h>

#include "base/text.h"

enum { IDENTIFIER_REGISTER_SIZE = 12, IDENTIFIER_IBAN_SIZE = 20 };

/* An IIN or a BIN: the two are counted alike. */
bool identifier_is_register(struct text t);

/* An IBAN of Kazakhstan, without spaces: "KZ", two check digits, and 16 digits or capitals. */
bool identifier_is_iban(struct text t);

#endif
