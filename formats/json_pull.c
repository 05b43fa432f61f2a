/* SPDX-License-Identifier: MIT */
#include "formats/json_pull.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/schema.h"

#define WINDOW_BYTES ((size_t)64 << 10)
#define NUMBER_MAX   128
#define EXACT_MAX    9007199254740992.0    /* 2^53 */
#define NS_MAX       4611686018427387904.0 /* 2^62 */

int json_pull_init(struct json_pull *p, struct source *source, uint64_t base, uint64_t line, struct error *e)
{
    memset(p, 0, sizeof *p);
    p->source = source;
    p->error = e;
    p->base = base;
    p->line = line;
    p->window = mem_alloc(WINDOW_BYTES);
    if (!p->window)
        p->status = error_set(e, TT_NOMEM, "out of memory");
    return p->status;
}

void json_pull_release(struct json_pull *p)
{
    mem_free(p->window);
    p->window = NULL;
}

void json_pull_fail(struct json_pull *p, enum tt_err code, const char *what)
{
    if (p->status)
        return;
    p->at = p->end;
    p->is_over = 1;
    p->status =
        error_set(p->error, code, "'%s', line %llu%s%s%s: %s", p->source->path, (unsigned long long)p->line,
                  *p->name ? ", '" : "", p->name, *p->name ? "'" : "", what);
}

static void fail_syntax(struct json_pull *p)
{
    json_pull_fail(p, TT_SYNTAX,
                   p->is_over && p->at == p->end ? "the file ends in the middle of a value"
                                                 : "this is no JSON");
}

/* ---- bytes ---- */

static int refill(struct json_pull *p)
{
    if (p->is_over || p->status)
        return 0;
    p->base += p->end;
    p->at = p->end = 0;
    long got = source_read(p->source, p->window, WINDOW_BYTES, p->error);
    if (got < 0) {
        p->status = (int)got;
        p->is_over = 1;
        return 0;
    }
    p->end = (size_t)got;
    p->is_over = p->end < WINDOW_BYTES;
    return p->end > 0;
}

/* The next byte, or -1 at the end. */
static inline int peek(struct json_pull *p)
{
    return p->at < p->end || refill(p) ? p->window[p->at] : -1;
}

static inline void keep(struct json_pull *p, int c)
{
    if (p->tee->len >= p->tee_max)
        json_pull_fail(p, TT_LIMIT, "a value is longer than any that can be read here");
    else if (buf_putc(p->tee, c))
        json_pull_fail(p, TT_NOMEM, "out of memory");
}

static inline int take(struct json_pull *p)
{
    int c = peek(p);
    if (c < 0)
        return c;
    p->at++;
    p->line += c == '\n';
    if (p->tee)
        keep(p, c);
    return c;
}

/* The next byte behind white space. */
static int peek_value(struct json_pull *p)
{
    int c = peek(p);
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        take(p);
        c = peek(p);
    }
    return c;
}

/* ---- containers ---- */

enum jscan_type json_pull_type(struct json_pull *p)
{
    switch (peek_value(p)) {
    case '{':
        return JSCAN_OBJECT;
    case '[':
        return JSCAN_ARRAY;
    case '"':
        return JSCAN_STRING;
    case 't':
        return JSCAN_TRUE;
    case 'f':
        return JSCAN_FALSE;
    case 'n':
        return JSCAN_NULL;
    case '-':
    case 'N':
    case 'I':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return JSCAN_NUMBER;
    default:
        return JSCAN_NONE;
    }
}

int json_pull_next(struct json_pull *p)
{
    p->name[0] = '\0';
    if (p->status || p->depth || peek_value(p) < 0)
        return 0;
    p->separator_due = 0;
    p->documents++;
    return !p->status;
}

void json_pull_last(struct json_pull *p)
{
    if (json_pull_next(p))
        json_pull_fail(p, TT_SYNTAX, "something follows the result");
}

void json_pull_enter(struct json_pull *p)
{
    enum jscan_type type = json_pull_type(p);
    if (type != JSCAN_OBJECT && type != JSCAN_ARRAY) {
        if (type == JSCAN_NONE)
            fail_syntax(p);
        json_pull_fail(p, TT_SYNTAX, "this should be an object or an array");
        return;
    }
    if (p->depth == JSON_PULL_DEPTH_MAX) {
        json_pull_fail(p, TT_LIMIT, "this is nested too deeply");
        return;
    }
    take(p);
    p->depth++;
    p->objects = p->objects << 1 | (type == JSCAN_OBJECT);
    p->separator_due = 0;
}

int json_pull_enter_if(struct json_pull *p, enum jscan_type type)
{
    int is_one = json_pull_type(p) == type;
    if (is_one)
        json_pull_enter(p);
    else
        json_pull_skip(p);
    return is_one;
}

static void leave(struct json_pull *p)
{
    take(p);
    p->depth--;
    p->objects >>= 1;
    p->separator_due = 1;
    p->name[0] = '\0';
}

/* Steps over what stands between two items. Returns 1 when another one must follow, 0 when the container
 * ended, or is of the other kind. */
static int next_item(struct json_pull *p, int closing)
{
    int c = p->status ? -1 : peek_value(p), is_object = (p->objects & 1) != 0;
    if (p->depth == 0 || c < 0) {
        fail_syntax(p);
        return 0;
    }
    if (is_object != (closing == '}')) {
        json_pull_fail(p, TT_SYNTAX, is_object ? "this should be an array" : "this should be an object");
        return 0;
    }
    if (c == closing) {
        leave(p);
        return 0;
    }
    if (!p->separator_due)
        return 1;
    if (c != ',') {
        fail_syntax(p);
        return 0;
    }
    take(p);
    p->separator_due = 0;
    return 1;
}

/* ---- strings ---- */

static int is_hex_digit(int c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static int take_escape(struct json_pull *p)
{
    int c = take(p);
    if (c <= 0 || !strchr("\"\\/bfnrtu", c))
        return 0;
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (!is_hex_digit(take(p)))
            return 0;
    }
    return 1;
}

/* Bytes of the window that mean nothing in a string but themselves, passed over at once. */
static void skip_plain(struct json_pull *p)
{
    while (p->at < p->end && p->window[p->at] != '"' && p->window[p->at] != '\\' && p->window[p->at] >= 0x20)
        p->at++;
}

/* From the opening quote to the closing one. */
static void take_string(struct json_pull *p)
{
    if (peek_value(p) != '"') {
        fail_syntax(p);
        return;
    }
    take(p);
    while (!p->status) {
        if (!p->tee)
            skip_plain(p);
        int c = take(p);
        if (c == '"')
            break;
        if (c < 0x20 || (c == '\\' && !take_escape(p)))
            fail_syntax(p);
    }
    p->separator_due = 1;
}

/* The string's spelling between its quotes, into *out. */
static void spell_string(struct json_pull *p, struct buf *out, size_t max)
{
    buf_clear(out);
    peek_value(p);
    p->tee = out;
    p->tee_max = max + 2;
    take_string(p);
    p->tee = NULL;
}

int json_pull_member(struct json_pull *p)
{
    struct buf spelt = BUF_INIT;
    p->name[0] = '\0';
    if (!next_item(p, '}'))
        return 0;
    spell_string(p, &spelt, JSON_PULL_TEXT_MAX);
    if (!p->status && spelt.len - 2 < sizeof p->name) {
        memcpy(p->name, spelt.data + 1, spelt.len - 2);
        p->name[spelt.len - 2] = '\0';
    }
    buf_release(&spelt);
    if (!p->status && peek_value(p) != ':')
        fail_syntax(p);
    if (p->status)
        return 0;
    take(p);
    p->separator_due = 0;
    return 1;
}

int json_pull_element(struct json_pull *p)
{
    return next_item(p, ']');
}

int json_pull_is(const struct json_pull *p, const char *name)
{
    return strcmp(p->name, name) == 0;
}

int json_pull_find(struct json_pull *p, const char *name)
{
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return 0;
    while (json_pull_member(p)) {
        if (json_pull_is(p, name))
            return 1;
        json_pull_skip(p);
    }
    return 0;
}

uint64_t json_pull_place(struct json_pull *p)
{
    peek_value(p);
    return p->base + p->at;
}

/* ---- other values ---- */

static void take_word(struct json_pull *p, const char *word)
{
    for (; *word; word++) {
        if (take(p) != *word) {
            fail_syntax(p);
            return;
        }
    }
    p->separator_due = 1;
}

static int is_number_byte(int c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

/* Python's words for what is no number. 1 when there is one. */
static int take_odd_number(struct json_pull *p, char *text, size_t len)
{
    int c = peek(p), is_bare = len == 0 || (len == 1 && text[0] == '-');
    if (!is_bare || (c != 'N' && c != 'I'))
        return 0;
    take_word(p, c == 'N' ? "NaN" : "Infinity");
    return 1;
}

/* The nearest double of a spelling that JSON's grammar allows; a NAN with no spelling for Python's words. */
static void take_number(struct json_pull *p, struct jscan_number *number)
{
    char text[NUMBER_MAX];
    size_t len = 0;
    struct jscan scan;
    *number = (struct jscan_number){NAN, UINT64_MAX};
    while (is_number_byte(peek(p)) && len < sizeof text)
        text[len++] = (char)take(p);
    if (take_odd_number(p, text, len))
        return;
    jscan_init(&scan, text, len);
    jscan_number(&scan, number);
    if (!jscan_finish(&scan))
        fail_syntax(p);
    p->separator_due = 1;
}

static void skip_step(struct json_pull *p)
{
    struct jscan_number ignored;
    switch (json_pull_type(p)) {
    case JSCAN_OBJECT:
    case JSCAN_ARRAY:
        json_pull_enter(p);
        break;
    case JSCAN_STRING:
        take_string(p);
        break;
    case JSCAN_NUMBER:
        take_number(p, &ignored);
        break;
    case JSCAN_TRUE:
        take_word(p, "true");
        break;
    case JSCAN_FALSE:
        take_word(p, "false");
        break;
    case JSCAN_NULL:
        take_word(p, "null");
        break;
    default:
        fail_syntax(p);
    }
}

/* Names of skipped members are not kept: they may be as long as they like. */
static int skip_to_value(struct json_pull *p)
{
    if (!next_item(p, (p->objects & 1) ? '}' : ']'))
        return 0;
    if (!(p->objects & 1))
        return 1;
    take_string(p);
    if (!p->status && peek_value(p) != ':')
        fail_syntax(p);
    if (p->status)
        return 0;
    take(p);
    p->separator_due = 0;
    return 1;
}

void json_pull_skip(struct json_pull *p)
{
    unsigned outside = p->depth;
    do {
        skip_step(p);
        while (p->depth > outside && !p->status) {
            if (skip_to_value(p))
                break;
        }
    } while (p->depth > outside && !p->status);
}

/* 1 when the value was null, and is consumed. */
static int is_null(struct json_pull *p)
{
    if (json_pull_type(p) != JSCAN_NULL)
        return 0;
    take_word(p, "null");
    return 1;
}

void json_pull_raw(struct json_pull *p, struct buf *out)
{
    buf_clear(out);
    peek_value(p);
    p->tee = out;
    p->tee_max = JSON_PULL_RAW_MAX;
    json_pull_skip(p);
    p->tee = NULL;
}

void json_pull_text(struct json_pull *p, struct buf *out)
{
    struct buf spelt = BUF_INIT;
    struct jscan scan;
    struct jscan_text text;
    buf_clear(out);
    if (is_null(p))
        return;
    if (json_pull_type(p) != JSCAN_STRING)
        json_pull_fail(p, TT_SYNTAX, "this should be a text");
    else
        spell_string(p, &spelt, JSON_PULL_TEXT_MAX);
    jscan_init(&scan, spelt.data, spelt.len);
    if (!p->status)
        jscan_string(&scan, &text);
    if (scan.failed)
        fail_syntax(p);
    unsigned char *to = p->status ? NULL : buf_reserve(out, JSCAN_DECODED_MAX(text.len) + 1);
    if (to) {
        out->len += jscan_decode(&text, to);
        buf_putc(out, '\0'); /* texts are used as strings, too */
        out->len--;
    } else if (!p->status) {
        json_pull_fail(p, TT_NOMEM, "out of memory");
    }
    buf_release(&spelt);
}

void json_pull_number(struct json_pull *p, struct jscan_number *number)
{
    *number = (struct jscan_number){NAN, UINT64_MAX};
    if (p->status || is_null(p))
        return;
    enum jscan_type type = json_pull_type(p);
    if (type == JSCAN_NONE)
        fail_syntax(p);
    else if (type != JSCAN_NUMBER)
        json_pull_fail(p, TT_SYNTAX, "this should be a number");
    else
        take_number(p, number);
    if (!p->status && !isfinite(number->value))
        json_pull_fail(p, TT_SYNTAX, "this is no finite number");
}

uint64_t json_pull_count(struct json_pull *p)
{
    struct jscan_number number;
    if (is_null(p))
        return ABSENT;
    json_pull_number(p, &number);
    if (p->status)
        return ABSENT;
    if (number.value < 0 || number.value > EXACT_MAX || number.value != floor(number.value)) {
        json_pull_fail(p, TT_SYNTAX, "this should be a whole number from 0 to 2^53");
        return ABSENT;
    }
    return (uint64_t)number.value;
}

static uint64_t scaled(struct json_pull *p, double factor, const char *what)
{
    struct jscan_number number;
    if (is_null(p))
        return ABSENT;
    json_pull_number(p, &number);
    if (p->status)
        return ABSENT;
    if (number.value < 0 || !(number.value * factor < NS_MAX)) {
        json_pull_fail(p, TT_SYNTAX, what);
        return ABSENT;
    }
    int is_exact = factor <= 1 && factor >= 1 && number.integer != UINT64_MAX;
    return is_exact ? number.integer : (uint64_t)(number.value * factor + 0.5);
}

uint64_t json_pull_ns(struct json_pull *p, double ns_per_unit)
{
    return scaled(p, ns_per_unit, "this is no time: it is negative or too large");
}

uint64_t json_pull_scaled(struct json_pull *p, double factor)
{
    return scaled(p, factor, "this figure is negative or too large");
}
