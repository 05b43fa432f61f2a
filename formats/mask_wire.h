/* SPDX-License-Identifier: MIT */
/* Masking one HTTP response as it arrives: heads, chunk framing, events and documents. */
#ifndef TOKTAPE_MASK_WIRE_H
#define TOKTAPE_MASK_WIRE_H

#include <stddef.h>

#include "formats/mask.h"

struct mask_wire;

struct mask_wire *mask_wire_new(const struct mask_key *key); /* NULL when memory is out */

/* Masks the next read in place; reads may be cut anywhere. TT_OK or TT_NOMEM. */
int mask_wire_run(struct mask_wire *w, unsigned char *bytes, size_t len);
void mask_wire_free(struct mask_wire *w);

#endif
