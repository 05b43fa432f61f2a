/* SPDX-License-Identifier: MIT */
/* Merging JSON objects as text (RFC 7396), so that strings and numbers keep their spelling and members their
 * order. */
#ifndef TOKTAPE_JSON_MERGE_H
#define TOKTAPE_JSON_MERGE_H

#include "formats/buf.h"
#include "formats/bytes.h"

/* Appends `base` with `patch` merged into it to *out: a member of the patch replaces the base's of that name
 * in its place, null removes it, two objects are merged in turn, new members follow behind. Of members with
 * the same name the last one of the patch counts. Both must be valid, minified JSON objects. Returns
 * out->failed, or TT_LIMIT when an object has over JSON_MERGE_MEMBERS members or over JSON_MERGE_DEPTH levels
 * are merged. */
#define JSON_MERGE_MEMBERS 128
#define JSON_MERGE_DEPTH   16
int json_merge(struct buf *out, struct bytes base, struct bytes patch);

#endif
