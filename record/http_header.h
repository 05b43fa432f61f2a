/* SPDX-License-Identifier: MIT */
/* What may stand in a request's head: an enemy's method or header must not become a second request. */
#ifndef TOKTAPE_HTTP_HEADER_H
#define TOKTAPE_HTTP_HEADER_H

#include "formats/error.h"

/* TT_USAGE, said in `e`, unless `method` is 1 to 16 capital letters. */
int http_check_method(const char *method, struct error *e);

/* TT_USAGE, said in `e`, unless `line` is one line "Name: value" and its name is none that frames or codes
 * the message, which only the recorder may set. */
int http_check_header(const char *line, struct error *e);

/* Whether `line` sets the header `name`, in whatever case. */
int http_header_has_name(const char *line, const char *name);

#endif
