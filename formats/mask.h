/* SPDX-License-Identifier: MIT */
/* Masking of recorded text in place, length kept, byte by byte as it arrives (FORMAT.md §11): what is left
 * has the structure and the numbers of the original, and none of its words.
 *
 * Every state may be copied; what it depends on is only the text so far and the key. */
#ifndef TOKTAPE_MASK_H
#define TOKTAPE_MASK_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/mask_words.h"

#define MASK_CHARACTER 'X' /* in none of the words that are kept: a masked name never becomes a known one */
#define MASK_DEPTH_MAX 64  /* the readers' limit, too */
#define MASK_ID_MAX    64  /* letters of an id that keep ids apart */

/* Random, of one trace, and forgotten with the masker: it leaves equal things equal and tells nothing else.
 */
struct mask_key {
    unsigned char bytes[32];
};

int mask_key_make(struct mask_key *key, struct error *e); /* TT_OK or TT_IO */

/* One JSON document under way, or (mask_json_text) text of any other kind. */
struct mask_json {
    const struct mask_key *key;
    uint64_t objects,
        calls; /* a bit per open container, the innermost lowest: is it an object; is it of tool calls */
    unsigned depth;
    unsigned hidden_depth; /* of the outermost container whose numbers are masked; 0: none */
    unsigned flags;        /* of the member under way: enum mask_name_flag */
    unsigned char expect, token, kind, escape, number, hex;
    unsigned char high;  /* the last byte, when it begins a character of several */
    unsigned char done;  /* letters of "[DONE]" that the document is so far */
    unsigned char place; /* in a literal or an id */
    const char *literal;
    struct mask_match match;
    unsigned char id[MASK_ID_MAX];
};

void mask_json_init(struct mask_json *m, const struct mask_key *key);
void mask_json_text(struct mask_json *m, const struct mask_key *key); /* all is text: letters and digits go */
void mask_json_run(struct mask_json *m, unsigned char *bytes, size_t len);
unsigned char mask_json_byte(struct mask_json *m, unsigned char c);
void mask_json_newline(
    struct mask_json *m); /* a line end that readers put between two pieces of a document */

/* Letters and digits become MASK_CHARACTER, characters over 0x7f others of the same length; `high` is a state
 * that begins as 0. */
unsigned char mask_text_byte(unsigned char *high, unsigned char c);

/* Numbers of a Prometheus page stay, with the names of metrics and labels; labels' values and comments go. */
void mask_metrics(unsigned char *bytes, size_t len);

#endif
