/* SPDX-License-Identifier: Apache-2.0 */

/* alym_test - cmocka, whose header wants these five included first and in this order. */
#ifndef ALYM_TESTS_ALYM_TEST_H
#define ALYM_TESTS_ALYM_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#endif
