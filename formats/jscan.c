/* SPDX-License-Identifier: MIT */
#include "formats/jscan.h"

#include <string.h>

static void fail(struct jscan *s)
{
    s->failed = 1;
    s->p = s->end;
}

static inline void skip_space(struct jscan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

/* The next byte that is no white space, or -1; a byte over a space is the rule and costs one comparison. */
static inline int peek(struct jscan *s)
{
    if (s->p<s->end && * s->p> ' ')
        return *s->p;
    skip_space(s);
    return s->p < s->end ? *s->p : -1;
}

void jscan_init(struct jscan *s, const void *text, size_t len)
{
    memset(s, 0, sizeof *s);
    s->p = text ? text : (const unsigned char *)"";
    s->end = s->p + len;
}

int jscan_finish(struct jscan *s)
{
    return peek(s) < 0 && !s->failed && s->depth == 0 && s->separator_due;
}

enum jscan_type jscan_type(struct jscan *s)
{
    switch (peek(s)) {
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

/* --- containers --- */

void jscan_enter(struct jscan *s)
{
    enum jscan_type type = jscan_type(s);
    if ((type != JSCAN_OBJECT && type != JSCAN_ARRAY) || s->depth == JSCAN_DEPTH_MAX) {
        fail(s);
        return;
    }
    s->p++;
    s->depth++;
    s->objects = s->objects << 1 | (type == JSCAN_OBJECT);
    s->separator_due = 0;
}

/* With the bracket of the other kind nothing is left: `["a":1}` is no object. */
static void leave(struct jscan *s, int closing)
{
    if ((s->objects & 1) != (closing == '}')) {
        fail(s);
        return;
    }
    s->p++;
    s->depth--;
    s->objects >>= 1;
    s->separator_due = 1; /* the container was an item of the one around it */
}

/* Steps over what stands between two items. Returns 1 when another one must follow, 0 when the container
 * ended. */
static inline int next_item(struct jscan *s, int closing)
{
    int c = peek(s);
    if (s->depth == 0 || c < 0) {
        fail(s);
        return 0;
    }
    if (c == closing) {
        leave(s, closing);
        return 0;
    }
    if (s->separator_due) {
        if (c != ',') {
            fail(s);
            return 0;
        }
        s->p++;
        s->separator_due = 0;
    }
    return 1;
}

int jscan_member(struct jscan *s, struct jscan_text *key)
{
    if (!next_item(s, '}'))
        return 0;
    jscan_string(s, key);
    if (peek(s) != ':') {
        fail(s);
        return 0;
    }
    s->p++;
    s->separator_due = 0;
    return 1;
}

int jscan_element(struct jscan *s)
{
    return next_item(s, ']');
}

/* --- scalars --- */

#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Marks, with its high bit, every quote, backslash and control character in `word`. Only the lowest mark is
 * reliable: the subtractions borrow. A byte with the high bit set is none of them. */
static inline uint64_t marks_of_stops(uint64_t word)
{
    uint64_t quote = (word ^ EVERY_BYTE('"')) - EVERY_BYTE(1);
    uint64_t backslash = (word ^ EVERY_BYTE('\\')) - EVERY_BYTE(1);
    uint64_t control = word - EVERY_BYTE(0x20);
    return (quote | backslash | control) & ~word & EVERY_BYTE(0x80);
}

/* The first quote, backslash or control character at or after p. Bytes over 0x7f on the way set
 * *has_high_bytes. */
static inline const unsigned char *scan_plain(const unsigned char *p, const unsigned char *end,
                                              unsigned char *has_high_bytes)
{
    uint64_t seen = 0, stops = 0;
    for (; end - p >= 8; p += 8) {
        uint64_t word = get_le64(p);
        stops = marks_of_stops(word);
        if (stops) {
            seen |= word & ((stops & (0 - stops)) - 1); /* only what comes before */
            p += __builtin_ctzll(stops) >> 3;
            break;
        }
        seen |= word;
    }
    while (!stops && p < end && *p != '"' && *p != '\\' && *p >= 0x20)
        seen |= *p++;
    *has_high_bytes |= (seen & EVERY_BYTE(0x80)) != 0;
    return p;
}

static int is_hex_digit(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Bytes that the escape at p (a backslash) takes; 0 when it is none. */
static size_t escape_length(const unsigned char *p, const unsigned char *end)
{
    switch (end - p < 2 ? 0 : p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return 2;
    case 'u':
        if (end - p >= 6 && is_hex_digit(p[2]) && is_hex_digit(p[3]) && is_hex_digit(p[4]) &&
            is_hex_digit(p[5]))
            return 6;
        return 0;
    default:
        return 0;
    }
}

void jscan_string(struct jscan *s, struct jscan_text *text)
{
    memset(text, 0, sizeof *text);
    if (peek(s) != '"') {
        fail(s);
        return;
    }
    const unsigned char *start = s->p + 1;
    const unsigned char *p = scan_plain(start, s->end, &text->has_high_bytes);
    while (p < s->end && *p == '\\') {
        size_t taken = escape_length(p, s->end);
        if (!taken)
            break;
        text->has_escapes = 1;
        p = scan_plain(p + taken, s->end, &text->has_high_bytes);
    }
    if (p == s->end || *p != '"') {
        fail(s);
        return;
    }
    text->data = start;
    text->len = (size_t)(p - start);
    s->p = p + 1;
    s->separator_due = 1;
}

static const unsigned char *scan_digits(const unsigned char *p, const unsigned char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* Where the number at p ends, or NULL when it is none. */
static const unsigned char *scan_number(const unsigned char *p, const unsigned char *end)
{
    if (p < end && *p == '-')
        p++;
    const unsigned char *digits = p;
    p = scan_digits(p, end);
    if (p == digits || (*digits == '0' && p - digits > 1))
        return NULL;
    if (p < end && *p == '.') {
        digits = ++p;
        p = scan_digits(p, end);
        if (p == digits)
            return NULL;
    }
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        digits = p;
        p = scan_digits(p, end);
        if (p == digits)
            return NULL;
    }
    return p;
}

static void skip_number(struct jscan *s)
{
    const unsigned char *stop = scan_number(s->p, s->end);
    if (!stop) {
        fail(s);
        return;
    }
    s->p = stop;
    s->separator_due = 1;
}

static void skip_word(struct jscan *s, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0) {
        fail(s);
        return;
    }
    s->p += len;
    s->separator_due = 1;
}

void jscan_number(struct jscan *s, struct jscan_number *number)
{
    memset(number, 0, sizeof *number);
    if (jscan_type(s) != JSCAN_NUMBER)
        fail(s);
    const unsigned char *start = s->p;
    skip_number(s);
    if (!s->failed)
        jscan_convert((struct bytes){start, (size_t)(s->p - start)}, number);
}

/* --- any value --- */

static void skip_step(struct jscan *s)
{
    struct jscan_text ignored;
    switch (jscan_type(s)) {
    case JSCAN_OBJECT:
    case JSCAN_ARRAY:
        jscan_enter(s);
        break;
    case JSCAN_STRING:
        jscan_string(s, &ignored);
        break;
    case JSCAN_NUMBER:
        skip_number(s);
        break;
    case JSCAN_TRUE:
        skip_word(s, "true");
        break;
    case JSCAN_FALSE:
        skip_word(s, "false");
        break;
    case JSCAN_NULL:
        skip_word(s, "null");
        break;
    default:
        fail(s);
    }
}

void jscan_skip(struct jscan *s)
{
    struct jscan_text ignored;
    unsigned outside = s->depth;
    do {
        skip_step(s);
        while (s->depth > outside && !s->failed) {
            if ((s->objects & 1) ? jscan_member(s, &ignored) : jscan_element(s))
                break;
        }
    } while (s->depth > outside && !s->failed);
}

struct bytes jscan_raw(struct jscan *s)
{
    peek(s);
    const unsigned char *start = s->p;
    jscan_skip(s);
    struct bytes raw = {start, s->failed ? 0 : (size_t)(s->p - start)};
    return raw;
}

struct bytes jscan_member_of(struct bytes document, const char *name)
{
    struct jscan s;
    struct jscan_text key;
    struct bytes found = {NULL, 0};
    jscan_init(&s, document.data, document.len);
    if (jscan_type(&s) != JSCAN_OBJECT)
        return found;
    jscan_enter(&s);
    while (jscan_member(&s, &key)) {
        struct bytes raw = jscan_raw(&s);
        if (jscan_text_is(&key, name))
            found = raw;
    }
    return jscan_finish(&s) ? found : (struct bytes){NULL, 0};
}
