/* SPDX-License-Identifier: Apache-2.0 */

/* law - the place in an act that the daemon cites, in words. */
#ifndef ALYM_TOOLS_LAW_H
#define ALYM_TOOLS_LAW_H

#include <jansson.h>

#include "base/text.h"
#include "tools/session.h"

/* "Tax Code No. 214-VIII, art. 666, item 4 (unverified)" as far as `law` says so; in the session's
 * scratch.  Empty when there is no law. */
struct text law_words(struct session *session, const json_t *law);

/* That under a label, if there is any. */
void law_pair(struct session *session, const char *label, const json_t *law);

#endif
