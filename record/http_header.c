/* SPDX-License-Identifier: MIT */
#include "record/http_header.h"

#include <string.h>
#include <strings.h>

#define METHOD_MAX 16

int http_check_method(const char *method, struct error *e)
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

int http_header_has_name(const char *line, const char *name)
{
    size_t len = strlen(name);
    return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

static const char *reserved_name(const char *line)
{
    static const char *const reserved[] = {"Accept-Encoding", "Connection", "Content-Length",
                                           "Expect",          "TE",         "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        if (http_header_has_name(line, reserved[i]))
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
