/* SPDX-License-Identifier: MIT */
/* What a synthetic engine says of itself: the documents of its information endpoints. */
#ifndef TOKTAPE_SYNTHETIC_INFO_H
#define TOKTAPE_SYNTHETIC_INFO_H

#include "replay/engine.h"
#include "replay/profile.h"
#include "replay/tokens.h"

void info_server(struct engine_answer *a, const struct profile *p); /* the Server: header */

/* Each appends one JSON document and returns out->failed. */
int info_models(struct buf *out, const struct profile *p);
int info_props(struct buf *out, const struct profile *p);
int info_slots(struct buf *out, const struct profile *p);
int info_version(struct buf *out, const struct profile *p);
int info_tokens(struct buf *out, const struct tokens *tokens,
                const struct buf *pieces); /* the text that they were cut from; NULL: the ids alone */
int info_prompt(struct buf *out, const struct buf *prompt,
                uint64_t tokens); /* NULL prompt: the count alone */

#endif
