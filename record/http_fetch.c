/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "formats/http_wire.h"
#include "record/http.h"

/* An answer on its way into memory. */
struct arrival {
    struct http_answer *answer;
    struct http_wire wire;
};

static int keep_body(struct http_answer *a, struct bytes part)
{
    size_t room = a->body.limit - a->body.len;
    int status = buf_append(&a->body, part.data, part.len < room ? part.len : room);
    return status ? status : part.len > room ? TT_LIMIT : TT_OK;
}

static int take_bytes(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct arrival *a = context;
    struct bytes part, in = {bytes, len};
    int found, status = TT_OK;
    (void)t;
    while (!status && (found = http_wire_next(&a->wire, &in, &part)))
        status = found < 0 ? found : keep_body(a->answer, part);
    return status;
}

int http_fetch(struct http_client *client, const struct http_request *request, size_t body_cap,
               const volatile sig_atomic_t *interrupted, struct http_answer *answer, struct error *e)
{
    struct arrival a = {.answer = answer};
    struct http_sink sink = {&a, take_bytes};
    buf_init(&answer->head, HTTP_HEAD_MAX);
    buf_init(&answer->body, body_cap);
    http_wire_init(&a.wire, HTTP_HEAD_MAX);
    int status = http_perform(client, request, &sink, interrupted, &answer->result, e);
    buf_append(&answer->head, a.wire.head.data, a.wire.head.len);
    http_wire_release(&a.wire);
    return answer->body.failed || answer->head.failed ? error_set(e, TT_NOMEM, "out of memory for an answer")
                                                      : status;
}

void http_answer_release(struct http_answer *answer)
{
    buf_release(&answer->head);
    buf_release(&answer->body);
}

static struct bytes without_blanks(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && strchr(" \t\r\n", to[-1]))
        to--;
    return (struct bytes){(const unsigned char *)from, (size_t)(to - from)};
}

struct bytes http_header_value(const struct buf *head, const char *name)
{
    const char *line = buf_text(head);
    const char *end = line + head->len;
    size_t len = strlen(name);
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop + 1 : end;
        if ((size_t)(stop - line) > len && line[len] == ':' && strncasecmp(line, name, len) == 0)
            return without_blanks(line + len + 1, stop);
        line = stop;
    }
    return (struct bytes){NULL, 0};
}
