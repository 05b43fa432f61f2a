/* SPDX-License-Identifier: MIT */
/* What one event of a chat-completions stream says: classification of a single JSON chunk. */
#ifndef TOKTAPE_CHAT_H
#define TOKTAPE_CHAT_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/schema.h" /* ABSENT */

#define CHAT_TOOLS_MAX 32 /* tool-call fragments in one chunk; more are counted in tools_dropped */

enum frame_kind {
    FRAME_COMMENT,   /* an SSE comment: keep-alive */
    FRAME_PROGRESS,  /* prefill progress, in a comment or a chunk */
    FRAME_ROLE,      /* role only, or a chunk that carries nothing (a fake first chunk) */
    FRAME_REASONING, /* non-empty reasoning text */
    FRAME_CONTENT,   /* non-empty content text */
    FRAME_TOOL_CALL, /* a fragment of a tool call: a name or arguments */
    FRAME_FINISH,    /* finish_reason and no text */
    FRAME_USAGE,     /* usage (timings may come with it) and no choices */
    FRAME_TIMINGS,   /* timings alone: no choices, no progress */
    FRAME_DONE,      /* [DONE] */
    FRAME_ERROR,     /* an error object or string */
    FRAME_MALFORMED  /* not JSON, not an object, or over a cap */
};

enum cached_state { CACHED_ABSENT, CACHED_NULL, CACHED_NUMBER };

struct chat_tool {
    uint64_t index; /* ABSENT when the engine gave none */
    struct bytes id, name,
        arguments; /* decoded text; empty when absent. Arguments sent as an object: its JSON */
};

/* Some engines spread it over several events, a part in each: a later one replaces only what it states. */
struct chat_usage {
    uint64_t prompt_tokens, completion_tokens; /* ABSENT when missing */
    uint64_t cached_tokens;                    /* ABSENT unless cached_state is CACHED_NUMBER */
    enum cached_state cached_state; /* prompt_tokens_details.cached_tokens, or usage.cached_tokens */
};

struct chat_timings { /* llama.cpp's names; ABSENT or NAN when missing */
    uint64_t cache_n, prompt_n, predicted_n, draft_n, draft_n_accepted;
    double prompt_ms, predicted_ms;
};

struct chat_progress { /* ABSENT when missing */
    uint64_t total, cached, processed;
};

/* One classified event. Text is decoded from JSON escapes; it points into the event's data or into `scratch`
 * and is borrowed until either changes. has_usage, has_timings and has_progress mean that at least one number
 * was there. Of several choices only the one with index 0 is read.
 *
 * `kind` is the first that fits of: error, content, tool call, reasoning, finish, usage, timings, progress,
 * role. A chunk may carry more than its kind says (text and a finish_reason, usage in the finish chunk): the
 * fields tell. */
struct chat_frame {
    enum frame_kind kind;
    struct bytes content, reasoning;
    size_t tool_count; /* at most CHAT_TOOLS_MAX */
    size_t tools_dropped;
    struct bytes finish_reason; /* empty when null or absent */
    int has_choices;            /* the chunk's list of choices is there and not empty */
    int has_usage, has_timings, has_progress;
    struct chat_usage usage;
    struct chat_timings timings;
    struct chat_progress progress;
    uint64_t token_ids; /* length of the chunk's token_ids array, ABSENT when it has none */
    struct bytes error; /* the message of an error object, or the error string */
    struct bytes model, fingerprint;
    struct chat_tool tools[CHAT_TOOLS_MAX]; /* last, as it is large and rarely used */
};

/* True for kinds CONTENT, REASONING and TOOL_CALL: the frames that the metrics call token-bearing. */
int chat_is_token_bearing(const struct chat_frame *frame);
const char *frame_kind_name(enum frame_kind kind); /* "content", "tool_call" … */

/* Classifies the data of one SSE event. `scratch` holds decoded text; it is cleared first. Never fails: what
 * cannot be understood is FRAME_MALFORMED, and so is text that `scratch` has no room for (scratch->failed
 * tells). Allocation-free once `scratch` has grown.
 *
 * Besides chat and legacy completion chunks it understands the events of Anthropic's messages interface,
 * whose input_tokens leave out what came from the cache: prompt_tokens is the sum. */
void chat_classify(const void *data, size_t len, struct buf *scratch, struct chat_frame *frame);

/* Classifies an SSE comment line (without the colon): keep-alive, or "keepalive N/M" progress. */
void chat_classify_comment(const void *text, size_t len, struct chat_frame *frame);

/* Classifies a whole non-streamed response body: an error document, or a chat.completion whose message
 * becomes one frame with content, tools, finish_reason, usage and timings. */
void chat_classify_document(const void *data, size_t len, struct buf *scratch, struct chat_frame *frame);

#endif
