/* SPDX-License-Identifier: MIT */
/* What a recorded request asked for, as far as the figures depend on it. */
#ifndef TOKTAPE_REQUEST_H
#define TOKTAPE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"

struct request_facts {
    uint64_t max_tokens; /* max_tokens, max_completion_tokens or n_predict; ABSENT when not given */
    int thinking_off; /* enable_thinking is false, at the top or in chat_template_kwargs, or reasoning_effort
                         none */
    struct bytes tools; /* JSON array text, borrowed from the body; .data is NULL when none are declared */
    struct bytes conversation; /* JSON text of `messages`, or of `prompt`, borrowed likewise */
};

/* Reads a chat-completions body. A body that is not JSON leaves everything absent. */
void request_read(struct request_facts *facts, const void *body, size_t len);

#endif
