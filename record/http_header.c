/* SPDX-License-Identifier: MIT */
#include "record/http_header.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/version.h"

#define METHOD_MAX 16

static int check_method(const char *method, struct error *e)
{
    size_t len = strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    int good = len > 0 && len <= METHOD_MAX && !method[len];
    return good ? TT_OK : error_set(e, TT_USAGE, "'%s' is no HTTP method", method);
}

/* A line break in a header would let a value become headers or a second request. */
static int is_header_line(const char *line)
{
    const char *colon = strchr(line, ':');
    for (const unsigned char *p = (const unsigned char *)line; *p; p++) {
        if (*p < 0x20 && *p != '\t')
            return 0;
    }
    return colon && colon != line;
}

static int has_name(const char *line, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

static const char *reserved_name(const char *line)
{
    static const char *const reserved[] = {"Accept-Encoding", "Connection", "Content-Length",
                                           "Expect",          "TE",         "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (has_name(line, reserved[i]))
            return reserved[i];
    }
    return NULL;
}

int http_check_header(const char *line, struct error *e)
{
    if (!is_header_line(line))
        return error_set(e, TT_USAGE, "a header must be one line of the form 'Name: value'");
    const char *reserved = reserved_name(line);
    if (reserved)
        return error_set(e, TT_USAGE, "the header '%s' cannot be set: the recorder needs it as it is",
                         reserved);
    return TT_OK;
}

static int check(const struct http_request *q, struct error *e)
{
    int status = check_method(q->method, e);
    for (const char *const *line = q->headers; !status && line && *line; line++)
        status = http_check_header(*line, e);
    return status;
}

static void add_default(struct buf *out, const struct http_request *q, const char *name, const char *value)
{
    for (const char *const *line = q->headers; line && *line; line++) {
        if (has_name(*line, name))
            return;
    }
    buf_printf(out, "%s: %s\r\n", name, value);
}

/* Servers may insist on a length for a POST, even of nothing. */
static int sends_body(const struct http_request *q)
{
    return q->body.data != NULL || strcmp(q->method, "POST") == 0;
}

int http_write_head(struct buf *out, const struct http_request *q, const char *authority, const char *target,
                    struct error *e)
{
    char agent[48];
    int status = check(q, e);
    if (status)
        return status;
    snprintf(agent, sizeof agent, "toktape/%s", toktape_version());
    buf_printf(out, "%s %s HTTP/1.1\r\n", q->method, target);
    add_default(out, q, "Host", authority);
    add_default(out, q, "User-Agent", agent);
    add_default(out, q, "Accept", "*/*");
    for (const char *const *line = q->headers; line && *line; line++)
        buf_printf(out, "%s\r\n", *line);
    if (sends_body(q)) {
        add_default(out, q, "Content-Type", "application/json");
        buf_printf(out, "Content-Length: %zu\r\n", q->body.len);
    }
    buf_puts(out, "\r\n");
    return out->failed ? error_set(e, TT_NOMEM, "out of memory for the request's headers") : TT_OK;
}
