/* SPDX-License-Identifier: MIT */
/* A growing list of owned strings. */
#ifndef TOKTAPE_TEXT_LIST_H
#define TOKTAPE_TEXT_LIST_H

#include <stddef.h>

struct text_list {
    char **items;
    size_t count, capacity;
};

/* Both return TT_OK or TT_NOMEM and leave the list unchanged on failure. */
int text_list_add(struct text_list *list, const char *text);
int text_list_addf(struct text_list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Index of the first equal string, or -1. */
long text_list_find(const struct text_list *list, const char *text);

/* Adds the text unless an equal one is there; *index (optional) is its place. */
int text_list_intern(struct text_list *list, const char *text, size_t *index);
void text_list_sort(struct text_list *list); /* by bytes */
void text_list_release(struct text_list *list);

#endif
