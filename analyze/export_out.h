/* SPDX-License-Identifier: MIT */
/* Text on its way into a stream, written in pieces of bounded size. */
#ifndef TOKTAPE_EXPORT_OUT_H
#define TOKTAPE_EXPORT_OUT_H

#include "analyze/exporter.h"
#include "formats/buf.h"

struct export_out {
    const struct export_target *to;
    struct buf text; /* exporters append to it */
};

/* To be called after every line: writes what has gathered once it is enough. TT_OK, TT_IO, TT_CLOSED,
 * TT_NOMEM. */
int export_out_line(struct export_out *out, struct error *e);
int export_out_finish(struct export_out *out, struct error *e); /* the rest */

/* Open and close of an exporter whose state begins with a struct export_out, and is of that size. */
void *export_out_open(size_t size, const struct export_target *to, struct error *e);
void export_out_close(void *state);

#endif
