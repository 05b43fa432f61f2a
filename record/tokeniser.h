/* SPDX-License-Identifier: MIT */
/* Asking an engine to cut text into tokens, as it cuts its prompts: llama.cpp and vLLM can. */
#ifndef TOKTAPE_TOKENISER_H
#define TOKTAPE_TOKENISER_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"
#include "record/endpoint.h"
#include "record/engine.h"
#include "record/http.h"

/* Whom to ask, and how. Everything is borrowed. */
struct tokeniser {
    struct http_client *client;
    const struct endpoint *endpoint;
    const char *const *headers; /* ended by NULL */
    const volatile sig_atomic_t *interrupted;
    enum engine_kind kind;
    const char *model; /* asked for where an engine has several; NULL: none */
};

int tokeniser_can_count(enum engine_kind kind);

/* The tokens of a text, without chat template and special tokens. TT_NETWORK when the engine does not answer,
 * TT_NOTFOUND when it says something else than tokens, TT_INTERRUPTED, TT_NOMEM. */
int tokeniser_count(const struct tokeniser *t, struct bytes text, uint64_t *tokens, struct error *e);

int tokeniser_knows_prompts(enum engine_kind kind);

/* Appends the token ids, as uvarints, of the prompt that the engine's chat template makes of a request body.
 * TT_NOTFOUND when it does not say, TT_NOMEM. */
int tokeniser_prompt(const struct tokeniser *t, struct bytes body, struct buf *ids);

int tokeniser_knows_pieces(enum engine_kind kind);

/* Appends the lengths in bytes, as uvarints, of the tokens of an answer's text. TT_SYNTAX when what it says
 * is not that text, TT_NETWORK or TT_NOTFOUND when it does not say, TT_NOMEM. */
int tokeniser_pieces(const struct tokeniser *t, struct bytes text, struct buf *lengths);

#endif
