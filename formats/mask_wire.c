/* SPDX-License-Identifier: MIT */
#include "formats/mask_wire.h"

#include <string.h>
#include <strings.h>

#include "formats/alloc.h"
#include "formats/http_wire.h"
#include "formats/mask_body.h"
#include "formats/stream.h"

/* Where in the head or the trailer. */
enum place { STATUS_LINE, LINE_START, NAME, KEPT_VALUE, MASKED };

struct mask_head {
    enum place place;
    size_t column; /* in the status line */
    struct mask_match match;
    unsigned char high;
    int is_encoding; /* the field under way is Content-Encoding */
    int is_encoded;  /* the body is not what readers understand */
};

struct mask_wire {
    const struct mask_key *key;
    struct http_wire http;
    struct mask_head head;
    struct mask_body body;
    int in_body;
    unsigned char high; /* of what is no HTTP, and of chunk extensions */
};

struct mask_wire *mask_wire_new(const struct mask_key *key)
{
    struct mask_wire *w = mem_zalloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->key = key;
    http_wire_init(&w->http, STREAM_HEAD_MAX);
    return w;
}

void mask_wire_free(struct mask_wire *w)
{
    if (w)
        http_wire_release(&w->http);
    mem_free(w);
}

/* --- heads --- */

static unsigned char masked(struct mask_head *h, unsigned char c)
{
    if (c == ' ' || c == '\t' || c == '\r')
        return c;
    return c < 0x80 ? MASK_CHARACTER : mask_text_byte(&h->high, c);
}

/* "HTTP/1.1 200 "; the reason behind it is the engine's own words. */
static unsigned char status_byte(struct mask_head *h, unsigned char c)
{
    static const char form[] = "HTTP/0.0 000 ";
    char want = h->column < sizeof form - 1 ? form[h->column] : '\0';
    int fits = want == '0' ? c >= '0' && c <= '9' : want && c == (unsigned char)want;
    h->column++;
    if (fits)
        return c;
    h->place = MASKED;
    return masked(h, c);
}

static int name_is(const struct mask_word *name, const char *text)
{
    return name && strcmp(name->text, text) == 0;
}

static void end_name(struct mask_head *h)
{
    const struct mask_word *name = mask_match_word(&h->match, &mask_headers);
    h->place = name ? KEPT_VALUE : MASKED;
    h->is_encoding = name_is(name, "content-encoding");
}

static unsigned char name_byte(struct mask_head *h, unsigned char c)
{
    unsigned char lower = c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
    if (c == ':') {
        end_name(h);
        return c;
    }
    return mask_match_next(&h->match, &mask_headers, lower) ? c : masked(h, c);
}

static unsigned char begin_line(struct mask_head *h, unsigned char c)
{
    h->high = 0;
    h->place = c == ' ' || c == '\t' ? MASKED : NAME;
    mask_match_begin(&h->match, &mask_headers);
    return h->place == NAME && c != '\r' ? name_byte(h, c) : c;
}

static unsigned char head_byte(struct mask_head *h, unsigned char c)
{
    if (c == '\n') {
        h->place = LINE_START;
        h->is_encoding = 0;
        return c;
    }
    switch (h->place) {
    case STATUS_LINE:
        return status_byte(h, c);
    case LINE_START:
        return begin_line(h, c);
    case NAME:
        return name_byte(h, c);
    case KEPT_VALUE:
        h->is_encoded |= h->is_encoding && c > ' ';
        return c;
    default:
        return masked(h, c);
    }
}

/* --- bodies --- */

static int says_events(struct bytes type)
{
    static const char name[] = "text/event-stream";
    return type.len >= sizeof name - 1 && strncasecmp((const char *)type.data, name, sizeof name - 1) == 0;
}

static void begin_body(struct mask_wire *w)
{
    enum mask_body_form form = w->head.is_encoded                  ? MASK_BODY_OPAQUE
                               : says_events(w->http.content_type) ? MASK_BODY_EVENTS
                                                                   : MASK_BODY_UNDECIDED;
    mask_body_init(&w->body, form, w->key);
    w->in_body = 1;
}

static int is_body(enum http_wire_step step)
{
    return step == HTTP_BODY_TO_LENGTH || step == HTTP_CHUNK_DATA || step == HTTP_BODY_TO_CLOSE;
}

/* --- the message --- */

/* What the framing makes of its next byte says what that byte is. */
static unsigned char framing_byte(struct mask_wire *w, enum http_wire_step before, unsigned char c)
{
    enum http_wire_step after = w->http.step;
    if (before == HTTP_HEAD || before == HTTP_TRAILER)
        return head_byte(&w->head, c);
    if (after == HTTP_BAD || before == HTTP_CHUNK_EXTENSION)
        return mask_text_byte(&w->high, c);
    return c; /* sizes of chunks and their line ends */
}

static void begin_line_of_fields(struct mask_wire *w, enum http_wire_step before)
{
    if (before != HTTP_TRAILER && w->http.step == HTTP_TRAILER)
        w->head.place = LINE_START;
    if (before == HTTP_HEAD && w->http.step == HTTP_HEAD && !w->http.head.len)
        memset(&w->head, 0, sizeof w->head); /* an interim answer is over */
}

static int mask_framing(struct mask_wire *w, unsigned char *byte)
{
    struct bytes in = {byte, 1}, body;
    enum http_wire_step before = w->http.step;
    int status = http_wire_next(&w->http, &in, &body);
    if (status < 0)
        return status;
    *byte = framing_byte(w, before, *byte);
    begin_line_of_fields(w, before);
    return TT_OK;
}

static int mask_part(struct mask_wire *w, unsigned char *bytes, size_t len, size_t *taken)
{
    struct bytes in = {bytes, len}, body = {bytes, 0};
    if (!is_body(w->http.step)) {
        *taken = 1;
        return mask_framing(w, bytes);
    }
    int status = http_wire_next(&w->http, &in, &body);
    if (status < 0)
        return status;
    if (!w->in_body)
        begin_body(w);
    *taken = body.len;
    mask_body_run(&w->body, bytes, body.len);
    return TT_OK;
}

static void mask_rest(struct mask_wire *w, unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = mask_text_byte(&w->high, bytes[i]);
}

int mask_wire_run(struct mask_wire *w, unsigned char *bytes, size_t len)
{
    size_t at = 0, taken;
    while (at < len && w->http.step != HTTP_DONE && w->http.step != HTTP_BAD) {
        int status = mask_part(w, bytes + at, len - at, &taken);
        if (status)
            return status;
        at += taken;
    }
    mask_rest(w, bytes + at, len - at);
    return TT_OK;
}
