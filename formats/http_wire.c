/* SPDX-License-Identifier: MIT */
#include "formats/http_wire.h"

#include <string.h>
#include <strings.h>

#include "formats/error.h"

#define CHUNK_SIZE_MAX (UINT64_C(1) << 59) /* one more digit cannot overflow; no body comes near */

void http_wire_init(struct http_wire *w, size_t head_max)
{
    memset(w, 0, sizeof *w);
    w->content_length = UINT64_MAX;
    buf_init(&w->head, head_max);
}

void http_wire_release(struct http_wire *w)
{
    buf_release(&w->head);
    http_wire_init(w, w->head.limit);
}

void http_wire_clear(struct http_wire *w)
{
    struct buf head = w->head;
    buf_clear(&head);
    http_wire_init(w, head.limit);
    w->head = head;
}

void http_wire_close(struct http_wire *w)
{
    if (w->step == HTTP_BODY_TO_CLOSE) {
        w->body_complete = 1;
        w->step = HTTP_DONE;
    }
}

static void finish_body(struct http_wire *w)
{
    w->body_complete = 1;
    w->step = HTTP_DONE;
}

/* --- header fields --- */

static struct bytes trimmed(struct bytes b)
{
    while (b.len && (b.data[0] == ' ' || b.data[0] == '\t')) {
        b.data++;
        b.len--;
    }
    while (b.len && (b.data[b.len - 1] == ' ' || b.data[b.len - 1] == '\t' || b.data[b.len - 1] == '\r'))
        b.len--;
    return b;
}

static int same_word(struct bytes b, const char *word)
{
    return b.len == strlen(word) && strncasecmp((const char *)b.data, word, b.len) == 0;
}

/* The last coding in a Transfer-Encoding list is the outermost, the one that frames the message. */
static int ends_with_chunked(struct bytes list)
{
    size_t start = list.len;
    while (start && list.data[start - 1] != ',')
        start--;
    struct bytes last = {list.data + start, list.len - start};
    return same_word(trimmed(last), "chunked");
}

static uint64_t decimal(struct bytes b)
{
    uint64_t value = 0;
    if (!b.len || b.len > 18)
        return UINT64_MAX;
    for (size_t i = 0; i < b.len; i++) {
        if (b.data[i] < '0' || b.data[i] > '9')
            return UINT64_MAX;
        value = value * 10 + (uint64_t)(b.data[i] - '0');
    }
    return value;
}

/* A length that is no number, or two that differ, leave the body's end unknown: nothing after it can be
 * trusted. */
static int set_content_length(struct http_wire *w, struct bytes value)
{
    uint64_t length = decimal(value);
    if (length == UINT64_MAX || (w->content_length != UINT64_MAX && w->content_length != length))
        return -1;
    w->content_length = length;
    return 0;
}

static int take_field(struct http_wire *w, struct bytes line)
{
    const unsigned char *colon = memchr(line.data, ':', line.len);
    if (!colon)
        return 0; /* continuation lines and rubbish: no field that matters here is ever written so */
    struct bytes name = {line.data, (size_t)(colon - line.data)};
    struct bytes value = trimmed((struct bytes){colon + 1, line.len - name.len - 1});
    if (same_word(name, "Transfer-Encoding"))
        w->chunked = ends_with_chunked(value);
    else if (same_word(name, "Content-Length"))
        return set_content_length(w, value);
    else if (same_word(name, "Content-Type"))
        w->content_type = value;
    else if (same_word(name, "Server"))
        w->server = value;
    return 0;
}

/* --- the head --- */

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static int take_status_line(struct http_wire *w, struct bytes line)
{
    const unsigned char *p = line.data;
    if (line.len < 12 || memcmp(p, "HTTP/1.", 7) != 0 || !is_digit(p[7]) || p[8] != ' ')
        return -1;
    if (!is_digit(p[9]) || !is_digit(p[10]) || !is_digit(p[11]) || p[9] == '0')
        return -1;
    if (line.len > 12 && p[12] != ' ' && p[12] != '\r')
        return -1;
    w->minor = p[7] - '0';
    w->head_status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
    w->status = w->head_status < 200 ? 0 : w->head_status;
    return 0;
}

/* Reads the collected lines; only now do they stay where they are. The status line has no field's name. */
static int take_fields(struct http_wire *w)
{
    struct bytes rest = buf_bytes(&w->head);
    while (rest.len) {
        const unsigned char *lf = memchr(rest.data, '\n', rest.len);
        struct bytes line = {rest.data, lf ? (size_t)(lf - rest.data) : rest.len};
        if (take_field(w, line))
            return -1;
        rest.data += line.len + (lf != NULL);
        rest.len -= line.len + (lf != NULL);
    }
    return 0;
}

static void begin_chunk_size(struct http_wire *w)
{
    w->step = HTTP_CHUNK_SIZE;
    w->remaining = 0;
    w->line_bytes = 0;
}

static void begin_body(struct http_wire *w)
{
    w->head_complete = 1;
    w->remaining = w->content_length;
    if (w->status == 204 || w->status == 304)
        finish_body(w);
    else if (w->chunked)
        begin_chunk_size(w);
    else if (w->content_length == UINT64_MAX)
        w->step = HTTP_BODY_TO_CLOSE;
    else if (w->content_length > 0)
        w->step = HTTP_BODY_TO_LENGTH;
    else
        finish_body(w);
}

static void end_head(struct http_wire *w)
{
    if (w->head_status < 200) {
        w->head_line = 0;
        buf_clear(&w->head);
    } else if (take_fields(w)) {
        w->step = HTTP_BAD;
    } else {
        begin_body(w);
    }
}

/* The first line is looked at before any more is collected, so that what is no HTTP is known at once. */
static void end_head_line(struct http_wire *w)
{
    struct bytes line = {w->head.data + w->head_line, w->head.len - w->head_line - 1};
    int is_blank = line.len == 0 || (line.len == 1 && line.data[0] == '\r');
    int is_first = w->head_line == 0;
    w->head_line = w->head.len;
    if (is_first && take_status_line(w, line))
        w->step = HTTP_BAD;
    else if (is_blank)
        end_head(w);
}

static struct bytes take(struct bytes *in, size_t count)
{
    struct bytes front = {in->data, count};
    in->data += count;
    in->len -= count;
    return front;
}

static int collect_head(struct http_wire *w, struct bytes *in)
{
    const unsigned char *lf = memchr(in->data, '\n', in->len);
    struct bytes part = take(in, lf ? (size_t)(lf - in->data) + 1 : in->len);
    int status = buf_append(&w->head, part.data, part.len);
    if (status == TT_LIMIT)
        w->step = HTTP_BAD;
    else if (!status && lf)
        end_head_line(w);
    return status == TT_LIMIT ? TT_OK : status;
}

/* --- chunks --- */

static int hex_value(unsigned char c)
{
    if (is_digit(c))
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* The last chunk completes the body; the trailer only belongs to its framing. */
static void begin_chunk_data(struct http_wire *w)
{
    w->body_complete = w->remaining == 0;
    w->step = w->remaining ? HTTP_CHUNK_DATA : HTTP_TRAILER;
}

static void end_chunk_size(struct http_wire *w, unsigned char c)
{
    if (w->line_bytes == 0)
        w->step = HTTP_BAD;
    else if (c == '\n')
        begin_chunk_data(w);
    else if (c == '\r')
        w->step = HTTP_CHUNK_SIZE_LF;
    else
        w->step = c == ';' || c == ' ' || c == '\t' ? HTTP_CHUNK_EXTENSION : HTTP_BAD;
}

/* Engines send a chunk for each token or two: of all framing, this is worth a loop of its own. */
static void take_chunk_size(struct http_wire *w, struct bytes *in)
{
    uint64_t size = w->remaining;
    size_t count = 0;
    int digit = -1;
    while (count < in->len && (digit = hex_value(in->data[count])) >= 0 && size < CHUNK_SIZE_MAX) {
        size = size << 4 | (uint64_t)digit;
        count++;
    }
    w->remaining = size;
    w->line_bytes += (unsigned)count;
    take(in, count);
    if (w->line_bytes > HTTP_CHUNK_LINE_MAX || (in->len && digit >= 0))
        w->step = HTTP_BAD;
    else if (in->len)
        end_chunk_size(w, *take(in, 1).data);
}

static void take_chunk_extension(struct http_wire *w, unsigned char c)
{
    if (c == '\n')
        begin_chunk_data(w);
    else if (++w->line_bytes > HTTP_CHUNK_LINE_MAX)
        w->step = HTTP_BAD;
}

static void take_trailer(struct http_wire *w, unsigned char c)
{
    if (++w->trailer_bytes > w->head.limit)
        w->step = HTTP_BAD;
    else if (c == '\n' && !w->trailer_line_has_text)
        w->step = HTTP_DONE;
    else if (c != '\r')
        w->trailer_line_has_text = c != '\n';
}

/* One byte of the framing between chunks. A bare LF passes for CRLF. */
static void take_framing(struct http_wire *w, unsigned char c)
{
    switch (w->step) {
    case HTTP_CHUNK_EXTENSION:
        take_chunk_extension(w, c);
        break;
    case HTTP_CHUNK_SIZE_LF:
        if (c == '\n')
            begin_chunk_data(w);
        else
            w->step = HTTP_BAD;
        break;
    case HTTP_CHUNK_END:
        if (c == '\n')
            begin_chunk_size(w);
        else
            w->step = c == '\r' ? HTTP_CHUNK_END_LF : HTTP_BAD;
        break;
    case HTTP_CHUNK_END_LF:
        if (c == '\n')
            begin_chunk_size(w);
        else
            w->step = HTTP_BAD;
        break;
    default:
        take_trailer(w, c);
    }
}

/* --- the body --- */

static void take_counted(struct http_wire *w, struct bytes *in, struct bytes *body)
{
    *body = take(in, in->len < w->remaining ? in->len : (size_t)w->remaining);
    w->remaining -= body->len;
    if (w->remaining)
        return;
    if (w->step == HTTP_CHUNK_DATA)
        w->step = HTTP_CHUNK_END;
    else
        finish_body(w);
}

int http_wire_next(struct http_wire *w, struct bytes *in, struct bytes *body)
{
    int status = TT_OK;
    while (in->len && !status) {
        switch (w->step) {
        case HTTP_HEAD:
            status = collect_head(w, in);
            break;
        case HTTP_BODY_TO_LENGTH:
        case HTTP_CHUNK_DATA:
            take_counted(w, in, body);
            return 1;
        case HTTP_BODY_TO_CLOSE:
            *body = take(in, in->len);
            return 1;
        case HTTP_DONE:
        case HTTP_BAD:
            take(in, in->len);
            break;
        case HTTP_CHUNK_SIZE:
            take_chunk_size(w, in);
            break;
        default:
            take_framing(w, *take(in, 1).data);
        }
    }
    return status;
}
