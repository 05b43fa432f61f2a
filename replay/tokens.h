/* SPDX-License-Identifier: MIT */
/* The synthetic engine's tokens: a deterministic stand-in for a tokeniser, and readable words for answers. */
#ifndef TOKTAPE_REPLAY_TOKENS_H
#define TOKTAPE_REPLAY_TOKENS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/prng.h"

/* Token ids of a text. Ids are hashes of the tokens' bytes, below 2^31. */
struct tokens {
    uint32_t *ids;
    size_t count, capacity;
    size_t total; /* tokens seen; more than count when the limit was reached */
    size_t limit; /* no more ids than this are kept */
};

/* Length of the token at the front of the text (len > 0). A token is a marker such as <|im_end|>, or an
 * optional blank and up to five letters or three digits, or up to six blanks, or one other byte. Letters are
 * ASCII letters and all bytes of non-ASCII characters. */
size_t token_length(const char *text, size_t len);
uint32_t token_id(const char *text, size_t len); /* of one token */

void tokens_init(struct tokens *t, size_t limit);
int tokens_append(struct tokens *t, const char *text, size_t len); /* TT_OK or TT_NOMEM */
int tokens_append_id(struct tokens *t, uint32_t id);
void tokens_release(struct tokens *t);

/* Endless prose, one token at a time: sentences of short words, the same for the same seed. */
struct prose {
    struct prng prng;
    unsigned place; /* in the sentence */
};

#define PROSE_TOKEN_MAX 8 /* bytes of one token, NUL included */

void prose_init(struct prose *p, uint64_t seed);
/* Writes the next token's text, NUL-ended; it is exactly one token when it follows another of these. */
void prose_next(struct prose *p, char text[PROSE_TOKEN_MAX]);

#endif
