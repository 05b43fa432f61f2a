/* SPDX-License-Identifier: MIT */
/* What building a request and sending a recorded one again have in common. */
#ifndef TOKTAPE_REQUEST_PARTS_H
#define TOKTAPE_REQUEST_PARTS_H

#include "formats/bytes.h"
#include "record/request.h"

/* Appends a list of messages as it is spelt, cut before the first and behind each of them; with `nonce`
 * (NULL: none) in front of the first one's text. TT_UNSUPPORTED when that has no text, TT_NOMEM, TT_LIMIT. */
int request_put_messages(struct request_body *body, struct bytes messages, const char *nonce,
                         struct error *e);

/* The minified --extra-body into *extra, which is released by the caller in every case. Errors as
 * request_check_extra_body. */
int request_read_extra_body(struct buf *extra, const char *text, struct error *e);

#endif
