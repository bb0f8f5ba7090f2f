/* SPDX-License-Identifier: Apache-2.0 */

/* attr - the compiler attributes Alym uses, under names that read in a declaration. */
#ifndef ALYM_BASE_ATTR_H
#define ALYM_BASE_ATTR_H

#define MUST_USE                   __attribute__((warn_unused_result))
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))

#endif
