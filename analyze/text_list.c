/* SPDX-License-Identifier: MIT */
#include "analyze/text_list.h"

#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/error.h"

static int add_owned(struct text_list *list, char *text)
{
    if (!text || mem_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items)) {
        mem_free(text);
        return TT_NOMEM;
    }
    list->items[list->count++] = text;
    return TT_OK;
}

int text_list_add(struct text_list *list, const char *text)
{
    return add_owned(list, mem_strdup(text));
}

int text_list_addf(struct text_list *list, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    return add_owned(list, buf_detach(&text));
}

long text_list_find(const struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], text) == 0)
            return (long)i;
    }
    return -1;
}

int text_list_intern(struct text_list *list, const char *text, size_t *index)
{
    long found = text_list_find(list, text);
    if (index)
        *index = found < 0 ? list->count : (size_t)found;
    return found < 0 ? text_list_add(list, text) : TT_OK;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void text_list_sort(struct text_list *list)
{
    if (list->count)
        qsort(list->items, list->count, sizeof *list->items, compare_texts);
}

void text_list_release(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->items[i]);
    mem_free(list->items);
    memset(list, 0, sizeof *list);
}
