/* SPDX-License-Identifier: MIT */
/* Minifying JSON whose exact spelling matters because it is sent on: a parsed tree would round numbers and
 * respell strings. */
#ifndef TOKTAPE_JSON_MINIFY_H
#define TOKTAPE_JSON_MINIFY_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/error.h"

/* Checks exactly one JSON document and appends it to *out without the white space between its tokens; strings
 * and numbers keep their spelling. Beyond the grammar, every string must be text that can be sent: valid
 * UTF-8 without \u0000 and lone surrogates. TT_SYNTAX with line, column and reason; TT_LIMIT when nested
 * deeper than JSCAN_DEPTH_MAX or over out's limit; TT_NOMEM. After a failure *out holds a useless beginning.
 */
int json_minify(const void *text, size_t len, struct buf *out, struct error *e);

#endif
