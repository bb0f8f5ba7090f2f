/* SPDX-License-Identifier: Apache-2.0 */

/* language - which of Alym's three languages somebody reads. */
#ifndef ALYM_DAEMON_LANGUAGE_H
#define ALYM_DAEMON_LANGUAGE_H

#include "base/text.h"

enum language { LANGUAGE_KK, LANGUAGE_RU, LANGUAGE_EN, LANGUAGE_COUNT };

/* The best of the three by an Accept-Language (RFC 9110 section 12.5.4), or `otherwise`. */
enum language language_choose(struct text accept, enum language otherwise);

/* "kk", "ru", "en". */
const char *language_name(enum language language);

#endif
