/* SPDX-License-Identifier: MIT */
/* What a person sees right after a recording: a compact table of its phases, and what it means. */
#ifndef TOKTAPE_SUMMARY_H
#define TOKTAPE_SUMMARY_H

#include "analyze/tape.h"
#include "formats/buf.h"

/* Appends the summary as plain text for a terminal of `width` columns (80 fits; narrower ones lose columns,
 * the least important first). `colour`: with escape sequences. TT_OK, or TT_NOMEM. */
int summary_text(const struct tape *tape, int width, int colour, struct buf *out, struct error *e);

#endif
