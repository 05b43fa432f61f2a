/* SPDX-License-Identifier: MIT */
/* The words of one answer, gathered frame by frame while its stream is read. */
#ifndef TOKTAPE_ANSWER_TEXT_H
#define TOKTAPE_ANSWER_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/chat.h"
#include "formats/digest.h"
#include "formats/error.h"

#define ANSWER_TEXT_MAX  ((size_t)1 << 20) /* kept of reasoning, content, and tool calls each */
#define ANSWER_TOOLS_MAX 128               /* calls kept; more are counted */

struct answer_tool {
    uint64_t index; /* ABSENT when the engine gave none */
    struct buf id, name, arguments;
};

struct answer_text {
    struct buf reasoning, content; /* up to ANSWER_TEXT_MAX each */
    uint64_t reasoning_bytes, content_bytes, reasoning_chars;
    struct answer_tool *tools;
    size_t tool_count, tool_capacity, tool_bytes;
    uint64_t tool_calls; /* calls begun, those over ANSWER_TOOLS_MAX included */
    int is_cut;          /* something above was over its cap and is not whole */
};

void answer_text_init(struct answer_text *a);
void answer_text_release(struct answer_text *a);

/* Adds what the next frame says. TT_OK or TT_NOMEM. */
int answer_text_frame(struct answer_text *a, const struct chat_frame *chat);

/* SHA-256 of reasoning, NUL, content, NUL, then name, NUL, arguments, NUL of each tool call. TT_OK, TT_NOMEM,
 * or TT_LIMIT when the text is cut and so has no digest. */
int answer_text_digest(const struct answer_text *a, unsigned char digest[SHA256_BYTES]);

#endif
