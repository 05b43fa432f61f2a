/* SPDX-License-Identifier: MIT */
/* What a chat-completions request asks of a synthetic engine. */
#ifndef TOKTAPE_CHAT_REQUEST_H
#define TOKTAPE_CHAT_REQUEST_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/schema.h" /* ABSENT */

struct chat_request {
    struct buf prompt; /* tools and messages in the engine's chat template, ready for an answer */
    int stream, include_usage, thinking, cache_prompt, timings_per_token;
    uint64_t max_tokens; /* ABSENT when not given */
    struct bytes
        first_tool; /* the first declared tool's JSON, borrowed from the body; empty: none may be called */
};

/* TT_OK; TT_SYNTAX, with the sentence for the client, when it is no such request; TT_NOMEM, TT_LIMIT. Keys
 * that mean nothing to the engine are passed over, as engines do. Release in every case. */
int chat_request_parse(struct chat_request *r, struct bytes body, struct error *e);
void chat_request_release(struct chat_request *r);

#endif
