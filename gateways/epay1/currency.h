/* SPDX-License-Identifier: Apache-2.0 */

/* currency - the three that the bank takes, by their ISO 4217 numbers. */
#ifndef ALYM_GATEWAYS_EPAY1_CURRENCY_H
#define ALYM_GATEWAYS_EPAY1_CURRENCY_H

/* "398" of "KZT"; NULL when the bank does not take it. */
const char *currency_number(const char *code);

/* "KZT" of "398"; NULL when the bank does not take it. */
const char *currency_code(const char *number);

#endif
