/* SPDX-License-Identifier: MIT */
/* Scrubbing HTTP response headers: those of information endpoints for storing, those of the wire in place. */
#include <string.h>
#include <strings.h>

#include "formats/scrub.h"
#include "formats/secrets.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int is_harmless_header(const char *name, size_t len)
{
    static const char *const names[] = {"server",
                                        "date",
                                        "content-type",
                                        "content-length",
                                        "content-encoding",
                                        "connection",
                                        "keep-alive",
                                        "transfer-encoding",
                                        "cache-control",
                                        "vary",
                                        "retry-after",
                                        "accept-ranges",
                                        "x-process-time",
                                        "x-accel-buffering",
                                        "openai-version",
                                        "openai-processing-ms",
                                        "x-rapidmlx-warning",
                                        "x-powered-by"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (len == strlen(names[i]) && strncasecmp(name, names[i], len) == 0)
            return 1;
    }
    return 0;
}

static void put_header(const struct scrubber *s, struct buf *out, const char *name, size_t name_len,
                       const char *value, size_t value_len)
{
    buf_append(out, name, name_len);
    buf_puts(out, ": ");
    if (is_harmless_header(name, name_len))
        scrub_text(s, out, value, value_len);
    else
        buf_puts(out, SCRUB_REDACTED);
    buf_puts(out, "\r\n");
}

/* The next line of a block; *len is without its line end. */
static const char *next_line(const char *block, size_t size, size_t *at, size_t *len)
{
    const char *line = block + *at;
    const char *end = memchr(line, '\n', size - *at);
    *len = end ? (size_t)(end - line) : size - *at;
    *at += *len + (end ? 1 : 0);
    if (*len && line[*len - 1] == '\r')
        --*len;
    return line;
}

static int is_folded(const char *line, size_t len)
{
    return len && (line[0] == ' ' || line[0] == '\t');
}

static void put_line(const struct scrubber *s, struct buf *out, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    int is_status = len >= 5 && strncmp(line, "HTTP/", 5) == 0;
    if (!len || is_status || !colon) {
        scrub_text(s, out, line, len);
        buf_puts(out, "\r\n");
        return;
    }
    size_t name_len = (size_t)(colon - line), value = name_len + 1;
    while (value < len && (line[value] == ' ' || line[value] == '\t'))
        value++;
    put_header(s, out, line, name_len, line + value, len - value);
}

int scrub_headers(const struct scrubber *s, struct buf *out, const char *block, size_t len)
{
    size_t at = 0, n;
    while (at < len) {
        const char *line = next_line(block, len, &at, &n);
        if (!is_folded(line, n))
            put_line(s, out, line, n);
    }
    return out->failed;
}

void scrub_mask_headers(char *block, size_t len, int *is_secret)
{
    size_t at = 0, n;
    while (at < len) {
        size_t start = at;
        const char *line = next_line(block, len, &at, &n);
        const char *colon = memchr(line, ':', n);
        size_t from = 0;
        if (!is_folded(line, n)) {
            *is_secret = colon && secret_name(line, (size_t)(colon - line));
            from = colon ? (size_t)(colon - line) + 1 : 0;
        }
        while (from < n && (line[from] == ' ' || line[from] == '\t'))
            from++;
        if (*is_secret)
            memset(block + start + from, '*', n - from);
    }
}
