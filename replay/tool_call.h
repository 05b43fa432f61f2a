/* SPDX-License-Identifier: MIT */
/* A made-up call of a declared tool, with arguments that fit its schema. */
#ifndef TOKTAPE_TOOL_CALL_H
#define TOKTAPE_TOOL_CALL_H

#include "formats/buf.h"
#include "formats/bytes.h"
#include "replay/tokens.h"

#define TOOL_NAME_MAX 128

/* `tool` is one element of a request's "tools". Fills the name and appends the arguments' JSON; words come
 * from *prose. TT_OK; TT_SYNTAX when the tool is declared in no usable way; TT_NOMEM. */
int tool_call_make(struct bytes tool, struct prose *prose, char name[TOOL_NAME_MAX], struct buf *arguments);

#endif
