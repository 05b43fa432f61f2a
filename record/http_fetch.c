/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "record/http.h"

static int keep_head(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct http_answer *a = context;
    (void)t;
    return buf_append(&a->head, bytes, len);
}

static int keep_body(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct http_answer *a = context;
    (void)t;
    size_t room = a->body.limit - a->body.len;
    int status = buf_append(&a->body, bytes, len < room ? len : room);
    return status ? status : len > room ? TT_LIMIT : TT_OK;
}

int http_fetch(struct http_client *client, const struct http_request *request, size_t body_cap,
               const volatile sig_atomic_t *interrupted, struct http_answer *answer, struct error *e)
{
    struct http_sink sink = {answer, keep_body, keep_head};
    buf_init(&answer->head, HTTP_HEAD_MAX);
    buf_init(&answer->body, body_cap);
    int status = http_perform(client, request, &sink, interrupted, &answer->result, e);
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
