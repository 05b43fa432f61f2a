/* SPDX-License-Identifier: MIT */
/* The head of a request, and what may stand in it: an enemy's method or header must not become a second
 * request. */
#ifndef TOKTAPE_HTTP_HEADER_H
#define TOKTAPE_HTTP_HEADER_H

#include "formats/buf.h"
#include "formats/error.h"
#include "record/http.h"

/* TT_USAGE, said in `e`, unless `line` is one line "Name: value" and its name is none that frames or codes
 * the message, which only the recorder may set. */
int http_check_header(const char *line, struct error *e);

/* Appends request line and header lines for a server `authority` ("host:port") and a `target` on it, up to
 * the blank line. What the request's own headers set stands there once. TT_USAGE as above, and for a method
 * that is not 1 to 16 capital letters; TT_NOMEM. */
int http_write_head(struct buf *out, const struct http_request *request, const char *authority,
                    const char *target, struct error *e);

#endif
