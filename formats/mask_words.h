/* SPDX-License-Identifier: MIT */
/* The words that masking leaves as they are, and finding them while their letters come in one by one. */
#ifndef TOKTAPE_MASK_WORDS_H
#define TOKTAPE_MASK_WORDS_H

#include <stddef.h>

/* What a JSON member's name says about its value. */
enum mask_name_flag {
    MASK_NAME_WORD = 1,   /* a text value is one of the values' words */
    MASK_NAME_HIDDEN = 2, /* numbers, in arrays and objects too, give the content away */
    MASK_NAME_CALLS =
        4,           /* the objects in it are (parts of) tool calls, which readers tell apart by their id */
    MASK_NAME_ID = 8 /* such an id, in such an object */
};

struct mask_word {
    const char *text;
    unsigned flags;
};

/* Sorted by strcmp. */
struct mask_list {
    const struct mask_word *words;
    size_t count;
};

extern const struct mask_list mask_names;   /* of JSON members */
extern const struct mask_list mask_values;  /* texts under MASK_NAME_WORD */
extern const struct mask_list mask_headers; /* of HTTP fields, in lower case */
extern const struct mask_list mask_fields;  /* of event streams */

/* The words that begin like the letters so far: those from `low` to before `high`. */
struct mask_match {
    size_t low, high, len;
};

void mask_match_begin(struct mask_match *m, const struct mask_list *list);
/* 1 when some word goes on with `c`; otherwise nothing matches any more. */
int mask_match_next(struct mask_match *m, const struct mask_list *list, unsigned char c);
void mask_match_fail(struct mask_match *m);
/* The word that the letters so far are, NULL when they are none or only the beginning of one. */
const struct mask_word *mask_match_word(const struct mask_match *m, const struct mask_list *list);

#endif
