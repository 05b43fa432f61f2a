/* SPDX-License-Identifier: MIT */
/* The body of one chat-completions request, and where to cut it so that what repeats is stored once. */
#ifndef TOKTAPE_RECORD_REQUEST_H
#define TOKTAPE_RECORD_REQUEST_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "formats/workload.h"

#define REQUEST_BODY_MAX ((size_t)32 << 20)

/* What the phase does not say. Everything is borrowed; NULL leaves it out. */
struct request_options {
    const char *model;
    const char *nonce; /* plain text put in front of the first message's own text */
    const char
        *cold_body; /* JSON object: what makes this request cold for this engine, {"cache_prompt":false} */
    const char *extra_body; /* JSON object: --extra-body, in any spelling */
};

/* `bytes` may be cut at `cuts` (ascending offsets, none at 0 or the end): before and after the nonce, at the
 * first message, and at the end of each message. A comma between two messages belongs to the second of them,
 * so a history that grows by a message shares every segment but the last with its shorter self. */
struct request_body {
    struct buf bytes;
    size_t *cuts;
    size_t cut_count, cut_capacity;
};

void request_body_init(struct request_body *body);
void request_body_release(struct request_body *body);

/* Builds the body into an initialised or used *body. Members stand in this order: model, messages, tools,
 * max_tokens, temperature (0), stream (true), stream_options.include_usage (true),
 * chat_template_kwargs.enable_thinking (false), those of cold_body, those of extra_body that are new.
 * extra_body is merged as RFC 7396 says: a member replaces ours, null removes it, objects are merged member
 * by member; strings and numbers keep their spelling.
 *
 * TT_USAGE when extra_body is no JSON object or has "messages" or "tools", which the workload says;
 * TT_UNSUPPORTED when there is a nonce and the first message has no text to put it in front of; TT_LIMIT over
 * REQUEST_BODY_MAX; TT_NOMEM. */
int request_body_build(struct request_body *body, const struct workload_phase *phase,
                       const struct request_options *options, struct error *e);

/* Builds the body of a recorded request once more. Without model, nonce and extra_body it is `recorded` byte
 * for byte, whatever that is; with any of them the JSON is minified and those members alone differ (cold_body
 * is not looked at). TT_UNSUPPORTED for a change to what is no JSON object; otherwise as request_body_build.
 */
int request_body_again(struct request_body *body, struct bytes recorded,
                       const struct request_options *options, struct error *e);

/* Whether extra_body is acceptable, for the command line: the errors of request_body_build about it. */
int request_check_extra_body(const char *extra_body, struct error *e);

#endif
