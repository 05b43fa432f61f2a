/* SPDX-License-Identifier: MIT */
/* Compares what the project's JSON scanner reads with what cJSON reads from the same text. */
#ifndef TOKTAPE_TESTS_JSON_ORACLE_H
#define TOKTAPE_TESTS_JSON_ORACLE_H

#include <cjson/cJSON.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/jscan.h"
#include "formats/utf8.h"

/* cJSON passes bytes that are not UTF-8 through; the scanner replaces each by U+FFFD. */
static inline void oracle_valid_utf8(struct buf *out, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = strlen(text), size;
    buf_clear(out);
    for (; len; p += size, len -= size) {
        if (utf8_decode(p, len, &size) == UTF8_INVALID)
            buf_puts(out, "\xEF\xBF\xBD");
        else
            buf_append(out, p, size);
    }
}

/* As C strings: cJSON's end at \u0000. */
static inline int oracle_same_text(const struct jscan_text *ours, const char *theirs)
{
    struct buf decoded = BUF_INIT, expected = BUF_INIT;
    unsigned char *room = buf_reserve(&decoded, JSCAN_DECODED_MAX(ours->len) + 1);
    int same = 0;
    if (room) {
        decoded.len = jscan_decode(ours, room);
        room[decoded.len] = '\0';
        oracle_valid_utf8(&expected, theirs);
        same = strcmp((const char *)room, buf_text(&expected)) == 0;
        if (jscan_text_is_plain(ours)) /* then the spelling must do without decoding */
            same = same && decoded.len == ours->len && memcmp(room, ours->data, ours->len) == 0;
    }
    buf_release(&decoded);
    buf_release(&expected);
    return same;
}

static inline int oracle_same_scalar(struct jscan *s, const cJSON *item)
{
    struct jscan_text text;
    struct jscan_number number;
    switch (jscan_type(s)) {
    case JSCAN_STRING:
        jscan_string(s, &text);
        return !s->failed && cJSON_IsString(item) && oracle_same_text(&text, item->valuestring);
    case JSCAN_NUMBER:
        jscan_number(s, &number);
        return !s->failed && cJSON_IsNumber(item) && !(number.value < item->valuedouble) &&
               !(number.value > item->valuedouble);
    case JSCAN_TRUE:
        jscan_skip(s);
        return cJSON_IsTrue(item);
    case JSCAN_FALSE:
        jscan_skip(s);
        return cJSON_IsFalse(item);
    case JSCAN_NULL:
        jscan_skip(s);
        return cJSON_IsNull(item);
    default:
        return 0;
    }
}

/* 1 when the value at the cursor is `item`, down to its last member and in the same order. */
static inline int oracle_same(struct jscan *s, const cJSON *item)
{
    enum jscan_type type = jscan_type(s);
    struct jscan_text key;
    if (type != JSCAN_OBJECT && type != JSCAN_ARRAY)
        return oracle_same_scalar(s, item);
    if (!(type == JSCAN_OBJECT ? cJSON_IsObject(item) : cJSON_IsArray(item)))
        return 0;
    const cJSON *child = item->child;
    jscan_enter(s);
    while (type == JSCAN_OBJECT ? jscan_member(s, &key) : jscan_element(s)) {
        if (!child || (type == JSCAN_OBJECT && !oracle_same_text(&key, child->string)))
            return 0;
        if (!oracle_same(s, child))
            return 0;
        child = child->next;
    }
    return !s->failed && !child;
}

#endif
