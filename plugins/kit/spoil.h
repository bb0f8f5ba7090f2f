/* SPDX-License-Identifier: Apache-2.0 */

/*
 * spoil - the ways in which a good message can be made a bad one, numbered.
 *
 * Knows bytes and members; whether a signature is made before or after is its caller's choice.
 */
#ifndef ALYM_PLUGINS_KIT_SPOIL_H
#define ALYM_PLUGINS_KIT_SPOIL_H

#include "plugins/kit/message.h"

/* What a way may want to know besides the message that it changes. */
struct kit_spoil_with {
	const struct kit_message *plain; /* the message before it was signed */
	const struct kit_message *other; /* the same message with another outcome, unsigned */
};

/* Spoils `m` in the nth of its ways; false, with `m` as it was, when there are no more. */
typedef bool kit_spoil(struct kit_message *m, const struct kit_spoil_with *with, size_t n);

kit_spoil kit_spoil_cut;     /* what it says ends after n bytes */
kit_spoil kit_spoil_bit;     /* a bit of the nth byte, anywhere */
kit_spoil kit_spoil_seal;    /* a bit of the nth byte that signing added */
kit_spoil kit_spoil_utf8;    /* the nth byte of what it says is 0xFF, or a NUL's overlong form */
kit_spoil kit_spoil_size;    /* grown beyond reason */
kit_spoil kit_spoil_rubbish; /* an answer: each status with rubbish */
kit_spoil kit_spoil_status;  /* an answer: each status that is no success, with the true body */
kit_spoil kit_spoil_member;  /* members missing, doubled, unknown */
kit_spoil kit_spoil_value;   /* members of another type */

#endif
