/* SPDX-License-Identifier: MIT */
/* Inside of mask_wire.c: a response body without its framing, events or one document, told apart as readers
 * do. */
#ifndef TOKTAPE_MASK_BODY_H
#define TOKTAPE_MASK_BODY_H

#include "formats/mask.h"

enum mask_body_form { MASK_BODY_UNDECIDED, MASK_BODY_EVENTS, MASK_BODY_DOCUMENT, MASK_BODY_OPAQUE };

struct mask_body {
    enum mask_body_form form;
    struct mask_json json;
    struct mask_match match; /* of a field's name, or of the word in an event's name */
    unsigned char line;      /* where in a line of events; see mask_body.c */
    unsigned char after_cr, has_data, high;
    unsigned char mark;  /* bytes of a byte order mark that the body begins with */
    unsigned comment;    /* how far a comment is a report of progress */
    unsigned beginnings; /* UNDECIDED: bit i when the body so far begins as events of kind i do */
    size_t offset;       /* of the next byte; counts no further than anybody looks */
};

void mask_body_init(struct mask_body *b, enum mask_body_form form, const struct mask_key *key);
void mask_body_run(struct mask_body *b, unsigned char *bytes, size_t len);

#endif
